// SPDX-License-Identifier: Apache-2.0
//
// Signed 16-bit factors, two products an instruction and lane.
#include "compiler/infer/kernel_x86.h"

// Two vectors of 8 pixels by `block` filters: at most 12 accumulators.
TARGET_AVX2 static inline __attribute__((always_inline)) void half(const dot_args *a, const int block, int from) {
  const uint8_t *panel = (const uint8_t *)a->panel + from * UNIT_BYTES, *weights = a->weights;
  __m256i acc[6][2];
  UNROLLED for (int f = 0; f < block; f++) {
    UNROLLED for (int i = 0; i < 2; i++) {
      const int32_t *at = a->acc + f * PANEL + from + i * 8;
      acc[f][i] = a->shift < 0 ? _mm256_setzero_si256()
                               : _mm256_slli_epi32(_mm256_loadu_si256((const __m256i *)(const void *)at), a->shift);
    }
  }
  for (int u = 0; u < a->units; u++, panel += PANEL * UNIT_BYTES, weights += block * UNIT_BYTES) {
    __m256i p0 = _mm256_loadu_si256((const __m256i *)(const void *)panel);
    __m256i p1 = _mm256_loadu_si256((const __m256i *)(const void *)(panel + 32));
    UNROLLED for (int f = 0; f < block; f++) {
      __m256i w = _mm256_set1_epi32(((const int32_t *)(const void *)weights)[f]);
      acc[f][0] = _mm256_add_epi32(acc[f][0], _mm256_madd_epi16(p0, w));
      acc[f][1] = _mm256_add_epi32(acc[f][1], _mm256_madd_epi16(p1, w));
    }
  }
  UNROLLED for (int f = 0; f < block; f++) {
    UNROLLED for (int i = 0; i < 2; i++)
        _mm256_storeu_si256((__m256i *)(void *)(a->acc + f * PANEL + from + i * 8), acc[f][i]);
  }
}

#define BLOCK(n)                                                                                                       \
  TARGET_AVX2 static void run_##n(const dot_args *a) {                                                                 \
    half(a, n, 0);                                                                                                     \
    half(a, n, 16);                                                                                                    \
  }
BLOCK(1)
BLOCK(2)
BLOCK(3)
BLOCK(4)
BLOCK(5)
BLOCK(6)

void dot_s16_avx2(const dot_args *a) {
  static void (*const by_block[])(const dot_args *) = {run_1, run_2, run_3, run_4, run_5, run_6};
  by_block[a->block - 1](a);
}
