// SPDX-License-Identifier: Apache-2.0
//
// ladder: where harms of units add up, the least cost for every sum of harms, found by going through the units
// (dynamic programming), on the convex hull of cost and harm or not.
#ifndef AXGEN_LADDER_H
#define AXGEN_LADDER_H

#include "compiler/base/base.h"

enum { LADDER_STEPS = 4000 };
typedef struct {
  int64_t units;
  int choices; // of each unit, at most 64
  const double *cost, *harm; // [units][choices]; INFINITY: not allowed
  double most; // the harm of all steps
} ladder;

// The steps that a harm takes, rounded up; LADDER_STEPS + 1: too many.
int ladder_steps(const ladder *l, double harm);
// cost[LADDER_STEPS + 1]: the least with so many steps, all choices being from one of the palettes (sets of choices, a
// bit each); INFINITY: there are none. palette[LADDER_STEPS + 1]: which that is. False when interrupted.
bool ladder_climb(const ladder *l, const uint64_t *palettes, size_t count, double *cost, uint64_t *palette);
// The choices behind a cost that is finite: choice[units].
void ladder_take(const ladder *l, uint64_t palette, int steps, uint8_t *choice);

#endif
