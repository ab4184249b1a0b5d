// SPDX-License-Identifier: Apache-2.0
//
// Inside net: what an operator's row is made of, and what its attributes are.
#ifndef AXGEN_NET_OPERATORS_H
#define AXGEN_NET_OPERATORS_H

#include "compiler/net/net.h"
#include "compiler/net/yaml.h"

// A node that is verified.
typedef struct net_check {
  const network *net;
  const net_node *node;
  diag *d;
} net_check;
// A message about the node, at its place. Always false, so that a check can return it.
bool net_fail(const net_check *c, const char *fmt, ...) BASE_PRINTF(2, 3);
static inline bool net_in_range(int v, int lo, int hi) { return v >= lo && v <= hi; }

// Rules for net_operator.shape; op_window.c, op_join.c and op_pad.c.
bool net_shape_input(const net_check *c, net_shape *want);
bool net_shape_conv(const net_check *c, net_shape *want);
bool net_shape_dense(const net_check *c, net_shape *want);
bool net_shape_pool(const net_check *c, net_shape *want);
bool net_shape_add(const net_check *c, net_shape *want);
bool net_shape_concat(const net_check *c, net_shape *want);
bool net_shape_pad(const net_check *c, net_shape *want);

// The attributes of a node's operator, each as key of a layer, or as text for the table of `axgen net show` (out: as
// net_put_window). Those that the operator has not get the values that say nothing.
size_t net_attribute_keys(net_op op, const char **keys); // [NET_ATTRIBUTES]; how many
bool net_read_attributes(const yaml *layer, net_node *n, diag *d);
void net_write_attributes(const net_node *n, str *out);

#endif
