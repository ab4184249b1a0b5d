// SPDX-License-Identifier: Apache-2.0
//
// report: several designs side by side, from the eval.json, sim.json and synth.json that the other verbs left in their
// output folders: a text table, JSON, and a self-contained SVG and HTML page.
#ifndef AXGEN_REPORT_H
#define AXGEN_REPORT_H

#include "compiler/base/base.h"

#include <cjson/cJSON.h>

// Area in um2, by kind; `name` is the layer's.
typedef struct {
  const char *name;
  double area;
} report_kind;
typedef struct {
  const char *name;
  double total; // 0: not said
  report_kind *kinds;
  size_t kind_count;
} report_areas;

// NAN where a figure is missing because its verb was not run.
typedef struct {
  const char *name; // the folder's last component
  const char *dir;
  double top1, images; // emulated
  double sim_images, cycles; // co-simulated; steady-state cycles per image
  bool bit_exact;
  double area, multiplier_area, delay_ns; // um2, ns
  double energy_nj, simple_nj; // per image: multipliers, zero-delay toggles; and the papers' model
  report_areas all, *layers; // the breakdown by layer
  size_t layer_count;
} report_design;

// Reads what is there. A folder without any of the files is an error, and so is a file with a value of another type
// than its verb writes. The folders' names are text without control characters (text_fault).
bool report_load(arena *mem, const char *const *dirs, size_t count, report_design *out, diag *d);
void report_text(const report_design *r, size_t count, str *out);
cJSON *report_json(const report_design *r, size_t count);
// Bars of area, delay and energy relative to the first design, and top-1 accuracy.
void report_svg(const report_design *r, size_t count, str *out);
// The picture, the table and the area of each layer by kind. Needs nothing from outside the file.
void report_html(const report_design *r, size_t count, str *out);

#endif
