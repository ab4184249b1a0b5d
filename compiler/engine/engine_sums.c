// SPDX-License-Identifier: Apache-2.0
//
// From sums to the output tensor.
#include "compiler/engine/engine_parts.h"

#include <string.h>

stage_args engine_slice_stage(const slice_run *r, const void *map, int element) {
  const net_node *in = &r->w->e->model->net->nodes[r->node->inputs[0]];
  return (stage_args){.layout = &r->s->layout,
                      .tensor = r->in,
                      .type = r->in_type,
                      .group = r->s->group,
                      .groups = r->s->groups,
                      .first = r->first,
                      .count = r->count,
                      .zero = in->quant.zero - engine_lowest(in),
                      .map = map,
                      .element = element};
}

// Where output pixel `at` of an image lies.
static int64_t place(const slice_run *r, int64_t image, int64_t at) {
  return ((r->first + image) * slice_pixels(r) + at) * r->node->shape.c;
}

// One pixel after another, of any type.
static void store_values(const slice_run *r, const sums_args *a, int from, int n, int64_t to) {
  const plan_slice *s = r->s;
  int32_t lowest = engine_lowest(r->node);
  for (int p = from; p < from + n; p++, to += r->node->shape.c)
    for (int i = 0; i < a->filters; i++) {
      int f = a->first + i;
      int64_t sum;
      if (a->wide)
        sum = s->start[f] + a->wide[(size_t)p * a->stride + (size_t)i] +
              (s->common ? a->wide[(size_t)p * a->stride + (size_t)s->filters] : 0);
      else
        sum = (int32_t)((uint32_t)s->start32[f] + (uint32_t)a->sums[(size_t)p * a->stride + (size_t)i] +
                        (a->common ? (uint32_t)a->common[(size_t)p * a->common_stride] : 0));
      tensor_set(r->out, r->out_type, to + s->filter[f], lowest,
                 r->out_type == RAW32 ? (int32_t)sum : net_requantise(r->node, sum * s->mult[f]));
    }
}

// Accumulators as they are, of neighbouring filters: nothing but additions.
static void store_raw(const slice_run *r, const sums_args *a, int from, int n, int64_t to) {
  const int32_t *start = r->s->start32 + a->first;
  int32_t *restrict out = (int32_t *)r->out + to + r->s->filter[a->first];
  for (int p = from; p < from + n; p++, out += r->node->shape.c) {
    const int32_t *restrict sums = a->sums + (size_t)p * a->stride;
    uint32_t common = a->common ? (uint32_t)a->common[(size_t)p * a->common_stride] : 0;
#pragma omp simd
    for (int i = 0; i < a->filters; i++)
      out[i] = (int32_t)((uint32_t)start[i] + (uint32_t)sums[i] + common);
  }
}

static bool neighbours(const slice_run *r, const sums_args *a) {
  const int *filter = r->s->filter + a->first;
  return filter[a->filters - 1] - filter[0] + 1 == a->filters;
}

// The places of filters that are not neighbours, from the first on, as bits.
static const uint64_t *places(const slice_run *r, const int *filter, int filters) {
  size_t words = (size_t)(filter[filters - 1] - filter[0]) / 64 + 1;
  uint64_t *set = engine_worker_buffer(r->w, BUFFER_SET, words * sizeof *set);
  memset(set, 0, words * sizeof *set);
  for (int f = 0; f < filters; f++)
    set[(filter[f] - filter[0]) / 64] |= (uint64_t)1 << (filter[f] - filter[0]) % 64;
  return set;
}

// n pixels from number `from` on, to output pixels that are neighbours.
static void store_codes(const slice_run *r, const sums_args *a, int from, int n, int64_t to) {
  const kernels *k = r->w->e->kernels;
  const int *filter = r->s->filter + a->first;
  int32_t lowest = engine_lowest(r->node);
  int span = filter[a->filters - 1] - filter[0] + 1;
  size_t pixel = (size_t)r->node->shape.c;
  uint8_t *out = (uint8_t *)r->out + to + filter[0];
  requantise_args q = {.sums = a->sums + (size_t)from * a->stride,
                       .stride = a->stride,
                       .common = a->common ? a->common + (size_t)from * a->common_stride : NULL,
                       .common_stride = a->common_stride,
                       .start = r->s->start32 + a->first,
                       .mult = r->s->mult + a->first,
                       .pixels = n,
                       .filters = a->filters,
                       .shift = r->node->shift,
                       .zero = r->node->quant.zero - lowest,
                       .lo = r->node->lo - lowest,
                       .hi = r->node->hi - lowest,
                       .narrow = r->w->e->narrow[r->node - r->w->e->model->net->nodes],
                       .out_stride = pixel};
  if (span == a->filters) {
    k->requantise(&q, out);
    return;
  }
  q.out_stride = (size_t)a->filters;
  uint8_t *codes = engine_worker_buffer(r->w, BUFFER_OUT, (size_t)n * (size_t)a->filters);
  k->requantise(&q, codes);
  k->spread8(out, pixel, codes, q.out_stride, places(r, filter, a->filters), span, n);
}

void engine_store_sums(const slice_run *r, const sums_args *a) {
  const plan_layout *l = &r->s->layout;
  void (*store)(const slice_run *r, const sums_args *a, int from, int n, int64_t to) =
      a->wide                                    ? store_values
      : r->out_type == CODES8                    ? store_codes
      : r->out_type == RAW32 && neighbours(r, a) ? store_raw
                                                 : store_values;
  int64_t per_image = (int64_t)plan_layout_grid(l), image = a->grid / per_image, at = a->grid % per_image;
  for (int done = 0, step; done < a->pixels; done += step, at += step) {
    if (at >= per_image) {
      at -= per_image;
      image++;
    }
    int64_t y = at / l->grid_columns, x = at % l->grid_columns, width = l->out.w - x, left = a->pixels - done;
    if (y >= l->out.h || x >= l->out.w) { // to the next row or image
      int64_t skip = y >= l->out.h ? per_image - at : l->grid_columns - x;
      step = (int)(skip < left ? skip : left);
      continue;
    }
    if (l->grid_columns == l->out.w) // whole rows follow each other
      width += (l->out.h - 1 - y) * l->out.w;
    step = (int)(width < left ? width : left);
    store(r, a, done, step, place(r, image, y * l->out.w + x));
  }
}
