// SPDX-License-Identifier: Apache-2.0
//
// Inside the search: its islands and their checkpoint.
#ifndef AXGEN_GENLIB_EVOLVE_INTERNAL_H
#define AXGEN_GENLIB_EVOLVE_INTERNAL_H

#include "genlib/evolve/cgp.h"

typedef struct {
  cgp *c;
  rng r;
  uint64_t candidates, simulated, complete; // in rounds before this process
} evolve_island;

typedef struct {
  const cgp_problem *p;
  evolve_island *island;
  int islands;
  uint64_t round; // how many are done
  const char *id; // of the search: a hash of everything that decides its course
} evolve_state;

void evolve_save(const evolve_state *s, str *out);
// Fills the islands; they are not settled yet. Errors name the place.
bool evolve_restore(evolve_state *s, const char *path, const char *text, diag *d);

#endif
