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
    .dot8 = {dot_u8s8_avx512vnni, 1 << 20, false, 100},
    .dot16 = {dot_s16_avx512vnni, 1 << 20, false, 50},
    .terms_most = 6,
    .depthwise = depthwise_avx512vnni,
    .depthwise_rate = 15,
    .depthwise16 = depthwise_s16_avx2,
    .rows = {{rows_u16_avx512, widen_u16_avx512, expand_32_avx512, 32, 0.8},
             {rows_16_u16_avx2, widen_16_u16_avx2, expand_16_avx2, 16, 1.0}},
    .row_tally = row_tally_avx512,
    .row_list = row_list_avx512,
    .lookup = lookup_u16_avx512vbmi,
    .lookup_rate = 3.8,
    .requantise = requantise_avx512,
    .map8 = map_u8_avx512vbmi,
    .map16 = map_u16_avx512vbmi,
    .interleave8 = interleave_u8_avx2,
    .planes8 = planes_u8_avx2,
    .spread8 = spread_u8_avx512vbmi,
    .max8 = max_u8_avx512,
    .sum8 = sum_u8_avx512,
    .add8 = add_u8_avx512,
};
