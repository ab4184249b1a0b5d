// SPDX-License-Identifier: Apache-2.0
//
// Signed 16-bit factors, two products an instruction and lane.
#include "compiler/engine/kernels/kernel_x86.h"

TARGET_AVX2 static inline __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }

// Up to six pixels by one tile of filters.
TARGET_AVX2 static INLINED void block(const dot_args *a, int pixel, int tile, const int pixels) {
  size_t step = a->pixel_bytes;
  const uint8_t *weights = (const uint8_t *)a->weights + (size_t)(tile * a->runs * a->run_units) * 64;
  const uint8_t *in = a->in + (size_t)pixel * step;
  int32_t *sums = a->sums + (size_t)pixel * a->stride + (size_t)(tile * TILE);
  __m256i acc[6][2];
  UNROLLED for (int p = 0; p < pixels; p++) {
    UNROLLED for (int i = 0; i < 2; i++) acc[p][i] =
        a->shift < 0 ? _mm256_setzero_si256() : _mm256_slli_epi32(load(sums + (size_t)p * a->stride + 8 * i), a->shift);
  }
  for (int r = 0; r < a->runs; r++) {
    const uint8_t *from[2] = {in + a->run[r], in + a->run[r] + 3 * step}; // three pixels each
    for (int u = 0; u < a->run_units; u++, weights += 64) {
      __m256i w0 = load(weights), w1 = load(weights + 32);
      UNROLLED for (int p = 0; p < pixels; p++) {
        __m256i v = _mm256_set1_epi32(unit_at(from[p / 3] + (size_t)(p % 3) * step));
        acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(v, w0));
        acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(v, w1));
      }
      from[0] += UNIT_BYTES;
      from[1] += UNIT_BYTES;
    }
  }
  UNROLLED for (int p = 0; p < pixels; p++) {
    UNROLLED for (int i = 0; i < 2; i++)
        _mm256_storeu_si256((__m256i *)(void *)(sums + (size_t)p * a->stride + 8 * i), acc[p][i]);
  }
}

TARGET_AVX2 void kernel_dot_s16_avx2(const dot_args *a) {
  enum { WHOLE = PANEL / 6 * 6 };
  for (int first = 0; first < a->pixels; first += PANEL) // no pixel of a panel that is not asked for may be touched
    for (int p = 0; p < PANEL && first + p < a->pixels; p += 6)
      for (int t = 0; t < a->tiles; t++)
        if (p < WHOLE)
          block(a, first + p, t, 6);
        else
          block(a, first + p, t, PANEL - WHOLE);
}
