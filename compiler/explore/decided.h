// SPDX-License-Identifier: Apache-2.0
//
// decided: a network's layers as units that methods of search (method.h) decide, whatever figures count.
#ifndef AXGEN_DECIDED_H
#define AXGEN_DECIDED_H

#include "compiler/explore/explore.h"
#include "compiler/explore/model.h"

// One exploration's search.
typedef struct {
  const explore_options *o;
  judge *j;
  double corner; // the drop up to which hypervolume counts
  model_task t; // its cost: the weighted sum
  double *cost, *figure[JUDGE_FIGURES]; // [nodes][mul_count]
  double **weight; // of harms: [nodes][F]
} quest;

// By the options' method; `model`: where places are shared (search_by_harm). to_boundary: evaluations that it took to
// find a boundary, where the method does. False with a message.
bool decided_search(quest *q, int64_t *to_boundary, diag *d);

#endif
