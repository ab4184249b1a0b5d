// SPDX-License-Identifier: Apache-2.0
//
// Codes and tensors: maps, pools, addition.
#include "compiler/engine/kernels/kernel_x86.h"

#include <string.h>

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

TARGET_AVX512 void kernel_map_u8_avx512vbmi(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table) {
  bytes_256 t = load_256(table);
  for (size_t i = 0; i < n; i += 64) {
    __mmask64 m = low_bits(n - i);
    _mm512_mask_storeu_epi8(dst + i, m, look(&t, _mm512_maskz_loadu_epi8(m, src + i)));
  }
}

TARGET_AVX512 void kernel_map_u16_avx512vbmi(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table) {
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

// Where channels are few, a pixel's vector reaches into the next pixel, whose own is stored after it.
TARGET_AVX512 void kernel_max_u8_avx512(const window_args *a, uint8_t lo, uint8_t hi, uint8_t *out) {
  __m512i least = _mm512_set1_epi8((char)lo), most = _mm512_set1_epi8((char)hi);
  for (int p = 0; p < a->pixels; p++, out += a->channels)
    for (int c = 0; c < a->channels; c += 64) {
      const uint8_t *window = a->in + (size_t)p * a->step + c;
      __m512i v = least;
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++)
          v = _mm512_max_epu8(v, _mm512_loadu_si512(window + (size_t)y * a->row_bytes + x * a->channels));
      _mm512_storeu_si512(out + c, _mm512_min_epu8(v, most));
    }
}

TARGET_AVX512 void kernel_sum_u8_avx512(const window_args *a, int32_t *sums, size_t stride) {
  for (int p = 0; p < a->pixels; p++, sums += stride)
    for (int c = 0; c < a->channels; c += 16) {
      const uint8_t *window = a->in + (size_t)p * a->step + c;
      __m512i v = _mm512_setzero_si512();
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++)
          v = _mm512_add_epi32(
              v, _mm512_cvtepu8_epi32(_mm_loadu_si128(
                     (const __m128i *)(const void *)(window + (size_t)y * a->row_bytes + x * a->channels))));
      _mm512_storeu_si512(sums + c, v);
    }
}

TARGET_AVX512 void kernel_spread_u8_avx512vbmi(uint8_t *dst, size_t dst_stride, const uint8_t *src, size_t src_stride,
                                               const uint64_t *set, int channels, int pixels) {
  for (int p = 0; p < pixels; p++) {
    const uint8_t *from = src + (size_t)p * src_stride;
    for (int c = 0; c < channels; c += 64) {
      __mmask64 some = set[c / 64];
      __m512i v = _mm512_maskz_expand_epi8(some, _mm512_loadu_si512(from));
      _mm512_mask_storeu_epi8(dst + (size_t)p * dst_stride + c, some, v);
      from += __builtin_popcountll(some);
    }
  }
}

TARGET_AVX512 void kernel_add_u8_avx512(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n,
                                        const add_args *args) {
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
