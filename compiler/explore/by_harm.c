// SPDX-License-Identifier: Apache-2.0
//
// Few decisions whose harms add up: going through the units, the least cost for every sum of harms (in steps) is known
// before anything is judged, on the convex hull or not. These designs, rungs, are judged: some from the least harm on
// until too much is lost, then those between them where the front matters.
#include "compiler/explore/ladder.h"
#include "compiler/explore/method_parts.h"

#include <math.h>

enum { LOOKS = 26, REFINED = 8, FEW = 26 /* evaluations */, PRICES = 13, ROW = LADDER_STEPS + 1 };
static const double MOST_HARM = 0.6; // nats
static const double UNSEEN = 0.002; // below it nobody can see a difference in accuracy
// Beyond this loss, or so many times the allowed one, the front is of no more interest.
static const double ENOUGH = 0.12, ENOUGH_TIMES = 1.2;
// The prices on harm that have a palette of their own, in equal ratios.
static const double FIRST_PRICE = 150, LAST_PRICE = 0.03;

typedef struct {
  const search_problem *p;
  double *harm; // [units][choices] as the problem has it; INFINITY: to blame for what was lost
  budget *budget;
  double *cost; // [ROW] the least with at most so much harm
  uint64_t *palette; // [ROW] of the choices that it has
  int *at; // [count] the step of each rung, where the cost falls
  double *loss; // [count] NAN: not judged
  int count;
  bool over;
} rungs;

static ladder ladder_of(const rungs *r) { return (ladder){r->p->units, r->p->choices, r->p->cost, r->harm, MOST_HARM}; }

// All palettes where there are not many, else those that do best at some price on harm.
static size_t choose_palettes(const search_space *s, uint64_t *palette) {
  palette[0] = UINT64_MAX;
  if (!space_limited(s))
    return 1;
  size_t count = palettes_all(s, PALETTES_ROOM, palette);
  for (int i = 0; i < PRICES && !count; i++)
    palette[i] = palette_by_price(s, FIRST_PRICE * pow(LAST_PRICE / FIRST_PRICE, i / (PRICES - 1.0)));
  return count ? count : PRICES;
}

static rungs rungs_new(arena *mem, const search_problem *p, int64_t evaluations) {
  size_t entries = (size_t)(p->units * p->choices);
  return (rungs){.p = p,
                 .harm = arena_memdup(mem, p->harm, entries * sizeof(double)),
                 .budget = budget_new(mem, p, evaluations),
                 .cost = arena_new_array(mem, double, ROW),
                 .palette = arena_new_array(mem, uint64_t, ROW),
                 .at = arena_new_array(mem, int, ROW),
                 .loss = arena_new_array(mem, double, ROW)};
}

static void climb(rungs *r, const search_space *s) {
  arena *own = arena_new();
  uint64_t *palettes = arena_new_array(own, uint64_t, PALETTES_ROOM);
  ladder l = ladder_of(r);
  r->count = 0;
  r->over = r->over || !ladder_climb(&l, palettes, choose_palettes(s, palettes), r->cost, r->palette);
  for (int b = 0; b < ROW; b++)
    if (isfinite(r->cost[b]) && (!b || r->cost[b] < r->cost[b - 1])) {
      r->loss[r->count] = NAN;
      r->at[r->count++] = b;
    }
  arena_free(own);
}

static void decide(const rungs *r, int rung, uint8_t *decisions) {
  ladder l = ladder_of(r);
  ladder_take(&l, r->palette[r->at[rung]], r->at[rung], decisions);
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

// ---- what is to blame ----
// Now and then a multiplier does to a unit what no variance tells, and all rungs from some harm on have it. A rung that
// loses all, where the one before lost little, has it for the first time: of the choices that no good rung has the
// multiplier of most harm. Without it there is another ladder, whose rungs were judged in part.

static const double RUINED = 3; // times as much as harms mean
static const double LITTLE = 0.02; // a loss

// Where the rung loses far more than its harm means by the last judged rung before it of little loss, or by exact, the
// steps of that; else -1.
static int ruined_after(const rungs *r, int rung, double enough) {
  ladder l = ladder_of(r);
  int before = rung - 1, unseen = ladder_steps(&l, UNSEEN);
  while (before >= 0 && !(r->loss[before] <= LITTLE))
    before--;
  int steps = before < 0 ? 0 : r->at[before];
  double loss = before < 0 ? 0 : fmax(r->loss[before], 0), means = loss + LITTLE / 2;
  means *= (double)r->at[rung] / (steps > unseen ? steps : unseen);
  return r->loss[rung] > enough && r->loss[rung] > RUINED * means ? steps : -1;
}

// Takes the choice of most harm among those of the rung that no rung of little loss has, wherever none has it. False:
// there is none.
static bool blame(rungs *r, int rung) {
  size_t units = (size_t)r->p->units, choices = (size_t)r->p->choices;
  arena *own = arena_new();
  bool *good = arena_new_array(own, bool, units *choices);
  uint8_t *decisions = arena_alloc(own, units);
  for (int i = 0; i < r->count; i++) {
    if (!(r->loss[i] <= LITTLE))
      continue;
    decide(r, i, decisions);
    for (size_t u = 0; u < units; u++)
      good[u * choices + decisions[u]] = true;
  }
  double *harm = arena_new_array(own, double, choices);
  decide(r, rung, decisions);
  for (size_t u = 0; u < units; u++)
    if (!good[u * choices + decisions[u]])
      harm[decisions[u]] += r->harm[u * choices + decisions[u]];
  size_t worst = 0;
  for (size_t k = 0; k < choices; k++)
    worst = harm[k] > harm[worst] ? k : worst;
  bool found = harm[worst] > 0;
  for (size_t u = 0; u < units && found; u++)
    if (!good[u * choices + worst])
      r->harm[u * choices + worst] = INFINITY;
  arena_free(own);
  return found;
}

// From where a difference can be seen, in equal ratios of harm, those of more than `known` steps. The last that was
// judged; -1: none was.
static int look(rungs *r, int known, double enough) {
  int first = 0;
  ladder l = ladder_of(r);
  while (first + 1 < r->count && r->at[first + 1] <= ladder_steps(&l, UNSEEN))
    first++;
  double from = fmax(r->at[first], 1), to = fmax(r->at[r->count - 1], 1);
  int rung = first - 1, last = -1;
  for (int i = 0; i < LOOKS && !r->over; i++) {
    int next = rung + 1;
    while (next + 1 < r->count && r->at[next + 1] <= from * pow(to / from, i / (LOOKS - 1.0)))
      next++;
    if (next >= r->count || (i && r->at[next] > from * pow(to / from, (i + 1) / (LOOKS - 1.0))))
      continue;
    rung = next;
    if (r->at[rung] <= known)
      continue;
    judge_rungs(r, &rung, 1);
    last = rung;
    if (r->loss[rung] > enough)
      break;
  }
  return last;
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
  const double *cost = r->cost;
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
  if (isnan(r->loss[0]) && !r->at[0] && r->cost[0] >= 1 - 1e-9)
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
static void look_and_refine(rungs *r, const search_space *s, double enough) {
  const double targets[] = {r->p->max_loss, 0.6 * r->p->max_loss, 0.04, 0.01};
  int last = look(r, 0, enough), known;
  while (!r->over && last >= 0 && (known = ruined_after(r, last, enough)) >= 0 && blame(r, last)) {
    climb(r, s);
    last = r->count ? look(r, known, enough) : -1;
  }
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
    rungs r = rungs_new(mem, p, o->evaluations);
    double enough = fmax(ENOUGH, ENOUGH_TIMES * p->max_loss);
    climb(&r, &s);
    if (!r.count)
      judge_least(&s, r.budget, mem);
    else if (budget_left(r.budget) < FEW)
      spread(&r, enough);
    else
      look_and_refine(&r, &s, enough);
    while (o->spend && !r.over && halve(&r, enough))
      ;
  }
  arena_free(mem);
  return ok;
}
