// SPDX-License-Identifier: Apache-2.0
//
// AVX-512 with AMX tiles for dot products of bytes (Sapphire Rapids and later). Linux hands out tiles on request.
#include "compiler/engine/kernels/kernel_x86.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool supported(void) {
  enum { TILES = 1 << 24, INT8 = 1 << 25, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  unsigned a, b, c, d;
  return kernels_avx512.supported() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & TILES && d & INT8 &&
         syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const kernels kernels_amx = {
    .name = "amx",
    .supported = supported,
    .dot8 = {dot_u8s8_amx, 16, true, 500},
    .dot16 = {dot_s16_avx512vnni, 1 << 20, false, 50},
    .terms_most = 12,
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
