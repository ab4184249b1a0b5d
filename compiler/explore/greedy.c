// SPDX-License-Identifier: Apache-2.0
//
// Greedy descent from what harms least: of the changes that save something, the few that promise most are judged, and
// that which saves most for what it loses is made. What was measured corrects what is expected of later ones.
#include "compiler/explore/method_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_JUDGED = 16 /* before a change */, MOST_GROUPS = 4096, TIMES = 2 /* that a group is expected to change */ };
static const double LITTLE = 1e-6; // loss: what loses less counts as that

// Where there are more units than evaluations, neighbouring ones change together.
typedef struct {
  int64_t from, to; // of units
  int now; // the choice last made; -1: none yet
  int before; // the same before the last leap
  int64_t leap; // the last that it was part of
} group;

typedef struct {
  double saving, harm; // of this choice against what the group has; where nobody knows harm it is the saving
  double loss; // if measured: against the start
  bool measured, dropped; // beyond the bound
} option;

typedef struct {
  int group, choice;
  double saving, promise; // savings per loss
} change;

typedef struct {
  search_space s;
  budget *b;
  rng r;
  uint8_t *at; // where the descent is
  double loss; // there
  group *group;
  int groups;
  option *option; // [groups][choices]
  change *change;
  uint8_t **set; // [MOST_JUDGED]
  double harm_measured, loss_measured; // sums, of the same changes: from harm to loss
  double saved, steps; // so far; steps: single changes
  int64_t leaps;
  double stride; // of leaps, as a share: halved by each that went beyond the bound
} descent;

static option *option_of(const descent *g, int group, int choice) {
  return &g->option[(size_t)group * (size_t)g->s.p->choices + (size_t)choice];
}

// ---- what changes do ----

static bool takes(const descent *g, int64_t u, int choice) {
  return (g->s.allowed[u] >> choice & 1) && space_cost(&g->s, u, choice) < space_cost(&g->s, u, g->at[u]);
}

static void apply(const descent *g, const change *c, uint8_t *decisions) {
  for (int64_t u = g->group[c->group].from; u < g->group[c->group].to; u++)
    if (takes(g, u, c->choice))
      decisions[u] = (uint8_t)c->choice;
}

// What each choice would save and harm in a group.
static void weigh(const descent *g, int group) {
  for (int c = 0; c < g->s.p->choices; c++) {
    option *o = option_of(g, group, c);
    o->saving = o->harm = 0;
    for (int64_t u = g->group[group].from; u < g->group[group].to; u++)
      if (takes(g, u, c)) {
        o->saving += space_cost(&g->s, u, g->at[u]) - space_cost(&g->s, u, c);
        o->harm += space_harm(&g->s, u, c) - space_harm(&g->s, u, g->at[u]);
      }
    o->harm = g->s.p->harm ? o->harm : o->saving;
  }
}

// The loss that a change adds, as far as is known.
static double expected(const descent *g, int group, const option *to) {
  const option *now = g->group[group].now < 0 ? NULL : option_of(g, group, g->group[group].now);
  if (to->measured && (!now || now->measured))
    return to->loss - (now ? now->loss : 0);
  return g->loss_measured > 0 && g->harm_measured > 0 ? to->harm * g->loss_measured / g->harm_measured : to->harm;
}

static int by_promise(const void *a, const void *b) {
  const change *x = a, *y = b;
  if (x->promise != y->promise)
    return x->promise < y->promise ? 1 : -1;
  if (x->saving != y->saving)
    return x->saving < y->saving ? 1 : -1;
  return x->group != y->group ? (x->group > y->group) - (x->group < y->group) : x->choice - y->choice;
}

static double promise_of(double saving, double loss) { return saving / fmax(loss, LITTLE); }

// All changes that save something, the most promising first.
static int changes(const descent *g) {
  int count = 0;
  uint64_t used = space_used(&g->s, g->at);
  bool full = __builtin_popcountll(used) >= g->s.most;
  for (int i = 0; i < g->groups; i++)
    for (int c = 0; c < g->s.p->choices; c++) {
      const option *o = option_of(g, i, c);
      if (o->saving > 0 && !o->dropped && (!full || (used >> c & 1)))
        g->change[count++] = (change){i, c, o->saving, promise_of(o->saving, expected(g, i, o))};
    }
  if (count)
    qsort(g->change, (size_t)count, sizeof *g->change, by_promise);
  return count;
}

// ---- judging them ----

// What of harm was measured to lose how much.
static void learn_scale(descent *g, double harm, double loss) {
  if (harm > 0 && loss > g->loss) {
    g->harm_measured += harm;
    g->loss_measured += loss - g->loss;
  }
}

static void learn(descent *g, const change *c, double loss) {
  option *to = option_of(g, c->group, c->choice);
  const option *now = g->group[c->group].now < 0 ? NULL : option_of(g, c->group, g->group[c->group].now);
  learn_scale(g, to->harm, loss);
  to->dropped = loss > g->s.p->max_loss;
  to->measured = !now || now->measured;
  to->loss = loss - g->loss + (now ? now->loss : 0);
}

// Judges some changes, at most MOST_JUDGED. False: the search ends.
static bool judge(descent *g, const change *c, int count, double *loss) {
  for (int i = 0; i < count; i++) {
    memcpy(g->set[i], g->at, (size_t)g->s.p->units);
    apply(g, &c[i], g->set[i]);
  }
  if (!budget_judge(g->b, (const uint8_t *const *)g->set, count, loss))
    return false;
  for (int i = 0; i < count; i++)
    learn(g, &c[i], loss[i]);
  return true;
}

// Where nobody knows harm, half of the budget goes to changes of the start, each alone.
static bool survey(descent *g) {
  double loss[MOST_JUDGED];
  int count = changes(g);
  for (int i = count - 1; i > 0; i--) {
    int j = (int)rng_below(&g->r, (uint32_t)i + 1);
    change swapped = g->change[i];
    g->change[i] = g->change[j];
    g->change[j] = swapped;
  }
  count = (int)clamp64(budget_left(g->b) / 2, 0, count);
  bool more = true;
  for (int i = 0; i < count && more; i += MOST_JUDGED)
    more = judge(g, g->change + i, count - i < MOST_JUDGED ? count - i : MOST_JUDGED, loss);
  return more;
}

static void make(descent *g, const change *c) {
  apply(g, c, g->at);
  g->group[c->group].now = c->choice;
  g->saved += c->saving;
  weigh(g, c->group);
}

// Judges the first changes, and makes the best that is within the bound, if any. False: the search ends.
static bool step(descent *g, int count) {
  double loss[MOST_JUDGED], most = 0;
  if (!judge(g, g->change, count, loss))
    return false;
  int best = -1;
  for (int i = 0; i < count; i++) {
    double promise = promise_of(g->change[i].saving, loss[i] - g->loss);
    if (loss[i] <= g->s.p->max_loss && (best < 0 || promise > most))
      best = i, most = promise;
  }
  if (best < 0)
    return true; // they were dropped
  make(g, &g->change[best]);
  g->loss = loss[best];
  g->steps++;
  return true;
}

static void go_back(descent *g, const uint8_t *to, double saved) {
  memcpy(g->at, to, (size_t)g->s.p->units);
  for (int i = 0; i < g->groups; i++)
    if (g->group[i].leap == g->leaps) {
      g->group[i].now = g->group[i].before;
      weigh(g, i);
    }
  g->saved = saved;
  g->stride /= 2;
}

// Makes about `most` changes at once, the first, one a group; not if that is beyond the bound. False: the search ends.
static bool leap(descent *g, int count, double most) {
  memcpy(g->set[0], g->at, (size_t)g->s.p->units);
  double harm = 0, loss, saved = g->saved;
  uint64_t used = space_used(&g->s, g->at);
  int made = 0;
  g->leaps++;
  for (int i = 0; i < count && made < most; i++) {
    const change *c = &g->change[i];
    group *in = &g->group[c->group];
    uint64_t with = used | (uint64_t)1 << c->choice;
    if (in->leap == g->leaps || __builtin_popcountll(with) > g->s.most)
      continue;
    in->leap = g->leaps;
    in->before = in->now;
    harm += option_of(g, c->group, c->choice)->harm;
    make(g, c);
    used = with;
    made++;
  }
  if (!budget_judge(g->b, (const uint8_t *const[]){g->at}, 1, &loss))
    return false;
  learn_scale(g, harm, loss);
  if (loss > g->s.p->max_loss) {
    go_back(g, g->set[0], saved);
    return true;
  }
  g->loss = loss;
  g->steps += made;
  return true;
}

// How many changes are ahead until nothing more can be saved, by the average of those made, or at first a guess.
static double changes_ahead(const descent *g) {
  double ahead = 0;
  for (int i = 0; i < g->groups; i++) {
    double most = 0;
    for (int c = 0; c < g->s.p->choices; c++)
      most = option_of(g, i, c)->dropped ? most : fmax(most, option_of(g, i, c)->saving);
    ahead += most;
  }
  double guess = (double)TIMES * g->groups * ahead / (ahead + g->saved);
  return g->steps < 4 ? guess : ahead / g->saved * g->steps;
}

// The budget is to last to the end: with plenty several changes are tried for one made, with little many made at once.
static void descend(descent *g) {
  for (int count; !budget_over(g->b) && (count = changes(g)) > 0;) {
    double each = g->stride * changes_ahead(g) / (double)budget_left(g->b); // evaluation
    int tried = (int)clamp64((int64_t)fmin(1 / each, MOST_JUDGED), 1, budget_left(g->b));
    if (!(each > 1 ? leap(g, count, ceil(each)) : step(g, tried < count ? tried : count)))
      return;
  }
}

static void begin(descent *g, arena *mem, const search_problem *p, const search_options *o) {
  g->b = budget_new(mem, p, o->evaluations);
  g->r = rng_seed(o->seed);
  g->stride = 1;
  int64_t most = p->harm ? MOST_GROUPS : clamp64(budget_left(g->b) / 4, 8, MOST_GROUPS); // each is to be tried
  size_t groups = (size_t)(p->units < most ? p->units : most), choices = (size_t)p->choices;
  g->groups = (int)groups;
  g->group = arena_new_array(mem, group, groups);
  for (size_t i = 0; i < groups; i++) {
    double each = (double)p->units / (double)groups;
    g->group[i] =
        (group){(int64_t)(each * (double)i), i + 1 == groups ? p->units : (int64_t)(each * (double)(i + 1)), -1, -1, 0};
  }
  g->option = arena_new_array(mem, option, groups * choices);
  g->change = arena_new_array(mem, change, groups * choices);
  g->set = arena_new_array(mem, uint8_t *, MOST_JUDGED);
  for (int i = 0; i < MOST_JUDGED; i++)
    g->set[i] = arena_alloc(mem, (size_t)p->units);
  g->at = arena_alloc(mem, (size_t)p->units);
  space_decide_by_price(&g->s, INFINITY, g->at);
  for (int i = 0; i < g->groups; i++)
    weigh(g, i);
}

bool search_greedy(const search_problem *p, const search_options *o, diag *d) {
  arena *mem = arena_new();
  descent g = {0};
  bool ok = space_begin(&g.s, mem, p, p->most_choices, d);
  if (ok) {
    begin(&g, mem, p, o);
    const uint8_t *start = g.at;
    if (budget_judge(g.b, &start, 1, &g.loss) && (p->harm || survey(&g)))
      descend(&g);
  }
  arena_free(mem);
  return ok;
}
