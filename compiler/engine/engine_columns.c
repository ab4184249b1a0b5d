// SPDX-License-Identifier: Apache-2.0
//
// Running plan columns: a panel of pixels at a time, each weight's products looked up by their codes.
#include "compiler/engine/engine_run.h"

#include <string.h>

// The codes of a panel's pixels, tap by tap: index[tap][pixel]. Beyond the last pixel any will do.
static void look_panel(const plan_layout *l, const uint8_t *staged, int64_t pixel, uint8_t *index) {
  size_t channels = (size_t)l->in.c, row = (size_t)l->columns * channels;
  bool even = l->sh == 1 && l->sw == 1;
  int64_t per_image = (int64_t)plan_layout_grid(l);
  size_t from[LOOKUP_PANEL]; // where the pixels' windows begin
  for (int p = 0; p < LOOKUP_PANEL; p++) {
    int64_t at = pixel + p, image = at / per_image, y = at % per_image / l->grid_columns, x = at % l->grid_columns;
    from[p] = even
                  ? (size_t)at * channels
                  : ((size_t)image * plan_layout_image(l) + (size_t)(x * l->sw)) * channels + (size_t)(y * l->sh) * row;
  }
  for (int ky = 0; ky < l->kh; ky++)
    for (int e = 0; e < plan_layout_run(l); e++, index += LOOKUP_PANEL) {
      const uint8_t *src = staged + (size_t)ky * row + (size_t)e;
      if (even && channels == 1)
        memcpy(index, src + from[0], LOOKUP_PANEL);
      else
        for (int p = 0; p < LOOKUP_PANEL; p++)
          index[p] = src[from[p]];
    }
}

static void run_by_filter(slice_run *r) {
  enum { PIECE = 64 }; // weights looked up at once
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  // A panel goes on beyond the last image: so do the images.
  int64_t all = r->count * (int64_t)plan_layout_grid(l);
  size_t beyond = LOOKUP_PANEL * plan_layout_image(l) * (size_t)l->in.c, bytes = engine_stage_bytes(l, 1, r->count);
  uint8_t *staged = engine_worker_buffer(r->w, BUFFER_STAGED, bytes + beyond);
  stage_args st = engine_slice_stage(r, NULL, 1);
  engine_stage(r->w, &st, staged);
  memset(staged + bytes, 0, beyond);
  int taps = l->kh * plan_layout_run(l);
  size_t stride = ((size_t)s->filters + TILE - 1) / TILE * TILE;
  uint8_t *index = engine_worker_buffer(r->w, BUFFER_TABLE, (size_t)taps * LOOKUP_PANEL);
  int32_t *acc = engine_worker_buffer(r->w, BUFFER_SUMS, stride * LOOKUP_PANEL * sizeof *acc);
  size_t panels[PIECE];
  for (size_t i = 0; i < PIECE; i++)
    panels[i] = i * LOOKUP_PANEL;
  for (int64_t pixel = 0; pixel < all; pixel += LOOKUP_PANEL) {
    int n = (int)(all - pixel < LOOKUP_PANEL ? all - pixel : LOOKUP_PANEL);
    look_panel(l, staged, pixel, index);
    for (int f = 0; f < s->filters; f++) {
      int32_t sums[LOOKUP_PANEL] = {0};
      const uint8_t *columns[PIECE];
      for (int tap = 0; tap < taps; tap += PIECE) {
        int count = taps - tap < PIECE ? taps - tap : PIECE;
        for (int i = 0; i < count; i++)
          columns[i] = s->column_bytes + (size_t)s->column_of[f * taps + tap + i] * COLUMN_BYTES;
        r->w->e->kernels->lookup(index + tap * LOOKUP_PANEL, panels, columns, count, sums);
      }
      for (int p = 0; p < LOOKUP_PANEL; p++)
        acc[(size_t)p * stride + (size_t)f] = sums[p];
    }
    sums_args a = {.sums = acc, .stride = stride, .grid = pixel, .pixels = n, .filters = s->filters};
    engine_store_sums(r, &a);
  }
}

void engine_run_columns(slice_run *r) { (r->s->depthwise ? engine_run_depthwise_lookup : run_by_filter)(r); }

int engine_columns_images(const plan_slice *s) {
  size_t n = STAGED_BYTES / engine_stage_bytes(&s->layout, 1, 1);
  if (s->depthwise)
    return n < 1 ? 1 : n > LOOKUP_PANEL ? LOOKUP_PANEL : (int)n;
  return n < LOOKUP_PANEL ? LOOKUP_PANEL : n > 4096 ? 4096 : (int)n;
}

size_t engine_columns_working(const plan_slice *s, int batch) {
  const plan_layout *l = &s->layout;
  int images = engine_fewer(engine_columns_images(s), batch);
  size_t index = s->depthwise
                     ? depthwise_plane(l, images) * TILE + TILE * LOOKUP_PANEL * 4
                     : (size_t)(l->kh * plan_layout_run(l)) * LOOKUP_PANEL + engine_tiles(s) * LOOKUP_PANEL * 4;
  return engine_stage_bytes(l, 1, images) + index;
}

void engine_columns_explain(const plan_slice *s, str *what) {
  (void)s;
  str_printf(what, "one look-up a product, %d pixels at once", LOOKUP_PANEL);
}
