// SPDX-License-Identifier: Apache-2.0
//
// Panels of pixels from staged planes.
#include "compiler/infer/kernel_x86.h"

TARGET_AVX2 static inline void copy_32(uint8_t *to, const uint8_t *from) {
  _mm256_storeu_si256((__m256i *)(void *)to, _mm256_loadu_si256((const __m256i *)(const void *)from));
}

// Copies go beyond their end: the next one overwrites that.
TARGET_AVX2 void pack_avx2(const pack_args *a, uint8_t *to) {
  for (int u = 0; u < a->units; u++, to += PANEL * UNIT_BYTES) {
    const uint8_t *from = a->planes + a->offset[u];
    if (a->longest <= 8)
      for (int i = 0; i < a->count; i++)
        copy_32(to + a->copy[i].to, from + a->copy[i].from);
    else
      for (int i = 0; i < a->count; i++) {
        copy_32(to + a->copy[i].to, from + a->copy[i].from);
        copy_32(to + a->copy[i].to + 32, from + a->copy[i].from + 32);
      }
  }
}
