// SPDX-License-Identifier: Apache-2.0
//
// The kinds of stages, a row each.
#include "compiler/target/dataflow/stage.h"

const stage_kind STAGE_KINDS[DATAFLOW_KINDS] = {
    [DATAFLOW_MVU] = {"mvu", true, stage_mvu_describe, stage_mvu_emit, stage_mvu_roms},
    [DATAFLOW_POOL] = {"pool", false, stage_pool_describe, stage_pool_emit, stage_pool_roms},
    [DATAFLOW_POOL_WINDOW] = {"pool_window", false, stage_pool_describe, stage_pool_emit, stage_pool_roms},
    [DATAFLOW_ADD] = {"add", false, stage_add_describe, stage_add_emit, NULL},
};
