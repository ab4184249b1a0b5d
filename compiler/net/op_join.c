// SPDX-License-Identifier: Apache-2.0
//
// Shapes of what joins its inputs: addition and concatenation.
#include "compiler/net/operators.h"

static net_shape shape_of(const net_check *c, int i) { return c->net->nodes[c->node->inputs[i]].shape; }

static bool differ(const net_check *c, int i) {
  const char *first = c->net->nodes[c->node->inputs[0]].name, *other = c->net->nodes[c->node->inputs[i]].name;
  net_shape a = shape_of(c, 0), b = shape_of(c, i);
  return net_fail(c, "inputs of different shapes: `%s` [%d, %d, %d], `%s` [%d, %d, %d]", first, a.c, a.h, a.w, other,
                  b.c, b.h, b.w);
}

bool net_shape_add(const net_check *c, net_shape *want) {
  for (int i = 1; i < c->node->input_count; i++) {
    net_shape s = shape_of(c, i);
    if (s.c != want->c || s.h != want->h || s.w != want->w)
      return differ(c, i);
  }
  return true;
}

bool net_shape_concat(const net_check *c, net_shape *want) {
  for (int i = 1; i < c->node->input_count; i++) {
    net_shape s = shape_of(c, i);
    if (s.h != want->h || s.w != want->w)
      return differ(c, i);
    want->c += s.c;
  }
  return true;
}
