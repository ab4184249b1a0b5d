// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/grouping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- units of a level ----

pricing_layer grouping_units(arena *mem, const network *net, assignment_level level, const pricing_layer *places) {
  const net_node *n = &net->nodes[places->node];
  if (level == ASSIGN_LAYER || (level == ASSIGN_FILTER && places->teams == n->shape.c))
    return pricing_by_level(mem, net, places->node, level);
  pricing_layer l = *places;
  if (level == ASSIGN_FILTER) {
    l.parts = 1;
    l.part = arena_new_array(mem, int32_t, (size_t)net_reduction(net, n));
  }
  return l;
}

// ---- groups ----

enum { PRICES = 4, TURNS = 8, PASSES = 10 };
static const double PRICE[PRICES] = {30, 10, 3, 1};
static const size_t MOST_HARMS = (size_t)1 << 26; // entries; where there would be more only filters are grouped

// Members (filters or channels) in groups of fixed sizes (teams or lanes).
typedef struct {
  int members, groups;
  int *of; // [members]
  int *size; // [groups]
} division;

typedef struct {
  const model_task *t;
  const pricing_layer *l;
  int kernel, taps; // weights of a kernel; parts that a lane has
  int *tap; // [kernel] which of its lane's parts
  int *weights; // [taps] of a kernel
  int32_t *part; // [lanes][taps]
  division filters, channels;
  double *harm; // [filters][channels][taps][muls] of a multiplier there alone
  uint8_t *value; // [PRICES][teams][lanes][taps]
} grouping;

static size_t taps_muls(const grouping *g) { return (size_t)g->taps * (size_t)g->t->mul_count; }
static const double *harm_at(const grouping *g, int f, int c) {
  return g->harm + ((size_t)f * (size_t)g->channels.members + (size_t)c) * taps_muls(g);
}

// Channels whose weights come to the same parts, tap by tap, are of one lane.
static bool same_lane(const pricing_layer *l, int kernel, int a, int b) {
  return !memcmp(l->part + (size_t)a * (size_t)kernel, l->part + (size_t)b * (size_t)kernel,
                 (size_t)kernel * sizeof *l->part);
}

// Lanes and their taps, as the layer has them. `fine`: else one lane, one tap, one channel that stands for all.
static void find_lanes(arena *mem, grouping *g, int channels, bool fine) {
  const int32_t *part = g->l->part;
  g->channels = (division){.members = fine ? channels : 1,
                           .of = arena_new_array(mem, int, (size_t)channels),
                           .size = arena_new_array(mem, int, (size_t)channels)};
  g->tap = arena_new_array(mem, int, (size_t)g->kernel);
  g->weights = arena_new_array(mem, int, (size_t)g->kernel);
  g->part = arena_new_array(mem, int32_t, (size_t)channels * (size_t)g->kernel);
  for (int i = 0; i < g->kernel; i++) {
    int before = 0;
    while (fine && before < i && part[before] != part[i])
      before++;
    g->tap[i] = !fine ? 0 : before < i ? g->tap[before] : g->taps;
    g->taps = g->tap[i] >= g->taps ? g->tap[i] + 1 : g->taps;
    g->weights[g->tap[i]]++;
  }
  int *first = arena_new_array(mem, int, (size_t)channels);
  for (int c = 0; c < g->channels.members; c++) {
    int lane = 0;
    while (lane < g->channels.groups && !same_lane(g->l, g->kernel, first[lane], c))
      lane++;
    if (lane == g->channels.groups)
      first[g->channels.groups++] = c;
    g->channels.of[c] = lane;
    g->channels.size[lane]++;
    for (int i = 0; i < g->kernel; i++)
      g->part[lane * g->taps + g->tap[i]] = part[c * g->kernel + i];
  }
}

static void find_teams(arena *mem, grouping *g, int filters) {
  const pricing_layer *l = g->l;
  g->filters = (division){.members = filters,
                          .groups = l->teams,
                          .of = arena_new_array(mem, int, (size_t)filters),
                          .size = arena_new_array(mem, int, (size_t)l->teams)};
  for (int t = 0; t < l->teams; t++)
    for (int at = l->team[t]; at < l->team[t + 1]; at++) {
      g->filters.of[l->filter[at]] = t;
      g->filters.size[t]++;
    }
}

static bool find_harms(arena *mem, grouping *g, judge *j, const double *weight, diag *d) {
  int filters = g->filters.members, channels = g->channels.members, parts = channels * g->taps;
  int64_t reduction = net_reduction(g->t->net, &g->t->net->nodes[g->l->node]);
  int32_t *part = arena_new_array(mem, int32_t, (size_t)reduction),
          *filter = arena_new_array(mem, int32_t, (size_t)filters),
          *team = arena_new_array(mem, int32_t, (size_t)filters + 1);
  for (int64_t i = 0; channels > 1 && i < reduction; i++)
    part[i] = (int32_t)(i / g->kernel * g->taps + g->tap[i % g->kernel]);
  for (int64_t i = 0; channels == 1 && i < reduction; i++)
    part[i] = g->tap[i % g->kernel];
  for (int f = 0; f < filters; f++)
    filter[f] = f, team[f + 1] = f + 1;
  pricing_layer fine = {
      .node = g->l->node, .parts = parts, .teams = filters, .part = part, .filter = filter, .team = team};
  g->harm = arena_new_array(mem, double, (size_t)filters *(size_t)channels *taps_muls(g));
  return model_harms(g->t, j, &fine, weight, g->harm, d);
}

// ---- where to begin: sorted ----

typedef struct {
  double harm;
  int member;
} harmed;

static int by_harm(const void *a, const void *b) {
  const harmed *x = a, *y = b;
  return x->harm != y->harm ? (x->harm > y->harm ? -1 : 1) : x->member - y->member;
}

// Groups take those that are harmed most first.
static void sort_into(division *v, harmed *order) {
  qsort(order, (size_t)v->members, sizeof *order, by_harm);
  for (int group = 0, at = 0; group < v->groups; group++)
    for (int i = 0; i < v->size[group]; i++)
      v->of[order[at++].member] = group;
}

static void sort_both(grouping *g) {
  arena *own = arena_new();
  harmed *filter = arena_new_array(own, harmed, (size_t)g->filters.members),
         *channel = arena_new_array(own, harmed, (size_t)g->channels.members);
  for (int f = 0; f < g->filters.members; f++)
    for (int c = 0; c < g->channels.members; c++) {
      const double *harm = harm_at(g, f, c);
      double sum = 0;
      for (size_t i = 0; i < taps_muls(g); i++)
        sum += isfinite(harm[i]) ? harm[i] : 0;
      filter[f].harm += sum;
      channel[c].harm += sum;
    }
  for (int f = 0; f < g->filters.members; f++)
    filter[f].member = f;
  for (int c = 0; c < g->channels.members; c++)
    channel[c].member = c;
  sort_into(&g->filters, filter);
  sort_into(&g->channels, channel);
  arena_free(own);
}

// ---- exchanging ----

static uint8_t *values_of(const grouping *g, int price, int team, int lane) {
  size_t at = ((size_t)price * (size_t)g->filters.groups + (size_t)team) * (size_t)g->channels.groups + (size_t)lane;
  return g->value + at * (size_t)g->taps;
}

// The best multiplier of a place with that share of the layer's products and those harms; returns what it costs, harm
// and all, in units of harm.
static double best_of(const grouping *g, const double *harm, double share, double price, uint8_t *best) {
  const double *cost = g->t->cost + g->l->node * g->t->mul_count;
  double least = INFINITY;
  for (int k = 0; k < g->t->mul_count; k++) {
    double value = isfinite(cost[k]) ? cost[k] / g->t->scale * share / price + harm[k] : INFINITY;
    if (value < least)
      least = value, *best = (uint8_t)k;
  }
  return least;
}

// Each place takes its best multipliers. Returns what is minimised.
static double choose(grouping *g) {
  arena *own = arena_new();
  size_t row = taps_muls(g), lanes = (size_t)g->channels.groups;
  double *sum = arena_new_array(own, double, (size_t)g->filters.groups *lanes *row), all = 0;
  double weights = (double)g->filters.members * g->channels.members * g->kernel;
  for (int f = 0; f < g->filters.members; f++)
    for (int c = 0; c < g->channels.members; c++) {
      double *to = sum + ((size_t)g->filters.of[f] * lanes + (size_t)g->channels.of[c]) * row;
      const double *harm = harm_at(g, f, c);
      for (size_t i = 0; i < row; i++)
        to[i] += harm[i];
    }
  for (int p = 0; p < PRICES; p++)
    for (int team = 0; team < g->filters.groups; team++)
      for (int lane = 0; lane < g->channels.groups; lane++)
        for (int tap = 0; tap < g->taps; tap++) {
          double share = (double)g->filters.size[team] * g->channels.size[lane] * g->weights[tap] / weights;
          all += best_of(g, sum + ((size_t)team * lanes + (size_t)lane) * row + (size_t)(tap * g->t->mul_count), share,
                         PRICE[p], &values_of(g, p, team, lane)[tap]);
        }
  arena_free(own);
  return all;
}

static double harm_with(const grouping *g, const double *harm, const uint8_t *value) {
  double sum = 0;
  for (int tap = 0; tap < g->taps; tap++)
    sum += harm[tap * g->t->mul_count + value[tap]];
  return sum;
}

// Exchanges members of different groups where that lessens the sum of harm[member][its group].
static void exchange(division *v, const double *harm) {
  bool moved = true;
  for (int pass = 0; moved && pass < PASSES; pass++) {
    moved = false;
    for (int a = 0; a < v->members; a++)
      for (int b = a + 1; b < v->members; b++) {
        const double *of_a = harm + (size_t)a * (size_t)v->groups, *of_b = harm + (size_t)b * (size_t)v->groups;
        int in_a = v->of[a], in_b = v->of[b];
        double now = of_a[in_a] + of_b[in_b];
        if (of_a[in_b] + of_b[in_a] < now * (1 - 1e-9))
          v->of[a] = in_b, v->of[b] = in_a, moved = true;
      }
  }
}

// Members are those of `v`; `other` stays. of_filters: the members are filters.
static void exchange_all(grouping *g, division *v, const division *other, bool of_filters) {
  if (v->groups == 1 || v->groups == v->members)
    return;
  arena *own = arena_new();
  size_t row = taps_muls(g), others = (size_t)other->groups;
  double *harm = arena_new_array(own, double, (size_t)v->members *(size_t)v->groups);
  double *sum = arena_new_array(own, double, others *row);
  for (int m = 0; m < v->members; m++) {
    memset(sum, 0, others * row * sizeof *sum);
    for (int o = 0; o < other->members; o++) {
      const double *from = of_filters ? harm_at(g, m, o) : harm_at(g, o, m);
      double *to = sum + (size_t)other->of[o] * row;
      for (size_t i = 0; i < row; i++)
        to[i] += from[i];
    }
    for (int group = 0; group < v->groups; group++)
      for (int p = 0; p < PRICES; p++)
        for (int o = 0; o < other->groups; o++)
          harm[(size_t)m * (size_t)v->groups + (size_t)group] +=
              harm_with(g, sum + (size_t)o * row, of_filters ? values_of(g, p, group, o) : values_of(g, p, o, group));
  }
  exchange(v, harm);
  arena_free(own);
}

// Returns what is minimised.
static double improve(grouping *g) {
  double now = choose(g), before = INFINITY;
  for (int turn = 0; turn < TURNS && now < before * (1 - 1e-4); turn++) {
    before = now;
    exchange_all(g, &g->filters, &g->channels, true);
    choose(g);
    exchange_all(g, &g->channels, &g->filters, false);
    now = choose(g);
  }
  return now;
}

// From the groups as they are, and from sorted ones: the better of both.
static void improve_both(grouping *g, arena *mem) {
  double as_they_are = improve(g);
  int *filters = arena_memdup(mem, g->filters.of, (size_t)g->filters.members * sizeof *filters),
      *channels = arena_memdup(mem, g->channels.of, (size_t)g->channels.members * sizeof *channels);
  sort_both(g);
  if (improve(g) >= as_they_are)
    g->filters.of = filters, g->channels.of = channels;
}

// ---- a layer ----

static void take(const grouping *g, int channels, pricing_layer *l, arena *mem) {
  int32_t *filter = arena_new_array(mem, int32_t, (size_t)g->filters.members), *at = filter;
  for (int team = 0; team < g->filters.groups; team++)
    for (int f = 0; f < g->filters.members; f++)
      if (g->filters.of[f] == team)
        *at++ = f;
  l->filter = filter;
  if (g->channels.members < channels || g->channels.groups == 1)
    return;
  int32_t *part = arena_new_array(mem, int32_t, (size_t)channels * (size_t)g->kernel);
  for (int c = 0; c < channels; c++)
    for (int i = 0; i < g->kernel; i++)
      part[c * g->kernel + i] = g->part[g->channels.of[c] * g->taps + g->tap[i]];
  l->part = part;
}

bool grouping_choose(const model_task *t, judge *j, const double *weight, bool sorted, pricing_layer *l, arena *mem,
                     diag *d) {
  const net_node *n = &t->net->nodes[l->node];
  if (!l->open)
    return true;
  arena *own = arena_new();
  int kernel = n->kh * n->kw, channels = (int)(net_reduction(t->net, n) / kernel);
  bool fine =
      l->parts > 1 && (size_t)n->shape.c * (size_t)channels * (size_t)kernel * (size_t)t->mul_count <= MOST_HARMS;
  grouping g = {.t = t, .l = l, .kernel = kernel};
  find_lanes(own, &g, channels, fine);
  find_teams(own, &g, n->shape.c);
  bool ok = find_harms(own, &g, j, weight, d);
  if (ok) {
    g.value = arena_alloc(own, (size_t)PRICES * (size_t)g.filters.groups * (size_t)g.channels.groups * (size_t)g.taps);
    if (sorted)
      sort_both(&g);
    else
      improve_both(&g, own);
    take(&g, channels, l, mem);
  }
  arena_free(own);
  return ok;
}
