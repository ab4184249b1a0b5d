// SPDX-License-Identifier: Apache-2.0
//
// Expanded tables: one 64-byte row, 32 filters' products, for each pixel and weight position.
#include "compiler/infer/kernel_x86.h"

// One pixel: the sum of 4 * units rows on top of `sum`. Four tables lie interleaved, so that a row is one indexed load.
TARGET_AVX512 static inline __attribute__((always_inline)) __m512i
add_rows(__m512i sum, const uint8_t *const *index, size_t at, const int units, const uint8_t *table, size_t bytes) {
  UNROLLED for (int u = 0; u < units; u++) {
    const uint16_t *offset = (const uint16_t *)(const void *)(index[u] + at);
    const uint8_t *t = table + (size_t)u * bytes;
    UNROLLED for (int j = 0; j < 4; j++) sum = _mm512_add_epi16(sum, _mm512_loadu_si512(t + offset[j] + 64 * j));
  }
  return sum;
}

TARGET_AVX512 static inline __attribute__((always_inline)) void run(const rows_args *a, const int units,
                                                                    const bool widen) {
  const uint8_t *table = a->table;
  size_t bytes = a->table_bytes;
  uint16_t *acc = a->acc;
  int32_t *wide = a->wide;
  for (int i = 0; i < a->grid.images; i++)
    for (int y = 0; y < a->grid.height; y++) {
      size_t at = ((size_t)i * a->grid.image_stride + (size_t)y * a->grid.row_stride) * ROW_UNIT_BYTES;
      for (int x = 0; x < a->grid.width; x++, at += ROW_UNIT_BYTES, acc += 32) {
        __m512i sum = add_rows(_mm512_loadu_si512(acc), a->index, at, units, table, bytes);
        if (!widen) {
          _mm512_storeu_si512(acc, sum);
          continue;
        }
        _mm512_storeu_si512(acc, _mm512_setzero_si512());
        for (int h = 0; h < 2; h++, wide += 16) {
          __m512i part = _mm512_cvtepu16_epi32(h ? _mm512_extracti64x4_epi64(sum, 1) : _mm512_castsi512_si256(sum));
          _mm512_storeu_si512(wide, _mm512_add_epi32(_mm512_loadu_si512(wide), part));
        }
      }
    }
}

#define UNITS(n)                                                                                                       \
  TARGET_AVX512 static void add_##n(const rows_args *a) { run(a, n, false); }                                          \
  TARGET_AVX512 static void widen_##n(const rows_args *a) { run(a, n, true); }
UNITS(1)
UNITS(2)
UNITS(3)
UNITS(4)

void rows_u16_avx512(const rows_args *a) {
  static void (*const by_units[][2])(const rows_args *) = {
      {add_1, widen_1}, {add_2, widen_2}, {add_3, widen_3}, {add_4, widen_4}};
  by_units[a->units - 1][a->wide != NULL](a);
}
