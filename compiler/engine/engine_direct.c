// SPDX-License-Identifier: Apache-2.0
//
// Running plan direct: product by product.
#include "compiler/engine/engine_run.h"

#include <string.h>

static int64_t product(const mul *f, int32_t a, int32_t w) {
  return f && !f->exact ? mul_apply(f, a, w) : (int64_t)a * w;
}

// sum over the taps of f(a, w) - z_w * a for one output pixel.
static int64_t direct_sum(const slice_run *r, const int32_t *window, int f, int channels, int taps) {
  const infer_model *m = r->w->e->model;
  int reduction = channels * taps;
  int64_t sum = 0, first = (int64_t)f * reduction, end = first + reduction;
  const assignment *a = infer_assignment(m, (int)(r->node - m->net->nodes));
  for (int64_t i = first, next; i < end; i = next) {
    const mul *g = a ? m->muls[assignment_mul(a, i)] : NULL;
    next = a ? i + assignment_run(a, i) : end;
    next = next < end ? next : end;
    for (; i < next; i++, window++)
      sum += product(g, *window, r->node->weight[i]) - (int64_t)r->node->weight_zero * *window;
  }
  return sum;
}

void engine_gather(const slice_run *r, int64_t image, int y, int x, size_t step, int32_t *window) {
  const net_node *n = r->node;
  const network *net = r->w->e->model->net;
  net_shape in = net_input_shape(net, n);
  int channels = in.c / n->groups;
  int32_t zero = net_input_quant(net, n).zero, lowest = engine_lowest(&net->nodes[n->inputs[0]]);
  for (int c = 0; c < channels; c++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++, window += step) {
        int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
        bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
        int64_t at = ((image * in.h + iy) * in.w + ix) * in.c + r->s->group * channels + c;
        *window = inside ? tensor_code(r->in, r->in_type, at, lowest) : zero;
      }
}

void engine_run_direct(slice_run *r) {
  const net_node *n = r->node;
  const plan_slice *s = r->s;
  int channels = net_input_shape(r->w->e->model->net, n).c / n->groups, taps = n->kh * n->kw;
  int32_t *window = engine_worker_buffer(r->w, BUFFER_STAGED, (size_t)(channels * taps) * sizeof *window);
  int64_t *sums = engine_worker_buffer(r->w, BUFFER_WIDE, (size_t)s->filters * sizeof *sums);
  for (int i = 0; i < r->count; i++)
    for (int p = 0; p < n->shape.h * n->shape.w; p++) {
      engine_gather(r, r->first + i, p / n->shape.w, p % n->shape.w, 1, window);
      for (int f = 0; f < s->filters; f++)
        sums[f] = direct_sum(r, window, s->filter[f], channels, taps);
      sums_args a = {.wide = sums,
                     .stride = (size_t)s->filters,
                     .grid = engine_grid_of(r, i, p),
                     .pixels = 1,
                     .filters = s->filters};
      engine_store_sums(r, &a);
    }
}

size_t engine_direct_working(const plan_slice *s, int batch) {
  (void)batch;
  return (size_t)(s->layout.kh * plan_layout_run(&s->layout)) * 4 + (size_t)s->filters * 8;
}

void engine_direct_explain(const plan_slice *s, str *what) {
  (void)s;
  str_printf(what, "one product at a time");
}
