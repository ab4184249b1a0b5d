// SPDX-License-Identifier: Apache-2.0
//
// operands: what multipliers take under the operands that an accelerator's schedule brings them, glitches included: by
// timed simulation of stretches of those operands. docs/dataflow.md says what is counted.
#ifndef AXGEN_OPERANDS_H
#define AXGEN_OPERANDS_H

#include "compiler/net/net.h"
#include "synth/synth.h"

// The same layer with a new weight in every cycle, and with weights that stay as the folding says.
typedef enum { OPERANDS_MOVING, OPERANDS_HELD, OPERANDS_SCHEDULES } operands_schedule;

// Stretches of what single multipliers of a layer see, drawn at random: multiplier, image, beginning.
enum { OPERANDS_STRETCHES = 256, OPERANDS_LENGTH = 128 };
typedef struct {
  int node;
  const char *name;
  int hold; // of OPERANDS_HELD; 1: there is no difference
  uint64_t multiplications; // per image
  size_t length; // pairs of a stretch; OPERANDS_LENGTH, or fewer where an image has fewer
  const uint16_t *a[OPERANDS_SCHEDULES], *b[OPERANDS_SCHEDULES]; // [OPERANDS_STRETCHES][length]: codes' low 16 bits
} operands_layer;

// Energy per multiplication, fJ. ci: half of the 95 % confidence interval, stretches taken as independent.
typedef struct {
  double fj, ci, glitches; // glitches: toggles over those of zero delay
} operands_mean;

// A multiplier in all layers, by one circuit for each schedule: of the recipes `area` and `energy` the one that takes
// less.
typedef struct {
  const mul *mul;
  const char *recipe[OPERANDS_SCHEDULES];
  double area[OPERANDS_SCHEDULES]; // um2
  double nj[OPERANDS_SCHEDULES], nj_ci[OPERANDS_SCHEDULES]; // per image, all layers
  const operands_mean *mean[OPERANDS_SCHEDULES]; // [layers]
} operands_result;

// Synthesises each of muls[0 .. count) and simulates it in every layer. Deterministic whatever the threads. False after
// an error, or when interrupted.
bool operands_measure(arena *mem, const operands_layer *layers, size_t layer_count, const mul *const *muls,
                      size_t count, const liberty *lib, operands_result *out, diag *d);

cJSON *operands_json(const operands_layer *layers, size_t layer_count, const operands_result *r, size_t count,
                     size_t images);
void operands_text(const operands_layer *layers, size_t layer_count, const operands_result *r, size_t count,
                   size_t images, str *out);

#endif
