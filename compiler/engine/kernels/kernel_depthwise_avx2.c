// SPDX-License-Identifier: Apache-2.0
//
// Depthwise sums: two taps of eight channels at once.
#include "compiler/engine/kernels/kernel_x86.h"

TARGET_AVX2 static inline __m128i load_8(const uint8_t *p) { return _mm_loadl_epi64((const __m128i *)(const void *)p); }

TARGET_AVX2 void kernel_depthwise_avx2(const depthwise_args *a) {
  size_t whole = (size_t)(a->channels + TILE - 1) / TILE * TILE;
  __m128i shift = _mm_cvtsi32_si128(a->shift);
  for (int p = 0; p < a->pixels; p++)
    for (size_t c = 0; c < whole; c += 8) {
      const uint8_t *in = a->in + (size_t)p * a->step + c;
      __m256i *sums = (__m256i *)(void *)(a->sums + (size_t)p * whole + c);
      __m256i sum = a->shift < 0 ? _mm256_setzero_si256() : _mm256_sll_epi32(_mm256_loadu_si256(sums), shift);
      const int16_t *w = a->weights + 2 * c;
      for (int t = 0; t < a->taps; t += 2, w += 2 * whole) {
        __m128i bytes = _mm_unpacklo_epi8(load_8(in + a->tap[t]), load_8(in + a->tap[t + 1]));
        __m256i weights = _mm256_loadu_si256((const __m256i *)(const void *)w);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(bytes), weights));
      }
      _mm256_storeu_si256(sums, sum);
    }
}

TARGET_AVX2 static inline __m128i load_16(const int16_t *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

TARGET_AVX2 void kernel_depthwise_s16_avx2(const depthwise16_args *a) {
  size_t whole = (size_t)(a->channels + TILE - 1) / TILE * TILE;
  for (int p = 0; p < a->pixels; p++)
    for (size_t c = 0; c < whole; c += 8) {
      const int16_t *in = a->in + (size_t)p * a->step + c, *w = a->weights + 2 * c;
      __m256i low = _mm256_setzero_si256(), high = low; // channels 0..3 and 4..7
      for (int t = 0; t < a->taps; t += 2, w += 2 * whole) {
        __m128i first = load_16(in + a->tap[t]), second = load_16(in + a->tap[t + 1]);
        __m256i pairs = _mm256_set_m128i(_mm_unpackhi_epi16(first, second), _mm_unpacklo_epi16(first, second));
        __m256i sum = _mm256_madd_epi16(pairs, _mm256_loadu_si256((const __m256i *)(const void *)w));
        low = _mm256_add_epi64(low, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum)));
        high = _mm256_add_epi64(high, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1)));
      }
      __m256i *sums = (__m256i *)(void *)(a->sums + (size_t)p * whole + c);
      _mm256_storeu_si256(sums, low);
      _mm256_storeu_si256(sums + 1, high);
    }
}
