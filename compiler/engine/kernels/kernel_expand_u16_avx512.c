// SPDX-License-Identifier: Apache-2.0
//
// Writing expanded tables of 32 filters: the columns of many filters side by side, a transposition in blocks of 32
// x 16.
#include "compiler/engine/kernels/kernel_x86.h"

// Rows [r, r + 16) of columns c[0] .. c[15]: out[k] holds row `order[k]` of the first eight columns, row order[k] + 8
// of them, then both of the last eight. Shifts and blends take over part of the work: there is but one port for
// shuffles.
TARGET_AVX512 static INLINED void transpose_16x16(const uint16_t *const *c, int r, __m512i *out) {
  __m512i a[8], b[8];
  UNROLLED for (int i = 0; i < 8; i++) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(c[i] + r));
    a[i] = _mm512_inserti64x4(_mm512_castsi256_si512(low),
                              _mm256_loadu_si256((const __m256i *)(const void *)(c[i + 8] + r)), 1);
  }
  UNROLLED for (int i = 0; i < 4; i++) { // even rows of two columns, then odd ones
    b[i] = _mm512_mask_blend_epi16(0xaaaaaaaa, a[2 * i], _mm512_slli_epi32(a[2 * i + 1], 16));
    b[i + 4] = _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(a[2 * i], 16), a[2 * i + 1]);
  }
  UNROLLED for (int h = 0; h < 2; h++) {
    UNROLLED for (int i = 0; i < 2; i++) {
      a[4 * h + 2 * i] = _mm512_unpacklo_epi32(b[4 * h + 2 * i], b[4 * h + 2 * i + 1]);
      a[4 * h + 2 * i + 1] = _mm512_unpackhi_epi32(b[4 * h + 2 * i], b[4 * h + 2 * i + 1]);
    }
  }
  UNROLLED for (int h = 0; h < 2; h++) {
    UNROLLED for (int i = 0; i < 2; i++) {
      out[4 * h + 2 * i] = _mm512_unpacklo_epi64(a[4 * h + i], a[4 * h + i + 2]);
      out[4 * h + 2 * i + 1] = _mm512_unpackhi_epi64(a[4 * h + i], a[4 * h + i + 2]);
    }
  }
}

TARGET_AVX512 void kernel_expand_32_avx512(const uint16_t *const *columns, int tables, int rows, uint16_t *out) {
  static const int order[8] = {0, 2, 4, 6, 1, 3, 5, 7};
  enum { LANES = 32 };
  size_t stride = (size_t)tables * LANES;
  int r = 0;
  for (; r + 16 <= rows; r += 16) // the tables of a few rows lie together: written in order of address
    for (int t = 0; t < tables; t++) {
      __m512i a[8], b[8];
      transpose_16x16(columns + t * LANES, r, a);
      transpose_16x16(columns + t * LANES + 16, r, b);
      uint16_t *to = out + (size_t)r * stride + (size_t)(t * LANES);
      UNROLLED for (int k = 0; k < 8; k++) {
        _mm512_storeu_si512(to + (size_t)order[k] * stride, _mm512_shuffle_i64x2(a[k], b[k], 0x88));
        _mm512_storeu_si512(to + (size_t)(order[k] + 8) * stride, _mm512_shuffle_i64x2(a[k], b[k], 0xdd));
      }
    }
  for (; r < rows; r++)
    for (int l = 0; l < tables * LANES; l++)
      out[(size_t)r * stride + (size_t)l] = columns[l][r];
}
