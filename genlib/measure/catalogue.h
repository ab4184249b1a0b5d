// SPDX-License-Identifier: Apache-2.0
//
// Private to synth/catalogue*.c.
#ifndef AXGEN_SYNTH_CATALOGUE_H
#define AXGEN_SYNTH_CATALOGUE_H

#include "genlib/measure/measure.h"

// The figures that `keys` names, separated by commas: how many, 0 after an error.
int catalogue_keys(const char *keys, int *figures, int most, diag *d);
// Sets `pareto` in the entries that none beats in figures k[0] and k[1].
void catalogue_mark(const catalogue *c, const int *k);

#endif
