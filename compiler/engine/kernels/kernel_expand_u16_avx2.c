// SPDX-License-Identifier: Apache-2.0
//
// Writing expanded tables: the columns of many filters side by side, a transposition in blocks of 8 x 16.
#include "compiler/engine/kernels/kernel_x86.h"

// Rows [r, r + 16) of eight columns.
TARGET_AVX2 static inline void transpose_8x16(const uint16_t *const *c, int r, uint16_t *out, size_t stride) {
  __m256i a[8], b[8];
  UNROLLED for (int i = 0; i < 8; i++) a[i] = _mm256_loadu_si256((const __m256i *)(const void *)(c[i] + r));
  UNROLLED for (int i = 0; i < 4; i++) {
    b[2 * i] = _mm256_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
    b[2 * i + 1] = _mm256_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
  }
  UNROLLED for (int i = 0; i < 2; i++) {
    UNROLLED for (int j = 0; j < 2; j++) {
      a[4 * i + 2 * j] = _mm256_unpacklo_epi32(b[4 * i + j], b[4 * i + 2 + j]);
      a[4 * i + 2 * j + 1] = _mm256_unpackhi_epi32(b[4 * i + j], b[4 * i + 2 + j]);
    }
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    b[2 * i] = _mm256_unpacklo_epi64(a[i], a[4 + i]);
    b[2 * i + 1] = _mm256_unpackhi_epi64(a[i], a[4 + i]);
  }
  UNROLLED for (int i = 0; i < 8; i++) {
    _mm_storeu_si128((__m128i *)(void *)(out + (size_t)(r + i) * stride), _mm256_castsi256_si128(b[i]));
    _mm_storeu_si128((__m128i *)(void *)(out + (size_t)(r + i + 8) * stride), _mm256_extracti128_si256(b[i], 1));
  }
}

TARGET_AVX2 static INLINED void expand(const uint16_t *const *columns, int tables, int rows, uint16_t *out, int lanes) {
  size_t stride = (size_t)tables * (size_t)lanes;
  int r = 0;
  for (; r + 16 <= rows; r += 16) // the tables of a few rows lie together: written in order of address
    for (int l = 0; l < tables * lanes; l += 8)
      transpose_8x16(columns + l, r, out + l, stride);
  for (; r < rows; r++)
    for (int l = 0; l < tables * lanes; l++)
      out[(size_t)r * stride + (size_t)l] = columns[l][r];
}

TARGET_AVX2 void kernel_expand_32_avx2(const uint16_t *const *columns, int tables, int rows, uint16_t *out) {
  expand(columns, tables, rows, out, 32);
}

TARGET_AVX2 void kernel_expand_16_avx2(const uint16_t *const *columns, int tables, int rows, uint16_t *out) {
  expand(columns, tables, rows, out, 16);
}
