// SPDX-License-Identifier: Apache-2.0
//
// The parts of config.yaml's reader. Each reports all the errors that it finds and goes on.
#ifndef AXGEN_CONFIG_PARTS_H
#define AXGEN_CONFIG_PARTS_H

#include "compiler/base/npy.h"
#include "compiler/config/reader.h"

// The path of a file that must be there, or NULL after an error.
const char *config_existing_file(arena *mem, const config *c, const yaml *y, diag *d);
void config_read_muls(arena *mem, config *c, const yaml *y, diag *d);
void config_read_assignment(arena *mem, config *c, const yaml *y, diag *d);
// Layers assigned by `positions`, which config_read_assignment leaves out: once the target is known.
void config_read_positions(arena *mem, config *c, const yaml *y, diag *d);
// In which order the `count` filters or channels of a layer pass: [0, 3, ...] or a file of them. What `y`'s key names;
// each once. NULL after an error.
const int *config_read_order(arena *mem, config *c, const yaml *y, const char *layer, int count, diag *d);
// What a file says is part of what the config says.
void config_add_to_hash(arena *mem, config *c, const npy *n);
// Files and range of a data set; `what` says whose keys they are. False after an error.
bool config_read_dataset(arena *mem, const config *c, const yaml *y, const char *what, dataset_files *out, diag *d);
void config_read_explore(arena *mem, config *c, const yaml *y, diag *d);
void config_read_target(arena *mem, config *c, const yaml *y, const target_reader *const *targets, diag *d);

#endif
