// SPDX-License-Identifier: Apache-2.0
//
// Shapes of what looks through windows: convolutions and pools.
#include "compiler/net/operators.h"

static bool window_fits(const net_check *c, net_shape *want) {
  const net_node *n = c->node;
  net_shape in = net_input_shape(c->net, n);
  if (!net_in_range(n->kh, 1, 4096) || !net_in_range(n->kw, 1, 4096) || !net_in_range(n->sh, 1, 4096) ||
      !net_in_range(n->sw, 1, 4096))
    return net_fail(c, "kernel %dx%d, stride %dx%d: expected 1 to 4096", n->kh, n->kw, n->sh, n->sw);
  if (!net_in_range(n->pt, 0, 4096) || !net_in_range(n->pb, 0, 4096) || !net_in_range(n->pl, 0, 4096) ||
      !net_in_range(n->pr, 0, 4096))
    return net_fail(c, "pads [%d, %d, %d, %d]: expected 0 to 4096", n->pt, n->pb, n->pl, n->pr);
  if (n->kh > in.h + n->pt + n->pb || n->kw > in.w + n->pl + n->pr)
    return net_fail(c, "kernel %dx%d is larger than its padded input of %dx%d", n->kh, n->kw, in.h + n->pt + n->pb,
                    in.w + n->pl + n->pr);
  want->h = (in.h + n->pt + n->pb - n->kh) / n->sh + 1;
  want->w = (in.w + n->pl + n->pr - n->kw) / n->sw + 1;
  return true;
}

bool net_shape_conv(const net_check *c, net_shape *want) {
  const net_node *n = c->node;
  net_shape in = net_input_shape(c->net, n);
  if (!window_fits(c, want))
    return false;
  want->c = n->shape.c;
  if (n->groups < 1 || in.c % n->groups || n->shape.c % n->groups)
    return net_fail(c, "%d group%s: expected a divisor of the %d input channel%s and the %d filter%s", n->groups,
                    plural((size_t)n->groups), in.c, plural((size_t)in.c), n->shape.c, plural((size_t)n->shape.c));
  return true;
}

bool net_shape_dense(const net_check *c, net_shape *want) {
  const net_node *n = c->node;
  net_shape in = net_input_shape(c->net, n);
  if (!window_fits(c, want))
    return false;
  want->c = n->shape.c;
  if (n->kh != in.h || n->kw != in.w || n->sh != 1 || n->sw != 1 || net_has_pads(n) || n->groups != 1)
    return net_fail(c, "dense: expected the whole %dx%d input as its window, stride 1, no pads, 1 group", in.h, in.w);
  return true;
}

bool net_shape_pool(const net_check *c, net_shape *want) {
  const net_node *n = c->node;
  if (!window_fits(c, want))
    return false;
  if (n->pt >= n->kh || n->pb >= n->kh || n->pl >= n->kw || n->pr >= n->kw)
    return net_fail(c, "pads [%d, %d, %d, %d] reach a whole %dx%d window: it would see no pixel", n->pt, n->pb, n->pl,
                    n->pr, n->kh, n->kw);
  if (net_mean_varies(n) && n->kh * n->kw > 4096)
    return net_fail(c, "a %dx%d window whose pads do not count; expected at most 4096 taps", n->kh, n->kw);
  return true;
}
