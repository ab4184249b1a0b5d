// SPDX-License-Identifier: Apache-2.0
//
// fold: how parallel each layer is: the numbers that a folding may have, what it costs, and the folding that a wish in
// the configuration asks for (a rate, or a budget). docs/dataflow.md, "Folding chosen".
#ifndef AXGEN_DATAFLOW_FOLD_H
#define AXGEN_DATAFLOW_FOLD_H

#include "compiler/target/dataflow/stage.h"

// ---- what a folding may be ------------------------------------------------------------------------------------------
typedef enum { FOLD_PE, FOLD_SIMD } fold_number;
// The values that a number of a layer that multiplies may have, ascending; how many.
size_t fold_values(arena *mem, const network *net, const net_node *n, fold_number which, int **out);

// ---- what it costs ----------------------------------------------------------------------------------------------
typedef enum { FOLD_MULTIPLIERS, FOLD_AREA, FOLD_LUTS, FOLD_COSTS } fold_measure;
typedef struct {
  double of[FOLD_COSTS]; // multipliers; um2 in axgen45, memories left out; LUTs of UltraScale+
} fold_cost;

// A layer that multiplies, as far as its costs depend on it.
typedef struct {
  int reduction;
  dataflow_stage stage; // what no folding changes; rounds: the groups
  cost_multiplier multiplier; // the mean over the layer's filters: area and LUTs
} fold_layer;
// One for each node of the network; those of nodes that do not multiply are zero. c->net and the multipliers: there.
// fold[node]: where words lie and how long they are held.
fold_layer *fold_layers(arena *mem, const config *c, const folding *fold);

int64_t fold_cycles(const fold_layer *l, int pe, int simd); // an image
// `cycles`: of the accelerator, by which the width of the layer's input words is chosen.
fold_cost fold_cost_of(const fold_layer *l, int pe, int simd, int64_t cycles);

// ---- choosing ---------------------------------------------------------------------------------------------------
typedef struct {
  double fps; // images a second; 0: not given
  double most[FOLD_COSTS]; // 0: not given
  src_pos fps_pos, most_pos[FOLD_COSTS];
} fold_wish;
extern const char *const fold_budget_key[FOLD_COSTS]; // max_multipliers ...

typedef struct {
  int64_t cycles; // an image, streams included
  fold_cost cost; // of all layers that multiply
} fold_choice;

// What DATAFLOW_READER makes of the keys of `target`.
typedef struct {
  folding *layers; // one for each node
  fold_wish wish;
  bool chosen; // by the wish
  fold_choice choice;
} dataflow_options;

// Fills in what fold[node] leaves open (0) of pe and simd: with `fps` the cheapest folding that is fast enough, without
// the fastest within the budget. Every stage takes the cheapest numbers with which it is as fast as the accelerator,
// so that none is faster than needed. A wish that nothing fulfils is an error that says what is the best possible.
bool fold_choose(const config *c, const fold_wish *wish, folding *fold, fold_choice *out, diag *d);

#endif
