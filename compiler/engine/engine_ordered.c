// SPDX-License-Identifier: Apache-2.0
//
// Running plan ordered: the additions of docs/numerics.md, "Approximate adders", in their order, for many pixels at
// once.
#include "compiler/engine/engine_run.h"

#include <string.h>

enum { ORDERED_PIXELS = 128 }; // of one image, or one of each of so many images

// Codes of the windows of n pixels from number `from` on: [taps][ORDERED_PIXELS].
static void gather(const slice_run *r, int64_t from, int n, int32_t *windows) {
  for (int k = 0; k < n; k++) {
    int64_t image = (from + k) / slice_pixels(r), pixel = (from + k) % slice_pixels(r);
    int w = r->node->shape.w;
    engine_gather(r, r->first + image, (int)(pixel / w), (int)(pixel % w), ORDERED_PIXELS, windows + k);
  }
}

static void multiply(const mul *f, const int32_t *a, int32_t w, int n, uint64_t mask, uint64_t *out) {
  if (!f || f->exact)
    for (int i = 0; i < n; i++)
      out[i] = (uint64_t)((int64_t)a[i] * w) & mask;
  else
    for (int i = 0; i < n; i++)
      out[i] = (uint64_t)mul_apply(f, a[i], w) & mask;
}

static void plus(const infer_accumulation *s, bool approximate, uint64_t *sum, const uint64_t *more, int n) {
  uint64_t mask = ((uint64_t)1 << s->bits) - 1;
  if (approximate)
    adder_apply(s->adder, s->bits, sum, more, (size_t)n);
  else
    for (int i = 0; i < n; i++)
      sum[i] = (sum[i] + more[i]) & mask;
}

// The sum of a word's products, [lanes][ORDERED_PIXELS], in the place of the first: pair by pair, as the tree's levels
// have them side by side.
static void tree(const infer_accumulation *s, uint64_t *v, int n) {
  for (int step = 1; step < s->lanes; step *= 2)
    for (int k = 0; k + step < s->lanes; k += 2 * step)
      plus(s, s->in_tree, v + (size_t)k * ORDERED_PIXELS, v + (size_t)(k + step) * ORDERED_PIXELS, n);
}

// One filter of n pixels: what its accumulators are beyond the slice's start.
static void filter_sums(const slice_run *r, int which, const int32_t *windows, int n, uint64_t *lanes, uint64_t *acc) {
  const infer_model *m = r->w->e->model;
  const net_node *node = r->node;
  int number = (int)(node - m->net->nodes);
  const infer_accumulation *s = infer_accumulated(m, number);
  const assignment *by = infer_assignment(m, number);
  int64_t reduction = net_reduction(m->net, node), first = r->s->filter[which] * reduction;
  const int32_t *tap = s->tap + r->s->group * reduction;
  uint64_t mask = ((uint64_t)1 << s->bits) - 1;
  for (int i = 0; i < n; i++)
    acc[i] = (uint64_t)r->s->start[which] & mask;
  for (int64_t i = 0; i < reduction; i += s->lanes) {
    for (int l = 0; l < s->lanes; l++) {
      int32_t t = tap[i + l];
      const mul *f = by ? m->muls[assignment_mul(by, first + t)] : NULL;
      multiply(f, windows + (size_t)t * ORDERED_PIXELS, node->weight[first + t], n, mask,
               lanes + (size_t)l * ORDERED_PIXELS);
    }
    tree(s, lanes, n);
    for (int l = 0; node->weight_zero && l < s->lanes; l++) {
      const int32_t *a = windows + (size_t)tap[i + l] * ORDERED_PIXELS;
      for (int k = 0; k < n; k++)
        lanes[k] = (lanes[k] - (uint64_t)((int64_t)node->weight_zero * a[k])) & mask;
    }
    plus(s, s->in_sum, acc, lanes, n);
  }
  for (int i = 0; i < n; i++)
    acc[i] = (uint64_t)(infer_signed(s->bits, acc[i]) - r->s->start[which]);
}

void engine_run_ordered(slice_run *r) {
  const plan_slice *s = r->s;
  const net_node *n = r->node;
  size_t taps = (size_t)net_reduction(r->w->e->model->net, n), filters = (size_t)s->filters;
  int32_t *windows = engine_worker_buffer(r->w, BUFFER_STAGED, taps * ORDERED_PIXELS * sizeof *windows);
  uint64_t *lanes = engine_worker_buffer(r->w, BUFFER_TABLE, (size_t)s->lanes * ORDERED_PIXELS * sizeof *lanes);
  int64_t *sums = engine_worker_buffer(r->w, BUFFER_WIDE, filters * sizeof *sums);
  uint64_t *acc = engine_worker_buffer(r->w, BUFFER_SUMS, filters * ORDERED_PIXELS * sizeof *acc);
  int64_t pixels = slice_pixels(r), all = r->count * pixels;
  for (int64_t from = 0; from < all; from += ORDERED_PIXELS) {
    int count = all - from < ORDERED_PIXELS ? (int)(all - from) : ORDERED_PIXELS;
    gather(r, from, count, windows);
    for (int f = 0; f < s->filters; f++)
      filter_sums(r, f, windows, count, lanes, acc + (size_t)f * ORDERED_PIXELS);
    for (int k = 0; k < count; k++) {
      int64_t grid = engine_grid_of(r, (from + k) / pixels, (from + k) % pixels);
      for (size_t f = 0; f < filters; f++)
        sums[f] = (int64_t)acc[f * ORDERED_PIXELS + (size_t)k];
      sums_args a = {.wide = sums, .stride = filters, .grid = grid, .pixels = 1, .filters = s->filters};
      engine_store_sums(r, &a);
    }
  }
}

int engine_ordered_images(const plan_slice *s) { return (void)s, ORDERED_PIXELS; }

size_t engine_ordered_working(const plan_slice *s, int batch) {
  (void)batch;
  return ((size_t)(s->layout.kh * plan_layout_run(&s->layout)) * 4 + (size_t)s->lanes * 8 + (size_t)s->filters * 8) *
         ORDERED_PIXELS;
}

void engine_ordered_explain(const plan_slice *s, str *what) {
  str_printf(what, "in the hardware's order, words of %d, %d pixels at once", s->lanes, ORDERED_PIXELS);
}
