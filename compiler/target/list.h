// SPDX-License-Identifier: Apache-2.0
//
// All targets. A new one is a row here.
#ifndef AXGEN_TARGET_LIST_H
#define AXGEN_TARGET_LIST_H

#include "compiler/target/common/target.h"

extern const target *const TARGETS[]; // NULL at the end
extern const target_reader *const TARGET_READERS[]; // theirs, for config_read; NULL at the end

// The kinds of target that can do what `can` asks, for messages: "dataflow", "dataflow or fgpu".
const char *target_kinds(arena *mem, bool (*can)(const target *t));
bool target_has_places(const target *t);
bool target_moves_weights(const target *t);
bool target_gives_operands(const target *t);

// The target of a configuration, or NULL after an error that says how to name one.
const target *target_of(const config *cfg, diag *d);

#endif
