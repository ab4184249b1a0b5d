// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/figures.h"

#include <math.h>

const double FIGURES_WEIGHT[FIGURES_WEIGHTS] = {0.5, 1, 0, 0.75, 0.25};

double figures_of_layer(const assignment *a, const double *cost) {
  double sum = 0;
  for (int64_t k = 0; k < a->count; k++)
    sum += cost[a->mul[k]];
  return sum > 0 ? sum / (double)a->count : 0;
}

void figures_weigh(double weight, double *const figure[JUDGE_FIGURES], size_t count, double *cost) {
  for (size_t i = 0; i < count; i++)
    cost[i] = isfinite(figure[0][i]) ? figures_sum(weight, figure[0][i], figure[1] ? figure[1][i] : 0) : INFINITY;
}

bool figures_run(judge *j, const figures_plan *plan, figures_search *search, void *context, diag *d) {
  if (plan->weights == 1)
    return search(context, 0, plan->both ? FIGURES_WEIGHT[0] : 1, plan->most, d);
  bool ok = true;
  for (int i = 0; ok && i < plan->weights && !interrupted(); i++) {
    int64_t left = plan->most - (int64_t)(judge_evaluations(j) + judge_remembered(j));
    int sharing = i < FIGURES_FIRST ? FIGURES_FIRST - i : plan->weights - i;
    int64_t share = (left + sharing - 1) / sharing;
    if (left <= 0)
      break;
    judge_allow(j, plan->most - left + share);
    ok = search(context, i, FIGURES_WEIGHT[i], share, d);
  }
  judge_allow(j, plan->all);
  return ok;
}
