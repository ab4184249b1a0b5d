// SPDX-License-Identifier: Apache-2.0
//
// Inside the engine.
#ifndef AXGEN_ENGINE_PARTS_H
#define AXGEN_ENGINE_PARTS_H

#include "compiler/engine/engine.h"
#include "compiler/engine/plan.h"

// A node's output for a batch: [image][h][w][c] offset codes of 1 or 2 bytes, or raw accumulators (int32).
typedef enum { CODES8 = 1, CODES16 = 2, RAW32 = 4 } tensor_type; // the value is the element's size

struct engine {
  const infer_model *model;
  const kernels *kernels;
  plan_node *plans; // by node
  bool *narrow; // by node, as in requantise_args
  int batch; // images that a thread works on at once
  int *slot; // by node: which buffer holds its output
  int slots;
  size_t *slot_bytes; // for a whole batch
  size_t packed, working; // bytes: shared, and for each thread
  uint16_t input[256]; // from pixel to offset code
  double *seconds; // by node, added up by one thread; NULL: not measured
};

// Buffers that grow as needed and are kept from layer to layer.
enum {
  BUFFER_GROUP,
  BUFFER_MAPPED,
  BUFFER_STAGED,
  BUFFER_RUNS,
  BUFFER_SUMS,
  BUFFER_COMMON,
  BUFFER_WIDE,
  BUFFER_TABLE,
  BUFFER_LISTS,
  BUFFER_LISTED,
  BUFFER_OUT,
  BUFFER_SET,
  BUFFERS
};

// One thread's.
typedef struct {
  const engine *e;
  void **slot; // [slots]
  void *buffer[BUFFERS];
  size_t size[BUFFERS];
} worker;
void *worker_buffer(worker *w, int which, size_t bytes); // aligned to 64 bytes, with PANEL_SLACK beyond the end
static inline void *worker_tensor(const worker *w, int node) { return w->slot[w->e->slot[node]]; }

double engine_cpu_seconds(void); // of this thread
tensor_type engine_type(const network *net, int node);
static inline int32_t engine_lowest(const net_node *n) { return n->quant.bits ? net_quant_lo(n->quant) : 0; }
// A code by its offset code, and back.
static inline int32_t tensor_code(const void *t, tensor_type type, int64_t at, int32_t lowest) {
  return type == CODES8    ? ((const uint8_t *)t)[at] + lowest
         : type == CODES16 ? ((const uint16_t *)t)[at] + lowest
                           : ((const int32_t *)t)[at];
}
static inline void tensor_set(void *t, tensor_type type, int64_t at, int32_t lowest, int32_t code) {
  if (type == CODES8)
    ((uint8_t *)t)[at] = (uint8_t)(code - lowest);
  else if (type == CODES16)
    ((uint16_t *)t)[at] = (uint16_t)(code - lowest);
  else
    ((int32_t *)t)[at] = code;
}

// Like engine_new, on a given instruction set and with one plan wherever it is possible (tests, measurements).
engine *engine_new_with(arena *mem, const infer_model *m, const kernels *k, plan_kind only, diag *d);

// engine_stage.c: the input of one group, images [first, first + count) of the tensor, as plan_layout says. `map` as in
// plan_slice; element: bytes of a mapped code.
typedef struct {
  const plan_layout *layout;
  const void *tensor; // of the whole batch
  tensor_type type;
  int group, groups;
  int first, count;
  int32_t zero; // offset code of 0
  const void *map;
  int element;
} stage_args;
size_t stage_bytes(const plan_layout *l, int element, int images);
void stage(worker *w, const stage_args *a, uint8_t *out);

// engine_conv.c, engine_sums.c
void run_multiplying(worker *w, int node, int images);
// One slice's input images and where its outputs go.
typedef struct {
  worker *w;
  const net_node *node;
  const plan_slice *s;
  const void *in;
  tensor_type in_type;
  void *out;
  tensor_type out_type;
  int first, count; // images
} slice_run;
static inline int64_t slice_pixels(const slice_run *r) { return (int64_t)r->s->layout.out.h * r->s->layout.out.w; }
stage_args slice_stage(const slice_run *r, const void *map, int element);
// Sums of `pixels` pixels of the grid from `grid` on, of filters [first, first + filters), a multiple of a tile being
// first. Those between output rows are left out.
typedef struct {
  const int32_t *sums; // [pixels][stride]
  const int64_t *wide; // or these
  size_t stride;
  const int32_t *common; // of each pixel, common_stride apart: added to all filters; or NULL. Where sums are wide, the
  size_t common_stride; // common sum is that of the filter after the last
  int64_t grid;
  int pixels, first, filters;
} sums_args;
void store_sums(const slice_run *r, const sums_args *a);

// Bytes of a thread's buffers for a slice, at most.
size_t slice_working(const engine *e, const plan_slice *s);

// engine_ops.c: everything that does not multiply.
void run_simple(worker *w, int node, int images);

#endif
