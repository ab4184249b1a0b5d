// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/refine.h"
#include "compiler/explore/method.h"
#include "compiler/explore/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// KEPT: neighbours of one step from which second steps are tried. BATCH: judged before looking around again.
enum { KEPT = 64, BATCH = 4 };
// How far below the curve a neighbour may hope to be.
static const double HOPED = 0.02;
// By how many doubts a neighbour may do better than predicted; where none promises anything then, twice as many.
static const double LEAST_HOPE = 0.5, MOST_HOPE = 4;

pool pool_new(arena *mem, const network *net, double scale) {
  return (pool){.mem = mem, .net = net, .scale = scale, .layer = arena_new_array(mem, pool_layer, net->count)};
}

static int pool_find(const pool_layer *l, const assignment *a) {
  for (int i = 0; i < l->count; i++)
    if (assignment_equal(&l->choice[i].assign, a))
      return i;
  return -1;
}

void pool_add(pool *p, int node, const assignment *a, double cost, double harm) {
  pool_layer *l = &p->layer[node];
  if (!l->choice)
    l->choice = arena_new_array(p->mem, pool_choice, POOL_ROOM);
  if (l->count == POOL_ROOM || pool_find(l, a) >= 0)
    return;
  assignment copy = *a;
  copy.mul = arena_memdup(p->mem, a->mul, (size_t)a->count);
  pool_choice *c = &l->choice[l->count++];
  *c = (pool_choice){.assign = copy, .cost = cost, .harm = harm, .muls = assignment_used(a, 0, a->count * a->each)};
  if (p->figure[0]) {
    c->cost = figures_of_layer(a, p->figure[0] + node * p->mul_count);
    c->other = figures_of_layer(a, p->figure[1] + node * p->mul_count);
  }
}

void pool_add_whole(pool *p, int node, int muls, const double *cost, const double *harm) {
  arena *own = arena_new();
  for (int k = 0; k < muls; k++)
    if (isfinite(cost[k])) {
      assignment a = assignment_uniform(own, p->net, &p->net->nodes[node], (uint8_t)k);
      pool_add(p, node, &a, cost[k], harm[k]);
    }
  arena_free(own);
}

// ---- points: what was judged, as choices from the pool ----

typedef struct {
  int16_t *choice; // [nodes]
  double of[JUDGE_FIGURES], cost, harm, drop; // cost: their weighted sum
  bool lost; // by a choice that is to blame: it says nothing of what its harm means
} point;

typedef struct {
  const pool *pool;
  size_t nodes, images;
  point *all; // by harm
  size_t count;
  front_point *stair; // the front of what was judged and of what is about to be, cheap ones first
  size_t stairs;
  front_two front; // of two figures, in the place of the stair
  bool **open; // [nodes][choices] no good point has it
  double **blame; // [nodes][choices] a drop beside what the harm means
  double max_loss, corner, hope;
  double weight; // of the first figure
} around;

static int by_harm(const void *a, const void *b) {
  const point *x = a, *y = b;
  if (x->harm != y->harm)
    return x->harm < y->harm ? -1 : 1;
  return (x->cost > y->cost) - (x->cost < y->cost);
}

// False: a layer's choice is not in the pool.
static bool point_of(const around *r, const judged *judged, arena *mem, point *out) {
  const pool *p = r->pool;
  *out = (point){.choice = arena_new_array(mem, int16_t, p->net->count),
                 .of = {judged->cost, judged->other},
                 .cost = figures_sum(r->weight, judged->cost, judged->other),
                 .drop = judged->drop};
  for (size_t i = 0; i < p->net->count; i++) {
    if (!p->layer[i].count)
      continue;
    int at = pool_find(&p->layer[i], &judged->assign[i]);
    if (at < 0)
      return false;
    out->choice[i] = (int16_t)at;
    out->harm += p->layer[i].choice[at].harm;
  }
  return true;
}

// Takes the place of what it beats; nothing where it is beaten.
static void stair_add(around *r, double cost, double drop) {
  size_t at = 0, end;
  while (at < r->stairs && r->stair[at].cost < cost)
    at++;
  if ((at && r->stair[at - 1].loss <= drop) ||
      (at < r->stairs && r->stair[at].cost == cost && r->stair[at].loss <= drop))
    return;
  for (end = at; end < r->stairs && r->stair[end].loss >= drop; end++)
    ;
  memmove(&r->stair[at + 1], &r->stair[end], (r->stairs - end) * sizeof *r->stair);
  r->stair[at] = (front_point){cost, drop};
  r->stairs = r->stairs + 1 - (end - at);
}

// The least harm of every layer: what is exact where the pool has that. False where this might lose something.
static bool point_exact(const around *r, arena *mem, point *out) {
  const pool *p = r->pool;
  *out = (point){.choice = arena_new_array(mem, int16_t, p->net->count)};
  for (size_t i = 0; i < p->net->count; i++) {
    const pool_layer *l = &p->layer[i];
    if (!l->count)
      continue;
    for (int k = 0; k < l->count; k++)
      if (l->choice[k].harm < l->choice[out->choice[i]].harm)
        out->choice[i] = (int16_t)k;
    out->harm += l->choice[out->choice[i]].harm;
    out->of[0] += l->choice[out->choice[i]].cost;
    out->of[1] += l->choice[out->choice[i]].other;
  }
  out->cost = figures_sum(r->weight, out->of[0], out->of[1]);
  return out->harm <= 0 && out->cost >= 1 - 1e-9;
}

static void look_around(around *r, const judge *j, arena *mem) {
  size_t count;
  const judged *const *all = judge_all(j, &count);
  r->all = arena_new_array(mem, point, count + 1);
  r->stair = arena_new_array(mem, front_point, count + 1 + BATCH);
  r->count = r->stairs = 0;
  bool useful = false;
  r->front = front_two_new(mem, count + 1 + BATCH, (front_point_two){{1, 1}, r->corner});
  front_two_add(&r->front, (front_point_two){{1, 1}, 0});
  stair_add(r, 1, 0); // exact
  for (size_t i = 0; i < count; i++) {
    stair_add(r, figures_sum(r->weight, all[i]->cost, all[i]->other), fmax(all[i]->drop, 0));
    front_two_add(&r->front, (front_point_two){{all[i]->cost, all[i]->other}, fmax(all[i]->drop, 0)});
    if (point_of(r, all[i], mem, &r->all[r->count]))
      useful |= r->all[r->count++].drop <= r->corner;
  }
  if (!useful && point_exact(r, mem, &r->all[r->count])) // else there is nothing to begin with
    r->count++;
  if (r->count)
    qsort(r->all, r->count, sizeof *r->all, by_harm);
}

// ---- what a harm means ----
// Drops rise with harms: the nearest rising curve through what was judged (pool adjacent violators), straight between
// the blocks' centres.

typedef struct {
  double harm, drop, weight;
} block;
typedef struct {
  block *block;
  size_t count;
  double *of; // [points] its value there
} curve;

static double curve_at(const curve *c, double harm) {
  size_t i = 0;
  while (i < c->count && c->block[i].harm < harm)
    i++;
  if (i == 0 || c->count == 1)
    return c->block[0].drop;
  if (i == c->count) // beyond: as steep as the last piece
    i--;
  const block *a = &c->block[i - 1], *b = &c->block[i];
  double rise = b->harm > a->harm ? (b->drop - a->drop) / (b->harm - a->harm) : 0;
  return a->drop + rise * (harm - a->harm);
}

static curve curve_of(const around *r, arena *mem) {
  curve c = {arena_new_array(mem, block, r->count + 1), 0, arena_new_array(mem, double, r->count)};
  c.block[c.count++] = (block){0, 0, 1}; // exact
  for (size_t i = 0; i < r->count; i++) {
    if (r->all[i].lost)
      continue;
    c.block[c.count++] = (block){r->all[i].harm, r->all[i].drop, 1};
    while (c.count > 1 && c.block[c.count - 2].drop >= c.block[c.count - 1].drop) {
      block *a = &c.block[c.count - 2], b = c.block[--c.count];
      double w = a->weight + b.weight;
      *a = (block){(a->harm * a->weight + b.harm * b.weight) / w, (a->drop * a->weight + b.drop * b.weight) / w, w};
    }
  }
  for (size_t i = 0; i < r->count; i++)
    c.of[i] = curve_at(&c, r->all[i].harm);
  return c;
}

// ---- what is to blame ----
// Now and then a multiplier does to a layer what no variance tells: all is lost. In a point that loses far more than
// its harm means, that is one of the choices that no good point has; each gets a share of the blame by its harm, and
// who turns up in a good point later is cleared.

static const double SURE = 4;
static double doubt(const around *r, double drop);

// A choice that no good point has: [nodes][choices].
static bool **unproven(const around *r, arena *mem) {
  bool **out = arena_new_array(mem, bool *, r->nodes);
  for (size_t k = 0; k < r->nodes; k++) {
    out[k] = arena_new_array(mem, bool, (size_t)r->pool->layer[k].count + 1);
    for (int c = 0; c < r->pool->layer[k].count; c++)
      out[k][c] = r->pool->layer[k].choice[c].harm > 0;
  }
  for (size_t i = 0; i < r->count; i++)
    for (size_t k = 0; k < r->nodes && r->all[i].drop <= r->corner; k++)
      out[k][r->all[i].choice[k]] = false;
  return out;
}

static void find_blame(around *r, arena *mem) {
  bool **open = r->open = unproven(r, mem);
  r->blame = arena_new_array(mem, double *, r->nodes);
  for (size_t k = 0; k < r->nodes; k++)
    r->blame[k] = arena_new_array(mem, double, (size_t)r->pool->layer[k].count + 1);
  for (size_t i = 0; i < r->count; i++)
    r->all[i].lost = r->all[i].drop > r->corner;
  curve c = curve_of(r, mem);
  for (size_t i = 0; i < r->count; i++) {
    point *p = &r->all[i];
    double more = p->drop - curve_at(&c, p->harm), harm = 0;
    for (size_t k = 0; k < r->nodes; k++)
      harm += open[k][p->choice[k]] ? r->pool->layer[k].choice[p->choice[k]].harm : 0;
    p->lost &= more > SURE * doubt(r, p->drop) && harm > 0;
    for (size_t k = 0; k < r->nodes && p->lost; k++)
      if (open[k][p->choice[k]]) {
        double share = more * r->pool->layer[k].choice[p->choice[k]].harm / harm;
        r->blame[k][p->choice[k]] = fmax(r->blame[k][p->choice[k]], share);
      }
  }
}

// ---- neighbours ----

typedef struct {
  int node, to; // the choice that replaces the parent's
} step;
typedef struct {
  size_t parent;
  step one[2]; // where one or two layers change
  const step *many; // all of them where more do, else NULL
  int steps;
  double of[JUDGE_FIGURES], cost, drop; // predicted
  double gain;
} neighbour;
static const step *steps_of(const neighbour *n) { return n->many ? n->many : n->one; }

// Of a drop's difference between two points that differ little: what as many images more or less would be.
static double doubt(const around *r, double drop) { return sqrt(fmax(drop, 0.002) / (double)r->images); }

// What a point would add to the hypervolume.
static double volume_of(const around *r, const double *of, double cost, double drop) {
  if (r->pool->figure[0])
    return front_two_gain(&r->front, (front_point_two){{of[0], of[1]}, drop});
  double sum = 0, best = r->corner, from = cost;
  drop = fmax(drop, 0);
  for (size_t i = 0; i <= r->stairs && best > drop; i++) {
    double to = i < r->stairs ? fmin(r->stair[i].cost, 1) : 1;
    if (to > from)
      sum += (to - from) * (best - drop), from = to;
    best = i < r->stairs ? fmin(best, r->stair[i].loss) : best;
  }
  return sum / r->corner;
}

// What it would save beyond the cheapest that loses at most max_loss.
static double saving_of(const around *r, const double *of, double cost, double drop) {
  (void)of;
  double least = 1;
  for (size_t i = 0; i < r->stairs; i++)
    if (r->stair[i].loss <= r->max_loss)
      least = fmin(least, r->stair[i].cost);
  return drop <= r->max_loss ? least - cost : 0;
}

// Of a point's figures, their weighted sum, and its drop.
typedef double gain_function(const around *r, const double *of, double cost, double drop);

static const pool_choice *choice_of(const around *r, size_t point, int node) {
  return &r->pool->layer[node].choice[r->all[point].choice[node]];
}

// How much two points differ: the sum over layers of what their harms differ by. apart[i]: of a parent and point i.
static void measure_apart(const around *r, size_t parent, double *apart) {
  for (size_t i = 0; i < r->count; i++) {
    apart[i] = 0;
    for (size_t k = 0; k < r->nodes; k++)
      if (r->pool->layer[k].count)
        apart[i] += fabs(choice_of(r, i, (int)k)->harm - choice_of(r, parent, (int)k)->harm);
  }
}

// The same of a neighbour.
static double apart_of(const around *r, const neighbour *n, const double *apart, size_t i) {
  double sum = apart[i];
  for (const step *s = steps_of(n); s < steps_of(n) + n->steps; s++) {
    double harm = choice_of(r, i, s->node)->harm;
    sum +=
        fabs(harm - r->pool->layer[s->node].choice[s->to].harm) - fabs(harm - choice_of(r, n->parent, s->node)->harm);
  }
  return fmax(sum, 0);
}

// By how much points of that harm were off the curve, those alike counting most: as far apart as ALIKE of the harm is
// e^-1. One at no distance is believed by half.
static const double ALIKE = 0.3;
static double off_curve(const around *r, const curve *c, const neighbour *n, const double *apart, double harm) {
  double sum = 0, weight = 1;
  for (size_t i = 0; i < r->count; i++) {
    double x = apart_of(r, n, apart, i) / (ALIKE * harm + 1e-9);
    if (x > 4 || r->all[i].lost)
      continue;
    double w = exp(-x * x);
    sum += w * (r->all[i].drop - c->of[i]);
    weight += w;
  }
  return sum / weight;
}

// Whether it says nothing new beside what was judged.
static bool told(const around *r, const double *of, double harm) {
  double alike = 5e-4 * r->pool->scale;
  for (size_t i = 0; i < r->count; i++)
    if (fabs(r->all[i].of[0] - of[0]) < alike && fabs(r->all[i].of[1] - of[1]) < alike &&
        fabs(r->all[i].harm - harm) < 0.02 * harm)
      return true;
  return false;
}

// The best so far, best first.
typedef struct {
  neighbour best[KEPT];
  int count;
} shortlist;

static void shortlist_add(shortlist *l, const neighbour *n) {
  if (!(n->gain > 0) || (l->count == KEPT && n->gain <= l->best[KEPT - 1].gain))
    return;
  int at = l->count < KEPT ? l->count++ : KEPT - 1;
  for (; at && l->best[at - 1].gain < n->gain; at--)
    l->best[at] = l->best[at - 1];
  l->best[at] = *n;
}

// What the search for neighbours reads.
typedef struct {
  const around *r;
  const curve *c;
  const double *apart; // of the parent
  gain_function *gain;
} view;

static void consider(const view *v, neighbour *n, shortlist *l) {
  const around *r = v->r;
  const point *from = &r->all[n->parent];
  double harm = from->harm, blame = 0;
  n->of[0] = from->of[0], n->of[1] = from->of[1];
  for (const step *s = steps_of(n); s < steps_of(n) + n->steps; s++) {
    const pool_choice *was = choice_of(r, n->parent, s->node), *to = &r->pool->layer[s->node].choice[s->to];
    n->of[0] += to->cost - was->cost;
    n->of[1] += to->other - was->other;
    harm += to->harm - was->harm;
    blame += r->blame[s->node][s->to];
  }
  n->cost = figures_sum(r->weight, n->of[0], n->of[1]);
  harm = fmax(harm, 0);
  double drop = curve_at(v->c, harm) + blame;
  if (!(v->gain(r, n->of, n->cost, drop - HOPED) > 0))
    return; // whatever those alike say
  drop += off_curve(r, v->c, n, v->apart, harm);
  n->drop = drop - r->hope * doubt(r, drop);
  n->gain = v->gain(r, n->of, n->cost, n->drop);
  if (n->gain > 0 && !told(r, n->of, harm))
    shortlist_add(l, n);
}

// The multipliers of a neighbour's layers, but for one.
static uint64_t muls_beside(const around *r, const neighbour *n, size_t but) {
  uint64_t all = 0;
  for (size_t i = 0; i < r->nodes; i++) {
    int k = r->all[n->parent].choice[i];
    for (const step *s = steps_of(n); s < steps_of(n) + n->steps; s++)
      k = s->node == (int)i ? s->to : k;
    all |= i != but && r->pool->layer[i].count ? r->pool->layer[i].choice[k].muls : 0;
  }
  return all;
}

static bool few_enough(const pool *p, uint64_t muls) { return !p->most || __builtin_popcountll(muls) <= p->most; }

// All that differ from a parent in one layer (steps == 1), or that go one step on from n.
static void consider_steps(const view *v, neighbour n, shortlist *l) {
  const around *r = v->r;
  const pool *p = r->pool;
  const neighbour from = n;
  n.steps++;
  for (size_t i = 0; i < r->nodes; i++) {
    if (n.steps == 2 && n.one[0].node == (int)i)
      continue;
    uint64_t beside = p->most ? muls_beside(r, &from, i) : 0;
    for (int k = 0; k < p->layer[i].count; k++)
      if (k != r->all[n.parent].choice[i] && few_enough(p, beside | p->layer[i].choice[k].muls)) {
        n.one[n.steps - 1] = (step){(int)i, k};
        consider(v, &n, l);
      }
  }
}

// The layer's choice of one multiplier in all of it; -1: the pool has none.
static int choice_of_one(const pool_layer *l, int mul) {
  for (int k = 0; k < l->count; k++)
    if (l->choice[k].muls == (uint64_t)1 << mul)
      return k;
  return -1;
}

// Where designs have few multipliers: all that have another one in the place of one of the parent's, wherever this has
// a layer for itself.
static void consider_exchanges(const view *v, size_t parent, shortlist *l, arena *mem) {
  const around *r = v->r;
  const pool *p = r->pool;
  uint64_t used = muls_beside(r, &(neighbour){.parent = parent}, r->nodes);
  step *steps = arena_new_array(mem, step, r->nodes);
  for (uint64_t rest = used; rest; rest &= rest - 1)
    for (int to = 0; to < ASSIGNMENT_MULS; to++) {
      neighbour n = {.parent = parent, .many = steps};
      for (size_t i = 0; i < r->nodes; i++) {
        bool own = p->layer[i].count && choice_of(r, parent, (int)i)->muls == (rest & -rest);
        int k = own ? choice_of_one(&p->layer[i], to) : -1;
        if (k >= 0 && k != r->all[parent].choice[i])
          steps[n.steps++] = (step){(int)i, k};
      }
      if (!n.steps || !few_enough(p, muls_beside(r, &n, r->nodes)))
        continue;
      consider(v, &n, l);
      steps = arena_new_array(mem, step, r->nodes); // those may be kept
    }
}

static assignment *assignments_of(const around *r, const neighbour *n, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, r->nodes);
  const point *from = &r->all[n->parent];
  for (size_t i = 0; i < r->nodes; i++)
    if (r->pool->layer[i].count)
      a[i] = r->pool->layer[i].choice[from->choice[i]].assign;
  for (const step *s = steps_of(n); s < steps_of(n) + n->steps; s++)
    a[s->node] = r->pool->layer[s->node].choice[s->to].assign;
  return a;
}

static bool was_judged(const judge *j, const assignment *a, size_t nodes) {
  size_t count;
  const judged *const *all = judge_all(j, &count);
  for (size_t i = 0; i < count; i++) {
    size_t same = 0;
    while (same < nodes && assignment_equal(&all[i]->assign[same], &a[same]))
      same++;
    if (same == nodes)
      return true;
  }
  return false;
}

// Up to BATCH of the shortlist that promise something beside each other. A choice that no good point has yet is in one
// of them only: where it is to blame they would all be lost.
static int take(around *r, const judge *j, gain_function *gain, const shortlist *l, arena *mem, assignment **assign,
                double (*cost)[JUDGE_FIGURES]) {
  int taken = 0, *tried = arena_new_array(mem, int, r->nodes);
  double alike = 1e-3 * r->pool->scale;
  for (size_t k = 0; k < r->nodes; k++)
    tried[k] = -1;
  for (int i = 0; i < l->count && taken < BATCH; i++) {
    const neighbour *n = &l->best[i];
    bool near = false;
    const step *from = steps_of(n);
    for (const step *s = from; s < from + n->steps; s++)
      near |= r->open[s->node][s->to] && tried[s->node] == s->to;
    for (int k = 0; k < taken; k++)
      near |= fabs(cost[k][0] - n->of[0]) < alike && fabs(cost[k][1] - n->of[1]) < alike;
    if (near || !(gain(r, n->of, n->cost, n->drop) > 0))
      continue;
    assign[taken] = assignments_of(r, n, mem);
    if (was_judged(j, assign[taken], r->nodes))
      continue;
    stair_add(r, n->cost, fmax(n->drop, 0));
    front_two_add(&r->front, (front_point_two){{n->of[0], n->of[1]}, fmax(n->drop, 0)});
    for (const step *s = from; s < from + n->steps; s++)
      tried[s->node] = s->to;
    memcpy(cost[taken++], n->of, sizeof n->of);
  }
  return taken;
}

// One round: the neighbours that promise most are judged. How many were; -1 after an error or at the end.
static int search_round(around *r, judge *j, gain_function *gain, diag *d) {
  arena *mem = arena_new();
  look_around(r, j, mem);
  find_blame(r, mem);
  curve c = curve_of(r, mem);
  shortlist *one = arena_new_object(mem, shortlist), *both = arena_new_object(mem, shortlist);
  double *apart = arena_new_array(mem, double, r->count);
  view v = {r, &c, apart, gain};
  for (size_t i = 0; i < r->count; i++)
    if (r->all[i].drop <= r->corner) {
      measure_apart(r, i, apart);
      consider_steps(&v, (neighbour){.parent = i}, one);
      if (r->pool->most)
        consider_exchanges(&v, i, one, mem);
    }
  *both = *one;
  for (int i = 0; i < one->count; i++) {
    if (one->best[i].many)
      continue;
    measure_apart(r, one->best[i].parent, apart);
    consider_steps(&v, one->best[i], both);
  }
  assignment *assign[BATCH];
  double cost[BATCH][JUDGE_FIGURES];
  int taken = take(r, j, gain, both, mem, assign, cost);
  for (int i = 0; i < taken; i++)
    judge_expect(j, JUDGE_VALIDATION, assign[i]);
  for (int i = 0; i < taken; i++)
    if (!judge_ask_both(j, assign[i], cost[i], d)) {
      taken = -1;
      break;
    }
  judge_expect_no_more(j);
  arena_free(mem);
  return taken;
}

bool refine_search(const pool *p, judge *j, double max_loss, double corner, diag *d) {
  around r = {.pool = p, .nodes = p->net->count, .max_loss = max_loss, .corner = corner, .hope = LEAST_HOPE};
  r.images = judge_exact(j)->images;
  gain_function *const gains[] = {volume_of, saving_of};
  int idle = 0, weights = p->figure[0] ? FIGURES_FIRST : 1, turns = weights * (int)BASE_COUNT(gains);
  for (int turn = 0; r.hope <= MOST_HOPE && !judge_over(j); turn++) {
    r.weight = p->figure[0] ? FIGURES_WEIGHT[turn / (int)BASE_COUNT(gains) % weights] : 1;
    int taken = search_round(&r, j, gains[turn % 2], d);
    if (taken < 0)
      break;
    idle = taken ? 0 : idle + 1;
    if (idle == turns)
      r.hope *= 2, idle = 0;
  }
  return !d->errors;
}
