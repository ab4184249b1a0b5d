// SPDX-License-Identifier: Apache-2.0
//
// Expanded tables: one 32-byte row, 16 filters' products, for each pixel and weight position.
#include "compiler/infer/kernel_x86.h"

TARGET_AVX2 static inline __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }

// One pixel: the sum of 4 * units rows on top of `sum`. Four tables lie interleaved, so that a row is one indexed load.
TARGET_AVX2 static inline __attribute__((always_inline)) __m256i
add_rows(__m256i sum, const uint8_t *const *index, size_t at, const int units, const uint8_t *table, size_t bytes) {
  UNROLLED for (int u = 0; u < units; u++) {
    const uint16_t *offset = (const uint16_t *)(const void *)(index[u] + at);
    const uint8_t *t = table + (size_t)u * bytes;
    UNROLLED for (int j = 0; j < 4; j++) sum = _mm256_add_epi16(sum, load(t + offset[j] + 32 * j));
  }
  return sum;
}

TARGET_AVX2 static inline __attribute__((always_inline)) void run(const rows_args *a, const int units,
                                                                  const bool widen) {
  const uint8_t *table = a->table;
  size_t bytes = a->table_bytes;
  uint16_t *acc = a->acc;
  int32_t *wide = a->wide;
  for (int i = 0; i < a->grid.images; i++)
    for (int y = 0; y < a->grid.height; y++) {
      size_t at = ((size_t)i * a->grid.image_stride + (size_t)y * a->grid.row_stride) * ROW_UNIT_BYTES;
      for (int x = 0; x < a->grid.width; x++, at += ROW_UNIT_BYTES, acc += 16) {
        __m256i sum = add_rows(load(acc), a->index, at, units, table, bytes);
        if (!widen) {
          _mm256_storeu_si256((__m256i *)(void *)acc, sum);
          continue;
        }
        _mm256_storeu_si256((__m256i *)(void *)acc, _mm256_setzero_si256());
        for (int h = 0; h < 2; h++, wide += 8) {
          __m256i part = _mm256_cvtepu16_epi32(h ? _mm256_extracti128_si256(sum, 1) : _mm256_castsi256_si128(sum));
          _mm256_storeu_si256((__m256i *)(void *)wide, _mm256_add_epi32(load(wide), part));
        }
      }
    }
}

#define UNITS(n)                                                                                                       \
  TARGET_AVX2 static void add_##n(const rows_args *a) { run(a, n, false); }                                            \
  TARGET_AVX2 static void widen_##n(const rows_args *a) { run(a, n, true); }
UNITS(1)
UNITS(2)
UNITS(3)
UNITS(4)

void rows_u16_avx2(const rows_args *a) {
  static void (*const by_units[][2])(const rows_args *) = {
      {add_1, widen_1}, {add_2, widen_2}, {add_3, widen_3}, {add_4, widen_4}};
  by_units[a->units - 1][a->wide != NULL](a);
}
