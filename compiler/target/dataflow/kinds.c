// SPDX-License-Identifier: Apache-2.0
//
// The kinds of stages, a row each.
#include "compiler/target/dataflow/stage.h"

// clang-format off
#define ROWS(X)                                                                                                        \
  X(DATAFLOW_MVU, "mvu", true, stage_mvu_describe, stage_mvu_emit, stage_mvu_roms, stage_mvu_model, stage_mvu_cost)    \
  X(DATAFLOW_POOL, "pool", false, stage_pool_describe, stage_pool_emit, stage_pool_roms, stage_pool_model,             \
    stage_pool_cost)                                                                                                   \
  X(DATAFLOW_POOL_WINDOW, "pool_window", false, stage_pool_describe, stage_pool_emit, stage_pool_roms,                 \
    stage_pool_model, stage_pool_cost)                                                                                 \
  X(DATAFLOW_ADD, "add", false, stage_add_describe, stage_add_emit, NULL, stage_add_model, stage_add_cost)             \
  X(DATAFLOW_CONCAT, "concat", false, stage_concat_describe, stage_concat_emit, NULL, stage_concat_model,              \
    stage_concat_cost)                                                                                                 \
  X(DATAFLOW_PAD, "pad", false, stage_pad_describe, stage_pad_emit, NULL, stage_pad_model, stage_pad_cost)
// clang-format on
const stage_kind STAGE_KINDS[DATAFLOW_KINDS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == DATAFLOW_KINDS, "a row for each kind");
