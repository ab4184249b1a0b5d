// SPDX-License-Identifier: Apache-2.0
//
// score: how much a multiplier's errors matter where it would be used. HAWX, equations 1, 2, 3 and 6.
//
// An operation is one multiplication. Its score with a multiplier f on an image is |dL/dproduct| * |f(a, w) - a * w|: a
// and the derivative are those of the network with exact products. The score of anything larger is the mean over its
// multiplications and the images: of a weight (over the places where it is used), a kernel, a filter, a layer, the
// whole network. The unit is that of the loss.
#ifndef AXGEN_SCORE_H
#define AXGEN_SCORE_H

#include "compiler/explore/gradient.h"

// Bins of the histograms of single weights' scores: decades from 10^SCORE_LEAST on, SCORE_BIN_DECADE bins each; beyond
// them the first and the last.
enum { SCORE_LEAST = -24, SCORE_DECADES = 32, SCORE_BIN_DECADE = 8, SCORE_BINS = SCORE_DECADES * SCORE_BIN_DECADE };

// One layer. A score is NAN where the multiplier does not take the layer's codes.
typedef struct {
  int node;
  uint64_t multiplications; // of an image
  int64_t units, each; // of the level asked for; weights that a unit has
  double *unit; // [units][muls]
  double *filter; // [F][muls]
  double *layer; // [muls]
} score_layer;

typedef struct {
  const network *net;
  int muls;
  size_t images; // that the scores are the means of
  assignment_level level;
  int layers;
  score_layer *layer; // [layers] those that multiply, in the network's order
  // [muls] with one multiplier everywhere, but where it does not fit, where products are exact. NAN: fits nowhere.
  double *model;
  uint64_t *histogram; // [muls][SCORE_BINS] multiplications by the score of their weight, where that is not 0
  uint64_t *zeros; // [muls] the other ones
  double loss; // mean of the images, exact
  double seconds_gradients, seconds_scores;
} scores;

// For the images numbered so in the data set (representatives); at least one, with labels that the network can give
// (infer_check_labels). level: the finest for which scores are kept: ASSIGN_FILTER, ASSIGN_KERNEL or ASSIGN_WEIGHT. All
// multipliers in one pass over the network. In `mem`. The result does not depend on the number of threads. False with a
// message when interrupted, where there is no gradient (gradient_new), or where the images would take more than
// SCORE_BYTES.
static const size_t SCORE_BYTES = (size_t)2 << 30;
bool score_run(arena *mem, const network *net, const mul *const *muls, int mul_count, const dataset *data,
               const size_t *images, size_t count, assignment_level level, scores *out, diag *d);

// The score of the network with assign[nodes]: the mean over all its multiplications; exact ones count 0. No assignment
// is finer than s->level. NAN where one has a multiplier that does not fit.
double score_assignment(const scores *s, const assignment *assign);

#endif
