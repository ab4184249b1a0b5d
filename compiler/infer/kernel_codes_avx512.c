// SPDX-License-Identifier: Apache-2.0
//
// Codes and tensors: requantisation, maps, staging, pools and addition.
#include "compiler/infer/kernel_x86.h"

#include <string.h>

TARGET_AVX512 static inline __m128i requantise_8(__m256i acc, __m512i m, __m512i half, unsigned shift, __m512i zero,
                                                 __m512i lo, __m512i hi) {
  __m512i v = _mm512_mul_epi32(_mm512_cvtepi32_epi64(acc), m);
  v = _mm512_sra_epi64(_mm512_add_epi64(v, half), _mm_cvtsi32_si128((int)shift));
  v = _mm512_add_epi64(v, zero);
  return _mm512_cvtepi64_epi8(_mm512_min_epi64(_mm512_max_epi64(v, lo), hi));
}

// Sixteen at once, each result in 32 bits: a shift of 16 or more.
TARGET_AVX512 static inline __m128i requantise_16(__m512i acc, __m512i even, __m512i odd, __m512i half, __m128i shift,
                                                  __m512i zero, __m512i lo, __m512i hi) {
  __m512i low = _mm512_add_epi64(_mm512_mul_epi32(acc, even), half);
  __m512i high = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), odd), half);
  high = _mm512_slli_epi64(_mm512_sra_epi64(high, shift), 32);
  __m512i v = _mm512_mask_mov_epi32(high, 0x5555, _mm512_sra_epi64(low, shift));
  return _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_min_epi32(_mm512_max_epi32(v, lo), hi), zero));
}

TARGET_AVX512 void requantise_avx512(const requantise_args *a, uint8_t *out) {
  __m512i half = _mm512_set1_epi64((int64_t)1 << (a->shift - 1)), zero = _mm512_set1_epi64(a->zero);
  __m512i lo = _mm512_set1_epi64(a->lo), hi = _mm512_set1_epi64(a->hi);
  __m512i zero16 = _mm512_set1_epi32(a->zero), lo16 = _mm512_set1_epi32(a->lo - a->zero),
          hi16 = _mm512_set1_epi32(a->hi - a->zero);
  __m128i shift = _mm_cvtsi32_si128(a->shift);
  for (int f = 0; f < a->tiles * TILE; f += TILE) { // a tile of all pixels: its constants stay in registers
    __m512i start = _mm512_loadu_si512(a->start + f);
    __m512i m = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(a->mult + f)));
    __m512i odd = _mm512_srli_epi64(m, 32);
    for (int p = 0; p < a->pixels; p++) {
      __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(a->sums + (size_t)p * a->stride + f), start);
      if (a->common)
        sum = _mm512_add_epi32(sum, _mm512_set1_epi32(a->common[(size_t)p * a->common_stride]));
      __m128i *to = (__m128i *)(void *)(out + p * a->tiles * TILE + f);
      if (a->shift >= 16) {
        _mm_storeu_si128(to, requantise_16(sum, m, odd, half, shift, zero16, lo16, hi16));
        continue;
      }
      for (int i = 0; i < 2; i++) {
        __m256i part = i ? _mm512_extracti64x4_epi64(sum, 1) : _mm512_castsi512_si256(sum);
        __m256i mult = i ? _mm512_extracti64x4_epi64(m, 1) : _mm512_castsi512_si256(m);
        _mm_storel_epi64((__m128i *)(void *)((uint8_t *)to + 8 * i),
                         requantise_8(part, _mm512_cvtepi32_epi64(mult), half, (unsigned)a->shift, zero, lo, hi));
      }
    }
  }
}

typedef struct {
  __m512i part[4];
} bytes_256;

TARGET_AVX512 static inline bytes_256 load_256(const uint8_t *table) {
  bytes_256 t;
  for (int i = 0; i < 4; i++)
    t.part[i] = _mm512_loadu_si512(table + 64 * i);
  return t;
}

TARGET_AVX512 static inline __m512i look(const bytes_256 *t, __m512i index) {
  __m512i lo = _mm512_permutex2var_epi8(t->part[0], index, t->part[1]);
  __m512i hi = _mm512_permutex2var_epi8(t->part[2], index, t->part[3]);
  return _mm512_mask_mov_epi8(lo, _mm512_movepi8_mask(index), hi);
}

TARGET_AVX512 void map_u8_avx512vbmi(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table) {
  bytes_256 t = load_256(table);
  for (size_t i = 0; i < n; i += 64) {
    __mmask64 m = low_bits(n - i);
    _mm512_mask_storeu_epi8(dst + i, m, look(&t, _mm512_maskz_loadu_epi8(m, src + i)));
  }
}

TARGET_AVX512 void map_u16_avx512vbmi(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table) {
  uint8_t low[256], high[256];
  for (int i = 0; i < 256; i += 32) {
    __m512i v = _mm512_loadu_si512(table + i);
    _mm256_storeu_si256((__m256i *)(void *)(low + i), _mm512_cvtepi16_epi8(v));
    _mm256_storeu_si256((__m256i *)(void *)(high + i), _mm512_cvtepi16_epi8(_mm512_srli_epi16(v, 8)));
  }
  bytes_256 l = load_256(low), h = load_256(high);
  for (size_t i = 0; i < n; i += 64) {
    __m512i at = _mm512_maskz_loadu_epi8(low_bits(n - i), src + i), x = look(&l, at), y = look(&h, at);
    for (size_t j = 0; j < 2 && i + 32 * j < n; j++) {
      __m512i xs = _mm512_cvtepu8_epi16(j ? _mm512_extracti64x4_epi64(x, 1) : _mm512_castsi512_si256(x));
      __m512i ys = _mm512_cvtepu8_epi16(j ? _mm512_extracti64x4_epi64(y, 1) : _mm512_castsi512_si256(y));
      __m512i v = _mm512_or_si512(xs, _mm512_slli_epi16(ys, 8));
      size_t left = n - i - 32 * j;
      _mm512_mask_storeu_epi16(dst + i + 32 * j, (__mmask32)low_bits(left > 32 ? 32 : left), v);
    }
  }
}

TARGET_AVX512 void max_u8_avx512(uint8_t *dst, const uint8_t *src, int step, size_t n) {
  if (step > 2) {
    kernels_scalar.max8(dst, src, step, n);
    return;
  }
  size_t most = step == 1 ? 64 : 32;
  for (size_t i = 0; i < n; i += most) {
    size_t left = n - i < most ? n - i : most;
    __mmask64 m = low_bits(left);
    __m512i v = _mm512_maskz_loadu_epi8(low_bits(left * (size_t)step - (size_t)step + 1), src + i * (size_t)step);
    if (step == 2)
      v = _mm512_castsi256_si512(_mm512_cvtepi16_epi8(v));
    _mm512_mask_storeu_epi8(dst + i, m, _mm512_max_epu8(v, _mm512_maskz_loadu_epi8(m, dst + i)));
  }
}

TARGET_AVX512 void add_u8_avx512(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args) {
  if (args->shift > 30) { // sums of up to 2^26 and the rounding must fit 32 bits
    kernels_scalar.add8(dst, a, b, n, args);
    return;
  }
  __m512i ma = _mm512_set1_epi32(args->ma), mb = _mm512_set1_epi32(args->mb);
  __m512i constant = _mm512_set1_epi32((int32_t)args->constant), zero = _mm512_set1_epi32(args->zero);
  __m512i lo = _mm512_set1_epi32(args->lo), hi = _mm512_set1_epi32(args->hi);
  for (size_t i = 0; i < n; i += 16) {
    __mmask16 m = (__mmask16)low_bits(n - i);
    __m512i x = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(m, a + i));
    __m512i y = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(m, b + i));
    __m512i v = _mm512_add_epi32(_mm512_mullo_epi32(x, ma), _mm512_mullo_epi32(y, mb));
    v = _mm512_sra_epi32(_mm512_add_epi32(v, constant), _mm_cvtsi32_si128(args->shift));
    v = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(v, zero), lo), hi);
    _mm_mask_storeu_epi8(dst + i, m, _mm512_cvtepi32_epi8(v));
  }
}
