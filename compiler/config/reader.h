// SPDX-License-Identifier: Apache-2.0
//
// For those who read a part of config.yaml: what its names mean.
#ifndef AXGEN_CONFIG_READER_H
#define AXGEN_CONFIG_READER_H

#include "compiler/config/config.h"
#include "compiler/net/yaml.h"

// Node index of the layer that multiplies and that an entry of a map is about, or -1 after an error. c->net: there.
int config_layer(const config *c, const yaml *entry, diag *d);
// What went wrong inside of what `y` names, at y's place.
void config_report(const yaml *y, diag *inner, diag *d);
// Which multiplier a key means, or -1 after an error.
int config_mul(const config *c, const yaml *y, diag *d);

#endif
