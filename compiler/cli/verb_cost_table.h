// SPDX-License-Identifier: Apache-2.0
//
// Predictions of several designs beside what was measured of them: synth.json, and cycles from sim.json or
// fgpu-run.json, in each one's folder.
#ifndef AXGEN_CLI_VERB_COST_TABLE_H
#define AXGEN_CLI_VERB_COST_TABLE_H

#include "compiler/target/common/cost.h"

typedef enum { COST_AREA, COST_ENERGY, COST_SIMPLE, COST_CYCLES, COST_DELAY, COST_FIGURE_COUNT } cost_figure;
typedef struct {
  const char *name, *target; // name: the configuration's, without folder and ending
  double predicted[COST_FIGURE_COUNT], measured[COST_FIGURE_COUNT]; // measured: NAN where it was not
} cost_line;
typedef struct {
  cost_line *lines;
  size_t count, cap;
} cost_table;

// `dir`: the design's folder, or NULL. A file there that is no result is an error; one that is missing was not
// measured.
bool verb_cost_table_add(arena *mem, cost_table *t, const char *path, const char *target, const cost_estimate *e,
                         const char *dir, diag *d);
void verb_cost_table_text(const cost_table *t, str *out);
cJSON *verb_cost_table_json(const cost_table *t);
void verb_cost_table_svg(arena *mem, const cost_table *t, str *out);

#endif
