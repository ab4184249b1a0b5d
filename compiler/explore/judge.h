// SPDX-License-Identifier: Apache-2.0
//
// judge: what an assignment loses. It corrects the network for it (matching.h), runs it on the validation images, and
// remembers; every method of search asks it.
#ifndef AXGEN_JUDGE_H
#define AXGEN_JUDGE_H

#include "compiler/explore/database.h"
#include "compiler/explore/evaluator.h"
#include "compiler/explore/matching.h"
#include "compiler/ranks/crew.h"

enum { JUDGE_FIGURES = 2 }; // what an assignment costs, at most; where one figure is searched for, the other is 0

typedef struct {
  const network *net;
  const mul *const *muls;
  int mul_count;
  const dataset *validation; // with labels
  const dataset *calibration;
  size_t calibrate; // how many of the calibration images matching uses
  size_t probes; // how many behind them divergences are measured on, at most; 0: 500
  matching_kind match;
  int64_t most; // evaluations on the validation images
  bool whole; // every evaluation is run to its end
  double useless; // points that lose more are of no use; 0: all are
  database *db; // NULL: nothing is kept
  const dataset *test; // with labels: what judge_measure is about; NULL: nothing
  // What is judged in the place of an assignment on validation images, and what that costs: the nearest one that the
  // hardware holds. In `mem`. cost: [JUDGE_FIGURES] of the assignment as whoever asked said, replaced; NULL: it is not
  // asked for. NULL: each is judged itself.
  const assignment *(*held)(const void *hardware, arena *mem, const assignment *assign, double *cost);
  const void *hardware;
  crew *crew; // whose leader this is; NULL: alone
} judge_options;

// A point that was found.
typedef struct {
  const assignment *assign; // [nodes]
  double cost, other; // relative to exact, as whoever asked said; other: where two figures are searched for, else 0
  double drop; // in accuracy, against the exact network on the same images
  evaluation result;
  size_t worse, better; // images that only the exact network has right, and only this one
} judged;

typedef struct judge judge;
// Whether it was run on all validation images; else it was stopped as its cost and limit let it (judge_ask).
bool judge_complete(const judge *j, const judged *p);
// What the options name must outlive it. NULL with a message.
judge *judge_new(const judge_options *o, diag *d);
void judge_free(judge *j); // NULL is fine

// Of the assignments [nodes]; they are copied when they are new, and given back from memory when they are not. It stops
// early, at fixed numbers of images, once the drop on all of them is certain to be beyond what is of use, or beyond
// that of a complete point which was asked before and costs no more, in either figure. NULL: no more evaluations,
// interrupted, or an error (d->errors).
const judged *judge_ask(judge *j, const assignment *assign, double cost, diag *d);
const judged *judge_ask_both(judge *j, const assignment *assign, const double cost[JUDGE_FIGURES], diag *d);
// From now on so many evaluations in all: a part of the search has its share of them.
void judge_allow(judge *j, int64_t most);
bool judge_over(const judge *j); // nothing more will be answered that is not known
// All that was judged, in the order of the first asking.
const judged *const *judge_all(const judge *j, size_t *count);
// How many were run now, and how many were in the database.
size_t judge_evaluations(const judge *j), judge_remembered(const judge *j);
const evaluation *judge_exact(const judge *j);
matching *judge_matching(judge *j);

// The corrected network's integers, in `mem`; of a point that was asked, in the judge's own and once.
bool judge_correct(judge *j, const assignment *assign, arena *mem, correction *out, diag *d);

// Mean over the calibration images of the Kullback-Leibler divergence of the network's answer from the exact
// network's: how much an assignment changes, in little time and without counting as an evaluation. The
// database remembers it too.
bool judge_divergence(judge *j, const assignment *assign, double *out, diag *d);
const dataset *judge_probes(const judge *j); // those images

// On the test images: with a 95 % interval of the drop (paired; Agresti and Min's adjusted Wald interval).
typedef struct {
  evaluation result, exact;
  double drop, lo, hi;
} judge_measurement;
bool judge_measure(judge *j, const assignment *assign, judge_measurement *out, diag *d);
// That interval, from the images that only the exact network has right, and only the other one.
void judge_interval(size_t worse, size_t better, size_t images, double *lo, double *hi);

// ---- with others ----
// The processes of a crew may find answers before they are asked for. Which they find changes nothing but the time.

typedef enum { JUDGE_VALIDATION, JUDGE_TEST, JUDGE_DIVERGENCE, JUDGE_QUESTIONS } judge_question;
void judge_expect(judge *j, judge_question question, const assignment *assign);
size_t judge_ahead(const judge *j); // how many to announce at a time; 0: none, alone
// The rest will not be asked.
void judge_expect_no_more(judge *j);

// In the other processes of the crew, by a judge of the same options (crew and db NULL): answers the leader's.
_Noreturn void judge_serve(judge *j, crew *c);

#endif
