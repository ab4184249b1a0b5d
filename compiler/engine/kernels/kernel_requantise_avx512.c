// SPDX-License-Identifier: Apache-2.0
//
// Requantisation: from sums to codes.
#include "compiler/engine/kernels/kernel_x86.h"

// Eight at once, in 64 bits.
TARGET_AVX512 static inline __m128i requantise_8(__m256i sum, __m256i m, const requantise_args *a) {
  __m512i v = _mm512_mul_epi32(_mm512_cvtepi32_epi64(sum), _mm512_cvtepi32_epi64(m));
  v = _mm512_add_epi64(v, _mm512_set1_epi64((int64_t)1 << (a->shift - 1)));
  v = _mm512_add_epi64(_mm512_sra_epi64(v, _mm_cvtsi32_si128(a->shift)), _mm512_set1_epi64(a->zero));
  v = _mm512_min_epi64(_mm512_max_epi64(v, _mm512_set1_epi64(a->lo)), _mm512_set1_epi64(a->hi));
  return _mm512_cvtepi64_epi8(v);
}

// One tile of filters, any sums.
TARGET_AVX512 static INLINED void tile_64(const requantise_args *a, int f, __m512i start, __m512i m, __mmask16 some,
                                          uint8_t *out) {
  for (int p = 0; p < a->pixels; p++) {
    __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(a->sums + (size_t)p * a->stride + f), start);
    if (a->common)
      sum = _mm512_add_epi32(sum, _mm512_set1_epi32(a->common[(size_t)p * a->common_stride]));
    __m128i low = requantise_8(_mm512_castsi512_si256(sum), _mm512_castsi512_si256(m), a);
    __m128i high = requantise_8(_mm512_extracti64x4_epi64(sum, 1), _mm512_extracti64x4_epi64(m, 1), a);
    _mm_mask_storeu_epi8(out + (size_t)p * a->out_stride + f, some, _mm_unpacklo_epi64(low, high));
  }
}

// The same where 32 bits hold sum * m >> 16 (args->narrow). With sum = 2^16 h + l it is h * m + (l * m >> 16): the
// lower halves' products come from mulhi, the upper halves' from madd, which takes m for signed: what an m of 2^15 and
// more lacks there is h * 2^16.
typedef struct {
  __m512i start, lower, upper, lacks, rounding;
  __m128i shift;
} narrow;

TARGET_AVX512 static inline __m512i requantise_16(const narrow *n, __m512i sum) {
  __m512i v = _mm512_add_epi32(_mm512_madd_epi16(sum, n->upper), _mm512_and_si512(sum, n->lacks));
  v = _mm512_add_epi32(v, _mm512_add_epi32(_mm512_mulhi_epu16(sum, n->lower), n->rounding));
  return _mm512_sra_epi32(v, n->shift);
}

TARGET_AVX512 static INLINED void tile_32(const requantise_args *a, int f, __m512i start, __m512i m, __mmask16 some,
                                          uint8_t *out) {
  narrow n = {.start = start,
              .lower = m,
              .upper = _mm512_slli_epi32(m, 16),
              .lacks = _mm512_slli_epi32(_mm512_srai_epi32(_mm512_slli_epi32(m, 16), 31), 16),
              .rounding =
                  _mm512_set1_epi32(((int32_t)1 << (a->shift - 17)) + (int32_t)((uint32_t)a->zero << (a->shift - 16))),
              .shift = _mm_cvtsi32_si128(a->shift - 16)};
  __m512i lo = _mm512_set1_epi8((char)a->lo), hi = _mm512_set1_epi8((char)a->hi);
  __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (int p = 0; p < a->pixels; p += 4) { // four pixels, packed with saturation
    __m512i v[4];
    UNROLLED for (int i = 0; i < 4; i++) {
      size_t at = (size_t)(p + i < a->pixels ? p + i : p);
      __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(a->sums + at * a->stride + f), n.start);
      if (a->common)
        sum = _mm512_add_epi32(sum, _mm512_set1_epi32(a->common[at * a->common_stride]));
      v[i] = requantise_16(&n, sum);
    }
    __m512i codes = _mm512_packus_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    codes = _mm512_permutexvar_epi32(order, _mm512_min_epu8(_mm512_max_epu8(codes, lo), hi));
    uint8_t *to = out + (size_t)p * a->out_stride + f;
    int pixels = a->pixels - p;
    _mm_mask_storeu_epi8(to, some, _mm512_castsi512_si128(codes));
    if (pixels > 1)
      _mm_mask_storeu_epi8(to + a->out_stride, some, _mm512_extracti32x4_epi32(codes, 1));
    if (pixels > 2)
      _mm_mask_storeu_epi8(to + 2 * a->out_stride, some, _mm512_extracti32x4_epi32(codes, 2));
    if (pixels > 3)
      _mm_mask_storeu_epi8(to + 3 * a->out_stride, some, _mm512_extracti32x4_epi32(codes, 3));
  }
}

TARGET_AVX512 void kernel_requantise_avx512(const requantise_args *a, uint8_t *out) {
  for (int f = 0; f < a->filters; f += TILE) { // a tile of all pixels: its constants stay in registers
    __mmask16 some = (__mmask16)low_bits((size_t)(a->filters - f));
    __m512i start = _mm512_loadu_si512(a->start + f);
    __m512i m = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(a->mult + f)));
    if (a->narrow)
      tile_32(a, f, start, m, some, out);
    else
      tile_64(a, f, start, m, some, out);
  }
}
