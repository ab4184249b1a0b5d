// SPDX-License-Identifier: Apache-2.0
//
// What each operator means (ref.c), and what its codes and accumulators span (range.c).
#include "compiler/infer/operators.h"

// clang-format off
//  operator     meaning     codes         accumulators
#define ROWS(X)                                            \
  X(NET_INPUT,   NULL,       range_clamp,  range_none)     \
  X(NET_CONV,    ref_conv,   range_clamp,  range_conv)     \
  X(NET_DENSE,   ref_conv,   range_clamp,  range_conv)     \
  X(NET_MAXPOOL, ref_pool,   range_inputs, range_none)     \
  X(NET_AVGPOOL, ref_pool,   range_clamp,  range_avgpool)  \
  X(NET_ADD,     ref_add,    range_clamp,  range_add)      \
  X(NET_CONCAT,  ref_concat, range_inputs, range_none)     \
  X(NET_PAD,     ref_pad,    range_padded, range_none)
// clang-format on
const infer_operator infer_operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");
