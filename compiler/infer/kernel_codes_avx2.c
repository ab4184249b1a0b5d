// SPDX-License-Identifier: Apache-2.0
//
// Codes and tensors: requantisation, staging, pools and addition. Strided ones and tails are left to the scalar ones.
#include "compiler/infer/kernel_x86.h"

TARGET_AVX2 static inline __m128i load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
TARGET_AVX2 static inline void store(void *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }

// Exact in double precision: sums of 32 bits times multipliers of 16, then a power of two.
TARGET_AVX2 static inline __m128i requantise_4(__m128i acc, __m256d m, __m256d half, __m256d scale, __m256d zero,
                                               __m256d lo, __m256d hi) {
  __m256d v = _mm256_add_pd(_mm256_mul_pd(_mm256_cvtepi32_pd(acc), m), half);
  v = _mm256_add_pd(_mm256_floor_pd(_mm256_mul_pd(v, scale)), zero);
  return _mm256_cvtpd_epi32(_mm256_min_pd(_mm256_max_pd(v, lo), hi));
}

TARGET_AVX2 void requantise_avx2(const requantise_args *a, uint8_t *out) {
  double power = (double)((int64_t)1 << a->shift);
  __m256d half = _mm256_set1_pd(power / 2), scale = _mm256_set1_pd(1 / power), zero = _mm256_set1_pd(a->zero);
  __m256d lo = _mm256_set1_pd(a->lo), hi = _mm256_set1_pd(a->hi);
  for (int f = 0; f < a->tiles * TILE; f += 8) { // a few filters of all pixels: their constants stay in registers
    __m256d m[2];
    __m128i start[2];
    for (int i = 0; i < 2; i++) {
      __m128i mult = _mm_loadl_epi64((const __m128i *)(const void *)(a->mult + f + 4 * i));
      m[i] = _mm256_cvtepi32_pd(_mm_cvtepu16_epi32(mult));
      start[i] = load(a->start + f + 4 * i);
    }
    for (int p = 0; p < a->pixels; p++) {
      __m128i y[2];
      __m128i common = _mm_set1_epi32(a->common ? a->common[(size_t)p * a->common_stride] : 0);
      for (int i = 0; i < 2; i++) {
        __m128i sum = _mm_add_epi32(load(a->sums + (size_t)p * a->stride + f + 4 * i), start[i]);
        y[i] = requantise_4(_mm_add_epi32(sum, common), m[i], half, scale, zero, lo, hi);
      }
      __m128i words = _mm_packus_epi32(y[0], y[1]);
      _mm_storel_epi64((__m128i *)(void *)(out + p * a->tiles * TILE + f), _mm_packus_epi16(words, words));
    }
  }
}

TARGET_AVX2 void max_u8_avx2(uint8_t *dst, const uint8_t *src, int step, size_t n) {
  size_t i = 0;
  for (; step == 1 && i + 16 <= n; i += 16)
    store(dst + i, _mm_max_epu8(load(dst + i), load(src + i)));
  kernels_scalar.max8(dst + i, src + i * (size_t)step, step, n - i);
}

TARGET_AVX2 void add_u8_avx2(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args) {
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
