// SPDX-License-Identifier: Apache-2.0
//
// The shape of padding.
#include "compiler/net/operators.h"

bool net_shape_pad(const net_check *c, net_shape *want) {
  const net_node *n = c->node;
  if (!net_in_range(n->pt, 0, 4096) || !net_in_range(n->pb, 0, 4096) || !net_in_range(n->pl, 0, 4096) ||
      !net_in_range(n->pr, 0, 4096) || !net_in_range(n->pad_c0, 0, 65536) || !net_in_range(n->pad_c1, 0, 65536))
    return net_fail(c, "pads: expected 0 to 4096, channels 0 to 65536");
  want->c += n->pad_c0 + n->pad_c1;
  want->h += n->pt + n->pb;
  want->w += n->pl + n->pr;
  return true;
}
