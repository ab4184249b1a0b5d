// SPDX-License-Identifier: Apache-2.0
//
// AVX-512 with VBMI and VNNI (Ice Lake and later).
#include "compiler/infer/kernel_x86.h"

static bool supported(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
}

const kernels kernels_avx512 = {
    .name = "avx512",
    .supported = supported,
    .dot8 = {dot_u8s8_avx512vnni, 1, 12, 1, 100},
    .dot16 = {dot_s16_avx512vnni, 1, 12, 1, 50},
    .terms_most = 6,
    .pack = pack_avx512,
    .rows = {{rows_u16_avx512, expand_32_avx2, 32, 0.66}, {rows_u16_avx2, expand_16_avx2, 16, 0.9}},
    .lookup = lookup_u16_avx512vbmi,
    .lookup_rate = 3.8,
    .requantise = requantise_avx512,
    .map8 = map_u8_avx512vbmi,
    .map16 = map_u16_avx512vbmi,
    .weave8 = weave_4x8_avx512,
    .weave16 = weave_4x16_avx512,
    .weave16_2 = weave_2x16_avx512,
    .max8 = max_u8_avx512,
    .add8 = add_u8_avx512,
};
