// SPDX-License-Identifier: Apache-2.0
//
// Running the dot product plans: stage a few images, then panel by panel of output pixels. Pixels are read where they
// lie.
#include "compiler/engine/engine_run.h"

#include <string.h>

static const dot_kernel *kernel_of(const slice_run *r) {
  return r->s->element == 1 ? &r->w->e->kernels->dot8 : &r->w->e->kernels->dot16;
}

uint8_t *engine_stage_maps(const slice_run *r, bool staged_already) {
  const plan_slice *s = r->s;
  size_t map_bytes = engine_stage_bytes(&s->layout, s->element, r->count);
  uint8_t *staged = engine_worker_buffer(r->w, BUFFER_STAGED, map_bytes * (size_t)s->maps);
  for (int m = 0; m < s->maps && !staged_already; m++) {
    stage_args a = engine_slice_stage(r, s->map[m], s->element);
    engine_stage(r->w, &a, staged + (size_t)m * map_bytes);
  }
  return staged;
}

// All maps of the input, unless they are staged already, and where each phase's runs begin.
dot_run engine_dot_stage(slice_run *r, bool staged_already) {
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  dot_run d = {.run = r, .kernel = kernel_of(r), .pixel_bytes = (size_t)(l->in.c * s->element)};
  size_t map_bytes = engine_stage_bytes(l, s->element, r->count), runs = 0;
  d.staged = engine_stage_maps(r, staged_already);
  for (int i = 0; i < s->phases; i++)
    runs += (size_t)s->phase[i].runs;
  size_t *begin = engine_worker_buffer(r->w, BUFFER_RUNS, runs * sizeof *begin);
  d.begin = begin;
  int shifts = plan_layout_shifts(l);
  for (int i = 0; i < s->phases; i++)
    for (int j = 0; j < s->phase[i].runs; j++) {
      int piece = j % s->pieces, shift = j / s->pieces % shifts, ky = j / s->pieces / shifts % l->kh;
      int term = j / s->pieces / shifts / l->kh;
      *begin++ = (size_t)s->phase[i].map[term] * map_bytes + (size_t)shift * (map_bytes / (size_t)shifts) +
                 (size_t)(ky * l->columns) * d.pixel_bytes + (size_t)(piece * s->run_units) * UNIT_BYTES;
    }
  return d;
}

static void run_phase(const dot_run *d, int i, dot_span span, int tile, int tiles, int32_t *sums, size_t stride) {
  const plan_slice *s = d->run->s;
  const size_t *begin = d->begin;
  for (int j = 0; j < i; j++)
    begin += s->phase[j].runs;
  const plan_phase *p = &s->phase[i];
  size_t tile_bytes = (size_t)(p->runs * s->run_units) * TILE * UNIT_BYTES;
  dot_args a = {.in = d->staged + span.from * d->pixel_bytes,
                .pixel_bytes = d->pixel_bytes * (size_t)s->layout.sw,
                .pixels = span.pixels,
                .run = begin,
                .runs = p->runs,
                .run_units = s->run_units,
                .weights = (const uint8_t *)p->weights + (size_t)tile * tile_bytes,
                .tiles = tiles,
                .shift = p->shift,
                .sums = sums,
                .stride = stride};
  d->kernel->run(&a);
}

bool engine_dot_next(const slice_run *r, dot_span *span) {
  const plan_layout *l = &r->s->layout;
  bool even = l->sh == 1 && l->sw == 1; // else a span is a row
  int64_t n = ++span->number, image = (int64_t)plan_layout_grid(l), last = (l->out.h - 1) * l->grid_columns + l->out.w;
  if (even && (!l->shifted || image == last)) { // all pixels lie evenly, but for those between rows and images
    *span = (dot_span){.number = n, .pixels = (int)((r->count - 1) * image + last)};
    return n == 0;
  }
  if (even) { // those of an image
    *span = (dot_span){.number = n, .from = (size_t)(n * image), .grid = n * image, .pixels = (int)last};
    return n < r->count;
  }
  int64_t y = n % l->out.h;
  *span = (dot_span){.number = n,
                     .from = (size_t)(n / l->out.h) * plan_layout_image(l) + (size_t)(y * l->sh * l->columns),
                     .grid = n / l->out.h * image + y * l->grid_columns,
                     .pixels = l->out.w};
  return n < (int64_t)r->count * l->out.h;
}

void engine_dot_tiles(const dot_run *d, int tile, int tiles, int32_t *sums, size_t stride) {
  dot_span span = {.number = -1};
  while (engine_dot_next(d->run, &span))
    for (int i = 0; i < d->run->s->phases; i++)
      run_phase(d, i, span, tile, tiles, sums + (size_t)span.grid * stride, stride);
}

// Pixels that are done together: their sums stay in the level 1 cache, or, where weights are large, enough pixels that
// each phase's weights are read seldom.
static int group_pixels(const plan_slice *s) {
  enum { SUMS_BYTES = 16 << 10, LARGE = 1 << 20, SUMS_BYTES_LARGE = 256 << 10 };
  size_t weights = 0, sums = (size_t)(s->tiles * TILE) * PANEL * sizeof(int32_t);
  for (int i = 0; i < s->phases; i++)
    weights += (size_t)(s->phase[i].runs * s->run_units * s->tiles * TILE) * UNIT_BYTES;
  size_t n = (weights < LARGE ? SUMS_BYTES : SUMS_BYTES_LARGE) / sums;
  return PANEL * (n < 1 ? 1 : n > 32 ? 32 : (int)n);
}

// Part of a span.
static void narrow_group(const dot_run *d, dot_span part) {
  const plan_slice *s = d->run->s;
  size_t stride = (size_t)s->tiles * TILE;
  int32_t *sums = engine_worker_buffer(d->run->w, BUFFER_SUMS, (size_t)(part.pixels + PANEL) * stride * sizeof *sums);
  for (int i = 0; i < s->phases; i++)
    run_phase(d, i, part, 0, s->tiles, sums, stride);
  sums_args a = {.sums = sums,
                 .stride = stride,
                 .common = s->common ? sums + s->filters : NULL,
                 .common_stride = stride,
                 .grid = part.grid,
                 .pixels = part.pixels,
                 .filters = s->filters};
  engine_store_sums(d->run, &a);
}

// In 64 bits: a run's sums fit 32 bits (engine_limits_wide).
static void wide_group(const dot_run *d, dot_span part) {
  const plan_slice *s = d->run->s;
  size_t stride = (size_t)s->tiles * TILE, n = (size_t)part.pixels * stride;
  int64_t *total = engine_worker_buffer(d->run->w, BUFFER_WIDE, n * sizeof *total);
  memset(total, 0, n * sizeof *total);
  int32_t *sums = engine_worker_buffer(d->run->w, BUFFER_SUMS, (size_t)PANEL * 2 * TILE * sizeof *sums);
  const size_t *begin = d->begin;
  size_t run_bytes = (size_t)s->run_units * TILE * UNIT_BYTES;
  for (int i = 0; i < s->phases; begin += s->phase[i++].runs)
    for (int t = 0; t < s->tiles; t++)
      for (int j = 0; j < s->phase[i].runs; j++) {
        dot_args a = {.in = d->staged + part.from * d->pixel_bytes,
                      .pixel_bytes = d->pixel_bytes * (size_t)s->layout.sw,
                      .pixels = part.pixels,
                      .run = begin + j,
                      .runs = 1,
                      .run_units = s->run_units,
                      .weights = (const uint8_t *)s->phase[i].weights + (size_t)(t * s->phase[i].runs + j) * run_bytes,
                      .tiles = 1,
                      .shift = -1,
                      .sums = sums,
                      .stride = TILE};
        d->kernel->run(&a);
        for (int p = 0; p < part.pixels; p++)
          for (int f = 0; f < TILE; f++)
            total[(size_t)p * stride + (size_t)(t * TILE + f)] +=
                (int64_t)sums[p * TILE + f] * ((int64_t)1 << s->phase[i].shift);
      }
  sums_args a = {.wide = total, .stride = stride, .grid = part.grid, .pixels = part.pixels, .filters = s->filters};
  engine_store_sums(d->run, &a);
}

int engine_dot_images(const plan_slice *s) {
  size_t bytes = engine_stage_bytes(&s->layout, s->element, 1) * (size_t)(s->maps ? s->maps : 1);
  size_t n = STAGED_BYTES / bytes;
  return n < 1 ? 1 : n > 4096 ? 4096 : (int)n;
}

void engine_run_dot(slice_run *r) {
  const plan_slice *s = r->s;
  dot_run d = engine_dot_stage(r, false);
  int group = s->wide ? PANEL : group_pixels(s);
  dot_span span = {.number = -1};
  while (engine_dot_next(r, &span))
    for (int done = 0; done < span.pixels; done += group) {
      dot_span part = span;
      part.pixels = span.pixels - done < group ? span.pixels - done : group;
      part.from += (size_t)(done * s->layout.sw);
      part.grid += done;
      (s->wide ? wide_group : narrow_group)(&d, part);
    }
}

size_t engine_dot_working(const plan_slice *s, int batch) {
  int images = engine_fewer(engine_dot_images(s), batch);
  return (size_t)s->maps * engine_stage_bytes(&s->layout, s->element, images) +
         PANEL * engine_tiles(s) * (s->wide ? 12 : 4) + ((size_t)512 << 10);
}

void engine_dot_explain(const plan_slice *s, str *what) {
  str_printf(what, "%d-bit, %d term%s in %d step%s%s", 8 * s->element, s->terms, plural((size_t)s->terms), s->phases,
             plural((size_t)s->phases), s->wide ? ", 64-bit sums" : "");
}
