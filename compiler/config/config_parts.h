// SPDX-License-Identifier: Apache-2.0
//
// The parts of config.yaml's reader. Each reports all the errors that it finds and goes on.
#ifndef AXGEN_CONFIG_PARTS_H
#define AXGEN_CONFIG_PARTS_H

#include "compiler/config/config.h"
#include "compiler/net/yaml.h"

// The path of a file that must be there, or NULL after an error.
const char *config_existing_file(arena *mem, const config *c, const yaml *y, diag *d);
// Node index of the layer that an entry of a map is about, or -1 after an error.
int config_layer(const config *c, const yaml *entry, diag *d);
// What went wrong inside of what `y` names, at y's place.
void config_report(const yaml *y, diag *inner, diag *d);
void config_read_muls(arena *mem, config *c, const yaml *y, diag *d);
// Which multiplier a key means, or -1 after an error.
int config_mul(const config *c, const yaml *y, diag *d);
void config_read_assignment(arena *mem, config *c, const yaml *y, diag *d);
void config_read_target(config *c, const yaml *y, diag *d);

#endif
