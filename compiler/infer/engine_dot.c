// SPDX-License-Identifier: Apache-2.0
//
// Running the dot product plans: stage a few images, then panel by panel of output pixels.
#include "compiler/infer/engine_run.h"

#include <string.h>

static void panel_copies(const plan_layout *l, int64_t pixel, int pixels, pack_args *a) {
  bool dense = l->in.h == 1 && l->in.w == 1 && plan_image_stride(l) == 1; // images are neighbours
  int width = dense ? pixels : l->out.w;
  a->count = a->longest = 0;
  for (int done = 0; done < pixels;) {
    int64_t at = pixel + done, per_image = (int64_t)l->out.h * l->out.w;
    int x = dense ? 0 : (int)(at % l->out.w), y = (int)(at / l->out.w % l->out.h);
    size_t from =
        (size_t)(at / per_image) * plan_image_stride(l) + (size_t)(y * l->sh) * plan_row_stride(l) + (size_t)x;
    int n = width - x < pixels - done ? width - x : pixels - done;
    n = n > 16 ? 16 : n;
    a->longest = n > a->longest ? n : a->longest;
    a->copy[a->count].from = from * UNIT_BYTES;
    a->copy[a->count++].to = (size_t)done * UNIT_BYTES;
    done += n;
  }
}

typedef struct {
  const slice_run *run;
  const dot_kernel *kernel;
  const uint8_t *staged; // [maps][unit] planes
  size_t map_bytes;
  const size_t *offset; // [steps] bytes within a map's planes
  uint8_t *panel;
} dot_run;

static void pack_phase(const dot_run *d, const plan_phase *p, pack_args *a, uint8_t *panel) {
  const plan_layout *l = &d->run->s->layout;
  size_t line = PANEL * UNIT_BYTES;
  a->offset = d->offset;
  a->units = l->steps;
  for (int t = 0; t < p->terms; t++, panel += (size_t)l->steps * line) {
    a->planes = d->staged + (size_t)p->map[t] * d->map_bytes;
    d->run->w->e->kernels->pack(a, panel);
  }
  if (p->units > p->terms * l->steps)
    memset(panel, 0, (size_t)(p->units - p->terms * l->steps) * line);
}

// Panels that are done phase by phase together, so that a large phase's weights are read once for all of them.
enum { GROUP_MAX = 32, GROUP_BYTES = 512 << 10 };

static int group_size(const plan_slice *s) {
  size_t weights = 0, sums = (size_t)(s->block * s->blocks) * PANEL * sizeof(int32_t);
  for (int i = 0; i < s->phases; i++)
    weights += (size_t)s->phase[i].units * (size_t)(s->block * s->blocks) * UNIT_BYTES;
  size_t n = weights < 2 * GROUP_BYTES ? 1 : GROUP_BYTES / sums;
  return n < 1 ? 1 : n > GROUP_MAX ? GROUP_MAX : (int)n;
}

static void narrow_group(const dot_run *d, int64_t pixel, int pixels) {
  const plan_slice *s = d->run->s;
  int rows = s->block * s->blocks, panels = (pixels + PANEL - 1) / PANEL;
  int32_t *acc = worker_buffer(d->run->w, BUFFER_SUMS, (size_t)(panels * rows) * PANEL * sizeof *acc);
  pack_args copies[GROUP_MAX];
  for (int g = 0; g < panels; g++)
    panel_copies(&s->layout, pixel + g * PANEL, pixels - g * PANEL < PANEL ? pixels - g * PANEL : PANEL, &copies[g]);
  for (int i = 0; i < s->phases; i++)
    for (int g = 0; g < panels; g++) {
      const plan_phase *p = &s->phase[i];
      pack_phase(d, p, &copies[g], d->panel);
      for (int b = 0; b < s->blocks; b++) {
        const uint8_t *weights = (const uint8_t *)p->weights + (size_t)(b * p->units * s->block) * UNIT_BYTES;
        dot_args a = {d->panel, weights, acc + (g * rows + b * s->block) * PANEL, p->units, s->block, p->shift};
        d->kernel->run(&a);
      }
    }
  for (int g = 0; g < panels; g++) {
    int n = pixels - g * PANEL < PANEL ? pixels - g * PANEL : PANEL;
    int32_t *sums = acc + g * rows * PANEL;
    if (s->error)
      rows_panel(d->run, s->error, pixel + g * PANEL, n, true, sums);
    store_sums(d->run, sums, s->common ? sums + s->filters * PANEL : NULL, pixel + g * PANEL, n);
  }
}

// In 64 bits: each phase in pieces whose sums fit 32 bits (limits_wide).
static void wide_panel(const dot_run *d, int64_t pixel, int pixels) {
  enum { PIECE = 128 };
  const plan_slice *s = d->run->s;
  pack_args c;
  panel_copies(&s->layout, pixel, pixels, &c);
  size_t line = PANEL * UNIT_BYTES, rows = (size_t)(s->block * s->blocks);
  int64_t *total = worker_buffer(d->run->w, BUFFER_WIDE, rows * PANEL * sizeof *total);
  memset(total, 0, rows * PANEL * sizeof *total);
  int32_t *acc = worker_buffer(d->run->w, BUFFER_SUMS, (size_t)s->block * PANEL * sizeof *acc);
  for (int i = 0; i < s->phases; i++) {
    const plan_phase *p = &s->phase[i];
    pack_phase(d, p, &c, d->panel);
    for (int b = 0; b < s->blocks; b++)
      for (int u = 0; u < p->units; u += PIECE) {
        const uint8_t *weights =
            (const uint8_t *)p->weights + ((size_t)b * (size_t)p->units + (size_t)u) * (size_t)s->block * UNIT_BYTES;
        dot_args a = {
            d->panel + (size_t)u * line, weights, acc, p->units - u < PIECE ? p->units - u : PIECE, s->block, -1};
        d->kernel->run(&a);
        int64_t *t = total + (size_t)(b * s->block) * PANEL;
        for (int j = 0; j < s->block * PANEL; j++)
          t[j] += (int64_t)acc[j] * ((int64_t)1 << p->shift);
      }
  }
  store_wide(d->run, total, s->common ? total + (size_t)s->filters * PANEL : NULL, pixel, pixels);
}

int dot_images(const plan_slice *s) {
  if (s->error)
    return rows_images(s->error);
  int element = s->element;
  size_t bytes = stage_bytes(&s->layout, element, 1) * (size_t)(s->maps ? s->maps : 1);
  size_t n = STAGED_BYTES / bytes;
  return n < 1 ? 1 : n > 4096 ? 4096 : (int)n;
}

void run_dot(slice_run *r) {
  const plan_slice *s = r->s;
  int element = s->element;
  dot_run d = {.run = r, .kernel = element == 1 ? &r->w->e->kernels->dot8 : &r->w->e->kernels->dot16};
  if (s->error)
    add_all_rows(r, s->error);
  d.map_bytes = stage_bytes(&s->layout, element, r->count);
  uint8_t *staged = worker_buffer(r->w, BUFFER_STAGED, d.map_bytes * (size_t)s->maps);
  for (int m = 0; m < s->maps; m++) {
    stage_args a = slice_stage(r, s->map[m], element);
    stage(r->w, &a, staged + (size_t)m * d.map_bytes);
  }
  d.staged = staged;
  size_t *offset = worker_buffer(r->w, BUFFER_TABLE, (size_t)s->layout.steps * sizeof *offset);
  size_t plane = (size_t)r->count * plan_image_stride(&s->layout) * UNIT_BYTES;
  for (int step = 0, unit; step < s->layout.steps; step++) {
    offset[step] = plan_layout_step(&s->layout, step, &unit) * UNIT_BYTES;
    offset[step] += (size_t)unit * plane;
  }
  d.offset = offset;
  size_t units = 0;
  for (int i = 0; i < s->phases; i++)
    units = (size_t)s->phase[i].units > units ? (size_t)s->phase[i].units : units;
  d.panel = worker_buffer(r->w, BUFFER_PANEL, units * PANEL * UNIT_BYTES);
  int64_t all = r->count * slice_pixels(r), group = s->wide ? PANEL : PANEL * group_size(s);
  for (int64_t p = 0; p < all; p += group) {
    int n = (int)(all - p < group ? all - p : group);
    (s->wide ? wide_panel : narrow_group)(&d, p, n);
  }
}
