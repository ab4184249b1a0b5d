// SPDX-License-Identifier: Apache-2.0
//
// Expanded tables: one 64-byte row, 32 filters' products, for each pixel and weight position.
#include "compiler/engine/kernels/kernel_x86.h"

enum { LANES = 32 };

// The number of rows is a constant here, so that nothing depends on the data but addresses.
TARGET_AVX512 static INLINED void add(const rows_args *a, const int rows) {
  const uint8_t *table = a->table;
  const uint16_t *row = a->row;
  for (size_t i = 0; i < a->pixels; i++, row += rows) {
    uint16_t *acc = a->acc + (size_t)a->pixel[i] * LANES;
    __m512i sum = _mm512_loadu_si512(acc);
    UNROLLED for (int j = 0; j < rows; j++) sum = _mm512_add_epi16(sum, _mm512_loadu_si512(table + (size_t)row[j] * 8));
    _mm512_storeu_si512(acc, sum);
  }
}

#define ROWS(n)                                                                                                        \
  TARGET_AVX512 static void add_##n(const rows_args *a) { add(a, n); }
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

void kernel_rows_u16_avx512(const rows_args *a) {
  static void (*const by_rows[])(const rows_args *) = {add_1, add_2,  add_3,  add_4,  add_5,  add_6,  add_7,  add_8,
                                                       add_9, add_10, add_11, add_12, add_13, add_14, add_15, add_16};
  by_rows[a->rows - 1](a);
}

TARGET_AVX512 void kernel_widen_u16_avx512(const widen_args *a) {
  __m512i next = a->next ? _mm512_loadu_si512(a->next) : _mm512_setzero_si512();
  for (size_t i = 0; i < a->pixels * LANES; i += LANES) {
    __m512i sum = _mm512_loadu_si512(a->acc + i);
    _mm512_storeu_si512(a->acc + i, next);
    __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(sum));
    __m512i high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(sum, 1));
    if (!a->first) {
      low = _mm512_add_epi32(low, _mm512_loadu_si512(a->wide + i));
      high = _mm512_add_epi32(high, _mm512_loadu_si512(a->wide + i + 16));
    }
    _mm512_storeu_si512(a->wide + i, low);
    _mm512_storeu_si512(a->wide + i + 16, high);
  }
}
