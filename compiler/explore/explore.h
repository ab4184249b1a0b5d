// SPDX-License-Identifier: Apache-2.0
//
// explore: which multiplier goes where. Runs a method of search on a network, takes the front of what it judged, and
// measures that front on images that no search has seen.
#ifndef AXGEN_EXPLORE_H
#define AXGEN_EXPLORE_H

#include "compiler/explore/judge.h"
#include "compiler/explore/pricing.h"
#include "compiler/explore/tune.h"

typedef struct {
  // [nodes][mul_count] what a layer costs, were all of it that multiplier's; with exact ones, all add up to 1.
  const double *cost;
  double scale; // what depends on multipliers of the exact ones' cost of 1: all of it, 1, where they alone are priced
  bool even; // each unit of a layer costs the same
} explore_figure;

typedef struct {
  judge_options judge; // test NULL: the front is not measured
  const pricing_layer *layers; // [nodes] which weights have one multiplier together
  bool shared; // team i of all layers is one unit (parts: 1), but in frozen ones; their costs add up
  uint64_t allowed, named; // bit k: multiplier k may occur; is named by a point's config, whether it does or not
  // The nearest assignment of a node that the hardware holds (target.h); NULL: it holds any, or there is none.
  void (*nearest)(const void *hardware, arena *mem, int node, const assignment *a, assignment *out);
  const void *hardware;
  int figures; // that are searched for beside accuracy: 1 or 2
  explore_figure figure[JUDGE_FIGURES];
  // What the search's costs are an estimate of: what the hardware costs with an assignment that it holds, exact ones
  // being 1, in each figure; INFINITY: it cannot be built. NULL: the sum of the layers' costs.
  void (*cost_of)(const void *hardware, const assignment *assign, double cost[JUDGE_FIGURES]);
  const int *frozen; // [nodes] the multiplier that a layer keeps; -1: free. NULL: all are
  const char *method; // one of explore_methods
  double max_loss; // drop in accuracy
  int most_multipliers; // different ones in one assignment; 0: all
  uint64_t seed;
  const tuned_mul *tuned; // [mul_count] what judge.muls were made from; NULL: nothing was tuned
  bool spend; // method model: all of judge.most evaluations, around the front that it finds (refine.h)
} explore_options;

// The sum of an assignment's costs: weights' multipliers by their shares, which in hardware that holds it are those of
// the positions too.
double explore_cost(const network *net, int mul_count, const double *cost, const assignment *assign);

typedef struct {
  const judged *found;
  judge_measurement test; // where there is a test set
  bool meets; // the drop is at most max_loss, on the test set where there is one
} explore_point;
typedef struct {
  // The front on the validation images, from exact to cheap (in the first figure), exact itself not among them.
  explore_point *points;
  size_t count;
  size_t evaluations, remembered; // on all validation images; those found in the database
  int64_t to_boundary; // of the evaluations, how many it took to find a boundary; 0: the method has none
  double hypervolume, seconds; // to cost 1 in each figure and a drop of EXPLORE_CORNER
  evaluation exact, exact_test;
  bool interrupted; // the front is that of what was judged until then
  judge *judge; // explore_free
} explore_result;
extern const double EXPLORE_CORNER;

// The judge of an exploration, for the processes that only answer (judge_serve). NULL with a message.
judge *explore_judge(const explore_options *o, diag *d);

// Fills in `out`; explore_free even after an error. Ctrl-C ends the search and leaves the front so far.
bool explore_run(const explore_options *o, arena *mem, explore_result *out, diag *d);
void explore_free(explore_result *r);

// `model`, then the names of SEARCH_METHODS; NULL at the end. In `mem`.
const char *const *explore_methods(arena *mem);

#endif
