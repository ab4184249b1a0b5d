// SPDX-License-Identifier: Apache-2.0
//
// predictor: what an assignment will lose, without running it.
//
// The model: an error of a layer arrives at the outputs as noise. How much one multiplier in one whole layer makes is
// measured, from the divergence that it causes on some hundred calibration images; of a layer with several multipliers
// each filter adds its part, by the Fisher weights and the variances of docs/explore.md. The noise of layers adds up,
// and what so much noise costs follows from the exact network's outputs (noise.h).
//
// Beside it what others go by: numbers that should grow with the loss.
#ifndef AXGEN_PREDICTOR_H
#define AXGEN_PREDICTOR_H

#include "compiler/explore/model.h"

typedef enum {
  PREDICT_MODEL, // variance of the outputs' noise
  PREDICT_HAWX, // score of the network (score.h)
  PREDICT_VARIANCE, // of all filters' sums, in real numbers, bias correction seen; no gradients, nothing measured
  PREDICT_MAE, // mean over the multiplications of the multipliers' mean absolute errors, operands uniform
  PREDICT_MRED, // the same of their mean relative errors
  PREDICTORS
} predictor_kind;
extern const char *const PREDICTOR_NAMES[PREDICTORS];

// [PREDICTORS]: 0 where all is exact, greater where more should be lost; NAN where there is none.
typedef struct {
  double value[PREDICTORS];
  double drop; // in accuracy, as the model says
} prediction;

typedef struct predictor predictor;
// The judge's measurements are in its database, if it has one, and asked for again cost nothing. level: the finest of
// the assignments that will come. validation: the images on which drops are predicted; only the exact network
// is run on them. What is named must outlive it. NULL with a message.
predictor *predictor_new(const model_task *t, judge *j, const dataset *validation, assignment_level level, diag *d);
void predictor_free(predictor *p); // NULL is fine
// How many times one multiplier was put into one layer and measured.
size_t predictor_probes(const predictor *p);
// Of assignments [nodes] whose multipliers are all allowed.
void predictor_ask(predictor *p, const assignment *assign, prediction *out);

#endif
