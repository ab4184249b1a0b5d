// SPDX-License-Identifier: Apache-2.0
//
// AVX2 and BMI2 (Haswell and later). It has no exact product of bytes: 16-bit factors serve.
#include "compiler/engine/kernels/kernel_x86.h"

static bool supported(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }

const kernels kernels_avx2 = {
    .name = "avx2",
    .supported = supported,
    .dot16 = {kernel_dot_s16_avx2, 1 << 20, false, 25},
    .depthwise = kernel_depthwise_avx2,
    .depthwise_rate = 8,
    .depthwise16 = kernel_depthwise_s16_avx2,
    .rows = {{kernel_rows_32_u16_avx2, kernel_widen_32_u16_avx2, kernel_expand_32_avx2, 32, 0.5},
             {kernel_rows_16_u16_avx2, kernel_widen_16_u16_avx2, kernel_expand_16_avx2, 16, 1.0}},
    .row_tally = kernel_row_tally_avx2,
    .row_list = kernel_row_list_avx2,
    .lookup = kernel_lookup_u16_scalar,
    .lookup_rate = 0.8,
    .requantise = kernel_requantise_avx2,
    .map8 = kernel_map_u8_scalar,
    .map16 = kernel_map_u16_scalar,
    .interleave8 = kernel_interleave_u8_avx2,
    .planes8 = kernel_planes_u8_avx2,
    .spread8 = kernel_spread_u8_scalar,
    .max8 = kernel_max_u8_avx2,
    .sum8 = kernel_sum_u8_avx2,
    .add8 = kernel_add_u8_avx2,
};
