// SPDX-License-Identifier: Apache-2.0
//
// sensitivity: what a network loses when one layer has an approximate multiplier, or when all layers from one on have
// it (MAx-DNN, Fig. 3), as it is and with biases and gains matched.
#ifndef AXGEN_SENSITIVITY_H
#define AXGEN_SENSITIVITY_H

#include "compiler/explore/judge.h"

typedef enum { SENSITIVITY_LAYER, SENSITIVITY_ONWARD, SENSITIVITY_SCOPES } sensitivity_scope;
typedef enum { SENSITIVITY_AS_IS, SENSITIVITY_MATCHED, SENSITIVITY_WAYS } sensitivity_way;

typedef struct {
  judge_options judge; // `match` MATCH_NOTHING: only as it is; `most` and `whole` are set by sensitivity_run
  const int *frozen; // [nodes] the multiplier that a layer has in all that is measured; -1: none. NULL: none has
} sensitivity_options;

typedef struct {
  bool known; // no: no layer takes the multiplier, or its sums would be too wide
  size_t images, correct;
  double drop, lo, hi; // in accuracy, against the exact network; a 95 % interval (judge_interval)
  double loss; // mean cross-entropy; NAN where the network does not say its scale
} sensitivity_value;

typedef struct {
  int layers, muls;
  const int *node; // [layers] that multiply and are not frozen
  sensitivity_value *value[SENSITIVITY_SCOPES][SENSITIVITY_WAYS]; // [layers][muls]; NULL: not asked for
  evaluation exact;
  size_t evaluations, remembered; // run now; from the database
} sensitivity;

// All of it, in `mem`. A layer that does not take a multiplier stays exact among those from another one on. False with
// a message, or interrupted.
bool sensitivity_run(const sensitivity_options *o, arena *mem, sensitivity *out, diag *d);

static inline const sensitivity_value *sensitivity_at(const sensitivity *s, sensitivity_scope scope,
                                                      sensitivity_way way, int layer, int mul) {
  return &s->value[scope][way][layer * s->muls + mul];
}

#endif
