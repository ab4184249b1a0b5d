// SPDX-License-Identifier: Apache-2.0
//
// Which operators there is a stage for, and how their channels pass, a row each.
#include "compiler/target/dataflow/stage.h"

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, NULL, CHANNELS_FIXED)                                                                                   \
  X(NET_CONV, stage_mvu_plan, CHANNELS_OWN)                                                                            \
  X(NET_DENSE, stage_mvu_plan, CHANNELS_OWN)                                                                           \
  X(NET_MAXPOOL, stage_pool_plan, CHANNELS_THROUGH)                                                                    \
  X(NET_AVGPOOL, stage_pool_plan, CHANNELS_THROUGH)                                                                    \
  X(NET_ADD, stage_add_plan, CHANNELS_TOGETHER)                                                                        \
  X(NET_CONCAT, stage_concat_plan, CHANNELS_SIDE_BY_SIDE)                                                              \
  X(NET_PAD, stage_pad_plan, CHANNELS_SIDE_BY_SIDE)
// clang-format on
const stage_operator STAGE_OPERATORS[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");
