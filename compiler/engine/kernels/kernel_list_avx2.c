// SPDX-License-Identifier: Apache-2.0
//
// Lists of the rows that pixels add: those of all classes but 0.
#include "compiler/engine/kernels/kernel_x86.h"

#include <string.h>

// Pixel i's classes in channels 8 half to 8 half + 7, and which of them are listed, as bytes of ones.
TARGET_AVX2 static inline uint64_t classes_8(const row_source *s, size_t i, int half, uint64_t meant, uint64_t *some) {
  uint64_t v;
  memcpy(&v, s->classes + i * s->pixel_bytes + 8 * half, sizeof v);
  __m128i zero = _mm_cmpeq_epi8(_mm_cvtsi64_si128((int64_t)v), _mm_setzero_si128());
  *some = ~(uint64_t)_mm_cvtsi128_si64(zero) & meant;
  return v;
}

// A byte of ones for each bit of eight.
TARGET_AVX2 static inline uint64_t bytes_of(uint32_t bits) { return _pdep_u64(bits, 0x0101010101010101) * 255; }

TARGET_AVX2 void kernel_row_tally_avx2(const row_source *s, uint32_t *tally) {
  uint64_t meant[2] = {bytes_of(s->channels & 255), bytes_of(s->channels >> 8 & 255)}, some[2];
  for (size_t i = 0; i < s->pixels; i++) {
    for (int half = 0; half < 2; half++)
      classes_8(s, i, half, meant[half], &some[half]);
    tally[(_mm_popcnt_u64(some[0]) + _mm_popcnt_u64(some[1])) / 8]++;
  }
}

TARGET_AVX2 void kernel_row_list_avx2(const row_source *s, uint32_t first, row_cursor *to) {
  const uint64_t meant[2] = {bytes_of(s->channels & 255), bytes_of(s->channels >> 8 & 255)};
  const uint64_t channels[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  __m128i class_shift = _mm_cvtsi32_si128(s->class_shift), channel_shift = _mm_cvtsi32_si128(s->channel_shift);
  for (size_t i = 0; i < s->pixels; i++) {
    uint64_t v[2], some[2];
    int n[2];
    for (int half = 0; half < 2; half++) {
      v[half] = classes_8(s, i, half, meant[half], &some[half]);
      n[half] = (int)_mm_popcnt_u64(some[half]) / 8;
    }
    uint16_t *row = to->row[n[0] + n[1]];
    for (int half = 0; half < 2; row += n[half], half++) {
      __m128i class = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((int64_t)_pext_u64(v[half], some[half])));
      __m128i channel = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((int64_t)_pext_u64(channels[half], some[half])));
      __m128i at = _mm_add_epi16(_mm_sll_epi16(class, class_shift), _mm_sll_epi16(channel, channel_shift));
      _mm_storeu_si128((__m128i *)(void *)row, at);
    }
    *to->pixel[n[0] + n[1]]++ = first + (uint32_t)i;
    to->row[n[0] + n[1]] = row;
  }
}
