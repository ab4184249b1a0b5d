// SPDX-License-Identifier: Apache-2.0
//
// The search of `model`: which of the front that the model predicts are judged, and what between them.
#include "compiler/explore/model.h"
#include "compiler/explore/ladder.h"
#include "compiler/explore/palettes.h"

#include <math.h>
#include <string.h>

// A first look: prices a factor of 1.4 apart from where hardly anything is saved to where nothing is left of accuracy.
enum { LOOKS = 26, REFINED = 8 };
static const double FIRST_PRICE = 150, LAST_PRICE = 0.03;
// Where the model is off by so much that this is not what they are: so many more beyond, a factor of 4 apart.
enum { BEYOND = 24, MOST_LOOKS = 2 * LOOKS + BEYOND };
// Beyond this drop, or so many times the allowed one, the front is of no more interest.
static const double ENOUGH = 0.12, ENOUGH_TIMES = 1.2;
// Below this divergence nobody can see a difference in accuracy.
static const double UNSEEN = 0.002;
static const double POINT = 0.01; // a drop of one point

typedef struct {
  double price, drop, harm, cost;
} look;

// What was seen of the front that the model predicts.
typedef struct {
  const model_task *t;
  judge *j;
  double *const *weight;
  double enough, unseen; // a drop; a harm
  double corner; // the drop up to which hypervolume counts
  look look[MOST_LOOKS]; // from dear to cheap
  int seen;
} view;

static bool same_front(const model_front *f, int p, int q) {
  return f->cost[p] == f->cost[q] && f->harm[p] == f->harm[q];
}

static void add_look(view *v, look l) {
  int at = v->seen++;
  for (; at && v->look[at - 1].price < l.price; at--)
    v->look[at] = v->look[at - 1];
  v->look[at] = l;
}

// Judges a front in the order of its prices, up to a drop of v->enough. False after an error.
static bool judge_front(view *v, const model_front *f, const double *price, int prices, bool note, diag *d) {
  int which[LOOKS], count = 0, ahead = (int)judge_ahead(v->j), expected = 0, seen;
  for (int p = 0; p < prices; p++)
    if (p + 1 == prices || (!same_front(f, p, p + 1) && f->harm[p + 1] >= v->unseen)) // else the next one saves more
      which[count++] = p;
  const judged *point = NULL;
  for (seen = 0; seen < count && !(point && point->drop > v->enough); seen++) {
    int p = which[seen];
    for (; expected < count && expected < seen + ahead; expected++)
      judge_expect(v->j, JUDGE_VALIDATION, f->assign[which[expected]]);
    point = judge_ask(v->j, f->assign[p], f->cost[p], d);
    if (!point)
      break;
    if (note)
      add_look(v, (look){price[p], point->drop, f->harm[p], f->cost[p]});
  }
  judge_expect_no_more(v->j);
  return count == 0 || point || (!d->errors && judge_over(v->j));
}

// Other processes may begin with the middle one, and what is asked next whichever way it goes.
static void expect_halves(const view *v, const model_front *f, const int *which, int lo, int hi) {
  int mid = (lo + hi) / 2, next[] = {mid, (lo + mid) / 2, (mid + hi) / 2};
  for (size_t i = 0; i < BASE_COUNT(next) && i < judge_ahead(v->j); i++)
    if (next[i] > lo && (!i || next[i] != mid))
      judge_expect(v->j, JUDGE_VALIDATION, f->assign[which[next[i]]]);
}

// Halves a front, dearer than it is known to lose little, cheaper to lose more, until neighbours enclose `drop`.
static bool halve(view *v, const model_front *f, const double *price, int prices, double drop, diag *d) {
  int which[LOOKS + BEYOND], count = 0;
  for (int p = 0; p < prices; p++)
    if (p + 1 == prices || !same_front(f, p, p + 1))
      which[count++] = p;
  for (int lo = -1, hi = count; hi - lo > 1;) {
    int mid = (lo + hi) / 2, p = which[mid];
    bool exact = f->harm[p] <= 0 && f->cost[p] >= 1 - 1e-9; // loses nothing, saves nothing
    expect_halves(v, f, which, lo, hi);
    const judged *point = exact ? NULL : judge_ask(v->j, f->assign[p], f->cost[p], d);
    judge_expect_no_more(v->j);
    if (!exact && !point)
      return !d->errors && judge_over(v->j);
    double lost = point ? point->drop : 0;
    add_look(v, (look){price[p], lost, f->harm[p], f->cost[p]});
    *(lost <= drop ? &lo : &hi) = mid;
  }
  return true;
}

// The model may be off by much. Where the first look loses more than `drop` already, on towards exact, past prices
// whose harm should not have been seen; where the last loses not much, towards the cheapest there is.
static bool look_beyond(view *v, const double *price, double drop, arena *mem, diag *d) {
  double beyond[LOOKS + BEYOND];
  int count = 0;
  if (v->look[0].drop > drop) {
    for (int i = BEYOND; i > 0; i--)
      beyond[count++] = FIRST_PRICE * pow(4, i);
    for (int i = 0; i < LOOKS && price[i] > v->look[0].price; i++)
      beyond[count++] = price[i];
    v->unseen = 0;
  } else if (v->look[v->seen - 1].drop <= v->enough) {
    drop = v->look[v->seen - 1].drop <= drop ? drop : v->enough;
    for (int i = 1; i <= BEYOND; i++)
      beyond[count++] = LAST_PRICE * pow(4, -i);
  }
  model_front front;
  return !count || (model_solve(v->t, v->j, v->weight, beyond, count, mem, &front, d) &&
                    halve(v, &front, beyond, count, drop, d));
}

// The looks whose drops enclose `drop`: after is the second; 0: none do.
static int enclosing(const view *v, double drop) {
  int after = 0;
  while (after < v->seen && v->look[after].drop <= drop)
    after++;
  return after < v->seen ? after : 0;
}

// Prices between them, in equal ratios.
static int between(const view *v, double drop, double *price) {
  int after = enclosing(v, drop);
  if (!after)
    return 0;
  double hi = v->look[after - 1].price, lo = v->look[after].price;
  for (int i = 0; i < REFINED; i++)
    price[i] = hi * pow(lo / hi, (i + 1.0) / (REFINED + 1));
  return REFINED;
}

// ---- few units: between the points that prices find ----
// A price finds only assignments on the convex hull of cost and harm. With one multiplier a layer the others matter,
// and since harms add up they are found by going through the layers: for every harm (in steps) the least cost.

static const double MOST_HARM = 0.6; // of all steps, where the looks are about as far as that

typedef struct {
  ladder of; // the layers
  int *node; // [layers]
  double *cost; // [LADDER_STEPS + 1] the least, and which multipliers it has
  uint64_t *palette;
} rungs;

// What each multiplier does in each layer; all of them are choices for the neighbours that are judged last.
static bool rungs_harms(const view *v, arena *mem, rungs *r, diag *d) {
  const model_task *t = v->t;
  size_t nodes = t->net->count, muls = (size_t)t->mul_count;
  double *harms = arena_new_array(mem, double, nodes *muls), *costs = arena_new_array(mem, double, nodes *muls);
  r->node = arena_new_array(mem, int, nodes);
  r->of = (ladder){.choices = t->mul_count, .cost = costs, .harm = harms};
  for (int i = 0; i < (int)nodes; i++) {
    if (!v->weight[i])
      continue;
    double *harm = harms + r->of.units * t->mul_count, *cost = costs + r->of.units * t->mul_count;
    if (!model_harms(t, v->j, &t->layers[i], v->weight[i], harm, d))
      return false;
    memcpy(cost, t->cost + (size_t)i * muls, muls * sizeof *cost);
    if (t->pool)
      pool_add_whole(t->pool, i, t->mul_count, cost, harm);
    r->node[r->of.units++] = i;
  }
  return true;
}

static bool rungs_make(const view *v, double most, arena *mem, rungs *r, diag *d) {
  const palettes *few = v->t->few;
  const uint64_t all = UINT64_MAX;
  *r = (rungs){.node = NULL};
  if (!rungs_harms(v, mem, r, d))
    return false;
  r->of.most = most;
  r->cost = arena_new_array(mem, double, LADDER_STEPS + 1);
  r->palette = arena_new_array(mem, uint64_t, LADDER_STEPS + 1);
  return ladder_climb(&r->of, few ? few->known : &all, few ? few->count : 1, r->cost, r->palette);
}

static assignment *rung_take(const model_task *t, const rungs *r, int b, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, t->net->count);
  uint8_t *choice = arena_alloc(mem, (size_t)r->of.units);
  ladder_take(&r->of, r->palette[b], b, choice);
  for (int i = 0; i < (int)r->of.units; i++)
    a[r->node[i]] = assignment_uniform(mem, t->net, &t->net->nodes[r->node[i]], choice[i]);
  return a;
}

// Judges what lies between the two looks whose drops enclose `drop`: at most REFINED of it, evenly.
static bool climb(const view *v, const rungs *r, double drop, diag *d) {
  int after = enclosing(v, drop);
  if (!after)
    return true;
  int from = ladder_steps(&r->of, v->look[after - 1].harm), to = ladder_steps(&r->of, v->look[after].harm);
  int rung[LADDER_STEPS], count = 0;
  for (int b = from + 1; b <= to && b <= LADDER_STEPS; b++)
    if (r->cost[b] < r->cost[b - 1])
      rung[count++] = b;
  int take = count < REFINED ? count : REFINED;
  arena *mem = arena_new();
  assignment *assign[REFINED];
  for (int i = 0; i < take; i++) {
    rung[i] = rung[(2 * i + 1) * count / (2 * take)];
    assign[i] = rung_take(v->t, r, rung[i], mem);
    judge_expect(v->j, JUDGE_VALIDATION, assign[i]);
  }
  bool more = true;
  for (int i = 0; more && i < take; i++)
    more = judge_ask(v->j, assign[i], r->cost[rung[i]], d) != NULL;
  judge_expect_no_more(v->j);
  arena_free(mem);
  return more || (!d->errors && judge_over(v->j));
}

static bool one_a_layer(const model_task *t, double *const *weight) {
  for (size_t i = 0; i < t->net->count; i++)
    if (weight[i] && (t->layers[i].teams != 1 || t->layers[i].parts != 1))
      return false;
  return true;
}

// Where the search is told to look and a little before (on other images it may be a little more), and where published
// results are compared: the looks around each drop, and what is between them.
static bool look_closely(view *v, double max_loss, arena *mem, diag *d) {
  const double targets[] = {max_loss, 0.6 * max_loss, 0.04, POINT};
  bool ladders = one_a_layer(v->t, v->weight), ok = true;
  rungs all = {.node = NULL};
  if (ladders) {
    int far = enclosing(v, fmax(max_loss, 0.04));
    double most = v->look[far ? far : v->seen - 1].harm;
    if (most > MOST_HARM / 20 && most <= MOST_HARM)
      most = MOST_HARM;
    ok = rungs_make(v, most > 0 ? most * (1 + 1.0 / LADDER_STEPS) : MOST_HARM, mem, &all, d);
  }
  for (size_t i = 0; ok && i < BASE_COUNT(targets) && !judge_over(v->j); i++) {
    if (i && targets[i] == max_loss)
      continue;
    if (ladders) {
      ok = climb(v, &all, targets[i], d);
      continue;
    }
    double price[REFINED];
    model_front front;
    int prices = between(v, targets[i], price);
    if (prices)
      ok = model_solve(v->t, v->j, v->weight, price, prices, mem, &front, d) &&
           judge_front(v, &front, price, prices, false, d);
  }
  return ok;
}

// ---- few evaluations ----
// Looks one after the other would end before they are where the front matters. So first max_loss is enclosed by
// halving, then the gaps that leave most of the hypervolume open are.

// With one multiplier a layer neighbours of what was judged do better than more of the model's front, however many
// evaluations there are: they get all but one in LOOKED_AT, but for the first few.
enum {
  FEW = 26,
  LEFT_TO_CLOSE = 3 /* one of so many is kept for what is between the looks */,
  LOOKED_AT = 3,
  LEAST_LOOKS = 10
};

// The middle one of those in the gap between look[at - 1] and look[at] (both ends: nothing is known beyond); -1: none.
static int middle(const view *v, const model_front *f, const double *price, int prices, int at) {
  int inside[LOOKS], count = 0;
  for (int p = 0; p < prices; p++) {
    bool below = !at || price[p] < v->look[at - 1].price, above = at == v->seen || price[p] > v->look[at].price;
    bool same = (at && f->cost[p] == v->look[at - 1].cost) || (at < v->seen && f->cost[p] == v->look[at].cost);
    if (below && above && !same && !(p + 1 < prices && same_front(f, p, p + 1)) && f->cost[p] < 1)
      inside[count++] = p;
  }
  return count ? inside[at == v->seen ? count - 1 : count / 2] : -1;
}

// Until `spend` evaluations are used, or no gap is left. The cheapest is taken to lose all that is of interest until it
// is judged.
static bool open_gaps(view *v, const model_front *f, const double *price, int prices, int64_t spend, diag *d) {
  while (spend-- > 0) {
    double most = 0;
    int best = -1, others[MOST_LOOKS], count = 0;
    for (int at = 0; at <= v->seen; at++) {
      look from = at ? v->look[at - 1] : (look){.cost = 1};
      look to = at < v->seen ? v->look[at] : (look){.cost = f->cost[prices - 1], .drop = v->corner};
      double lost = fmin(to.drop, v->corner) - fmin(fmax(from.drop, 0), v->corner);
      double open = (from.cost - to.cost) * fmax(lost, 1e-4);
      int p = middle(v, f, price, prices, at);
      if (p < 0 || open <= 0)
        continue;
      others[count++] = p;
      if (open > most)
        most = open, best = p;
    }
    for (int i = -1; best >= 0 && i < count && i + 1 < (int)judge_ahead(v->j); i++) // other gaps are opened later
      judge_expect(v->j, JUDGE_VALIDATION, f->assign[i < 0 ? best : others[i]]);
    const judged *point = best < 0 ? NULL : judge_ask(v->j, f->assign[best], f->cost[best], d);
    judge_expect_no_more(v->j);
    if (!point)
      return !d->errors;
    add_look(v, (look){price[best], point->drop, f->harm[best], f->cost[best]});
  }
  return true;
}

static bool look_at_few(view *v, const model_front *f, const double *price, int prices, double max_loss, int64_t most,
                        bool neighbours, diag *d) {
  if (!halve(v, f, price, prices, max_loss, d))
    return false;
  int64_t left = most - v->seen, looks = left - left / LEFT_TO_CLOSE;
  int64_t before_neighbours = (most / LOOKED_AT > LEAST_LOOKS ? most / LOOKED_AT : LEAST_LOOKS) - v->seen;
  if (neighbours && looks > before_neighbours)
    looks = before_neighbours;
  return open_gaps(v, f, price, prices, looks, d);
}

bool model_search(const model_task *t, judge *j, double *const *weight, double max_loss, double corner, int64_t most,
                  diag *d) {
  arena *mem = arena_new();
  double price[LOOKS];
  for (int i = 0; i < LOOKS; i++)
    price[i] = FIRST_PRICE * pow(LAST_PRICE / FIRST_PRICE, i / (LOOKS - 1.0));
  model_front front;
  view v = {t, j, weight, .enough = fmax(ENOUGH, ENOUGH_TIMES * max_loss), .unseen = UNSEEN, .corner = corner};
  bool neighbours = t->pool && one_a_layer(t, weight);
  bool ok = model_solve(t, j, weight, price, LOOKS, mem, &front, d) &&
            (neighbours || most < FEW ? look_at_few(&v, &front, price, LOOKS, max_loss, most, neighbours, d)
                                      : judge_front(&v, &front, price, LOOKS, true, d)) &&
            (!v.seen || look_beyond(&v, price, fmin(max_loss, POINT), mem, d));
  rungs all = {.node = NULL};
  if (ok && t->pool && t->few)
    palettes_fill(t->few, t->pool);
  if (ok)
    ok = neighbours ? rungs_harms(&v, mem, &all, d) : !v.seen || look_closely(&v, max_loss, mem, d);
  arena_free(mem);
  return ok || (interrupted() && !d->errors);
}
