// SPDX-License-Identifier: Apache-2.0
//
// From a panel of sums to the output tensor.
#include "compiler/infer/engine_parts.h"

#include <string.h>

stage_args slice_stage(const slice_run *r, const void *map, int element) {
  const net_node *in = &r->w->e->model->net->nodes[r->node->inputs[0]];
  return (stage_args){.layout = &r->s->layout,
                      .tensor = r->in,
                      .type = r->in_type,
                      .group = r->s->group,
                      .groups = r->node->groups,
                      .first = r->first,
                      .count = r->count,
                      .zero = in->quant.zero - engine_lowest(in),
                      .map = map,
                      .element = element};
}

// Calls that spread a panel over its images: element i of row f goes to its place in the output.
static void scatter(const slice_run *r, const void *values, size_t size, int64_t pixel, int pixels) {
  const plan_slice *s = r->s;
  int64_t per_image = slice_pixels(r);
  for (int done = 0, n; done < pixels; done += n) {
    int64_t image = (pixel + done) / per_image, at = (pixel + done) % per_image;
    n = (int)(per_image - at < pixels - done ? per_image - at : pixels - done);
    int64_t base = (r->first + image) * r->node->shape.c;
    for (int f = 0; f < s->filters; f++) {
      uint8_t *dst = (uint8_t *)r->out + (size_t)((base + s->filter[f]) * per_image + at) * size;
      const uint8_t *src = (const uint8_t *)values + (size_t)(f * PANEL + done) * size;
      if (size == 1 && n == PANEL)
        memcpy(dst, src, PANEL);
      else if (size == 1 && n == 1)
        *dst = *src;
      else
        memcpy(dst, src, (size_t)n * size);
    }
  }
}

void store_wide(const slice_run *r, const int64_t *acc, const int64_t *common, int64_t pixel, int pixels) {
  const plan_slice *s = r->s;
  const net_node *n = r->node;
  int32_t lowest = engine_lowest(n);
  void *out = worker_buffer(r->w, BUFFER_OUT, (size_t)s->filters * PANEL * sizeof(int32_t));
  for (int f = 0; f < s->filters; f++)
    for (int p = 0; p < pixels; p++) {
      int64_t sum = s->start[f] + acc[f * PANEL + p] + (common ? common[p] : 0);
      tensor_set(out, r->out_type, f * PANEL + p, lowest,
                 r->out_type == RAW32 ? (int32_t)sum : net_requantise(n, sum * s->mult[f]));
    }
  scatter(r, out, (size_t)r->out_type, pixel, pixels);
}

void store_sums(const slice_run *r, const int32_t *acc, const int32_t *common, int64_t pixel, int pixels) {
  const plan_slice *s = r->s;
  const net_node *n = r->node;
  void *out = worker_buffer(r->w, BUFFER_OUT, (size_t)s->filters * PANEL * sizeof(int32_t));
  int32_t lowest = engine_lowest(n);
  if (r->out_type == CODES8) {
    requantise_args a = {
        acc, common, s->start32, s->mult, s->filters, n->shift, n->quant.zero - lowest, n->lo - lowest, n->hi - lowest};
    r->w->e->kernels->requantise(&a, out);
  } else
    for (int f = 0; f < s->filters; f++)
      for (int p = 0; p < pixels; p++) {
        uint32_t low = (uint32_t)s->start32[f] + (uint32_t)acc[f * PANEL + p] + (common ? (uint32_t)common[p] : 0);
        int32_t sum = (int32_t)low;
        tensor_set(out, r->out_type, f * PANEL + p, lowest,
                   r->out_type == RAW32 ? sum : net_requantise(n, (int64_t)sum * s->mult[f]));
      }
  scatter(r, out, (size_t)r->out_type, pixel, pixels);
}
