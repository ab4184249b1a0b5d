// SPDX-License-Identifier: Apache-2.0
//
// All decisions there are, in the order of an odometer whose last unit turns fastest.
#include "compiler/explore/method_parts.h"

#include <math.h>

enum { AT_ONCE = 64 };

// Without a limit on choices.
static double how_many(const search_space *s) {
  double count = 1;
  for (int64_t u = 0; u < s->p->units; u++)
    count *= __builtin_popcountll(s->allowed[u]);
  return count;
}

typedef struct {
  const search_space *s;
  uint8_t *at;
  uint64_t *used; // [units + 1] by the units before
  int64_t unit; // whose turn it is
} odometer;

static odometer odometer_new(arena *mem, const search_space *s) {
  odometer m = {.s = s};
  m.at = arena_alloc(mem, (size_t)s->p->units);
  m.used = arena_new_array(mem, uint64_t, (size_t)s->p->units + 1);
  return m;
}

// The next choice from `from` on in unit `u` that may stand there, given the units before. -1: none.
static int choice_from(const odometer *m, int64_t u, int from) {
  for (int c = from; c < m->s->p->choices; c++) {
    uint64_t with = m->used[u] | (uint64_t)1 << c;
    if ((m->s->allowed[u] >> c & 1) && (with == m->used[u] || palette_complete(m->s, with)))
      return c;
  }
  return -1;
}

// The first set, then from set to set. What stands before a unit always leaves it something. False: there are no more.
static bool turn(odometer *m, bool first) {
  int64_t units = m->s->p->units, u = first ? 0 : units - 1;
  int from = first ? 0 : m->at[u] + 1;
  while (u < units) {
    int c = choice_from(m, u, from);
    if (c < 0 && u == 0)
      return false;
    if (c < 0) {
      from = m->at[--u] + 1;
      continue;
    }
    m->at[u] = (uint8_t)c;
    m->used[u + 1] = m->used[u] | (uint64_t)1 << c;
    u++;
    from = 0;
  }
  return true;
}

static bool fits(const search_space *s, arena *mem, int64_t evaluations, diag *d) {
  double all = how_many(s);
  if (all <= (double)evaluations)
    return true;
  if (!space_limited(s))
    return all < 1e6 ? diag_error(d, "exhaustive: there are %.0f sets of decisions, and %lld evaluations", all,
                                  (long long)evaluations)
           : isfinite(all)
               ? diag_error(d, "exhaustive: there are %.1e sets of decisions, and %lld evaluations", all,
                            (long long)evaluations)
               : diag_error(d, "exhaustive: there are more than 1e308 sets of decisions, and %lld evaluations",
                            (long long)evaluations);
  odometer m = odometer_new(mem, s);
  int64_t count = 0;
  for (bool more = turn(&m, true); more; more = turn(&m, false))
    if (++count > evaluations)
      return diag_error(d,
                        "exhaustive: there are more sets of decisions than %lld evaluations, with %d multipliers each",
                        (long long)evaluations, s->most);
  return true;
}

bool search_exhaustive(const search_problem *p, const search_options *o, diag *d) {
  arena *mem = arena_new();
  search_space s;
  int64_t evaluations = o->evaluations > 0 ? o->evaluations : SEARCH_EVALUATIONS;
  bool ok = space_begin(&s, mem, p, p->most_choices, d) && fits(&s, mem, evaluations, d);
  if (ok) {
    odometer m = odometer_new(mem, &s);
    batch b = batch_new(mem, budget_new(mem, p, evaluations), &s, AT_ONCE);
    bool more = turn(&m, true);
    while (more) {
      for (int64_t u = 0; u < p->units; u++)
        batch_next(&b)[u] = m.at[u];
      more = batch_keep(&b) && turn(&m, false);
    }
    batch_flush(&b);
  }
  arena_free(mem);
  return ok;
}
