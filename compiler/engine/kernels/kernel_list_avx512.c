// SPDX-License-Identifier: Apache-2.0
//
// Lists of the rows that pixels add: those of all classes but 0.
#include "compiler/engine/kernels/kernel_x86.h"

TARGET_AVX512 void kernel_row_tally_avx512(const row_source *s, uint32_t *tally) {
  for (size_t i = 0; i < s->pixels; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s->classes + i * s->pixel_bytes));
    tally[__builtin_popcount(_mm_test_epi8_mask(v, v) & s->channels)]++;
  }
}

TARGET_AVX512 void kernel_row_list_avx512(const row_source *s, uint32_t first, row_cursor *to) {
  uint16_t channel[ROW_CHANNELS];
  for (int c = 0; c < ROW_CHANNELS; c++)
    channel[c] = (uint16_t)(c << s->channel_shift);
  __m256i channels = _mm256_loadu_si256((const __m256i *)(const void *)channel);
  __m128i shift = _mm_cvtsi32_si128(s->class_shift);
  for (size_t i = 0; i < s->pixels; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s->classes + i * s->pixel_bytes));
    __mmask16 some = (__mmask16)(_mm_test_epi8_mask(v, v) & s->channels);
    __m256i row = _mm256_add_epi16(_mm256_sll_epi16(_mm256_cvtepu8_epi16(v), shift), channels);
    int n = __builtin_popcount(some);
    *to->pixel[n]++ = first + (uint32_t)i;
    _mm256_storeu_si256((__m256i *)(void *)to->row[n], _mm256_maskz_compress_epi16(some, row));
    to->row[n] += n;
  }
}
