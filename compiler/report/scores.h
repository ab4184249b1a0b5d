// SPDX-License-Identifier: Apache-2.0
//
// What `axgen score` reports: HAWX's Table I as text and CSV, all of it as text and JSON.
#ifndef AXGEN_SCORES_H
#define AXGEN_SCORES_H

#include "compiler/explore/representatives.h"
#include "compiler/explore/score.h"

#include <cjson/cJSON.h>
#include <math.h>

typedef struct {
  const network *net;
  const char *const *keys; // [muls] of the config; names of the blocks
  const mul *const *muls;
  const scores *scores;
  const representatives *chosen;
  evaluation exact; // every product exact
  const evaluation *uniform; // [muls] one multiplier in every layer that takes it; elsewhere exact. images 0: not
                             // possible
  double assigned; // score of the config's own assignment; NAN: it has none
} score_report;

// Rank correlations of the blocks' scores with the accuracy that they lose: 1: the order is the same. NAN for fewer
// than two blocks, or where all lose alike.
typedef struct {
  double kendall, spearman;
  size_t blocks;
} score_ranks;
// Of the images, 0..1; NAN where there are none.
static inline double score_top1(const evaluation *e) {
  return e->images ? (double)e->correct / (double)e->images : NAN;
}
score_ranks report_scores_ranks(const score_report *r);

void report_scores_table1(const score_report *r, str *out); // as the paper prints it: some filters and layers
void report_scores_csv(const score_report *r, str *out); // every filter, layer and the network
void report_scores_text(const score_report *r, str *out); // Table I, all layers, accuracies
cJSON *report_scores_json(const score_report *r);

#endif
