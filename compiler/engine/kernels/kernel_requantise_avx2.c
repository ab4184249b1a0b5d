// SPDX-License-Identifier: Apache-2.0
//
// Requantisation: from sums to codes.
#include "compiler/engine/kernels/kernel_x86.h"

TARGET_AVX2 static inline __m128i load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }

// Up to eight codes, nothing beside them.
TARGET_AVX2 static inline void store_few(uint8_t *to, __m128i codes, int n) {
  if (n >= 8) {
    _mm_storel_epi64((__m128i *)(void *)to, codes);
    return;
  }
  uint8_t part[16];
  _mm_storeu_si128((__m128i *)(void *)part, codes);
  for (int i = 0; i < n; i++)
    to[i] = part[i];
}

// Exact in double precision: sums of 32 bits times multipliers of 16, then a power of two.
TARGET_AVX2 static inline __m128i requantise_4(__m128i sum, __m256d m, const requantise_args *a) {
  double power = (double)((int64_t)1 << a->shift);
  __m256d v = _mm256_add_pd(_mm256_mul_pd(_mm256_cvtepi32_pd(sum), m), _mm256_set1_pd(power / 2));
  v = _mm256_add_pd(_mm256_floor_pd(_mm256_mul_pd(v, _mm256_set1_pd(1 / power))), _mm256_set1_pd(a->zero));
  return _mm256_cvtpd_epi32(_mm256_min_pd(_mm256_max_pd(v, _mm256_set1_pd(a->lo)), _mm256_set1_pd(a->hi)));
}

TARGET_AVX2 static inline __m256i sum_of(const requantise_args *a, int p, int f, __m256i start) {
  const int32_t *at = a->sums + (size_t)p * a->stride + f;
  __m256i sum = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(const void *)at), start);
  return a->common ? _mm256_add_epi32(sum, _mm256_set1_epi32(a->common[(size_t)p * a->common_stride])) : sum;
}

// Eight filters, any sums.
TARGET_AVX2 static INLINED void eight_64(const requantise_args *a, int f, __m256i start, __m256i m, uint8_t *out) {
  __m256d low = _mm256_cvtepi32_pd(_mm256_castsi256_si128(m)),
          high = _mm256_cvtepi32_pd(_mm256_extracti128_si256(m, 1));
  for (int p = 0; p < a->pixels; p++) {
    __m256i sum = sum_of(a, p, f, start);
    __m128i words = _mm_packus_epi32(requantise_4(_mm256_castsi256_si128(sum), low, a),
                                     requantise_4(_mm256_extracti128_si256(sum, 1), high, a));
    store_few(out + (size_t)p * a->out_stride + f, _mm_packus_epi16(words, words), a->filters - f);
  }
}

// The same where 32 bits hold sum * m >> 16 (args->narrow), as in kernel_requantise_avx512.c.
TARGET_AVX2 static INLINED void eight_32(const requantise_args *a, int f, __m256i start, __m256i m, uint8_t *out) {
  __m256i upper = _mm256_slli_epi32(m, 16), lacks = _mm256_slli_epi32(_mm256_srai_epi32(upper, 31), 16);
  __m256i rounding =
      _mm256_set1_epi32(((int32_t)1 << (a->shift - 17)) + (int32_t)((uint32_t)a->zero << (a->shift - 16)));
  __m256i lo = _mm256_set1_epi8((char)a->lo), hi = _mm256_set1_epi8((char)a->hi);
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  __m128i shift = _mm_cvtsi32_si128(a->shift - 16);
  for (int p = 0; p < a->pixels; p += 4) { // four pixels, packed with saturation
    __m256i v[4];
    UNROLLED for (int i = 0; i < 4; i++) {
      __m256i sum = sum_of(a, p + i < a->pixels ? p + i : p, f, start);
      __m256i x = _mm256_add_epi32(_mm256_madd_epi16(sum, upper), _mm256_and_si256(sum, lacks));
      x = _mm256_add_epi32(x, _mm256_add_epi32(_mm256_mulhi_epu16(sum, m), rounding));
      v[i] = _mm256_sra_epi32(x, shift);
    }
    __m256i codes = _mm256_packus_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    codes = _mm256_permutevar8x32_epi32(_mm256_min_epu8(_mm256_max_epu8(codes, lo), hi), order);
    __m128i half[2] = {_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1)};
    for (int i = 0; i < 4 && p + i < a->pixels; i++)
      store_few(out + (size_t)(p + i) * a->out_stride + f,
                i % 2 ? _mm_unpackhi_epi64(half[i / 2], half[i / 2]) : half[i / 2], a->filters - f);
  }
}

TARGET_AVX2 void kernel_requantise_avx2(const requantise_args *a, uint8_t *out) {
  for (int f = 0; f < a->filters; f += 8) { // a few filters of all pixels: their constants stay in registers
    __m256i start = _mm256_loadu_si256((const __m256i *)(const void *)(a->start + f));
    __m256i m = _mm256_cvtepu16_epi32(load(a->mult + f));
    if (a->narrow)
      eight_32(a, f, start, m, out);
    else
      eight_64(a, f, start, m, out);
  }
}
