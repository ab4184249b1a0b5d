// SPDX-License-Identifier: Apache-2.0
//
// AVX-512 with AMX tiles for dot products of bytes (Sapphire Rapids and later). Linux hands out tiles on request.
#include "compiler/infer/kernel_x86.h"

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
    .dot8 = {dot_u8s8_amx, 16, 32, 16, 500},
    .dot16 = {dot_s16_avx512vnni, 1, 12, 1, 50},
    .terms_most = 12,
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
