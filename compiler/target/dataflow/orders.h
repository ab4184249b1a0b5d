// SPDX-License-Identifier: Apache-2.0
//
// orders: in which order the channels of every tensor pass, so that filters that share a PE and channels that share a
// lane want the same multipliers, or as the configuration gives it (config_order). A layer's filters may stand in any
// order, and what follows keeps it: poolings,
// additions of two streams in the same order, concatenations. Where two demands cannot both be met a receiver takes the
// channels in an order of its own, and they are permuted on the way to it.
#ifndef AXGEN_DATAFLOW_ORDERS_H
#define AXGEN_DATAFLOW_ORDERS_H

#include "compiler/target/dataflow/classes.h"

// Slot i is channel order[i] of the network's tensor; NULL: i.
typedef struct {
  const int *out;
  const int **in; // [inputs] in which the node takes them
} orders_node;

// [nodes], in `mem`. False, after a message for each layer, where an assignment fits its folding in no order.
bool orders_plan(arena *mem, const config *cfg, orders_node **out, diag *d);

#endif
