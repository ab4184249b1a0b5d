// SPDX-License-Identifier: Apache-2.0
#include "compiler/engine/plan.h"

static int ceil_to(int a, int b) { return (a + b - 1) / b; }
static int larger(int a, int b) { return a > b ? a : b; }

// The border between neighbours: that of either, and so much that their outputs do not meet.
static int gap(int before, int after, int kernel) { return larger(larger(before, after), before + after - kernel + 1); }

plan_layout plan_layout_make(const network *net, const net_node *n) {
  net_shape in = net_input_shape(net, n);
  plan_layout l = {.in = {in.c / n->groups, in.h, in.w},
                   .out = {n->shape.c / n->groups, n->shape.h, n->shape.w},
                   .kh = n->kh,
                   .kw = n->kw,
                   .sh = n->sh,
                   .sw = n->sw,
                   .pt = n->pt,
                   .pl = n->pl,
                   .channels = in.c / n->groups,
                   .window = 1};
  if (n->kh == in.h && n->kw == in.w && !net_has_pads(n)) {
    l.window = in.h * in.w;
    l.in = (net_shape){l.channels * l.window, 1, 1};
    l.kh = l.kw = l.sh = l.sw = 1;
  }
  l.rows = l.in.h + gap(n->pt, n->pb, n->kh);
  l.columns = l.in.w + gap(n->pl, n->pr, n->kw);
  l.grid_rows = ceil_to(l.rows, l.sh);
  l.grid_columns = ceil_to(l.columns, l.sw);
  return l;
}

plan_layout plan_layout_depthwise(const network *net, const net_node *n) {
  net_node all = *n;
  all.groups = 1;
  return plan_layout_make(net, &all);
}

plan_layout plan_layout_shifted(plan_layout l) {
  assert(l.sh == 1 && l.sw == 1);
  l.shifted = true;
  l.columns = l.grid_columns = l.out.w;
  return l;
}

int plan_layout_tap(const plan_layout *l, int ky, int i) {
  int channel = i % l->channels, column = i / l->channels;
  return l->window > 1 ? channel * l->window + column : (channel * l->kh + ky) * l->kw + column;
}

size_t plan_layout_beyond(const plan_layout *l) {
  return (size_t)(l->kh + 1) * (size_t)l->columns + (size_t)l->kw + (size_t)(PANEL * l->sw);
}
