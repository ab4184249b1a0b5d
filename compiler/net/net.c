// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/net.h"

#include <math.h>
#include <string.h>

const char *net_op_name(net_op op) {
  assert((unsigned)op < NET_OPS);
  return net_operators[op].name;
}

int64_t net_reduction(const network *n, const net_node *node) {
  assert(net_multiplies(node));
  return (int64_t)(net_input_shape(n, node).c / node->groups) * node->kh * node->kw;
}

int64_t net_multiplications(const network *n, const net_node *node) {
  return net_multiplies(node) ? net_shape_size(node->shape) * net_reduction(n, node) : 0;
}

void net_input_range(const network *n, double *lo, double *hi) {
  *lo = INFINITY;
  *hi = -INFINITY;
  for (int c = 0; c < (n->input_channels ? n->nodes[0].shape.c : 1); c++)
    for (int p = 0; p < 256; p += 255) {
      double v = net_pixel_value(net_input_pixels(n, c), p);
      *lo = fmin(*lo, v);
      *hi = fmax(*hi, v);
    }
}

int net_find(const network *n, const char *name) {
  for (size_t i = 0; i < n->count; i++)
    if (strcmp(n->nodes[i].name, name) == 0)
      return (int)i;
  return -1;
}
