// SPDX-License-Identifier: Apache-2.0
//
// AVX-512 with VBMI 1 and 2 and VNNI (Ice Lake and later).
#include "compiler/engine/kernels/kernel_x86.h"

static bool supported(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512vnni");
}

const kernels kernels_avx512 = {
    .name = "avx512",
    .supported = supported,
    .dot8 = {kernel_dot_u8s8_avx512vnni, 1 << 20, false, 100},
    .dot16 = {kernel_dot_s16_avx512vnni, 1 << 20, false, 50},
    .terms_most = 6,
    .depthwise = kernel_depthwise_avx512vnni,
    .depthwise_rate = 15,
    .depthwise16 = kernel_depthwise_s16_avx2,
    .rows = {{kernel_rows_u16_avx512, kernel_widen_u16_avx512, kernel_expand_32_avx512, 32, 0.8},
             {kernel_rows_16_u16_avx2, kernel_widen_16_u16_avx2, kernel_expand_16_avx2, 16, 1.0}},
    .row_tally = kernel_row_tally_avx512,
    .row_list = kernel_row_list_avx512,
    .lookup = kernel_lookup_u16_avx512vbmi,
    .lookup_rate = 3.8,
    .requantise = kernel_requantise_avx512,
    .map8 = kernel_map_u8_avx512vbmi,
    .map16 = kernel_map_u16_avx512vbmi,
    .interleave8 = kernel_interleave_u8_avx2,
    .planes8 = kernel_planes_u8_avx2,
    .spread8 = kernel_spread_u8_avx512vbmi,
    .max8 = kernel_max_u8_avx512,
    .sum8 = kernel_sum_u8_avx512,
    .add8 = kernel_add_u8_avx512,
};
