// SPDX-License-Identifier: Apache-2.0
//
// rename: the modules of a design under a name of the user's, so that two accelerators fit on one chip. Targets write
// the top as axgen_top; at the end of emission all modules get their names.
#ifndef AXGEN_TARGET_RENAME_H
#define AXGEN_TARGET_RENAME_H

#include "compiler/base/base.h"

#define TARGET_TOP "axgen_top"

// What a module that a target wrote is called in the accelerator `name`: NAME for the top, NAME_X for axgen_top_X,
// tb_NAME for tb_axgen_top; NAME_MODULE for all others but testbenches (tb_*), which stay. name NULL: the module's own.
// For "" it is the prefix.
const char *renamed_module(arena *mem, const char *name, const char *module);

// Gives every module that the .v files of `fs` define this name, and the files that are called like one. Ports, nets,
// strings and macros keep their names. name: NULL (nothing happens) or an identifier. The texts are replaced in `fs`.
void rename_modules(arena *mem, fileset *fs, const char *name);
// The same for a file: DIR/MODULE.v.
const char *renamed_file(arena *mem, const char *name, const char *path);

#endif
