// SPDX-License-Identifier: Apache-2.0
//
// How each kind of plan runs a slice on some images.
#ifndef AXGEN_ENGINE_RUN_H
#define AXGEN_ENGINE_RUN_H

#include "compiler/engine/engine_parts.h"

enum { STAGED_BYTES = 256 << 10, DEPTHWISE_SUMS_BYTES = 16 << 10 }; // what is aimed at

// engine_dot.c: the slice's input through each of its maps, one after the other; only where that lies when it is
// staged.
uint8_t *engine_stage_maps(const slice_run *r, bool staged_already);

// engine_dot.c: a slice's staged input.
typedef struct {
  slice_run *run;
  const dot_kernel *kernel;
  const uint8_t *staged;
  size_t pixel_bytes;
  const size_t *begin; // of the phases' runs, in bytes from a pixel
} dot_run;
// Output pixels whose inputs lie evenly, a stride apart.
typedef struct {
  int64_t number; // of the span; -1 before the first
  size_t from; // the staged pixel where the first one's window begins
  int64_t grid; // its number in the grid
  int pixels;
} dot_span;
dot_run engine_dot_stage(slice_run *r, bool staged_already);
bool engine_dot_next(const slice_run *r, dot_span *span); // false: no more
// The sums of some tiles of filters for all pixels: sums[grid][stride], with room for PANEL more pixels.
void engine_dot_tiles(const dot_run *d, int tile, int tiles, int32_t *sums, size_t stride);

// Bytes of a plane of a depthwise layer's codes.
static inline size_t depthwise_plane(const plan_layout *l, int images) {
  return (size_t)images * plan_layout_image(l) + plan_layout_beyond(l) + 2 * LOOKUP_PANEL;
}
void engine_run_depthwise_lookup(slice_run *r); // columns, of a whole depthwise layer

// The rows of kinds.c; what each function does is said in plan.h.
void engine_run_dot(slice_run *r);
int engine_dot_images(const plan_slice *s);
size_t engine_dot_working(const plan_slice *s, int batch);
void engine_dot_explain(const plan_slice *s, str *what);

void engine_run_depthwise(slice_run *r);
size_t engine_depthwise_working(const plan_slice *s, int batch);
void engine_depthwise_explain(const plan_slice *s, str *what);

void engine_run_rows(slice_run *r); // rows and fixed
int engine_rows_images(const plan_slice *s);
size_t engine_rows_working(const plan_slice *s, int batch);
void engine_rows_explain(const plan_slice *s, str *what);
void engine_fixed_explain(const plan_slice *s, str *what);

void engine_run_columns(slice_run *r);
int engine_columns_images(const plan_slice *s);
size_t engine_columns_working(const plan_slice *s, int batch);
void engine_columns_explain(const plan_slice *s, str *what);

// Codes of the window of pixel (y, x) of an image, in the layout of a filter's weights, `step` elements apart.
void engine_gather(const slice_run *r, int64_t image, int y, int x, size_t step, int32_t *window);
// The place among those of sums_args of pixel p of a slice's image i.
static inline int64_t engine_grid_of(const slice_run *r, int64_t i, int64_t p) {
  int w = r->node->shape.w;
  return i * (int64_t)plan_layout_grid(&r->s->layout) + p / w * r->s->layout.grid_columns + p % w;
}

void engine_run_direct(slice_run *r);
size_t engine_direct_working(const plan_slice *s, int batch);
void engine_direct_explain(const plan_slice *s, str *what);

void engine_run_ordered(slice_run *r);
int engine_ordered_images(const plan_slice *s);
size_t engine_ordered_working(const plan_slice *s, int batch);
void engine_ordered_explain(const plan_slice *s, str *what);

// Filters of a slice in whole tiles, the common sums' among them.
static inline size_t engine_tiles(const plan_slice *s) { return ((size_t)s->filters + TILE) / TILE * TILE; }
static inline int engine_fewer(int a, int b) { return a < b ? a : b; }

#endif
