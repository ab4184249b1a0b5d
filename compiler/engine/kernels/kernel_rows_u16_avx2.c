// SPDX-License-Identifier: Apache-2.0
//
// Expanded tables: one row of 64 or 32 bytes, 32 or 16 filters' products, for each pixel and weight position.
#include "compiler/engine/kernels/kernel_x86.h"

TARGET_AVX2 static inline __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
TARGET_AVX2 static inline void store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }

// The numbers of rows and of vectors in one are constants here.
TARGET_AVX2 static INLINED void add(const rows_args *a, const int rows, const int vectors) {
  const uint8_t *table = a->table;
  const uint16_t *row = a->row;
  for (size_t i = 0; i < a->pixels; i++, row += rows) {
    uint16_t *acc = a->acc + (size_t)a->pixel[i] * 16 * (size_t)vectors;
    __m256i sum[2];
    UNROLLED for (int v = 0; v < vectors; v++) sum[v] = load(acc + 16 * v);
    UNROLLED for (int j = 0; j < rows; j++) {
      const uint8_t *r = table + (size_t)row[j] * 8;
      UNROLLED for (int v = 0; v < vectors; v++) sum[v] = _mm256_add_epi16(sum[v], load(r + 32 * v));
    }
    UNROLLED for (int v = 0; v < vectors; v++) store(acc + 16 * v, sum[v]);
  }
}

#define ROWS(n)                                                                                                        \
  TARGET_AVX2 static void add_16_##n(const rows_args *a) { add(a, n, 1); }                                             \
  TARGET_AVX2 static void add_32_##n(const rows_args *a) { add(a, n, 2); }
ROWS(1)
ROWS(2)
ROWS(3)
ROWS(4)
ROWS(5)
ROWS(6)
ROWS(7)
ROWS(8)
ROWS(9)
ROWS(10)
ROWS(11)
ROWS(12)
ROWS(13)
ROWS(14)
ROWS(15)
ROWS(16)

void kernel_rows_16_u16_avx2(const rows_args *a) {
  static void (*const by_rows[])(const rows_args *) = {add_16_1,  add_16_2,  add_16_3,  add_16_4,  add_16_5,  add_16_6,
                                                       add_16_7,  add_16_8,  add_16_9,  add_16_10, add_16_11, add_16_12,
                                                       add_16_13, add_16_14, add_16_15, add_16_16};
  by_rows[a->rows - 1](a);
}

void kernel_rows_32_u16_avx2(const rows_args *a) {
  static void (*const by_rows[])(const rows_args *) = {add_32_1,  add_32_2,  add_32_3,  add_32_4,  add_32_5,  add_32_6,
                                                       add_32_7,  add_32_8,  add_32_9,  add_32_10, add_32_11, add_32_12,
                                                       add_32_13, add_32_14, add_32_15, add_32_16};
  by_rows[a->rows - 1](a);
}

TARGET_AVX2 static INLINED void widen(const widen_args *a, const int lanes) {
  __m128i next[4];
  UNROLLED for (int i = 0; i < lanes / 8; i++) next[i] =
      a->next ? _mm_loadu_si128((const __m128i *)(const void *)(a->next + 8 * i)) : _mm_setzero_si128();
  for (size_t i = 0; i < a->pixels * (size_t)lanes; i += (size_t)lanes) {
    UNROLLED for (int j = 0; j < lanes / 8; j++) {
      __m128i *at = (__m128i *)(void *)(a->acc + i + 8 * j);
      int32_t *wide = a->wide + i + 8 * j;
      __m256i sum = _mm256_cvtepu16_epi32(_mm_loadu_si128(at));
      _mm_storeu_si128(at, next[j]);
      store(wide, a->first ? sum : _mm256_add_epi32(sum, load(wide)));
    }
  }
}

TARGET_AVX2 void kernel_widen_16_u16_avx2(const widen_args *a) { widen(a, 16); }
TARGET_AVX2 void kernel_widen_32_u16_avx2(const widen_args *a) { widen(a, 32); }
