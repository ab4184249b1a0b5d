// SPDX-License-Identifier: Apache-2.0
//
// Expanded tables: one 32-byte row, 16 filters' products, for each pixel and weight position.
#include "compiler/infer/kernel_x86.h"

#include <string.h>

TARGET_AVX2 static inline __m256i load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }

// One pixel: the sum of 4 * units rows on top of `sum`; offsets of four rows come with one load.
TARGET_AVX2 static inline __attribute__((always_inline)) __m256i
add_rows(__m256i sum, const uint8_t *const *index, size_t at, const int units, const uint8_t *table, size_t bytes) {
  UNROLLED for (int u = 0; u < units; u++) {
    uint64_t offsets;
    memcpy(&offsets, index[u] + at, sizeof offsets);
    const uint8_t *t = table + (size_t)(4 * u) * bytes;
    sum = _mm256_add_epi16(sum, load(t + (uint16_t)offsets));
    sum = _mm256_add_epi16(sum, load(t + bytes + (uint16_t)(offsets >> 16)));
    sum = _mm256_add_epi16(sum, load(t + 2 * bytes + (uint16_t)(offsets >> 32)));
    sum = _mm256_add_epi16(sum, load(t + 3 * bytes + (uint16_t)(offsets >> 48)));
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

TARGET_AVX2 void rows_u16_avx2(const rows_args *a) {
  if (a->units == 1) {
    if (a->wide)
      run(a, 1, true);
    else
      run(a, 1, false);
  } else {
    if (a->wide)
      run(a, 2, true);
    else
      run(a, 2, false);
  }
}
