// SPDX-License-Identifier: Apache-2.0
//
// The operators of a network: what reading, writing, printing and verifying know of each.
#include "compiler/net/operators.h"

#define HAS(attribute) (1u << (attribute))
#define PADDED_WINDOW (HAS(NET_KERNEL) | HAS(NET_STRIDE) | HAS(NET_PADS))
#define GREY "#eeeeee"
#define BLUE "#cfe2f3"
#define GREEN "#d9ead3"
#define YELLOW "#fff2cc"

// clang-format off
//  operator     name       inputs             codes         attributes                             whole  shape             colour
#define ROWS(X)                                                                                                                     \
  X(NET_INPUT,   "input",   0, 0,              NET_CODES,    0,                                     false, net_shape_input,  GREY)   \
  X(NET_CONV,    "conv",    1, 1,              NET_PRODUCTS, PADDED_WINDOW | HAS(NET_GROUPS),       false, net_shape_conv,   BLUE)   \
  X(NET_DENSE,   "dense",   1, 1,              NET_PRODUCTS, 0,                                     true,  net_shape_dense,  BLUE)   \
  X(NET_MAXPOOL, "maxpool", 1, 1,              NET_PASSES,   PADDED_WINDOW,                         false, net_shape_pool,   GREEN)  \
  X(NET_AVGPOOL, "avgpool", 1, 1,              NET_SUMS,     PADDED_WINDOW | HAS(NET_COUNT_PADS),   false, net_shape_pool,   GREEN)  \
  X(NET_ADD,     "add",     2, 2,              NET_RESCALES, 0,                                     false, net_shape_add,    YELLOW) \
  X(NET_CONCAT,  "concat",  1, NET_MAX_INPUTS, NET_PASSES,   0,                                     false, net_shape_concat, YELLOW) \
  X(NET_PAD,     "pad",     1, 1,              NET_PASSES,   HAS(NET_PADS) | HAS(NET_PAD_CHANNELS), false, net_shape_pad,    GREY)
// clang-format on
const net_operator net_operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

bool net_shape_input(const net_check *c, net_shape *want) { return (void)c, (void)want, true; }
