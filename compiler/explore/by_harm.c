// SPDX-License-Identifier: Apache-2.0
//
// Few decisions whose harms add up: going through the units, the least cost for every sum of harms (in steps) is known
// before anything is judged, on the convex hull or not. These designs, rungs, are judged: some from the least harm on
// until too much is lost, then those between them where the front matters.
#include "compiler/explore/method_parts.h"

#include <math.h>

enum { STEPS = 4000, LOOKS = 26, REFINED = 8, FEW = 26 /* evaluations */ };
static const double MOST_HARM = 0.6; // nats
static const double UNSEEN = 0.002; // below it nobody can see a difference in accuracy
// Beyond this loss, or so many times the allowed one, the front is of no more interest.
static const double ENOUGH = 0.12, ENOUGH_TIMES = 1.2;
static const double PALETTE_PRICE = 10; // at which a palette is chosen

typedef struct {
  const search_problem *p;
  budget *budget;
  double *cost; // [units + 1][STEPS + 1] the least of so many units with at most so much harm
  uint8_t *choice; // [units][STEPS + 1]
  int *at; // [count] the step of each rung, where the cost falls
  double *loss; // [count] NAN: not judged
  int count;
  bool over;
} rungs;

static int steps_of(double harm) { return harm < MOST_HARM ? (int)ceil(harm / MOST_HARM * STEPS) : STEPS + 1; }

static uint64_t palette_for(const search_space *s, arena *mem) {
  if (!space_limited(s))
    return UINT64_MAX;
  uint8_t *decisions = arena_alloc(mem, (size_t)s->p->units);
  space_decide_by_price(s, PALETTE_PRICE, decisions);
  return palette_complete(s, space_used(s, decisions));
}

static void climb(rungs *r, uint64_t palette, arena *mem) {
  const search_problem *p = r->p;
  size_t row = STEPS + 1, units = (size_t)p->units;
  r->cost = arena_new_array(mem, double, (units + 1) * row);
  r->choice = arena_alloc(mem, units * row);
  for (size_t u = 0; u < units; u++)
    for (int b = 0; b <= STEPS; b++) {
      double *least = &r->cost[(u + 1) * row + (size_t)b];
      *least = INFINITY;
      for (int k = 0; k < p->choices; k++) {
        double harm = p->harm[u * (size_t)p->choices + (size_t)k], own = p->cost[u * (size_t)p->choices + (size_t)k];
        int rest = palette >> k & 1 && isfinite(own) && isfinite(harm) ? b - steps_of(harm) : -1;
        double cost = rest < 0 ? INFINITY : r->cost[u * row + (size_t)rest] + own;
        if (cost < *least)
          *least = cost, r->choice[u * row + (size_t)b] = (uint8_t)k;
      }
    }
  const double *all = r->cost + units * row;
  r->at = arena_new_array(mem, int, row);
  r->loss = arena_new_array(mem, double, row);
  for (int b = 0; b <= STEPS; b++)
    if (isfinite(all[b]) && (!b || all[b] < all[b - 1])) {
      r->loss[r->count] = NAN;
      r->at[r->count++] = b;
    }
}

static void decide(const rungs *r, int rung, uint8_t *decisions) {
  int b = r->at[rung];
  for (int64_t u = r->p->units; u-- > 0;) {
    decisions[u] = r->choice[u * (STEPS + 1) + b];
    b -= steps_of(r->p->harm[u * r->p->choices + decisions[u]]);
  }
}

// Those of the list that were not judged yet.
static void judge_rungs(rungs *r, const int *which, int count) {
  uint8_t *decisions[LOOKS];
  int asked[LOOKS], n = 0;
  double loss[LOOKS];
  arena *own = arena_new();
  for (int i = 0; i < count && !r->over; i++) {
    if (!isnan(r->loss[which[i]]))
      continue;
    decisions[n] = arena_alloc(own, (size_t)r->p->units);
    decide(r, which[i], decisions[n]);
    asked[n++] = which[i];
  }
  r->over = r->over || (n && !budget_judge(r->budget, (const uint8_t *const *)decisions, n, loss));
  for (int i = 0; i < n; i++)
    r->loss[asked[i]] = r->over ? r->loss[asked[i]] : loss[i];
  r->over = r->over || budget_over(r->budget);
  arena_free(own);
}

// From where a difference can be seen, in equal ratios of harm.
static void look(rungs *r, double enough) {
  int first = 0;
  while (first + 1 < r->count && r->at[first + 1] <= steps_of(UNSEEN))
    first++;
  double from = fmax(r->at[first], 1), to = fmax(r->at[r->count - 1], 1);
  for (int i = 0, rung = first - 1; i < LOOKS && !r->over; i++) {
    int next = rung + 1;
    while (next + 1 < r->count && r->at[next + 1] <= from * pow(to / from, i / (LOOKS - 1.0)))
      next++;
    if (next >= r->count || (i && r->at[next] > from * pow(to / from, (i + 1) / (LOOKS - 1.0))))
      continue;
    rung = next;
    judge_rungs(r, &rung, 1);
    if (r->loss[rung] > enough)
      break;
  }
}

// The judged rungs whose losses enclose `loss`; false: none do.
static bool enclosing(const rungs *r, double loss, int *lo, int *hi) {
  *lo = *hi = -1;
  for (int i = 0; i < r->count && *hi < 0; i++) {
    if (isnan(r->loss[i]))
      continue;
    if (r->loss[i] <= loss)
      *lo = i;
    else
      *hi = i;
  }
  return *lo >= 0 && *hi >= 0;
}

static void refine(rungs *r, double loss) {
  int lo, hi, which[REFINED], between = enclosing(r, loss, &lo, &hi) ? hi - lo - 1 : 0;
  int take = between < REFINED ? between : REFINED;
  for (int i = 0; i < take; i++)
    which[i] = lo + 1 + (2 * i + 1) * between / (2 * take);
  judge_rungs(r, which, take);
}

// Halves the gap between judged neighbours that leaves most of the hypervolume open. False where there is none.
static bool halve(rungs *r, double enough) {
  const double *cost = r->cost + (size_t)r->p->units * (STEPS + 1);
  int best = -1, before = -1;
  double most = 0;
  for (int i = 0; i < r->count; i++) {
    if (isnan(r->loss[i]))
      continue;
    double lost = before >= 0 ? fmin(r->loss[i], enough) - fmin(r->loss[before], enough) : 0;
    double open = before >= 0 && i - before > 1 ? (cost[r->at[before]] - cost[r->at[i]]) * fmax(lost, 1e-4) : 0;
    if (open > most)
      most = open, best = (before + i) / 2;
    before = i;
  }
  if (best >= 0)
    judge_rungs(r, &best, 1);
  return best >= 0;
}

// Exact is known to lose nothing, where the first rung is that.
static void know_exact(rungs *r) {
  const double *cost = r->cost + (size_t)r->p->units * (STEPS + 1);
  if (isnan(r->loss[0]) && !r->at[0] && cost[0] >= 1 - 1e-9)
    r->loss[0] = 0;
}

// With few evaluations: from both ends on, always where most is open.
static void spread(rungs *r, double enough) {
  const int ends[] = {0, r->count - 1};
  know_exact(r);
  judge_rungs(r, ends, 1);
  judge_rungs(r, ends + 1, 1);
  while (!r->over && halve(r, enough))
    ;
}

// Those that were looked at one after the other; the first may lose much already.
static void look_and_refine(rungs *r, double enough) {
  const double targets[] = {r->p->max_loss, 0.6 * r->p->max_loss, 0.04, 0.01};
  look(r, enough);
  int first = 0;
  while (first < r->count && isnan(r->loss[first]))
    first++;
  if (first < r->count && r->loss[first] > fmin(r->p->max_loss, 0.01))
    know_exact(r);
  for (size_t i = 0; i < BASE_COUNT(targets) && !r->over; i++)
    refine(r, targets[i]);
}

// Where every sum of harms is beyond the steps: the least there is.
static void judge_least(const search_space *s, budget *b, arena *mem) {
  uint8_t *decisions = arena_alloc(mem, (size_t)s->p->units);
  double loss;
  space_decide_by_price(s, INFINITY, decisions);
  budget_judge(b, (const uint8_t *const *)&decisions, 1, &loss);
}

bool search_by_harm(const search_problem *p, const search_options *o, diag *d) {
  arena *mem = arena_new();
  search_space s;
  bool ok = space_begin(&s, mem, p, p->most_choices, d);
  if (ok) {
    rungs r = {.p = p, .budget = budget_new(mem, p, o->evaluations)};
    double enough = fmax(ENOUGH, ENOUGH_TIMES * p->max_loss);
    climb(&r, palette_for(&s, mem), mem);
    if (!r.count)
      judge_least(&s, r.budget, mem);
    else if (budget_left(r.budget) < FEW)
      spread(&r, enough);
    else
      look_and_refine(&r, enough);
    while (o->spend && !r.over && halve(&r, enough))
      ;
  }
  arena_free(mem);
  return ok;
}
