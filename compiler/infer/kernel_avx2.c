// SPDX-License-Identifier: Apache-2.0
//
// AVX2 (Haswell and later). It has no exact product of bytes: 16-bit factors serve.
#include "compiler/infer/kernel_x86.h"

static bool supported(void) { return __builtin_cpu_supports("avx2"); }

const kernels kernels_avx2 = {
    .name = "avx2",
    .supported = supported,
    .dot16 = {dot_s16_avx2, 1, 6, 1, 25},
    .pack = pack_avx2,
    .rows = {{rows_u16_avx2, expand_16_avx2, 16, 0.9}},
    .lookup = lookup_u16_scalar,
    .lookup_rate = 0.8,
    .requantise = requantise_avx2,
    .map8 = map_u8_scalar,
    .map16 = map_u16_scalar,
    .weave8 = weave_4x8_avx2,
    .weave16 = weave_4x16_avx2,
    .weave16_2 = weave_2x16_avx2,
    .max8 = max_u8_avx2,
    .add8 = add_u8_avx2,
};
