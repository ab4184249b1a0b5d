// SPDX-License-Identifier: Apache-2.0
//
// Random decisions: half of them uniform, half leaning to the cheap or the dear.
#include "compiler/explore/method_parts.h"

enum { AT_ONCE = 64, IN_VAIN = 10000 /* draws that bring nothing new, one after the other */ };

bool search_random(const search_problem *p, const search_options *o, diag *d) {
  arena *mem = arena_new();
  search_space s;
  bool ok = space_begin(&s, mem, p, p->most_choices, d);
  if (ok) {
    rng r = rng_seed(o->seed);
    batch b = batch_new(mem, budget_new(mem, p, o->evaluations), &s, AT_ONCE);
    int vain = 0, before = 0;
    for (bool more = true; more && vain < IN_VAIN; before = b.count) {
      space_random(&s, &r, rng_below(&r, 2) ? 1 : random_odds(&r), batch_next(&b));
      more = batch_keep(&b);
      vain = b.count == before ? vain + 1 : 0;
    }
    batch_flush(&b);
  }
  arena_free(mem);
  return ok;
}
