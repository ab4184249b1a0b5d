// SPDX-License-Identifier: Apache-2.0
//
// Which operators there is a stage for, a row each.
#include "compiler/target/dataflow/stage.h"

static bool builds(const config *cfg, const net_node *n, diag *d) { return (void)cfg, (void)n, (void)d, true; }

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, builds, NULL)                                                                                           \
  X(NET_CONV, builds, stage_mvu_plan)                                                                                  \
  X(NET_DENSE, builds, stage_mvu_plan)                                                                                 \
  X(NET_MAXPOOL, stage_pool_check, stage_pool_plan)                                                                    \
  X(NET_AVGPOOL, stage_pool_check, stage_pool_plan)                                                                    \
  X(NET_ADD, builds, stage_add_plan)                                                                                   \
  X(NET_CONCAT, builds, stage_concat_plan)                                                                             \
  X(NET_PAD, builds, stage_pad_plan)
// clang-format on
const stage_operator STAGE_OPERATORS[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");
