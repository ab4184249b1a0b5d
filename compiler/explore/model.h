// SPDX-License-Identifier: Apache-2.0
//
// model: what errors in a layer do to the network's answer, without running it for every assignment. Of a filter whose
// sums are wrong by an error of variance v, once matching has taken back what it can, the loss grows by weight * v:
//
//   weight[f] = slope * mean of (d loss / d sum of f)^2
//
// the gradient by backpropagation over some images, the slope of each layer such that one-layer divergences that were
// measured come out (least squares). Errors of different filters and layers add up. docs/explore.md has how well.
#ifndef AXGEN_MODEL_H
#define AXGEN_MODEL_H

#include "compiler/explore/judge.h"
#include "compiler/explore/pricing.h"
#include "compiler/explore/refine.h"

typedef struct {
  const network *net;
  const mul *const *muls;
  int mul_count;
  const dataset *calibration; // with labels, else each image's label is the exact network's answer
  matching_kind match;
  const pricing_layer *layers; // [nodes] which weights have one multiplier together
  const double *cost; // [nodes][mul_count] of a layer, were all of it that multiplier's; INFINITY: not allowed
  uint64_t seed;
  double scale; // what the exact multipliers are of a cost of 1: prices on loss are times it
  pool *pool; // NULL, or where the choices of layers that are solved are put
  struct palettes *few; // which multipliers may be together (palettes.h); NULL: all
} model_task;

// The Fisher weights alone: before anything was measured. As below.
void model_fisher(const model_task *t, arena *mem, double **weight);
// The weight of every filter: weight[node] is [F], NULL where a node does not multiply. In `mem`; a progress bar on a
// terminal. False with a message.
bool model_weights(const model_task *t, judge *j, arena *mem, double **weight, diag *d);

// pricing_harms of a layer, under the task's costs; weight[F].
bool model_harms(const model_task *t, judge *j, const pricing_layer *l, const double *weight, double *harm, diag *d);

// Assignments for `prices` prices on loss, and what they are predicted to lose (in nats of divergence) and cost.
typedef struct {
  assignment **assign; // [prices][nodes]
  double *harm, *cost; // [prices]
} model_front;
// The choices of a layer's teams and parts, [teams * parts], as an assignment.
assignment model_assignment(const network *net, const pricing_layer *l, const uint8_t *choice, arena *mem);

bool model_solve(const model_task *t, judge *j, double *const *weight, const double *price, int prices, arena *mem,
                 model_front *out, diag *d);

// The search: the model's front, judged from the exact end on until it loses too much, then prices between those where
// the front has gaps, first near max_loss. `most` is how many evaluations the judge gives: with few, max_loss is
// enclosed first. False only after an error.
bool model_search(const model_task *t, judge *j, double *const *weight, double max_loss, double corner, int64_t most,
                  diag *d);

#endif
