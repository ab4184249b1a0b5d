// SPDX-License-Identifier: Apache-2.0
//
// The body of a dot product kernel for AVX-512 VNNI, included once per kind of factor with these macros defined:
//   KERNEL              the function's name
//   DOT(sums, in, w)    the instruction that adds the products of a unit to 16 sums
// (No include guard: each kernel's file includes it.)
#include "compiler/engine/kernels/kernel_x86.h"

// `pixels` pixels by `tiles` tiles of filters, all in registers.
TARGET_AVX512 static INLINED void block(const dot_args *a, int pixel, int tile, const int pixels, const int tiles) {
  size_t whole = (size_t)(a->runs * a->run_units) * 64, step = a->pixel_bytes;
  const uint8_t *weights = (const uint8_t *)a->weights + (size_t)tile * whole, *in = a->in + (size_t)pixel * step;
  int32_t *sums = a->sums + (size_t)pixel * a->stride + (size_t)(tile * TILE);
  __m512i acc[16][2];
  UNROLLED for (int p = 0; p < pixels; p++) {
    UNROLLED for (int t = 0; t < tiles; t++) acc[p][t] =
        a->shift < 0
            ? _mm512_setzero_si512()
            : _mm512_slli_epi32(_mm512_loadu_si512(sums + (size_t)p * a->stride + t * TILE), (unsigned)a->shift);
  }
  for (int r = 0; r < a->runs; r++) {
    const uint8_t *from[4]; // four pixels each, so that addresses take few registers
    UNROLLED for (int q = 0; q < pixels / 4; q++) from[q] = in + a->run[r] + (size_t)(4 * q) * step;
    for (int u = 0; u < a->run_units; u++, weights += 64) {
      __m512i w[2];
      UNROLLED for (int t = 0; t < tiles; t++) w[t] = _mm512_loadu_si512(weights + (size_t)t * whole);
      UNROLLED for (int p = 0; p < pixels; p++) {
        __m512i v = _mm512_set1_epi32(unit_at(from[p / 4] + (size_t)(p % 4) * step));
        UNROLLED for (int t = 0; t < tiles; t++) acc[p][t] = DOT(acc[p][t], v, w[t]);
      }
      UNROLLED for (int q = 0; q < pixels / 4; q++) from[q] += UNIT_BYTES;
    }
  }
  UNROLLED for (int p = 0; p < pixels; p++) {
    UNROLLED for (int t = 0; t < tiles; t++) _mm512_storeu_si512(sums + (size_t)p * a->stride + t * TILE, acc[p][t]);
  }
}

TARGET_AVX512 void KERNEL(const dot_args *a) {
  for (int p = 0; p < a->pixels; p += 16) {
    int t = 0, left = a->pixels - p;
    for (; t + 2 <= a->tiles; t += 2) {
      block(a, p, t, 8, 2);
      if (left > 8)
        block(a, p + 8, t, 8, 2);
    }
    if (t < a->tiles)
      block(a, p, t, 16, 1);
  }
}
