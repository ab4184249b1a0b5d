// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/legal.h"

#include <string.h>

// ---- members to groups --------------------------------------------------------------------------------------------
// Members are added one by one, each along the cheapest chain of moves that ends in a group with room.
typedef struct {
  const int64_t *gain;
  int members, groups, each;
  int *group_of, *load;
  int64_t *move; // [groups][groups] the least that is lost when a member of one moves to the other
  int *mover; // [groups][groups] which member; -1: none
  int64_t *lost; // [groups] by the cheapest chain to there
  int *from; // [groups] the group before it in the chain; -1: the new member itself
} balance;

static int64_t gain_of(const balance *b, int member, int group) { return b->gain[(int64_t)member * b->groups + group]; }

static void find_movers(balance *b, int group) {
  for (int to = 0; to < b->groups; to++)
    b->mover[group * b->groups + to] = -1;
  for (int m = 0; m < b->members; m++) {
    if (b->group_of[m] != group)
      continue;
    for (int to = 0; to < b->groups; to++) {
      int64_t loss = gain_of(b, m, group) - gain_of(b, m, to);
      int at = group * b->groups + to;
      if (b->mover[at] < 0 || loss < b->move[at])
        b->move[at] = loss, b->mover[at] = m;
    }
  }
}

static void find_chains(balance *b, int member) {
  for (int g = 0; g < b->groups; g++)
    b->lost[g] = -gain_of(b, member, g), b->from[g] = -1;
  for (bool changed = true; changed;) {
    changed = false;
    for (int g = 0; g < b->groups; g++)
      for (int to = 0; b->load[g] == b->each && to < b->groups; to++) // only who is full sends somebody on
        if (to != g && b->lost[g] + b->move[g * b->groups + to] < b->lost[to]) {
          b->lost[to] = b->lost[g] + b->move[g * b->groups + to];
          b->from[to] = g;
          changed = true;
        }
  }
}

static void add_member(balance *b, int member) {
  find_chains(b, member);
  int end = -1;
  for (int g = 0; g < b->groups; g++)
    if (b->load[g] < b->each && (end < 0 || b->lost[g] < b->lost[end]))
      end = g;
  assert(end >= 0);
  b->load[end]++;
  int at = end;
  for (; b->from[at] >= 0; at = b->from[at])
    b->group_of[b->mover[b->from[at] * b->groups + at]] = at;
  b->group_of[member] = at;
  for (at = end; at >= 0; at = b->from[at])
    find_movers(b, at);
}

void legal_balance(const int64_t *gain, int members, int groups, int *group_of) {
  arena *own = arena_new();
  size_t pairs = (size_t)groups * (size_t)groups;
  balance b = {.gain = gain,
               .members = members,
               .groups = groups,
               .each = members / groups,
               .group_of = group_of,
               .load = arena_new_array(own, int, (size_t)groups),
               .move = arena_new_array(own, int64_t, pairs),
               .mover = arena_new_array(own, int, pairs),
               .lost = arena_new_array(own, int64_t, (size_t)groups),
               .from = arena_new_array(own, int, (size_t)groups)};
  for (int m = 0; m < members; m++)
    group_of[m] = -1;
  for (int m = 0; m < members; m++)
    add_member(&b, m);
  arena_free(own);
}

// ---- a layer --------------------------------------------------------------------------------------------------------
typedef struct {
  const classes_layout *l;
  int muls, mul[ASSIGNMENT_MULS]; // those that the layer uses, the most exact first
  uint32_t *votes; // [filters][channels][taps][muls] weights that want it
  uint8_t *wanted; // [filters][channels][taps] which of mul[] most of them want
  int *pe_of, *lane_of;
  uint8_t *value; // [pe][lanes of channels][taps]
} legal;

static uint32_t *votes_at(const legal *g, int f, int c) {
  return g->votes + ((size_t)f * (size_t)g->l->channels + (size_t)c) * (size_t)g->l->taps * (size_t)g->muls;
}

static int64_t worst_error(const mul *m) { return m->wce < 0 ? INT64_MAX : m->wce; }

static void list_muls(legal *g, const mul *const *muls, const assignment *a) {
  uint64_t used = assignment_used(a, 0, a->count * a->each);
  for (int k = 0; k < ASSIGNMENT_MULS; k++) {
    if (!(used >> k & 1))
      continue;
    int at = g->muls++;
    for (; at && worst_error(muls[g->mul[at - 1]]) > worst_error(muls[k]); at--)
      g->mul[at] = g->mul[at - 1];
    g->mul[at] = k;
  }
}

static int most_of(const int64_t *votes, int count) {
  int best = 0;
  for (int k = 1; k < count; k++)
    if (votes[k] > votes[best])
      best = k;
  return best;
}

static void count_votes(arena *mem, legal *g, const assignment *a) {
  const classes_layout *l = g->l;
  int kernel = l->kh * l->kw, of[ASSIGNMENT_MULS] = {0};
  for (int k = 0; k < g->muls; k++)
    of[g->mul[k]] = k;
  size_t places = (size_t)l->filters * (size_t)l->channels * (size_t)l->taps;
  g->votes = arena_new_array(mem, uint32_t, places * (size_t)g->muls);
  g->wanted = arena_alloc(mem, places);
  for (int f = 0; f < l->filters; f++)
    for (int c = 0; c < l->channels; c++) {
      int64_t row = (int64_t)f * l->channels + c;
      uint32_t *votes = votes_at(g, f, c);
      for (int t = 0; t < kernel; t++)
        votes[classes_tap(l, t / l->kw, t % l->kw) * g->muls + of[assignment_mul(a, row * kernel + t)]]++;
      for (int t = 0; t < l->taps; t++) {
        int best = 0;
        for (int k = 1; k < g->muls; k++)
          best = votes[t * g->muls + k] > votes[t * g->muls + best] ? k : best;
        g->wanted[row * l->taps + t] = (uint8_t)best;
      }
    }
}

// Each position takes what most of its weights want. Returns how many get what they want.
static int64_t choose(legal *g) {
  const classes_layout *l = g->l;
  size_t places = (size_t)l->pe * (size_t)l->block.g * (size_t)l->taps, muls = (size_t)g->muls;
  arena *own = arena_new();
  int64_t *sum = arena_new_array(own, int64_t, places * muls), kept = 0;
  for (int f = 0; f < l->filters; f++)
    for (int c = 0; c < l->channels; c++) {
      size_t at = ((size_t)g->pe_of[f] * (size_t)l->block.g + (size_t)g->lane_of[c]) * (size_t)l->taps * muls;
      const uint32_t *votes = votes_at(g, f, c);
      for (size_t i = 0; i < (size_t)l->taps * muls; i++)
        sum[at + i] += votes[i];
    }
  for (size_t p = 0; p < places; p++) {
    g->value[p] = (uint8_t)most_of(sum + p * muls, g->muls);
    kept += sum[p * muls + g->value[p]];
  }
  arena_free(own);
  return kept;
}

// How many weights of (f, c) get what they want where these are the multipliers of its taps.
static int64_t agree(const legal *g, int f, int c, const uint8_t *value) {
  const uint32_t *votes = votes_at(g, f, c);
  int64_t sum = 0;
  for (int t = 0; t < g->l->taps; t++)
    sum += votes[t * g->muls + value[t]];
  return sum;
}

static const uint8_t *value_at(const legal *g, int pe, int lane) {
  return g->value + ((size_t)pe * (size_t)g->l->block.g + (size_t)lane) * (size_t)g->l->taps;
}
static const uint8_t *wanted_at(const legal *g, int f, int c) {
  return g->wanted + ((size_t)f * (size_t)g->l->channels + (size_t)c) * (size_t)g->l->taps;
}

// By turns: filters to PEs and channels to lanes by what these now are. seed, where not NULL: each PE or lane is what
// that filter or channel wants instead.
static void place_filters(legal *g, const int *seed) {
  const classes_layout *l = g->l;
  if (l->nf == 1) // each has its own PE
    return;
  arena *own = arena_new();
  int64_t *gain = arena_new_array(own, int64_t, (size_t)l->filters * (size_t)l->pe);
  for (int f = 0; f < l->filters; f++)
    for (int p = 0; p < l->pe; p++)
      for (int c = 0; c < l->channels; c++)
        gain[f * l->pe + p] += agree(g, f, c, seed ? wanted_at(g, seed[p], c) : value_at(g, p, g->lane_of[c]));
  legal_balance(gain, l->filters, l->pe, g->pe_of);
  arena_free(own);
}

static void place_channels(legal *g, const int *seed) {
  const classes_layout *l = g->l;
  if (l->each == 1)
    return;
  arena *own = arena_new();
  int64_t *gain = arena_new_array(own, int64_t, (size_t)l->channels * (size_t)l->block.g);
  for (int c = 0; c < l->channels; c++)
    for (int lane = 0; lane < l->block.g; lane++)
      for (int f = 0; f < l->filters; f++)
        gain[c * l->block.g + lane] +=
            agree(g, f, c, seed ? wanted_at(g, f, seed[lane]) : value_at(g, g->pe_of[f], lane));
  legal_balance(gain, l->channels, l->block.g, g->lane_of);
  arena_free(own);
}

// A member for each group: of each class as many as it fills groups, then of those with most left over.
static int *seeds(arena *mem, const classes_list *list, int groups, int each) {
  int *seed = arena_new_array(mem, int, (size_t)groups), count = 0;
  for (int k = 0; k < list->count; k++)
    for (int i = 0; i < list->size[k] / each; i++)
      seed[count++] = list->first[k];
  bool *taken = arena_new_array(mem, bool, (size_t)list->count);
  while (count < groups) {
    int best = -1;
    for (int k = 0; k < list->count; k++)
      if (!taken[k] && (best < 0 || list->size[k] % each > list->size[best] % each))
        best = k;
    assert(best >= 0); // what is left over are `each` times more than groups, and less than `each` of a class
    taken[best] = true;
    seed[count++] = list->first[best];
  }
  return seed;
}

static int64_t improve(legal *g) {
  enum { TURNS = 20 };
  int64_t kept = choose(g);
  for (int turn = 0; turn < TURNS; turn++) {
    int64_t before = kept;
    place_filters(g, NULL);
    choose(g);
    place_channels(g, NULL);
    kept = choose(g);
    if (kept <= before)
      break;
  }
  return kept;
}

static assignment take(arena *mem, const network *net, const net_node *n, const legal *g) {
  const classes_layout *l = g->l;
  int kernel = l->kh * l->kw;
  uint8_t *mul = arena_alloc(mem, (size_t)l->filters * (size_t)l->channels * (size_t)kernel), *at = mul;
  for (int f = 0; f < l->filters; f++)
    for (int c = 0; c < l->channels; c++)
      for (int t = 0; t < kernel; t++)
        *at++ = (uint8_t)g->mul[value_at(g, g->pe_of[f], g->lane_of[c])[classes_tap(l, t / l->kw, t % l->kw)]];
  return assignment_by_weight(mem, net, n, mul);
}

int64_t legal_layer(arena *mem, const network *net, const net_node *n, const mul *const *muls, const assignment *a,
                    int pe, int simd, assignment *out) {
  *out = *a;
  if (a->level <= ASSIGN_LAYER)
    return 0;
  arena *own = arena_new();
  const classes *c = classes_of(own, net, n, a, pe, simd);
  int64_t weights = a->count * a->each, kept = weights;
  if (!classes_fit(c)) {
    const classes_layout *l = &c->layout;
    legal g = {.l = l,
               .pe_of = arena_new_array(own, int, (size_t)l->filters),
               .lane_of = arena_new_array(own, int, (size_t)l->channels),
               .value = arena_alloc(own, (size_t)l->pe * (size_t)l->block.g * (size_t)l->taps)};
    list_muls(&g, muls, a);
    count_votes(own, &g, a);
    for (int f = 0; f < l->filters; f++)
      g.pe_of[f] = f % l->pe;
    for (int ch = 0; ch < l->channels; ch++)
      g.lane_of[ch] = ch % l->block.g;
    kept = l->in_place ? choose(&g) : improve(&g);
    *out = take(mem, net, n, &g);
    if (!l->in_place) {
      place_filters(&g, seeds(own, &c->filters, l->pe, l->nf));
      place_channels(&g, seeds(own, &c->channels, l->block.g, l->each));
      int64_t other = improve(&g);
      if (other > kept) {
        kept = other;
        *out = take(mem, net, n, &g);
      }
    }
  }
  arena_free(own);
  return weights - kept;
}

int64_t dataflow_nearest(arena *mem, const config *cfg, int node, const assignment *a, assignment *out) {
  const folding *fold = dataflow_folding(cfg, node);
  return legal_layer(mem, cfg->net, &cfg->net->nodes[node], cfg->muls, a, fold->pe, fold->simd, out);
}
