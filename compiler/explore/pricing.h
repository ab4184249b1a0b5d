// SPDX-License-Identifier: Apache-2.0
//
// pricing: which multiplier each part of a layer should have, for every price that may be put on error. The errors of
// all multipliers are looked up at sampled output pixels, and each filter's parts are chosen together, so that their
// errors cancel where they can.
#ifndef AXGEN_PRICING_H
#define AXGEN_PRICING_H

#include "compiler/explore/matching.h"

// The parts of a layer that have one multiplier each: weight i of a filter belongs to part[filter][i], and filters of
// one team (in order: team t has filters [team[t], team[t + 1]) of `filter`) share the choice of their parts.
typedef struct {
  int node;
  int parts; // of each team
  int teams;
  const int32_t *part; // [reduction] which part of its filter a weight belongs to
  const int32_t *filter; // [F] team by team
  const int32_t *team; // [teams + 1]
  bool open; // filters may be exchanged between teams, channels with all of their weights' parts: hardware orders them
} pricing_layer;
// Of one level: one part a team. layer: one team of all filters.
pricing_layer pricing_by_level(arena *mem, const network *net, int node, assignment_level level);

// What is minimised at each price:
//   sum over parts of cost(multiplier) + price * sum over filters of weight[f] * var(error of f's sum)
// where what matching takes back does not count: the mean, and what goes with the sum itself.
typedef struct {
  const mul *const *muls;
  int mul_count;
  const double *cost; // [muls] of all of the layer's products, were they all that multiplier's; INFINITY: not allowed
  const double *weight; // [F]
  const double *price; // [prices] descending
  int prices;
  matching_kind matched;
  uint64_t seed; // of the output pixels that are sampled
} pricing_task;

typedef struct {
  uint8_t **choice; // [prices][teams * parts] multipliers
  double *harm; // [prices] sum over filters of weight * variance
  double *cost; // [prices]
} pricing_result;

// In `mem`. At least one multiplier must be allowed. False when interrupted. Deterministic, whatever the number of
// threads and the instruction set.
bool pricing_solve(const matching *m, const network *net, const pricing_layer *l, const pricing_task *task, arena *mem,
                   pricing_result *out, diag *d);

// The harm of each part's choice by itself, the others exact: [teams * parts][muls]; INFINITY where it is not allowed.
// The prices of the task are not looked at.
bool pricing_harms(const matching *m, const network *net, const pricing_layer *l, const pricing_task *task,
                   double *harm, diag *d);

// The errors of one layer's filters under assignments of any level, at the same sampled output pixels.
typedef struct pricing_errors pricing_errors;
// Of the task: the multipliers (cost: which are allowed), what is matched, the seed. All that is named must outlive it.
// NULL with a message.
pricing_errors *pricing_errors_new(const matching *m, const network *net, int node, const pricing_task *task, diag *d);
void pricing_errors_free(pricing_errors *e); // NULL is fine
// The variance of each filter's error, [F], less what matching takes back, in squares of the sums' unit. Kept for
// filters of one multiplier. All multipliers of the assignment must be allowed.
void pricing_errors_of(pricing_errors *e, const assignment *a, double *variance);

#endif
