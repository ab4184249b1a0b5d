// SPDX-License-Identifier: Apache-2.0
//
// Look-ups by weight: 64 pixels at once in the low and the high bytes of a column.
#include "compiler/engine/kernels/kernel_x86.h"

// table[index[p]] of 256 bytes.
TARGET_AVX512 static inline __m512i look(const uint8_t *table, __m512i index, __mmask64 upper) {
  __m512i lo = _mm512_permutex2var_epi8(_mm512_loadu_si512(table), index, _mm512_loadu_si512(table + 64));
  __m512i hi = _mm512_permutex2var_epi8(_mm512_loadu_si512(table + 128), index, _mm512_loadu_si512(table + 192));
  return _mm512_mask_mov_epi8(lo, upper, hi);
}

// Adds 16-bit sums of even and odd pixels times 2^shift.
TARGET_AVX512 static inline void add_sums(int32_t *sums, __m512i even, __m512i odd, unsigned shift) {
  __m512i first, order;
  uint16_t at[32];
  for (int half = 0; half < 2; half++) {
    for (int i = 0; i < 32; i++)
      at[i] = (uint16_t)(half * 16 + i / 2 + (i % 2 ? 32 : 0));
    order = _mm512_loadu_si512(at);
    first = _mm512_permutex2var_epi16(even, order, odd);
    for (int q = 0; q < 2; q++, sums += 16) {
      __m512i part = _mm512_cvtepu16_epi32(q ? _mm512_extracti64x4_epi64(first, 1) : _mm512_castsi512_si256(first));
      __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(sums), _mm512_slli_epi32(part, shift));
      _mm512_storeu_si512(sums, sum);
    }
  }
}

TARGET_AVX512 void kernel_lookup_u16_avx512vbmi(const uint8_t *index, const size_t *at, const uint8_t *const *columns,
                                                int count, int32_t *sums) {
  enum { MOST = 256 }; // bytes that a 16-bit sum holds
  const __m512i low = _mm512_set1_epi16(255);
  for (int k = 0; k < count;) {
    int end = count - k < MOST ? count : k + MOST;
    __m512i even[2], odd[2];
    even[0] = even[1] = odd[0] = odd[1] = _mm512_setzero_si512();
    for (; k < end; k++) {
      __m512i codes = _mm512_loadu_si512(index + at[k]);
      __mmask64 upper = _mm512_movepi8_mask(codes);
      UNROLLED for (int i = 0; i < 2; i++) {
        __m512i v = look(columns[k] + 256 * i, codes, upper);
        even[i] = _mm512_add_epi16(even[i], _mm512_and_si512(v, low));
        odd[i] = _mm512_add_epi16(odd[i], _mm512_srli_epi16(v, 8));
      }
    }
    add_sums(sums, even[0], odd[0], 0);
    add_sums(sums, even[1], odd[1], 8);
  }
}
