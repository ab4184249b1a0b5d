// SPDX-License-Identifier: Apache-2.0
//
// report: what the other verbs left in their output folders, side by side: a text table, JSON, a picture, a page.
//
// A folder is a design (eval.json, sim.json, synth.json, cost.json, energy.json, rtl/manifest.json), an exploration
// (explore.json, history.csv, points/NN/config.yaml and LAYER.npy), has sensitivities (sensitivity.json) or scores
// (score.json): any of them, at least one.
#ifndef AXGEN_REPORT_H
#define AXGEN_REPORT_H

#include "compiler/base/base.h"

#include <cjson/cJSON.h>

enum { REPORT_FOLDERS = 64, REPORT_MULS = 64 }; // at most: folders, different multipliers in one table

// ---- a design ----
// An area in um2, or an energy in nJ per image, by kind: as many kinds as the file has.
typedef struct {
  const char *name;
  double value;
} report_kind;
typedef struct {
  const char *name; // the layer's
  double total; // 0: not said
  report_kind *kinds;
  size_t kind_count;
} report_parts;

// Names of multipliers, to which maps refer by number.
typedef struct {
  const char *of[REPORT_MULS];
  size_t count;
} report_names;
// Which multiplier stands where, row by row.
typedef struct {
  const char *layer;
  const char *row_is, *col_is; // "filter", "channel"
  size_t rows, cols;
  uint8_t *cells;
} report_map;
typedef struct {
  report_map *maps;
  size_t count;
} report_places;

// A layer as the hardware does it. NAN where a figure does not exist.
typedef struct {
  const char *layer, *kind; // "mvu", "conv"
  double pe, simd, hold, multipliers, cycles; // cycles per image
  double used; // 0..1: of the slowest layer's cycles (a layer), of the lanes (a launch)
} report_stage;

typedef struct {
  const char *from, *to;
  double depth, most; // beats: room, and the most that ever stood there
} report_fifo;

// A multiplier on its own, as synthesis or timed simulation measured it.
typedef struct {
  const char *name;
  double area, delay_ns, fj; // fJ a multiplication, random operands, zero delay
  double moving, moving_ci, held, held_ci; // nJ an image, real operands, glitches included; 95 % half-intervals
} report_mul;

// The whole design in operation, as `axgen synth --energy` measured it; nJ an image.
typedef struct {
  double logic, everything; // cells, clock and leakage; with memories and memory outside. NAN: not measured
  double ci, without_glitches; // half of the 95 % interval of `logic`; by toggles without delays
  double images, cycles; // measured; of one
  double nets, nets_measured, nets_toggled;
  report_parts all, *layers; // memories as a kind of their own
  size_t layer_count;
} report_measured;
// What `axgen cost` predicted of it.
typedef struct {
  double area, logic, everything; // um2 without memories; nJ an image as above. NAN: not known
  double cycles, delay_ns;
  report_parts areas, energies; // of the design; memories as a kind of their own
} report_predicted;

// NAN where a figure is missing because its verb was not run.
typedef struct {
  bool there; // any of the files
  double top1, images; // emulated
  double sim_images, cycles; // co-simulated; steady-state cycles per image
  bool bit_exact;
  double area, multiplier_area, delay_ns, clock_ns; // um2, ns
  double memory_area, memory_nj; // estimates, not in the others: um2; per image, NAN where accesses are not counted
  const char *from_layer, *to_layer; // the longest path's
  double energy_nj, simple_nj; // per image: multipliers, zero-delay toggles; and the papers' model
  const char *memory_method; // of the estimate, for people; NULL: not said
  double multiplications; // per image
  double multipliers; // in hardware
  report_parts all, *layers; // area: of the design, by layer; memories as kinds of their own
  size_t layer_count;
  report_parts *energies; // by layer, of the multipliers; kinds as the file has them
  size_t energy_count;
  report_measured measured;
  report_predicted predicted;
  const char *target, *slowest; // NULL: not said
  report_stage *stages;
  size_t stage_count;
  report_fifo *fifos;
  size_t fifo_count;
  report_mul *muls;
  size_t mul_count;
  report_names names;
  report_places places;
} report_design;

// ---- an exploration ----
enum { REPORT_FIGURES = 2 };
typedef struct {
  // cost: parts of the exact network's, in each figure that was searched for. Drops in top-1, 0..1; NAN: not measured.
  double cost[REPORT_FIGURES], drop, test_drop, lo, hi;
  double top1, test_top1;
  bool meets;
  report_places places; // count 0: its files are not there
} report_point;
typedef struct {
  bool there;
  const char *network, *level, *method, *objective, *figure[REPORT_FIGURES];
  int figures; // that the objective names, 1 or 2
  double max_loss, exact_top1, evaluations, hypervolume;
  report_names names; // of all points
  report_point *points;
  size_t count;
  double *tried_cost[REPORT_FIGURES], *tried_drop; // history.csv
  size_t tried;
} report_front;

// ---- sensitivities, scores ----
typedef struct {
  const char *scope, *layer, *key, *name;
  bool corrected;
  double drop, lo, hi; // NAN: not measured
} report_drop;
typedef struct {
  bool there;
  const char *network;
  double images, exact_top1;
  report_drop *drops;
  size_t count;
} report_drops;

typedef struct {
  const char *name;
  double score;
  double *filters;
  size_t filter_count;
} report_layer_score;
typedef struct {
  const char *key, *name;
  double score, top1;
  report_layer_score *layers;
  size_t layer_count;
} report_block;
typedef struct {
  bool there;
  const char *network;
  double images, exact_top1, kendall, spearman;
  report_block *blocks;
  size_t count;
} report_hawx;

// ---- a folder ----
typedef struct {
  const char *name, *dir; // name: its last component
  report_design design;
  report_front front;
  report_drops drops;
  report_hawx scores;
} report_folder;

// Reads what is there. A folder without any of the files is an error, and so is a file with a value of another type
// than its verb writes. The folders' names are text without control characters (text_fault).
bool report_load(arena *mem, const char *const *dirs, size_t count, report_folder *out, diag *d);
// The point that saves most (in both figures together) among those that meet what was asked for, and its number, from
// 1; NULL: none does.
const report_point *report_best(const report_front *f, size_t *place);
void report_text(const report_folder *r, size_t count, str *out);
cJSON *report_json(const report_folder *r, size_t count);
// Bars of area, delay and energy relative to the first design, and top-1 accuracy.
void report_svg(const report_folder *r, size_t count, str *out);
// All of it on one page (page.h): designs on one scale, their layers, folding, FIFOs, fronts with what each point
// assigns, sensitivities, scores, multipliers. What a page of a few MB has no room for is left out, and it says so.
void report_html(const report_folder *r, size_t count, str *out);

#endif
