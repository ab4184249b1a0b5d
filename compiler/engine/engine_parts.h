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
  int batch; // images that a thread works on at once, at most
  int *slot; // by node: which buffer holds its output
  int slots;
  size_t *slot_bytes; // for a whole batch
  size_t image, *packed; // bytes: of an image's tensors; by node: of weights and tables
  uint16_t input[256]; // from pixel to offset code
  double *seconds; // by node, added up by one thread; NULL: not measured
};

// Buffers that grow as needed and are kept from layer to layer.
enum {
  BUFFER_INPUT,
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

// ---- engine_worker.c: one thread's tensors and buffers ----
typedef struct worker {
  const engine *e;
  void **slot; // [slots]; the input's is none
  void **tensor; // [nodes] where the output of each is, for the batch at hand: a slot, or somebody else's
  void *buffer[BUFFERS];
  size_t size[BUFFERS];
} worker;
void *engine_worker_buffer(worker *w, int which, size_t bytes); // aligned to 64 bytes, with PANEL_SLACK beyond the end
worker *engine_worker_new(const engine *e);
void engine_worker_free(worker *w); // NULL is fine
_Noreturn void engine_out_of_memory(void);
// Large and short-lived, so not from an arena, which would clear it. Aligned, with slack, as a buffer is; free() it.
void *engine_large(size_t bytes);
static inline void *worker_tensor(const worker *w, int node) { return w->tensor[node]; }

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

// ---- an engine whose layers are set one by one, for the evaluator ----

// Without plans or ranges, and without infer_check; NULL with a message where the network has no integers.
engine *engine_new_empty(arena *mem, const infer_model *m, const kernels *k, diag *d);
// The plan of one node under e's model, in its own memory; for one engine at a time. store: as for plan_make.
typedef struct {
  arena *mem;
  int node;
  plan_node plan;
  int64_t *bias; // [F] that the plan has in it
} engine_layer;
engine_layer *engine_layer_new(const engine *e, int node, bool wide, plan_kind only, plan_store *store);
void engine_layer_free(engine_layer *l); // NULL is fine
// The layer's plan from now on. What its node's biases and requantisation are now is put into it, whatever they were.
void engine_set_layer(engine *e, engine_layer *l);
// Whether a node's plan needs 64-bit sums; what else of the engine depends on its range.
bool engine_layer_wide(infer_range r);
void engine_set_range(engine *e, int node, infer_range r);

// ---- running it ----

// Offset codes of images, as the input node's tensor: made once, used as they are. free() them.
size_t engine_codes_bytes(const engine *e, size_t images);
void *engine_codes(const engine *e, const uint8_t *pixels, size_t images);
typedef struct {
  const uint8_t *pixels;
  const void *codes; // or these
  size_t first, count;
  // [nodes] offset codes of a node's output for all images from 0 on, which is taken as it is, where it lies, with
  // PANEL_SLACK behind it; NULL: none are known. A node that is known needs nothing before it.
  const void *const *known;
  // Where the accumulators of node `until` are put, for all images from `first` on; NULL: in the thread's own tensor.
  int32_t *raw;
} engine_images;
// Whether requantise_args.narrow holds for a node with these multipliers, [F], and sums of that range.
bool engine_requantises_narrow(const net_node *n, const uint16_t *mult, infer_range r);
// The threads' buffers, kept from one call to the next.
typedef struct engine_pool engine_pool;
engine_pool *engine_pool_new(void);
void engine_pool_free(engine_pool *p);
// Runs what node `until` depends on, and it, batch by batch on all threads; `use` is called after each batch, on the
// thread that ran it, with the number of its first image (0: in->first). pool may be NULL. False when interrupted.
typedef void engine_use(void *context, const worker *w, size_t first, int images);
bool engine_batches(const engine *e, engine_pool *pool, const engine_images *in, int until, engine_use *use,
                    void *context);
// A node's codes after a batch, [image][c][h][w]. Only `until` is sure to be there still, and its inputs.
void engine_output(const worker *w, int node, int images, int32_t *out);

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
size_t engine_stage_bytes(const plan_layout *l, int element, int images);
void engine_stage(worker *w, const stage_args *a, uint8_t *out);

// engine_conv.c, engine_sums.c
void engine_run_multiplying(worker *w, int node, int images);
// One slice's input images and where its outputs go.
typedef struct slice_run {
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
stage_args engine_slice_stage(const slice_run *r, const void *map, int element);
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
void engine_store_sums(const slice_run *r, const sums_args *a);

// Images that a thread works on at once, with the plans that there are: more where tables are expanded for each batch.
int engine_batch(const engine *e);
size_t engine_packed(const engine *e); // bytes
size_t engine_working(const engine *e); // for each thread

// engine_ops.c: one node, whose inputs are there.
void engine_run_node(worker *w, int node, int images);

#endif
