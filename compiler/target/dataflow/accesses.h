// SPDX-License-Identifier: Apache-2.0
//
// accesses: how often an image reads and writes the memories of an accelerator.
#ifndef AXGEN_DATAFLOW_ACCESSES_H
#define AXGEN_DATAFLOW_ACCESSES_H

#include "compiler/target/common/cost.h"
#include "compiler/target/dataflow/plan.h"

// Sets `counted`, `reads` and `writes` of the design's memories.
void accesses_count(const dataflow_design *design, graph *g);
// The same, by the shapes of the memories that the synthesis finds.
void accesses_of(arena *mem, const dataflow_design *design, const graph *g, memories_accesses *out);
// Those memories.
void accesses_memories(arena *mem, const dataflow_design *design, const graph *g, cost_counts *out);

#endif
