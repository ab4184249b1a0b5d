// SPDX-License-Identifier: Apache-2.0
//
// method: ways to search. Each sees decisions, what they cost, and a judge that says what a set of decisions loses; not
// networks. compiler/explore/problem.c makes the problem of a network, tests make problems whose fronts are known.
#ifndef AXGEN_METHOD_H
#define AXGEN_METHOD_H

#include "compiler/base/base.h"

// A decision is one of `choices` (multipliers) for one unit (a layer, filter, kernel, weight, position).
typedef struct {
  int64_t units;
  int choices; // at most 64
  // What each choice of each unit adds to the cost, [units][choices]; INFINITY: not allowed there, at least one is. A
  // network that is exact costs 1.
  const double *cost;
  // Where two figures count: each choice's costs in either, [units][choices], of which `cost` is a weighted sum.
  // Methods that do not know them see `cost` alone. NULL: `cost` is all there is.
  const double *figure[2];
  // What each choice of each unit is expected to lose, [units][choices], in any unit that can be added up; NULL: nobody
  // knows. Methods use it to seed, or to order.
  const double *harm;
  int most_choices; // how many different choices may occur in one set of decisions; 0: all
  double max_loss; // beyond which points are of no use; for methods that look for a boundary
  // What decisions lose, in accuracy (0.01: one point); asking the same again costs nothing. Several at once may be
  // spread over machines: `count` sets, each [units], loss[count]. False: no more evaluations, or interrupted. The
  // search then ends with what it has.
  bool (*judge)(void *context, const uint8_t *const *decisions, int count, double *loss);
  void *context;
} search_problem;

// What a method may use beside the problem.
typedef struct {
  uint64_t seed;
  int64_t evaluations; // at most; fewer where nothing better is to be expected
  bool spend; // all evaluations, where a method would end before
  bool seeded; // nsga2: begin with what `harm` suggests
  int64_t *to_boundary; // methods with a boundary: how many evaluations it took to find it; NULL: nobody asks
} search_options;

typedef struct {
  const char *name, *summary;
  bool boundary; // looks for the cheapest set that loses at most max_loss; others for the front up to there
  bool both; // goes by both figures at once, or by none; others are run for several weighted sums of them
  // Calls judge as long as it pleases; what it judged is what the search found. False with a message where the problem
  // is not for it (exhaustive: too many sets of decisions).
  bool (*run)(const search_problem *p, const search_options *o, diag *d);
} search_method;
extern const search_method SEARCH_METHODS[];
extern const size_t SEARCH_METHOD_COUNT;
const search_method *search_method_named(const char *name, diag *d); // NULL with a message that lists them

// The cost of decisions, in the units' order; in either figure (where there is one, that and 0).
double search_cost(const search_problem *p, const uint8_t *decisions);
void search_costs(const search_problem *p, const uint8_t *decisions, double cost[2]);

// ---- fronts (front.c) ----

typedef struct {
  double cost, loss;
} front_point;
// Whether no other point is better in one and as good in the other; of equal points only the first is on the front.
void front_mark(const front_point *points, size_t count, bool *on_front);
// The part of the rectangle [0, cost] x [0, loss] (the corner) that the points dominate, as a share of it: points
// beyond the corner count nothing, losses below 0 as 0.
double front_hypervolume(const front_point *points, size_t count, front_point corner);

// The same of two costs and a loss (front_two.c), with a box in the place of the rectangle.
typedef struct {
  double cost[2], loss;
} front_point_two;
void front_mark_two(const front_point_two *points, size_t count, bool *on_front);
double front_hypervolume_two(const front_point_two *points, size_t count, front_point_two corner);

// A front of such points that grows.
typedef struct {
  front_point_two *point; // [count] what nothing beats, by loss
  size_t count;
  front_point_two corner;
  struct front_step *step; // for front_two_gain
} front_two;
front_two front_two_new(arena *mem, size_t room, front_point_two corner); // of at most `room` points
void front_two_add(front_two *f, front_point_two p);
double front_two_gain(const front_two *f, front_point_two p); // what a point would add to the hypervolume

#endif
