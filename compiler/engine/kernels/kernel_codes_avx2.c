// SPDX-License-Identifier: Apache-2.0
//
// Codes and tensors: pools, and addition, whose tail is left to the scalar one.
#include "compiler/engine/kernels/kernel_x86.h"

// Ascending: what is written beyond a pixel is overwritten by the next.
TARGET_AVX2 void kernel_max_u8_avx2(const window_args *a, uint8_t lo, uint8_t hi, uint8_t *out) {
  __m256i least = _mm256_set1_epi8((char)lo), most = _mm256_set1_epi8((char)hi);
  for (int p = 0; p < a->pixels; p++, out += a->channels)
    for (int c = 0; c < a->channels; c += 32) {
      const uint8_t *window = a->in + (size_t)p * a->step + c;
      __m256i v = least;
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++)
          v = _mm256_max_epu8(v, _mm256_loadu_si256((const __m256i *)(const void *)(window + (size_t)y * a->row_bytes +
                                                                                    x * a->channels)));
      _mm256_storeu_si256((__m256i *)(void *)(out + c), _mm256_min_epu8(v, most));
    }
}

TARGET_AVX2 void kernel_sum_u8_avx2(const window_args *a, int32_t *sums, size_t stride) {
  for (int p = 0; p < a->pixels; p++, sums += stride)
    for (int c = 0; c < a->channels; c += 8) {
      const uint8_t *window = a->in + (size_t)p * a->step + c;
      __m256i v = _mm256_setzero_si256();
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++) {
          const uint8_t *at = window + (size_t)y * a->row_bytes + x * a->channels;
          v = _mm256_add_epi32(v, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)at)));
        }
      _mm256_storeu_si256((__m256i *)(void *)(sums + c), v);
    }
}

TARGET_AVX2 void kernel_add_u8_avx2(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args) {
  size_t i = 0;
  __m256i ma = _mm256_set1_epi32(args->ma), mb = _mm256_set1_epi32(args->mb);
  __m256i constant = _mm256_set1_epi32((int32_t)args->constant), zero = _mm256_set1_epi32(args->zero);
  __m256i lo = _mm256_set1_epi32(args->lo), hi = _mm256_set1_epi32(args->hi);
  for (; args->shift <= 30 && i + 8 <= n; i += 8) { // sums of up to 2^26 and the rounding fit 32 bits
    __m256i x = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(a + i)));
    __m256i y = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(b + i)));
    __m256i v = _mm256_add_epi32(_mm256_mullo_epi32(x, ma), _mm256_mullo_epi32(y, mb));
    v = _mm256_sra_epi32(_mm256_add_epi32(v, constant), _mm_cvtsi32_si128(args->shift));
    v = _mm256_min_epi32(_mm256_max_epi32(_mm256_add_epi32(v, zero), lo), hi);
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)(void *)(dst + i), _mm_packus_epi16(words, words));
  }
  kernels_scalar.add8(dst + i, a + i, b + i, n - i, args);
}
