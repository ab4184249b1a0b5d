// SPDX-License-Identifier: Apache-2.0
//
// predict: how well losses are predicted. Random assignments are predicted and then measured, and what was predicted is
// held against what came.
#ifndef AXGEN_PREDICT_H
#define AXGEN_PREDICT_H

#include "compiler/explore/draw.h"
#include "compiler/explore/predictor.h"

typedef struct {
  judge_options judge;
  draw_space space; // its costs those of layers, relative to exact
  assignment_level level; // of the draws
  size_t assignments;
  uint64_t seed;
} predict_options;

typedef struct {
  const judged *measured;
  double daring; // with which it was drawn
  prediction predicted;
  double calibrated[PREDICTORS]; // drop, by the map that the other half of the assignments gives
} predict_point;

// Over the assignments that lose PREDICT_LEAST to PREDICT_MOST.
extern const double PREDICT_LEAST, PREDICT_MOST;
typedef struct {
  double kendall, spearman; // of value and measured drop; NAN: undefined
  double kendall_all; // over all assignments
  double mean, greatest; // |calibrated - measured|, drops
} predict_score;

typedef struct {
  predict_point *points; // [count] in the order of the draws
  size_t count, in_range;
  predict_score score[PREDICTORS];
  // Kendall's tau that whoever knew the true losses would reach about, since drops are measured on so many images only:
  // over the pairs of assignments in range, how much more likely than not their measured order is the true one.
  double ceiling;
  size_t probes; // measurements of one layer, on the judge's calibration images
  double mean, greatest; // |drop as the model says it - measured|
  evaluation exact;
  size_t evaluations, remembered; // run now; found in the database
  double seconds;
  bool interrupted; // fewer points than asked for
  judge *judge; // predict_free
} predict_result;

// Half of the assignments (every second one) gives the map from a predictor's values to drops by which the other half
// is calibrated, and the other way round: the best one that never falls (isotonic.h). How daring draws are is found
// first by some that are measured and not counted: from a drop of PREDICT_LEAST to one of PREDICT_MOST. predict_free
// even after an error. Ctrl-C ends it with the points so far, if there are any.
bool predict_run(const predict_options *o, arena *mem, predict_result *out, diag *d);
void predict_free(predict_result *r);

// What a result's points are worth: fills in the scores from the points' measured drops and predictions.
void predict_compare(predict_result *r);

#endif
