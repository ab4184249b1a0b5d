// SPDX-License-Identifier: Apache-2.0
//
// The table of cores: every module that accelerators are made of, with what emission and synthesis need to know of it.
// Nothing else in C knows a core by its name.
#ifndef AXGEN_TARGET_CORES_H
#define AXGEN_TARGET_CORES_H

#include "synth/synth.h"

extern const synth_core CORES[];
extern const size_t CORE_COUNT;

// Copies of the cores that the Verilog of `own` names and of those that they name in turn, as cores/NAME.v, in the
// order of the table; `include lines are replaced by the file they name.
bool cores_add(arena *mem, const fileset *own, fileset *out, diag *d);

// axgen.f: the Verilog files of `files` so far, in their order, under a comment, as rename_modules(name) will call
// them.
void cores_file_list(arena *mem, const char *name, const char *comment, fileset *files);

#endif
