// SPDX-License-Identifier: Apache-2.0
//
// AVX2 and BMI2 (Haswell and later). It has no exact product of bytes: 16-bit factors serve.
#include "compiler/engine/kernels/kernel_x86.h"

static bool supported(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }

const kernels kernels_avx2 = {
    .name = "avx2",
    .supported = supported,
    .dot16 = {dot_s16_avx2, 1 << 20, false, 25},
    .depthwise = depthwise_avx2,
    .depthwise_rate = 8,
    .depthwise16 = depthwise_s16_avx2,
    .rows = {{rows_32_u16_avx2, widen_32_u16_avx2, expand_32_avx2, 32, 0.5},
             {rows_16_u16_avx2, widen_16_u16_avx2, expand_16_avx2, 16, 1.0}},
    .row_tally = row_tally_avx2,
    .row_list = row_list_avx2,
    .lookup = lookup_u16_scalar,
    .lookup_rate = 0.8,
    .requantise = requantise_avx2,
    .map8 = map_u8_scalar,
    .map16 = map_u16_scalar,
    .interleave8 = interleave_u8_avx2,
    .planes8 = planes_u8_avx2,
    .spread8 = spread_u8_scalar,
    .max8 = max_u8_avx2,
    .sum8 = sum_u8_avx2,
    .add8 = add_u8_avx2,
};
