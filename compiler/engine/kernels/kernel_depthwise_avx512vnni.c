// SPDX-License-Identifier: Apache-2.0
//
// Depthwise sums: two taps of sixteen channels at once.
#include "compiler/engine/kernels/kernel_x86.h"

// Bytes c and 16 + c of a vector as 16 bits each, side by side.
TARGET_AVX512 static inline __m512i pair_order(void) {
  uint8_t order[64] = {0};
  for (int c = 0; c < 16; c++) {
    order[4 * c] = (uint8_t)c;
    order[4 * c + 2] = (uint8_t)(16 + c);
  }
  return _mm512_loadu_si512(order);
}

TARGET_AVX512 static INLINED __m512i pair(const uint8_t *first, const uint8_t *second, __m512i order) {
  __m256i v = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)second));
  v = _mm256_mask_broadcast_i32x4(v, 0x0f, _mm_loadu_si128((const __m128i *)(const void *)first));
  return _mm512_maskz_permutexvar_epi8(0x5555555555555555, order, _mm512_castsi256_si512(v));
}

// A tile of channels of `pixels` pixels, whose weights are loaded once.
TARGET_AVX512 static INLINED void tile(const depthwise_args *a, int p, size_t c, size_t whole, __m512i order,
                                       const int pixels) {
  const uint8_t *in = a->in + (size_t)p * a->step + c;
  int32_t *sums = a->sums + (size_t)p * whole + c;
  __m512i sum[4];
  UNROLLED for (int i = 0; i < pixels; i++) sum[i] =
      a->shift < 0 ? _mm512_setzero_si512()
                   : _mm512_sll_epi32(_mm512_loadu_si512(sums + (size_t)i * whole), _mm_cvtsi32_si128(a->shift));
  const int16_t *w = a->weights + 2 * c;
  for (int t = 0; t < a->taps; t += 2, w += 2 * whole) {
    __m512i weights = _mm512_loadu_si512(w);
    UNROLLED for (int i = 0; i < pixels; i++) {
      const uint8_t *at = in + (size_t)i * a->step;
      sum[i] = _mm512_dpwssd_epi32(sum[i], pair(at + a->tap[t], at + a->tap[t + 1], order), weights);
    }
  }
  UNROLLED for (int i = 0; i < pixels; i++) _mm512_storeu_si512(sums + (size_t)i * whole, sum[i]);
}

TARGET_AVX512 void kernel_depthwise_avx512vnni(const depthwise_args *a) {
  size_t whole = (size_t)(a->channels + TILE - 1) / TILE * TILE;
  __m512i order = pair_order();
  int p = 0;
  for (; p + 4 <= a->pixels; p += 4)
    for (size_t c = 0; c < whole; c += TILE)
      tile(a, p, c, whole, order, 4);
  for (; p < a->pixels; p++)
    for (size_t c = 0; c < whole; c += TILE)
      tile(a, p, c, whole, order, 1);
}
