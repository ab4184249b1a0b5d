// SPDX-License-Identifier: Apache-2.0
//
// Plans: how the engine computes a convolution or dense layer. A layer is cut into slices, sets of filters of one group
// that are computed together; each slice has the cheapest plan that is proven to give its multipliers' products.
#ifndef AXGEN_PLAN_H
#define AXGEN_PLAN_H

#include "compiler/infer/infer.h"
#include "compiler/engine/kernels/kernel.h"
#include "compiler/engine/plan_factor.h"
#include "compiler/engine/plan_store.h"

// One row each in kinds.c.
typedef enum {
  PLAN_DOT8, // 8-bit dot products: the table is a sum of few outer products of 8-bit factors
  PLAN_DOT16, // the same with 16-bit factors
  PLAN_DEPTHWISE, // a filter for each channel: few terms of 8 by 16 bits, channel beside channel
  PLAN_ROWS, // any table: rows of products of many filters, added up by activation code
  PLAN_FIXED, // exact dot products, and the error's table as rows
  PLAN_COLUMNS, // any table: products of many pixels, looked up by weight
  PLAN_DIRECT, // one product at a time, in 64 bits: anything
  PLAN_ORDERED, // the same, added up in the hardware's order: layers with approximate adders
  PLAN_KINDS
} plan_kind;

// How a group's input lies once staged: [image][row][column][channel], so that one row of the kernel reads neighbouring
// elements, a run. Neighbouring rows and images share the border between them.
typedef struct {
  net_shape in; // of the group, as it is read: a layer over its whole input is read as 1x1 pixels of H*W*C channels
  int channels, window; // of the group's pixels; how many of them are read as one: 1, or H*W
  int kh, kw, sh, sw, pt, pl;
  net_shape out; // c: filters of the group
  // Once for each column of the kernel, shifted by it, without borders beside: neighbouring output rows then are
  // neighbours, a run is a pixel, and nothing between rows is computed. Else once, shifted by nothing.
  bool shifted;
  int rows, columns; // of a staged image
  int grid_rows, grid_columns; // the same in steps of the stride: sums lie so, [image][row][column]
} plan_layout;
plan_layout plan_layout_make(const network *net, const net_node *n);
plan_layout plan_layout_depthwise(const network *net, const net_node *n); // all groups as one
plan_layout plan_layout_shifted(plan_layout l); // for strides of 1
// The tap (c * kh + ky) * kw + kx of the group that element i of the run of kernel row ky is.
int plan_layout_tap(const plan_layout *l, int ky, int i);
static inline int plan_layout_run(const plan_layout *l) { return l->kw * l->in.c; } // elements
static inline int plan_layout_shifts(const plan_layout *l) { return l->shifted ? l->kw : 1; }
static inline size_t plan_layout_image(const plan_layout *l) { return (size_t)l->rows * (size_t)l->columns; }
static inline size_t plan_layout_grid(const plan_layout *l) { return (size_t)l->grid_rows * (size_t)l->grid_columns; }
// Staged pixels beyond the last image that may be read.
size_t plan_layout_beyond(const plan_layout *l);

// The distinct weights of a slice with their multipliers: columns of products f(a, w) - z_w * a over the codes a.
typedef struct {
  int32_t lo; // the least activation code that occurs
  size_t rows; // how many codes from there
  size_t origin; // the row of the zero code, or 0
  size_t count; // columns
  size_t others; // more columns in the table: the same multipliers' other weights
  const mul **mul; // [count]; NULL: exact
  int32_t *weight; // [count]
  int32_t zero; // z_w
  bool exact; // all of them
  int32_t *of; // [filters][taps] the column of each weight
  int64_t *table; // [count + others][rows]; NULL where that is too large
  int32_t all_lo; // the same for every code of the activation's width; NULL: not made
  size_t all_rows;
  int64_t *all_table;
  // With a store: which multipliers, and what column each is among all their columns there.
  plan_store *store; // NULL: none, or codes of more than 8 bits
  const mul **set; // [set_count]; NULL: exact
  int set_count;
  int32_t *source; // [count]
} plan_columns;

typedef struct {
  int shift; // from the phase before; -1 in the first
  int terms, runs; // runs: [term][kernel row][shift][pieces]
  const int *map; // [terms] which activation map each reads
  const void *weights; // [tiles][runs][run_units][TILE]; depthwise: as in depthwise_args
} plan_phase;

// What the pixels of one list add for one kernel position.
typedef struct {
  int list, at; // channels list * channels .. of the slice; kernel position: a row where lists are of runs, else a tap
  bool flush; // widen the sums after it
  const uint16_t *start; // [lanes] what the sums start from since the last widening
  int32_t *column; // [channels][lanes]; -1: no weight
} plan_pass;

typedef struct plan_slice plan_slice;
struct plan_slice {
  plan_kind kind;
  bool depthwise; // a whole depthwise layer: all groups as one, each filter with one channel's taps
  int group, groups, filters; // of so many groups
  const int *filter; // [filters] the node's filter numbers
  const char *multipliers; // their names, for people
  plan_layout layout;
  int64_t *start; // [filters] what the sum of the slice's own products starts from
  int32_t *start32; // the same modulo 2^32; this and mult fill up whole rows
  uint16_t *mult; // [filters] of the requantisation
  double cost; // estimated cycles a pixel
  double expanding; // estimated cycles that it takes once for the images it is run on, which are in `cost` as shared
  size_t bytes; // packed weights and tables
  bool wide; // sums need 64 bits
  // dot8, dot16, fixed, depthwise
  int element; // bytes of a factor: 1 or 2
  struct plan_slice *error; // fixed: the rows that are added; else NULL
  int terms, maps;
  const void **map; // [maps] by offset code: uint8_t (dot8) or uint16_t; 256 or 65536 entries. NULL: the code itself
  int phases;
  const plan_phase *phase; // wide: terms of one shift each, added up in 64 bits
  int tiles; // of filters
  int pieces, run_units; // a kernel row's run is cut into so many, each of so many units
  bool common; // after the filters comes a row of sums that is added to all of them
  // rows
  const row_kernel *row;
  const uint8_t *class_of; // [256] from offset code to class
  int classes; // rows of a table
  bool by_run; // lists are of a run's elements: for few channels; else of a pixel's channels
  int positions, elements; // of the kernel; of a run or pixel
  int channels, lists; // elements whose rows are listed together; how many such lists
  const uint16_t *columns; // [count][classes] minus class 0's; then one of zeros
  size_t column_count;
  bool only_error; // the table minus the exact products
  int lane_blocks, *pass_count;
  plan_pass **pass; // [lane_blocks][pass_count]
  int lanes; // ordered: products of a word
  // columns
  const uint8_t *column_bytes; // [count][COLUMN_BYTES]
  const int32_t *column_of; // [filters][kernel rows][elements of a run; depthwise: kernel columns]
};

typedef struct {
  plan_slice *slice; // NULL for nodes that do not multiply
  int slices;
} plan_node;

// The plan of one node. wide: its sums need 64 bits. images: in a batch. only: a kind to use wherever it is possible,
// PLAN_KINDS for the cheapest (tests).
// store: what plans made before have found, or NULL, when more is tried for the fewest terms.
plan_node plan_make(arena *mem, const infer_model *m, int node, bool wide, const kernels *k, plan_store *store,
                    int images, plan_kind only);
// Makes it that of a node whose filters' biases are so much greater, and of which nothing else has changed.
void plan_add_bias(plan_node *p, const int64_t *more);
// The multipliers of the requantisation from now on; mult[F], NULL: none.
void plan_set_mult(plan_node *p, const uint16_t *mult);

typedef struct {
  const infer_model *model;
  int node;
  const kernels *kernels;
  plan_store *store; // NULL: none
  int images; // in a batch
  bool narrow_in; // codes of at most 8 bits
  const plan_columns *columns;
} plan_context;

// What plan_make, the engine and its explanation know of a kind. Sizes are bytes; `images` and `working` are of a slice
// that is planned.
struct slice_run; // engine_parts.h
typedef struct {
  const char *name;
  // Fills in a slice, or returns false when its kind is not possible. The cheap part (`pack` false) decides and sets
  // the cost; the other packs weights and tables.
  bool (*plan)(arena *mem, const plan_context *c, plan_slice *s, bool pack);
  bool whole; // is tried for all channels of a depthwise layer at once
  plan_kind above; // not tried where that kind is the cheapest so far, for it costs no less; PLAN_KINDS: none
  void (*run)(struct slice_run *r); // on r->count images
  int (*images)(const plan_slice *s); // that it takes at once, at most
  size_t (*working)(const plan_slice *s, int batch); // a thread's buffers for it, at most
  void (*explain)(const plan_slice *s, str *what); // appends what it does, for people
} plan_kind_row;
extern const plan_kind_row plan_kinds[PLAN_KINDS];

bool plan_dot8(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_dot16(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_fixed(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_depthwise(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_rows(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_lookup(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_direct(arena *mem, const plan_context *c, plan_slice *s, bool pack);
bool plan_ordered(arena *mem, const plan_context *c, plan_slice *s, bool pack);
// plan_dot.c, for plan_depthwise: the terms of a slice of kind dot8, dot16, fixed or depthwise; their maps, and which
// of them each term reads; the shift before term t, as in plan_phase; the constants they leave.
bool plan_terms(arena *mem, const plan_context *c, const plan_slice *s, factor_limits limits, plan_factors *out);
void plan_term_maps(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s, int *map_of);
int plan_term_shift(const plan_factors *f, int t);
void plan_term_starts(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s);
// Writes the tables of pass p: [classes][channels][lanes].
void plan_rows_expand(const plan_slice *s, const plan_pass *p, uint8_t *out);
plan_columns plan_columns_find(arena *mem, const plan_context *c, const int *filter, int filters);

#endif
