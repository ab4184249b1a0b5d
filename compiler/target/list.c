// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/list.h"
#include "compiler/target/dataflow/target.h"
#include "compiler/target/fgpu/target.h"

// A target and what reads its keys.
#define ROWS(X)                                                                                                        \
  X(TARGET_DATAFLOW, DATAFLOW_READER)                                                                                  \
  X(FGPU_TARGET, FGPU_READER)

#define TARGET_OF(target, reader) &(target),
#define READER_OF(target, reader) &(reader),
const target *const TARGETS[] = {ROWS(TARGET_OF) NULL};
const target_reader *const TARGET_READERS[] = {ROWS(READER_OF) NULL};

const char *target_kinds(arena *mem, bool (*can)(const target *t)) {
  const char *kinds = NULL;
  for (size_t i = 0; TARGETS[i]; i++)
    if (can(TARGETS[i]))
      kinds = kinds ? arena_printf(mem, "%s or %s", kinds, TARGETS[i]->reader->name) : TARGETS[i]->reader->name;
  return kinds;
}

bool target_has_places(const target *t) { return t->places; }
bool target_moves_weights(const target *t) { return t->nearest; }
bool target_gives_operands(const target *t) { return t->operands; }

const target *target_of(const config *cfg, diag *d) {
  for (size_t i = 0; TARGETS[i]; i++)
    if (TARGETS[i]->reader == cfg->target)
      return TARGETS[i];
  diag_error(d, "%s: no `target: {kind: %s, ...}`, which building hardware needs", cfg->file, TARGET_READERS[0]->name);
  return NULL;
}
