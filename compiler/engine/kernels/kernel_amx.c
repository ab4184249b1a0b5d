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
    .dot8 = {kernel_dot_u8s8_amx, 16, true, 500},
    .dot16 = {kernel_dot_s16_avx512vnni, 1 << 20, false, 50},
    .terms_most = 12,
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
