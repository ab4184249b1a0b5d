// SPDX-License-Identifier: Apache-2.0
//
// The energy of a dataflow accelerator's multipliers.
#ifndef AXGEN_DATAFLOW_ENERGY_H
#define AXGEN_DATAFLOW_ENERGY_H

#include "compiler/target/dataflow/plan.h"
#include "compiler/target/common/energy.h"
#include "compiler/target/common/operands.h"

// For images [first, first + count): what every (PE, lane) multiplier of every layer sees, in the order of the
// folding's schedule, through its mapped netlist. muls: from synth_multipliers_used. Zero delay: no glitches.
// Deterministic. Returns false when interrupted.
bool dataflow_proxy_energy(arena *mem, const dataflow_design *design, const synth_mul *muls, const dataset *data,
                           size_t first, size_t count, proxy_result *out);

// One layer of the energy proxy.
typedef struct {
  const dataflow_design *design;
  const dataflow_stage *s;
  const net_node *node;
  const synth_mul *muls;
  size_t images;
  const int32_t *const *inputs; // by image: codes of the layer's input, [C][H][W]
  const int32_t *offset; // [group][sf][lane]: of the tap in the input relative to the window's corner ...
  const int16_t *ky, *kx; // ... and [sf][lane] where in the window it is
} dataflow_proxy_job;
void dataflow_proxy_taps(arena *mem, dataflow_proxy_job *j); // fills in offset, ky, kx
// The codes of a_bits and b_bits that multiplier (pe, lane) sees for one image, in order: s->cycles pairs.
size_t dataflow_proxy_sequence(const dataflow_proxy_job *j, const int32_t *image, int pe, int lane, int a_bits,
                               int b_bits, uint16_t *a, uint16_t *b);

// Every layer that multiplies, with stretches of what its multipliers see for images [first, first + count): in the
// folding's order and in that of hold 1. Deterministic. Returns false when interrupted.
bool dataflow_operands(arena *mem, const dataflow_design *design, const dataset *data, size_t first, size_t count,
                       operands_layer **out, size_t *layers);

#endif
