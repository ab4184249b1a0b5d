// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/list.h"
#include "compiler/target/dataflow/target.h"
#include "compiler/target/fgpu/target.h"

const target *const TARGETS[] = {&TARGET_DATAFLOW, &FGPU_TARGET, NULL};
const target_reader *const TARGET_READERS[] = {&DATAFLOW_READER, &FGPU_READER, NULL};

const target *target_of(const config *cfg, diag *d) {
  for (size_t i = 0; TARGETS[i]; i++)
    if (TARGETS[i]->reader == cfg->target)
      return TARGETS[i];
  diag_error(d, "%s: no `target: {kind: %s, ...}`, which building hardware needs", cfg->file, TARGET_READERS[0]->name);
  return NULL;
}
