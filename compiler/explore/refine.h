// SPDX-License-Identifier: Apache-2.0
//
// refine: what is left of the evaluations is spent around the front that the model found. Layers' choices come from a
// pool of those that the model solved; a neighbour of a judged point takes one or two layers' choices from it, and is
// judged where it promises most.
#ifndef AXGEN_REFINE_H
#define AXGEN_REFINE_H

#include "compiler/explore/judge.h"

enum { POOL_ROOM = 256 }; // choices of a layer, at most; later ones are not taken

// What a layer may have: what it costs and what it is predicted to lose (harms of layers add up).
typedef struct {
  assignment assign;
  double cost, harm;
  double other; // the second figure where there are two, else 0
  uint64_t muls; // which occur, a bit each
} pool_choice;
typedef struct {
  pool_choice *choice; // [count], each only once
  int count; // 0: the node does not multiply
} pool_layer;
typedef struct {
  arena *mem;
  const network *net;
  double scale; // of costs: below a thousandth of it they are alike
  int most; // different multipliers in one design; 0: any number
  pool_layer *layer; // [nodes]
  // Where two figures count, those of each layer and multiplier, [nodes][mul_count], from which choices' costs are
  // then summed. NULL: they cost what is said.
  const double *figure[2];
  int mul_count;
} pool;

// Empty, in `mem`.
pool pool_new(arena *mem, const network *net, double scale);
// Assignments are copied; one that is there already, or beyond POOL_ROOM, is left out.
void pool_add(pool *p, int node, const assignment *a, double cost, double harm);
// Each multiplier in all of the node, but those of cost INFINITY; cost[muls], harm[muls].
void pool_add_whole(pool *p, int node, int muls, const double *cost, const double *harm);

// Asks the judge until it gives no more evaluations, or no neighbour promises anything. By turns for the hypervolume up
// to a drop of `corner` and for the cheapest that loses at most max_loss, and where two figures count for each weight
// (figures.h). Deterministic. False only after an error.
bool refine_search(const pool *p, judge *j, double max_loss, double corner, diag *d);

#endif
