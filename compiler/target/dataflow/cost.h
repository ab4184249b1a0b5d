// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_DATAFLOW_COST_H
#define AXGEN_DATAFLOW_COST_H

#include "compiler/target/common/cost.h"
#include "compiler/target/dataflow/stage.h"

// Counts the blocks of a plan; the parts are the graph's.
void dataflow_cost(arena *mem, const dataflow_design *design, const graph *g, cost_counts *out);
// What its logic costs.
cost_row dataflow_cost_sum(arena *mem, const dataflow_design *design, const graph *g);

#endif
