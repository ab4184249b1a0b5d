// SPDX-License-Identifier: Apache-2.0
//
// Running the table plans.
#include "compiler/infer/engine_run.h"

#include <string.h>

int rows_images(const plan_slice *s) {
  int64_t n = ROW_PIXELS / ((int64_t)s->layout.out.h * s->layout.out.w);
  return n < 1 ? 1 : (int)n;
}

// [pixels][lanes] to [filters][PANEL].
static void transpose(const int32_t *wide, int lanes, int filters, int pixels, bool add, int32_t *acc) {
  for (int f = 0; f < filters; f++)
    for (int p = 0; p < pixels; p++) {
      uint32_t before = add ? (uint32_t)acc[f * PANEL + p] : 0;
      acc[f * PANEL + p] = (int32_t)(before + (uint32_t)wide[p * lanes + f]);
    }
}

// Leaves the sums in BUFFER_WIDE: [lane blocks][pixels][lanes].
void add_all_rows(slice_run *r, const plan_slice *s) {
  const plan_layout *l = &s->layout;
  int lanes = s->row->lanes;
  size_t plane = (size_t)r->count * plan_image_stride(l) * ROW_UNIT_BYTES,
         pixels = (size_t)(r->count * slice_pixels(r));
  size_t table_bytes = (size_t)(s->classes * lanes) * 2 * 4; // of one unit
  uint8_t *staged = worker_buffer(r->w, BUFFER_STAGED, plane * (size_t)l->units);
  stage_args st = slice_stage(r, s->offsets, 2);
  st.layout = l;
  stage(r->w, &st, staged);
  uint16_t *acc = worker_buffer(r->w, BUFFER_SUMS, pixels * (size_t)lanes * sizeof *acc);
  int32_t *wide = worker_buffer(r->w, BUFFER_WIDE, (size_t)s->lane_blocks * pixels * (size_t)lanes * sizeof *wide);
  uint8_t *table = worker_buffer(r->w, BUFFER_TABLE, table_bytes * ROW_UNITS_MAX);
  memset(acc, 0, pixels * (size_t)lanes * sizeof *acc);
  memset(wide, 0, (size_t)s->lane_blocks * pixels * (size_t)lanes * sizeof *wide);
  rows_args a = {.grid = {plan_image_stride(l), (size_t)l->sh * plan_row_stride(l), r->count, l->out.h, l->out.w},
                 .table = table,
                 .table_bytes = table_bytes,
                 .acc = acc};
  if (plan_image_stride(l) == 1) // images are neighbours
    a.grid = (pixel_grid){0, 0, 1, 1, r->count};
  for (int b = 0; b < s->lane_blocks; b++) {
    for (int i = 0; i < s->pass_count[b]; i++) {
      const plan_pass *p = &s->pass[b][i];
      plan_rows_expand(s, p, table);
      a.units = p->units;
      for (int u = 0, unit; u < p->units; u++) {
        size_t offset = plan_layout_step(l, p->step[u], &unit);
        a.index[u] = staged + (size_t)unit * plane + offset * ROW_UNIT_BYTES;
      }
      a.wide = p->flush ? wide + (size_t)b * pixels * (size_t)lanes : NULL;
      s->row->run(&a);
    }
  }
}

void rows_panel(const slice_run *r, const plan_slice *s, int64_t pixel, int n, bool add, int32_t *panel) {
  int lanes = s->row->lanes;
  int64_t pixels = r->count * slice_pixels(r);
  const int32_t *wide = r->w->buffer[BUFFER_WIDE];
  for (int b = 0; b < s->lane_blocks; b++) {
    int filters = s->filters - b * lanes < lanes ? s->filters - b * lanes : lanes;
    transpose(wide + (b * pixels + pixel) * lanes, lanes, filters, n, add, panel + b * lanes * PANEL);
  }
}

void run_rows(slice_run *r) {
  const plan_slice *s = r->s;
  add_all_rows(r, s);
  int32_t *panel = worker_buffer(r->w, BUFFER_PANEL, (size_t)s->filters * PANEL * sizeof *panel);
  int64_t pixels = r->count * slice_pixels(r);
  for (int64_t p = 0; p < pixels; p += PANEL) {
    int n = (int)(pixels - p < PANEL ? pixels - p : PANEL);
    rows_panel(r, s, p, n, false, panel);
    store_sums(r, panel, NULL, p, n);
  }
}

int lookup_images(const plan_slice *s) {
  size_t n = STAGED_BYTES / stage_bytes(&s->layout, 1, 1);
  return n < LOOKUP_PANEL ? LOOKUP_PANEL : n > 4096 ? 4096 : (int)n;
}

static size_t pixel_offset(const plan_layout *l, int64_t pixel) {
  int64_t per_image = (int64_t)l->out.h * l->out.w;
  return (size_t)(pixel / per_image) * plan_image_stride(l) +
         (size_t)(pixel % per_image / l->out.w * l->sh) * plan_row_stride(l) + (size_t)(pixel % l->out.w);
}

void run_lookup(slice_run *r) {
  enum { PIECE = 64 }; // weights looked up at once
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  size_t plane = (size_t)r->count * plan_image_stride(l);
  uint8_t identity[256];
  for (int i = 0; i < 256; i++)
    identity[i] = (uint8_t)i;
  uint8_t *staged = worker_buffer(r->w, BUFFER_STAGED, plane * (size_t)l->units);
  stage_args st = slice_stage(r, identity, 1);
  stage(r->w, &st, staged);
  uint8_t *index = worker_buffer(r->w, BUFFER_PANEL, (size_t)l->steps * LOOKUP_PANEL);
  int32_t *acc = worker_buffer(r->w, BUFFER_SUMS, (size_t)s->filters * PANEL * 2 * sizeof *acc);
  int64_t all = r->count * slice_pixels(r);
  for (int64_t pixel = 0; pixel < all; pixel += LOOKUP_PANEL) {
    int n = (int)(all - pixel < LOOKUP_PANEL ? all - pixel : LOOKUP_PANEL);
    size_t offset[LOOKUP_PANEL];
    for (int p = 0; p < n; p++)
      offset[p] = pixel_offset(l, pixel + p);
    for (int step = 0, unit; step < l->steps; step++) {
      const uint8_t *src = staged + plan_layout_step(l, step, &unit);
      src += (size_t)unit * plane;
      uint8_t *dst = index + step * LOOKUP_PANEL;
      for (int p = 0; p < n; p++)
        dst[p] = src[offset[p]];
      memset(dst + n, *dst, (size_t)(LOOKUP_PANEL - n));
    }
    for (int f = 0; f < s->filters; f++) {
      int32_t sums[LOOKUP_PANEL] = {0};
      const uint8_t *columns[PIECE];
      for (int step = 0; step < l->steps; step += PIECE) {
        int count = l->steps - step < PIECE ? l->steps - step : PIECE;
        for (int i = 0; i < count; i++)
          columns[i] = s->column_bytes + (size_t)s->column_of[f * l->steps + step + i] * COLUMN_BYTES;
        r->w->e->kernels->lookup(index + step * LOOKUP_PANEL, columns, count, sums);
      }
      memcpy(acc + f * PANEL, sums, PANEL * sizeof *acc);
      memcpy(acc + (s->filters + f) * PANEL, sums + PANEL, PANEL * sizeof *acc);
    }
    store_sums(r, acc, NULL, pixel, n < PANEL ? n : PANEL);
    if (n > PANEL)
      store_sums(r, acc + s->filters * PANEL, NULL, pixel + PANEL, n - PANEL);
  }
}
