// SPDX-License-Identifier: Apache-2.0
//
// draw: random assignments, more or less daring, for trying out what predicts a loss. Nothing that predicts has a say
// in them: multipliers are ordered by what they cost.
#ifndef AXGEN_DRAW_H
#define AXGEN_DRAW_H

#include "compiler/explore/pricing.h"

typedef struct {
  const network *net;
  const pricing_layer *layers; // [nodes] which weights have one multiplier together
  int mul_count;
  const double *cost; // [nodes][mul_count] INFINITY: not allowed; at least one is where a node multiplies
} draw_space;

// Each layer draws how many of its multipliers are in play, the dearest first: on average the part `daring`, 0 to 1,
// of them. Each of its units has one of those, all alike. [nodes], in `mem`. With the same random numbers more daring
// never gives a unit a dearer multiplier.
assignment *draw_assignment(const draw_space *s, double daring, rng *r, arena *mem);

#endif
