// SPDX-License-Identifier: Apache-2.0
#include "compiler/infer/plan.h"

static int ceil_to(int a, int b) { return (a + b - 1) / b; }

plan_layout plan_layout_make(const network *net, const net_node *n, int lanes) {
  net_shape in = net_input_shape(net, n);
  plan_layout l = {.in = {in.c / n->groups, in.h, in.w},
                   .out = {n->shape.c / n->groups, n->shape.h, n->shape.w},
                   .kh = n->kh,
                   .kw = n->kw,
                   .sh = n->sh,
                   .sw = n->sw,
                   .pt = n->pt,
                   .pl = n->pl,
                   .lanes = lanes};
  bool padded = n->pt || n->pb || n->pl || n->pr;
  if (n->kh == in.h && n->kw == in.w && !padded) {
    l.in = (net_shape){l.in.c * in.h * in.w, 1, 1};
    l.kh = l.kw = l.sh = l.sw = 1;
  }
  int unrolled = ceil_to(l.kw * l.in.c, lanes), plain = l.kw * ceil_to(l.in.c, lanes);
  l.unrolled = l.kw > 1 && unrolled < plain;
  l.channels = l.unrolled ? l.kw * l.in.c : l.in.c;
  l.units = ceil_to(l.channels, lanes);
  l.rows = (l.out.h - 1) * l.sh + l.kh;
  l.phases = l.unrolled ? 1 : l.sw;
  l.columns = l.unrolled ? l.out.w : ceil_to((l.out.w - 1) * l.sw + l.kw, l.sw);
  l.steps = l.kh * (l.unrolled ? 1 : l.kw) * l.units;
  return l;
}

int plan_layout_tap(const plan_layout *l, int step, int lane) {
  int unit = step % l->units, at = step / l->units, v = unit * l->lanes + lane;
  if (v >= l->channels)
    return -1;
  int ky = l->unrolled ? at : at / l->kw, kx = l->unrolled ? v / l->in.c : at % l->kw;
  int c = l->unrolled ? v % l->in.c : v;
  return (c * l->kh + ky) * l->kw + kx;
}

size_t plan_layout_step(const plan_layout *l, int step, int *unit) {
  *unit = step % l->units;
  int at = step / l->units;
  if (l->unrolled)
    return (size_t)at * plan_row_stride(l);
  int ky = at / l->kw, kx = at % l->kw;
  return (size_t)ky * plan_row_stride(l) + (size_t)(kx % l->sw * l->columns + kx / l->sw);
}
