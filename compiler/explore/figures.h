// SPDX-License-Identifier: Apache-2.0
//
// figures: what is searched for beside accuracy. Searches that see one cost are given weighted sums of two figures, one
// weight after the other; what was judged for one counts for all.
#ifndef AXGEN_FIGURES_H
#define AXGEN_FIGURES_H

#include "compiler/explore/judge.h"

// Weights of the first figure; those behind FIGURES_FIRST come where evaluations are left.
enum { FIGURES_FIRST = 3, FIGURES_WEIGHTS = 5 };
extern const double FIGURES_WEIGHT[FIGURES_WEIGHTS];

// Where only one figure counts its weight is 1.
static inline double figures_sum(double weight, double first, double second) {
  return weight >= 1 ? first : weight <= 0 ? second : weight * first + (1 - weight) * second;
}

// What a layer costs with an assignment: its multipliers' costs [mul_count] by their shares.
double figures_of_layer(const assignment *a, const double *cost);

// Weighted sums of `count` costs. figure[1] NULL: there is one, whose weight is 1. INFINITY (in both): stays.
void figures_weigh(double weight, double *const figure[JUDGE_FIGURES], size_t count, double *cost);

// Searches with the which-th weight and at most so many evaluations, which the judge gives. False only after an error.
typedef bool figures_search(void *context, int which, double weight, int64_t evaluations, diag *d);
// One weight: the search has all of `most`; more: equal shares of it, and what one leaves is for those behind it. The
// judge then gives the rest of `all`. both: two figures count.
typedef struct {
  bool both;
  int weights;
  int64_t most, all;
} figures_plan;
bool figures_run(judge *j, const figures_plan *plan, figures_search *search, void *context, diag *d);

#endif
