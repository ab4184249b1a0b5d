// SPDX-License-Identifier: Apache-2.0
//
// The energy of an fgpu tile's multipliers.
#ifndef AXGEN_FGPU_ENERGY_H
#define AXGEN_FGPU_ENERGY_H

#include "compiler/target/fgpu/fgpu.h"
#include "compiler/target/common/energy.h"

// For images [first, first + count): what each PE's multiplier takes, in the order of the simulator in C.
bool fgpu_energy(arena *mem, const fgpu_program *p, const synth_mul *muls, const dataset *data, size_t first,
                 size_t count, proxy_result *out, diag *d);

#endif
