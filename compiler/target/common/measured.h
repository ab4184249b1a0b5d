// SPDX-License-Identifier: Apache-2.0
//
// measured: the energy of a whole design for an image, by layer and by kind, from its mapped netlist in operation
// (sim/gates/gates.h). docs/cost.md says what is in it and how it was found.
#ifndef AXGEN_TARGET_MEASURED_H
#define AXGEN_TARGET_MEASURED_H

#include "compiler/target/common/memories.h"
#include "sim/gates/gates.h"

// nJ an image.
typedef struct {
  const char *name; // of the part; NULL: what lies between the others
  double kinds[SYNTH_KIND_COUNT];
  double clock_tree, leakage;
  double total; // of these
  double memories, memory_leakage; // beside them; NAN: not known
} measured_row;

typedef struct {
  const synth_result *logic;
  const gates_energy *energy;
  const memories_cost *memories;
  double images; // in the cycles that were measured
  double ns; // an image
  measured_row *rows; // one a layer of the synthesis
  size_t count;
  measured_row total;
  double without_glitches; // of `total.total`: what toggles alone, without delays, say
  double ci; // half of the 95 % confidence interval of the total, from the sampled cycles
  double kind_ci[SYNTH_KIND_COUNT], glitch_factor[SYNTH_KIND_COUNT]; // glitch factor: toggles with delays over those
                                                                     // without; 0: none
} measured_energy;

// `accesses`: how often memories were read and written for an image in those cycles.
void measured_accesses(arena *mem, const synth_netlist *n, const gates_energy *e, double images,
                       memories_accesses *out);
void measured_sum(arena *mem, const synth_result *logic, const gates_energy *e, const memories_cost *memories,
                  double images, measured_energy *out);
cJSON *measured_json(const measured_energy *m);
void measured_text(const measured_energy *m, str *out);

#endif
