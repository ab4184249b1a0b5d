// SPDX-License-Identifier: Apache-2.0
//
// One layer: sampled output pixels, the errors of each part under each multiplier there, and coordinate descent on the
// choice, from high prices on error (exact) to low ones.
#include "compiler/explore/pricing.h"
#include "compiler/explore/samples.h"
#include "compiler/explore/vectors.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = VECTOR_LANES, LEAST_POSITIONS = 128 };
static const double MOST_LOOKUPS = 1e9; // of a layer
static const size_t MOST_BYTES = (size_t)256 << 20; // of a team's errors

pricing_layer pricing_by_level(arena *mem, const network *net, int node, assignment_level level) {
  const net_node *n = &net->nodes[node];
  int64_t reduction = net_reduction(net, n);
  int filters = n->shape.c, kernel = n->kh * n->kw;
  pricing_layer l = {.node = node, .teams = level == ASSIGN_LAYER ? 1 : filters};
  int each = level == ASSIGN_WEIGHT ? 1 : level == ASSIGN_KERNEL ? kernel : (int)reduction;
  l.parts = (int)(reduction / each);
  int32_t *part = arena_new_array(mem, int32_t, (size_t)reduction),
          *filter = arena_new_array(mem, int32_t, (size_t)filters),
          *team = arena_new_array(mem, int32_t, (size_t)l.teams + 1);
  for (int64_t i = 0; i < reduction; i++)
    part[i] = (int32_t)(i / each);
  for (int f = 0; f < filters; f++)
    filter[f] = f;
  for (int t = 0; t <= l.teams; t++)
    team[t] = level == ASSIGN_LAYER ? t * filters : t;
  l.part = part, l.filter = filter, l.team = team;
  return l;
}

// ---- samples ----

static void *room(size_t count, size_t size) { // at least one line: teams may be empty
  void *p = aligned_alloc(64, (count * size + 64) / 64 * 64);
  if (!p) {
    fputs("axgen: out of memory\n", stderr);
    exit(EXIT_TOOL);
  }
  return memset(p, 0, count * size);
}

typedef struct {
  const pricing_layer *l;
  const pricing_task *task;
  const samples *samples;
  int positions;
  // The weights of a filter, part by part.
  int32_t *weight; // [reduction]
  int32_t *first; // [parts + 1]
} sampled;

static int positions_of(const pricing_layer *l, const pricing_task *task, const net_node *n, int64_t reduction) {
  double lookups = (double)reduction * n->shape.c * task->mul_count;
  int widest = 0;
  for (int t = 0; t < l->teams; t++)
    widest = l->team[t + 1] - l->team[t] > widest ? l->team[t + 1] - l->team[t] : widest;
  double by_bytes = (double)MOST_BYTES / 4 / ((double)widest * l->parts * task->mul_count);
  double p = fmin(fmin(MOST_LOOKUPS / lookups, by_bytes), SAMPLES_MOST);
  return (int)fmax(p, LEAST_POSITIONS) / LANES * LANES;
}

static const samples *take(arena *mem, const matching *m, const network *net, int node, const pricing_task *task,
                           int positions, diag *d) {
  const samples_options o = {.node = node,
                             .positions = positions,
                             .muls = task->muls,
                             .cost = task->cost,
                             .mul_count = task->mul_count,
                             .seed = task->seed};
  return samples_new(mem, net, m, &o, d);
}

static void sort_weights(arena *mem, sampled *s) {
  int parts = s->l->parts;
  int64_t reduction = s->samples->reduction;
  s->weight = arena_new_array(mem, int32_t, (size_t)reduction);
  s->first = arena_new_array(mem, int32_t, (size_t)parts + 1);
  for (int64_t i = 0; i < reduction; i++)
    s->first[s->l->part[i] + 1]++;
  for (int part = 0; part < parts; part++)
    s->first[part + 1] += s->first[part];
  int32_t *next = arena_memdup(mem, s->first, (size_t)parts * sizeof *next);
  for (int64_t i = 0; i < reduction; i++)
    s->weight[next[s->l->part[i]]++] = (int32_t)i;
}

static bool sample(arena *mem, sampled *s, const matching *m, const network *net, diag *d) {
  const net_node *n = &net->nodes[s->l->node];
  s->positions = positions_of(s->l, s->task, n, net_reduction(net, n));
  s->samples = take(mem, m, net, s->l->node, s->task, s->positions, d);
  if (s->samples)
    sort_weights(mem, s);
  return s->samples;
}

static bool errs(const sampled *s, int k) { return s->samples->table[k].any; }

// ---- the errors of a team ----

// Of filter `at` of a team: [parts][muls][positions].
typedef struct {
  const sampled *s;
  int filters;
  const int32_t *filter;
  float *error; // [filters][parts][muls][positions]
  float *square; // [filters][parts][muls] of their length
  float *along; // [filters][parts][muls] what of them went with the exact sum, and was taken out
  float *length; // [filters] of the exact sums; 0: nothing is taken out
} team;

static float *errors_at(const team *t, int at, int part, int k) {
  const sampled *s = t->s;
  return t->error + (((size_t)at * (size_t)s->l->parts + (size_t)part) * (size_t)s->task->mul_count + (size_t)k) *
                        (size_t)s->positions;
}
static size_t entry(const team *t, int at, int part, int k) {
  return ((size_t)at * (size_t)t->s->l->parts + (size_t)part) * (size_t)t->s->task->mul_count + (size_t)k;
}

// A filter's exact sums less their mean, over their length, which is returned: what a gain takes back goes along it.
// all: its weights, in any order.
static float direction(const samples *s, int filter, const int32_t *all, float *out) {
  uint8_t *exact = room((size_t)s->reduction, 1);
  memset(exact, s->mul_count, (size_t)s->reduction);
  samples_sum(s, filter, all, exact, (int)s->reduction, out);
  free(exact);
  vector_center(out, s->positions);
  float length = sqrtf(vector_dot(out, out, s->positions));
  for (int p = 0; length > 0 && p < s->positions; p++)
    out[p] /= length;
  return length > 0 ? length : 0;
}

// Takes from errors what matching takes back; returns what of them went along the exact sums, `length` long (0: nothing
// is taken).
static float take_back(const pricing_task *task, float *error, const float *along, float length, int positions) {
  if (task->matched != MATCH_NOTHING)
    vector_center(error, positions);
  if (!(length > 0))
    return 0;
  float taken = vector_dot(error, along, positions);
  vector_add(error, along, -taken, positions);
  return taken;
}

static bool matches_gain(const pricing_task *task, const samples *s) {
  return task->matched == MATCH_GAIN && !net_is_raw(s->net, s->n);
}

static void fill_filter(const team *t, int at) {
  const sampled *s = t->s;
  int filter = t->filter[at], muls = s->task->mul_count, reduction = (int)s->samples->reduction;
  float *along = room((size_t)s->positions, sizeof *along);
  uint8_t *mul = room((size_t)reduction, 1);
  if (matches_gain(s->task, s->samples))
    t->length[at] = direction(s->samples, filter, s->weight, along);
  for (int k = 0; k < muls; k++) {
    if (!errs(s, k))
      continue;
    memset(mul, k, (size_t)reduction);
    for (int part = 0; part < s->l->parts; part++) {
      float *error = errors_at(t, at, part, k);
      size_t of = entry(t, at, part, k);
      samples_sum(s->samples, filter, s->weight + s->first[part], mul, s->first[part + 1] - s->first[part], error);
      t->along[of] = take_back(s->task, error, along, t->length[at], s->positions);
      t->square[of] = vector_dot(error, error, s->positions);
    }
  }
  free(mul);
  free(along);
}

// ---- descent ----

typedef struct {
  uint8_t *choice; // [parts]
  float *sum; // [filters][positions] of the chosen errors
  double *along; // [filters] of what was taken out of them
  double *own; // [filters] sum of the chosen parts' squares
  double *share; // [parts] of the layer's products
  // Where a filter has several parts; dot products that are kept while what they are of stays as it is.
  float *whole; // [filters] of `sum` with itself; NAN: not known
  float *mine; // [filters][parts][muls] of a part's chosen errors with those of each multiplier
  bool *known; // [parts] whether its `mine` are
  double *harm; // [parts][muls] of all filters with each multiplier in a part
  size_t *found; // [parts] what `moves` was then; 0: not yet
  size_t moves; // so far, and one
} state;

static void move(const team *t, state *st, int part, int to) {
  int from = st->choice[part];
  for (int at = 0; at < t->filters; at++) {
    float *sum = st->sum + (size_t)at * (size_t)t->s->positions;
    vector_add(sum, errors_at(t, at, part, from), -1, t->s->positions);
    vector_add(sum, errors_at(t, at, part, to), 1, t->s->positions);
    st->along[at] += t->along[entry(t, at, part, to)] - t->along[entry(t, at, part, from)];
    st->own[at] += t->square[entry(t, at, part, to)] - t->square[entry(t, at, part, from)];
    st->whole[at] = NAN;
  }
  st->choice[part] = (uint8_t)to;
  st->known[part] = false;
  st->moves++;
}

static float whole_of(const team *t, const state *st, int at) {
  const float *sum = st->sum + (size_t)at * (size_t)t->s->positions;
  if (isnan(st->whole[at]))
    st->whole[at] = vector_dot(sum, sum, t->s->positions);
  return st->whole[at];
}

// Of a vector with the errors of each multiplier in a part; 0 where it has none there.
static void dots_of(const team *t, const float *x, int at, int part, float *out) {
  const sampled *s = t->s;
  int muls = s->task->mul_count;
  for (int k = 0, end; k < muls; k = end) {
    for (end = k + 1; end < muls && errs(s, end) == errs(s, k);)
      end++;
    if (errs(s, k))
      vector_dots(x, errors_at(t, at, part, k), (size_t)s->positions, end - k, s->positions, out + k);
    else
      memset(out + k, 0, (size_t)(end - k) * sizeof *out);
  }
}

// A part's chosen errors with those of each multiplier.
static const float *mine_of(const team *t, const state *st, int part, int at) {
  float *mine = st->mine + entry(t, at, part, 0);
  if (!st->known[part])
    dots_of(t, errors_at(t, at, part, st->choice[part]), at, part, mine);
  return mine;
}

// What is left of a filter's error once its gain is matched: the rest of the error grows with the gain that brings the
// sum, `length` long and now shorter by -along, back to its length; where that gain is out of bounds, so is the sum.
static double left(double length, double along, double square) {
  square = square > 0 ? square : 0; // rounding
  if (!(length > 0))
    return square;
  double now = length + along, gain = now > 0 ? length / now : MATCHING_GAIN;
  gain = fmin(fmax(gain, 1.0 / MATCHING_GAIN), MATCHING_GAIN);
  double missing = gain * now - length;
  return gain * gain * square + missing * missing;
}

// A filter's share of harm with each multiplier in a part, added; believed: how much of covariances counts.
static void add_harms(const team *t, const state *st, int part, int at, double believed, double *harm) {
  const sampled *s = t->s;
  int muls = s->task->mul_count, now = st->choice[part];
  const size_t from = entry(t, at, part, now);
  bool others = s->l->parts > 1;
  float with[ASSIGNMENT_MULS]; // of the filter's sum
  const float *mine = NULL;
  double rest = 0; // |sum - mine|^2 as believed: squares whole, covariances in part
  if (others) {
    const float *sum = st->sum + (size_t)at * (size_t)s->positions;
    mine = mine_of(t, st, part, at);
    dots_of(t, sum, at, part, with);
    double all = believed * whole_of(t, st, at) + (1 - believed) * st->own[at];
    rest = all - t->square[from] - 2 * believed * (with[now] - t->square[from]);
  }
  for (int k = 0; k < muls; k++) {
    if (!isfinite(s->task->cost[k]))
      continue;
    const size_t to = entry(t, at, part, k);
    double covariance = others ? with[k] - mine[k] : 0;
    harm[k] += s->task->weight[t->filter[at]] * left(t->length[at], st->along[at] - t->along[from] + t->along[to],
                                                     rest + t->square[to] + 2 * believed * covariance);
  }
}

// The part's best multiplier, all else staying.
static int best_of(const team *t, const state *st, int part, double price, double believed) {
  const sampled *s = t->s;
  int best = st->choice[part];
  double least = INFINITY, *harm = st->harm + (size_t)part * (size_t)s->task->mul_count;
  if (st->found[part] != st->moves) { // else nothing has changed but the price
    memset(harm, 0, (size_t)s->task->mul_count * sizeof *harm);
    for (int at = 0; at < t->filters; at++)
      add_harms(t, st, part, at, believed, harm);
    st->known[part] = true;
    st->found[part] = st->moves;
  }
  for (int k = 0; k < s->task->mul_count; k++) {
    double total = s->task->cost[k] * st->share[part] + price / s->positions * harm[k];
    if (isfinite(s->task->cost[k]) && total < least)
      least = total, best = k;
  }
  return best;
}

static double harm_of(const team *t, const state *st, double believed) {
  const sampled *s = t->s;
  double harm = 0;
  for (int at = 0; at < t->filters; at++) {
    double square = believed * whole_of(t, st, at) + (1 - believed) * st->own[at];
    harm += s->task->weight[t->filter[at]] * left(t->length[at], st->along[at], square);
  }
  return harm / s->positions;
}

static int start_with(const pricing_task *task) {
  int best = -1;
  for (int k = 0; k < task->mul_count; k++)
    if (isfinite(task->cost[k]) &&
        (best < 0 || (task->muls[k]->exact && !task->muls[best]->exact) ||
         (task->muls[k]->exact == task->muls[best]->exact && task->cost[k] < task->cost[best])))
      best = k;
  return best;
}

enum { SWEEPS = 3 };

static void descend(const team *t, state *st, int which, pricing_result *out) {
  const sampled *s = t->s;
  const pricing_task *task = s->task;
  int parts = s->l->parts;
  double believed = (double)s->positions / (s->positions + 2.0 * parts);
  for (int i = 0; i < task->prices; i++) {
    bool moved = true;
    for (int sweep = 0; moved && sweep < (parts == 1 ? 1 : SWEEPS); sweep++) {
      moved = false;
      for (int part = 0; part < parts; part++) {
        int best = best_of(t, st, part, task->price[i], believed);
        if (best != st->choice[part])
          move(t, st, part, best), moved = true;
      }
    }
    memcpy(out->choice[i] + (size_t)which * (size_t)parts, st->choice, (size_t)parts);
    double cost = 0;
    for (int part = 0; part < parts; part++)
      cost += task->cost[st->choice[part]] * st->share[part];
    double harm = harm_of(t, st, believed);
    // Teams come in any order: summed up later, in theirs.
    out->cost[(size_t)(which + 1) * (size_t)task->prices + (size_t)i] = cost;
    out->harm[(size_t)(which + 1) * (size_t)task->prices + (size_t)i] = harm;
  }
}

static team team_new(const sampled *s, int which) {
  const pricing_layer *l = s->l;
  size_t filters = (size_t)(l->team[which + 1] - l->team[which]);
  size_t entries = filters * (size_t)l->parts * (size_t)s->task->mul_count;
  team t = {.s = s, .filters = (int)filters, .filter = l->filter + l->team[which]};
  t.error = room(entries * (size_t)s->positions, sizeof(float));
  t.square = room(entries, sizeof(float));
  t.along = room(entries, sizeof(float));
  t.length = room(filters, sizeof(float));
#pragma omp parallel for schedule(dynamic, 1) if (l->teams == 1)
  for (int at = 0; at < (int)filters; at++)
    fill_filter(&t, at);
  return t;
}

static void team_free(team *t) {
  free(t->error);
  free(t->square);
  free(t->along);
  free(t->length);
}

static void solve_team(const sampled *s, int which, pricing_result *out) {
  size_t parts = (size_t)s->l->parts, positions = (size_t)s->positions;
  team t = team_new(s, which);
  size_t filters = (size_t)t.filters;
  state st = {.choice = room(parts, 1),
              .sum = room(filters * positions, sizeof(float)),
              .along = room(filters, sizeof(double)),
              .own = room(filters, sizeof(double)),
              .share = room(parts, sizeof(double)),
              .whole = room(filters, sizeof(float)),
              .mine = room(filters * parts * (size_t)s->task->mul_count, sizeof(float)),
              .known = room(parts, sizeof(bool)),
              .harm = room(parts * (size_t)s->task->mul_count, sizeof(double)),
              .found = room(parts, sizeof(size_t)),
              .moves = 1};
  double products = (double)s->samples->reduction * s->samples->n->shape.c;
  for (int64_t i = 0; i < s->samples->reduction; i++)
    st.share[s->l->part[i]] += (double)filters / products;
  memset(st.choice, start_with(s->task), parts);
  for (size_t at = 0; at < filters; at++) {
    st.whole[at] = NAN;
    for (size_t part = 0; part < parts; part++) {
      size_t of = entry(&t, (int)at, (int)part, st.choice[part]);
      vector_add(st.sum + at * positions, errors_at(&t, (int)at, (int)part, st.choice[part]), 1, s->positions);
      st.along[at] += t.along[of];
      st.own[at] += t.square[of];
    }
  }
  descend(&t, &st, which, out);
  team_free(&t);
  free(st.choice);
  free(st.sum);
  free(st.along);
  free(st.own);
  free(st.share);
  free(st.whole);
  free(st.mine);
  free(st.known);
  free(st.harm);
  free(st.found);
}

bool pricing_solve(const matching *m, const network *net, const pricing_layer *l, const pricing_task *task, arena *mem,
                   pricing_result *out, diag *d) {
  arena *own = arena_new();
  sampled s = {.l = l, .task = task};
  bool ok = sample(own, &s, m, net, d);
  size_t prices = (size_t)task->prices;
  out->choice = arena_new_array(mem, uint8_t *, prices);
  for (size_t i = 0; i < prices; i++)
    out->choice[i] = arena_alloc(mem, (size_t)l->teams * (size_t)l->parts);
  out->cost = arena_new_array(mem, double, ((size_t)l->teams + 1) * prices); // the first row: of all teams
  out->harm = arena_new_array(mem, double, ((size_t)l->teams + 1) * prices);
  if (ok) {
#pragma omp parallel for schedule(dynamic, 1) if (l->teams > 1)
    for (int t = 0; t < l->teams; t++)
      if (!interrupted())
        solve_team(&s, t, out);
    for (int t = 0; t < l->teams; t++)
      for (size_t i = 0; i < prices; i++) {
        out->cost[i] += out->cost[((size_t)t + 1) * prices + i];
        out->harm[i] += out->harm[((size_t)t + 1) * prices + i];
      }
    ok = !interrupted() || diag_tool(d, "interrupted");
  }
  arena_free(own);
  return ok;
}

static void harms_of_team(const sampled *s, int which, double *harm) {
  team t = team_new(s, which);
  for (int part = 0; part < s->l->parts; part++)
    for (int k = 0; k < s->task->mul_count; k++) {
      double sum = 0;
      for (int at = 0; at < t.filters; at++) {
        size_t of = entry(&t, at, part, k);
        sum += s->task->weight[t.filter[at]] * left(t.length[at], t.along[of], t.square[of]);
      }
      harm[((size_t)which * (size_t)s->l->parts + (size_t)part) * (size_t)s->task->mul_count + (size_t)k] =
          isfinite(s->task->cost[k]) ? sum / s->positions : INFINITY;
    }
  team_free(&t);
}

bool pricing_harms(const matching *m, const network *net, const pricing_layer *l, const pricing_task *task,
                   double *harm, diag *d) {
  arena *own = arena_new();
  sampled s = {.l = l, .task = task};
  bool ok = sample(own, &s, m, net, d);
#pragma omp parallel for schedule(dynamic, 1) if (ok && l->teams > 1)
  for (int t = 0; t < l->teams; t++)
    if (ok && !interrupted())
      harms_of_team(&s, t, harm);
  arena_free(own);
  return ok && (!interrupted() || diag_tool(d, "interrupted"));
}

// ---- the errors of whole filters ----

struct pricing_errors {
  arena *mem;
  pricing_task task;
  const samples *samples;
  int32_t *all; // [reduction] the weights of a filter
  double *uniform; // [F][muls] variances of filters of one multiplier; NAN: not asked for yet
};

static int whole_positions(const net_node *n, int64_t reduction) {
  double p = fmin(MOST_LOOKUPS / ((double)reduction * n->shape.c), SAMPLES_MOST);
  return (int)fmax(p, LEAST_POSITIONS) / LANES * LANES;
}

pricing_errors *pricing_errors_new(const matching *m, const network *net, int node, const pricing_task *task, diag *d) {
  arena *mem = arena_new();
  const net_node *n = &net->nodes[node];
  int64_t reduction = net_reduction(net, n);
  size_t entries = (size_t)n->shape.c * (size_t)task->mul_count;
  pricing_errors *e = arena_new_object(mem, pricing_errors);
  *e = (pricing_errors){.mem = mem, .task = *task};
  e->uniform = arena_new_array(mem, double, entries);
  for (size_t i = 0; i < entries; i++)
    e->uniform[i] = NAN;
  e->all = arena_new_array(mem, int32_t, (size_t)reduction);
  for (int64_t i = 0; i < reduction; i++)
    e->all[i] = (int32_t)i;
  e->samples = take(mem, m, net, node, &e->task, whole_positions(n, reduction), d);
  if (e->samples)
    return e;
  arena_free(mem);
  return NULL;
}

void pricing_errors_free(pricing_errors *e) {
  if (e)
    arena_free(e->mem);
}

// The multiplier of all of a filter's weights; -1: several.
static int one_multiplier(const assignment *a, int64_t first, int64_t count) {
  uint64_t used = assignment_used(a, first, count);
  return used & (used - 1) ? -1 : __builtin_ctzll(used);
}

static double variance_of(const pricing_errors *e, const assignment *a, int filter) {
  const samples *s = e->samples;
  float *error = room((size_t)s->positions, sizeof *error), *along = room((size_t)s->positions, sizeof *along);
  uint8_t *mul = room((size_t)s->reduction, 1);
  for (int64_t i = 0; i < s->reduction; i++)
    mul[i] = assignment_mul(a, filter * s->reduction + i);
  samples_sum(s, filter, e->all, mul, (int)s->reduction, error);
  float length = matches_gain(&e->task, s) ? direction(s, filter, e->all, along) : 0;
  float taken = take_back(&e->task, error, along, length, s->positions);
  double out = left(length, taken, vector_dot(error, error, s->positions)) / s->positions;
  free(mul);
  free(error);
  free(along);
  return out;
}

void pricing_errors_of(pricing_errors *e, const assignment *a, double *variance) {
  const samples *s = e->samples;
#pragma omp parallel for schedule(dynamic, 1)
  for (int f = 0; f < s->n->shape.c; f++) {
    int k = one_multiplier(a, f * s->reduction, s->reduction);
    double *kept = k < 0 ? NULL : &e->uniform[f * s->mul_count + k];
    variance[f] = kept && !isnan(*kept) ? *kept : variance_of(e, a, f);
    if (kept)
      *kept = variance[f];
  }
}
