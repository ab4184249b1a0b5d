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
  for (int f = 0; f < a->filters; f++) {
    __m256d m = _mm256_set1_pd(a->mult[f]);
    __m128i start = _mm_set1_epi32(a->start[f]);
    for (int p = 0; p < PANEL; p += 8) {
      __m128i y[2];
      for (int i = 0; i < 2; i++) {
        __m128i acc = _mm_add_epi32(load(a->acc + f * PANEL + p + 4 * i), start);
        if (a->common)
          acc = _mm_add_epi32(acc, load(a->common + p + 4 * i));
        y[i] = requantise_4(acc, m, half, scale, zero, lo, hi);
      }
      __m128i words = _mm_packus_epi32(y[0], y[1]);
      _mm_storel_epi64((__m128i *)(void *)(out + f * PANEL + p), _mm_packus_epi16(words, words));
    }
  }
}

TARGET_AVX2 void weave_4x8_avx2(uint8_t *dst, const uint8_t *const src[4], int step, size_t n) {
  size_t i = 0;
  for (; step == 1 && i + 16 <= n; i += 16, dst += 64) {
    __m128i a = load(src[0] + i), b = load(src[1] + i), c = load(src[2] + i), d = load(src[3] + i);
    __m128i ab = _mm_unpacklo_epi8(a, b), cd = _mm_unpacklo_epi8(c, d);
    store(dst, _mm_unpacklo_epi16(ab, cd));
    store(dst + 16, _mm_unpackhi_epi16(ab, cd));
    ab = _mm_unpackhi_epi8(a, b);
    cd = _mm_unpackhi_epi8(c, d);
    store(dst + 32, _mm_unpacklo_epi16(ab, cd));
    store(dst + 48, _mm_unpackhi_epi16(ab, cd));
  }
  const uint8_t *rest[4] = {src[0] + i, src[1] + i, src[2] + i, src[3] + i};
  kernels_scalar.weave8(dst, rest, step, n - i);
}

TARGET_AVX2 void weave_4x16_avx2(uint16_t *dst, const uint16_t *const src[4], int step, size_t n) {
  size_t i = 0;
  for (; step == 1 && i + 8 <= n; i += 8, dst += 32) {
    __m128i a = load(src[0] + i), b = load(src[1] + i), c = load(src[2] + i), d = load(src[3] + i);
    __m128i ab = _mm_unpacklo_epi16(a, b), cd = _mm_unpacklo_epi16(c, d);
    store(dst, _mm_unpacklo_epi32(ab, cd));
    store(dst + 8, _mm_unpackhi_epi32(ab, cd));
    ab = _mm_unpackhi_epi16(a, b);
    cd = _mm_unpackhi_epi16(c, d);
    store(dst + 16, _mm_unpacklo_epi32(ab, cd));
    store(dst + 24, _mm_unpackhi_epi32(ab, cd));
  }
  const uint16_t *rest[4] = {src[0] + i, src[1] + i, src[2] + i, src[3] + i};
  kernels_scalar.weave16(dst, rest, step, n - i);
}

TARGET_AVX2 void weave_2x16_avx2(uint16_t *dst, const uint16_t *const src[2], int step, size_t n) {
  size_t i = 0;
  for (; step == 1 && i + 8 <= n; i += 8, dst += 16) {
    __m128i a = load(src[0] + i), b = load(src[1] + i);
    store(dst, _mm_unpacklo_epi16(a, b));
    store(dst + 8, _mm_unpackhi_epi16(a, b));
  }
  const uint16_t *rest[2] = {src[0] + i, src[1] + i};
  kernels_scalar.weave16_2(dst, rest, step, n - i);
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
