// SPDX-License-Identifier: Apache-2.0
//
// From sums to the output tensor.
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

// Where the first filter of output pixel `at` of an image lies: the others are whole planes away.
static int64_t place(const slice_run *r, int64_t image, int64_t at) {
  return (r->first + image) * r->node->shape.c * slice_pixels(r) + at;
}

// One pixel after another, of any type.
static void store_values(const slice_run *r, const sums_args *a, int from, int n, int64_t to) {
  const plan_slice *s = r->s;
  int32_t lowest = engine_lowest(r->node);
  int64_t plane = slice_pixels(r);
  for (int p = from; p < from + n; p++, to++)
    for (int i = 0; i < a->filters; i++) {
      int f = a->first + i;
      int64_t sum;
      if (a->wide)
        sum = s->start[f] + a->wide[(size_t)p * a->stride + (size_t)i] +
              (s->common ? a->wide[(size_t)p * a->stride + (size_t)s->filters] : 0);
      else
        sum = (int32_t)((uint32_t)s->start32[f] + (uint32_t)a->sums[(size_t)p * a->stride + (size_t)i] +
                        (a->common ? (uint32_t)a->common[(size_t)p * a->common_stride] : 0));
      tensor_set(r->out, r->out_type, to + s->filter[f] * plane, lowest,
                 r->out_type == RAW32 ? (int32_t)sum : net_requantise(r->node, sum * s->mult[f]));
    }
}

static void store_codes(const slice_run *r, const sums_args *a, const uint8_t *codes, size_t stride, int from, int n,
                        int64_t to) {
  const int *filter = r->s->filter + a->first;
  uint8_t *out = (uint8_t *)r->out + to;
  codes += (size_t)from * stride;
  if (slice_pixels(r) > 1)
    r->w->e->kernels->planes8(out, (size_t)slice_pixels(r), filter, codes, stride, a->filters, n);
  else if (filter[a->filters - 1] - filter[0] == a->filters - 1) // dense, n is 1
    memcpy(out + filter[0], codes, (size_t)a->filters);
  else
    for (int f = 0; f < a->filters; f++)
      out[filter[f]] = codes[f];
}

void store_sums(const slice_run *r, const sums_args *a) {
  const plan_layout *l = &r->s->layout;
  const net_node *n = r->node;
  bool quick = r->out_type == CODES8 && !a->wide;
  int tiles = (a->filters + TILE - 1) / TILE;
  uint8_t *codes = NULL;
  if (quick) {
    int32_t lowest = engine_lowest(n);
    codes = worker_buffer(r->w, BUFFER_OUT, (size_t)(a->pixels + PANEL) * (size_t)(tiles * TILE));
    requantise_args q = {.sums = a->sums,
                         .stride = a->stride,
                         .common = a->common,
                         .common_stride = a->common_stride,
                         .start = r->s->start32 + a->first,
                         .mult = r->s->mult + a->first,
                         .pixels = a->pixels,
                         .tiles = tiles,
                         .shift = n->shift,
                         .zero = n->quant.zero - lowest,
                         .lo = n->lo - lowest,
                         .hi = n->hi - lowest};
    r->w->e->kernels->requantise(&q, codes);
  }
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
    int64_t to = place(r, image, y * l->out.w + x);
    if (quick)
      store_codes(r, a, codes, (size_t)tiles * TILE, done, step, to);
    else
      store_values(r, a, done, step, to);
  }
}
