// SPDX-License-Identifier: Apache-2.0
//
// Signed 16-bit factors, two products an instruction and lane.
#include "compiler/infer/kernel_x86.h"

// Two vectors of 16 pixels by `block` filters: at most 24 accumulators.
TARGET_AVX512 static inline __attribute__((always_inline)) void run(const dot_args *a, const int block) {
  const uint8_t *panel = a->panel, *weights = a->weights;
  __m512i acc[12][2];
  UNROLLED for (int f = 0; f < block; f++) {
    UNROLLED for (int i = 0; i < 2; i++) acc[f][i] =
        a->shift < 0 ? _mm512_setzero_si512()
                     : _mm512_slli_epi32(_mm512_loadu_si512(a->acc + f * PANEL + i * 16), (unsigned)a->shift);
  }
  for (int u = 0; u < a->units; u++, panel += PANEL * UNIT_BYTES, weights += block * UNIT_BYTES) {
    __m512i p0 = _mm512_loadu_si512(panel), p1 = _mm512_loadu_si512(panel + 64);
    UNROLLED for (int f = 0; f < block; f++) {
      __m512i w = _mm512_set1_epi32(((const int32_t *)(const void *)weights)[f]);
      acc[f][0] = _mm512_dpwssd_epi32(acc[f][0], p0, w);
      acc[f][1] = _mm512_dpwssd_epi32(acc[f][1], p1, w);
    }
  }
  UNROLLED for (int f = 0; f < block; f++) {
    UNROLLED for (int i = 0; i < 2; i++) _mm512_storeu_si512(a->acc + f * PANEL + i * 16, acc[f][i]);
  }
}

#define BLOCK(n)                                                                                                       \
  TARGET_AVX512 static void run_##n(const dot_args *a) { run(a, n); }
BLOCK(1)
BLOCK(2)
BLOCK(3)
BLOCK(4)
BLOCK(5)
BLOCK(6)
BLOCK(7)
BLOCK(8)
BLOCK(9)
BLOCK(10)
BLOCK(11)
BLOCK(12)

void dot_s16_avx512vnni(const dot_args *a) {
  static void (*const by_block[])(const dot_args *) = {run_1, run_2, run_3, run_4,  run_5,  run_6,
                                                       run_7, run_8, run_9, run_10, run_11, run_12};
  by_block[a->block - 1](a);
}
