// SPDX-License-Identifier: Apache-2.0
//
// Depthwise layers, all channels at once. By terms: stage a few images, then some pixels of all channels at a time,
// term by term. By look-ups: stage, transpose a tile of channels into planes, where the codes that a tap sees lie side
// by side.
#include "compiler/engine/engine_run.h"

// Sums of `pixels` pixels, from staged pixel `from` on.
static void sum_phases(const slice_run *r, const uint8_t *staged, const size_t *tap, size_t from, int pixels,
                       int32_t *sums) {
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  size_t channels = (size_t)l->channels, map_bytes = engine_stage_bytes(l, 1, r->count);
  for (int i = 0; i < s->phases; i++) {
    const plan_phase *p = &s->phase[i];
    depthwise_args a = {.in = staged + from * channels + (p->terms ? (size_t)p->map[0] * map_bytes : 0),
                        .step = channels * (size_t)l->sw,
                        .pixels = pixels,
                        .channels = l->channels,
                        .tap = tap,
                        .taps = p->terms ? (l->kh * l->kw + 1) / 2 * 2 : 0,
                        .shift = p->shift,
                        .weights = p->weights,
                        .sums = sums};
    r->w->e->kernels->depthwise(&a);
  }
}

static void sum_wide(const slice_run *r, const uint8_t *staged, const size_t *tap, size_t from, int pixels,
                     int64_t *sums) {
  const plan_layout *l = &r->s->layout;
  size_t channels = (size_t)l->channels;
  depthwise16_args a = {.in = (const int16_t *)(const void *)staged + from * channels,
                        .step = channels * (size_t)l->sw,
                        .pixels = pixels,
                        .channels = l->channels,
                        .tap = tap,
                        .taps = (l->kh * l->kw + 1) / 2 * 2,
                        .weights = r->s->phase[0].weights,
                        .sums = sums};
  r->w->e->kernels->depthwise16(&a);
}

void engine_run_depthwise(slice_run *r) {
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  size_t channels = (size_t)l->channels, whole = (size_t)s->tiles * TILE;
  size_t pixel = whole * (s->wide ? sizeof(int64_t) : sizeof(int32_t));
  const uint8_t *staged = engine_stage_maps(r, false);
  int taps = l->kh * l->kw;
  size_t *tap = engine_worker_buffer(r->w, BUFFER_RUNS, (size_t)(taps + 1) * sizeof *tap);
  for (int t = 0; t < taps; t++)
    tap[t] = (size_t)(t / l->kw * l->columns + t % l->kw) * channels;
  tap[taps] = 0; // of an odd number: its partner, whose weights are 0
  int most = (int)(DEPTHWISE_SUMS_BYTES / pixel), group = most < 4 ? 4 : most;
  void *sums = engine_worker_buffer(r->w, BUFFER_SUMS, (size_t)group * pixel);
  dot_span span = {.number = -1};
  while (engine_dot_next(r, &span))
    for (int done = 0; done < span.pixels; done += group) {
      int pixels = span.pixels - done < group ? span.pixels - done : group;
      size_t from = span.from + (size_t)(done * l->sw);
      if (s->wide)
        sum_wide(r, staged, tap, from, pixels, sums);
      else
        sum_phases(r, staged, tap, from, pixels, sums);
      sums_args a = {.sums = s->wide ? NULL : sums,
                     .wide = s->wide ? sums : NULL,
                     .stride = whole,
                     .grid = span.grid + done,
                     .pixels = pixels,
                     .filters = s->filters};
      engine_store_sums(r, &a);
    }
}

size_t engine_depthwise_working(const plan_slice *s, int batch) {
  int images = engine_fewer(engine_dot_images(s), batch);
  size_t sums = engine_tiles(s) * 32;
  return (size_t)s->maps * engine_stage_bytes(&s->layout, s->element, images) +
         (sums > DEPTHWISE_SUMS_BYTES ? sums : DEPTHWISE_SUMS_BYTES);
}

void engine_depthwise_explain(const plan_slice *s, str *what) {
  str_printf(what, "%d term%s, %d channels at once%s", s->terms, plural((size_t)s->terms), TILE,
             s->wide ? ", 64-bit sums" : "");
}

// The sums of a panel of staged pixels, those between outputs among them, of the filters of a tile.
static void look_panel(const slice_run *r, const uint8_t *plane, size_t plane_bytes, const size_t *at, int first,
                       int filters, int32_t *sums) {
  enum { PIECE = 64 };
  const plan_slice *s = r->s;
  int taps = s->layout.kh * s->layout.kw;
  for (int f = 0; f < filters; f++, plane += plane_bytes) {
    int32_t own[LOOKUP_PANEL] = {0};
    const uint8_t *columns[PIECE];
    for (int tap = 0; tap < taps; tap += PIECE) {
      int count = taps - tap < PIECE ? taps - tap : PIECE;
      for (int i = 0; i < count; i++)
        columns[i] = s->column_bytes + (size_t)s->column_of[(first + f) * taps + tap + i] * COLUMN_BYTES;
      r->w->e->kernels->lookup(plane, at + tap, columns, count, own);
    }
    for (int p = 0; p < LOOKUP_PANEL; p++)
      sums[p * TILE + f] = own[p];
  }
}

// A panel's sums from staged pixel `pixel` on. Strides: only every so many are outputs.
static void store_panel(const slice_run *r, int32_t *sums, size_t pixel, int pixels, int first, int filters) {
  const plan_layout *l = &r->s->layout;
  sums_args a = {
      .sums = sums, .stride = TILE, .grid = (int64_t)pixel, .pixels = pixels, .first = first, .filters = filters};
  if (l->sh == 1 && l->sw == 1) {
    engine_store_sums(r, &a);
    return;
  }
  size_t image = plan_layout_image(l), columns = (size_t)l->columns;
  for (int p = 0; p < pixels; p++) {
    size_t at = (pixel + (size_t)p) % image, y = at / columns, x = at % columns;
    if (y % (size_t)l->sh || x % (size_t)l->sw)
      continue;
    a.sums = sums + (size_t)p * TILE;
    a.grid = (int64_t)((pixel + (size_t)p) / image * plan_layout_grid(l) + y / (size_t)l->sh * (size_t)l->grid_columns +
                       x / (size_t)l->sw);
    a.pixels = 1;
    engine_store_sums(r, &a);
  }
}

void engine_run_depthwise_lookup(slice_run *r) {
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  size_t channels = (size_t)l->channels, pixels = (size_t)r->count * plan_layout_image(l);
  uint8_t *staged = engine_worker_buffer(r->w, BUFFER_STAGED, engine_stage_bytes(l, 1, r->count));
  stage_args st = engine_slice_stage(r, NULL, 1);
  engine_stage(r->w, &st, staged);
  int taps = l->kh * l->kw;
  size_t *at = engine_worker_buffer(r->w, BUFFER_RUNS, (size_t)taps * sizeof *at);
  for (int t = 0; t < taps; t++)
    at[t] = (size_t)(t / l->kw * l->columns + t % l->kw);
  size_t seen = (pixels + plan_layout_beyond(l)) / 8 * 8, plane = depthwise_plane(l, r->count);
  uint8_t *planes = engine_worker_buffer(r->w, BUFFER_TABLE, plane * TILE);
  int32_t *sums = engine_worker_buffer(r->w, BUFFER_SUMS, sizeof(int32_t) * LOOKUP_PANEL * TILE);
  for (size_t c = 0; c < channels; c += TILE) {
    int filters = channels - c < TILE ? (int)(channels - c) : TILE;
    r->w->e->kernels->planes8(planes, plane, staged + c, channels, seen);
    for (size_t p = 0; p < pixels; p += LOOKUP_PANEL) {
      look_panel(r, planes + p, plane, at, (int)c, filters, sums);
      store_panel(r, sums, p, pixels - p < LOOKUP_PANEL ? (int)(pixels - p) : LOOKUP_PANEL, (int)c, filters);
    }
  }
}
