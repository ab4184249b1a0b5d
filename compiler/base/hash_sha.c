// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 with the instructions that processors have for it: networks' weights are checked each time they are read.
// FIPS 180-4; libmd computes it elsewhere.
#include "compiler/base/hash_sha.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define BLOCK 64
#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

bool hash_sha_supported(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) && __builtin_cpu_supports("sse4.1");
}

// state: the words as the instructions want them, ABEF and CDGH.
WITH_SHA static void add_blocks(__m128i state[2], const uint8_t *data, size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef = state[0], cdgh = state[1];
  for (; blocks; blocks--, data += BLOCK) {
    const __m128i abef_was = abef, cdgh_was = cdgh;
    __m128i w[4]; // the last 16 words of the schedule
    for (int i = 0; i < 16; i++) { // four rounds each
      __m128i now;
      if (i < 4) {
        now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + i), swap);
      } else {
        now = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
        now = _mm_add_epi32(now, _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));
        now = _mm_sha256msg2_epu32(now, w[(i + 3) % 4]);
      }
      w[i % 4] = now;
      const __m128i sum = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)&K[4 * i]));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_was);
    cdgh = _mm_add_epi32(cdgh, cdgh_was);
  }
  state[0] = abef;
  state[1] = cdgh;
}

WITH_SHA void hash_sha_words(const void *data, size_t size, uint32_t out[8]) {
  __m128i state[2] = {_mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
                      _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
  const size_t whole = size / BLOCK, rest = size % BLOCK, last = rest < BLOCK - 8 ? 1 : 2;
  uint8_t end[2 * BLOCK] = {0};
  add_blocks(state, data, whole);
  if (rest)
    memcpy(end, (const uint8_t *)data + whole * BLOCK, rest);
  end[rest] = 0x80;
  for (int i = 0; i < 8; i++)
    end[last * BLOCK - 1 - (size_t)i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
  add_blocks(state, end, last);
  uint32_t abef[4], cdgh[4];
  _mm_storeu_si128((__m128i *)abef, state[0]);
  _mm_storeu_si128((__m128i *)cdgh, state[1]);
  const uint32_t words[8] = {abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0]};
  memcpy(out, words, sizeof words);
}

#else
bool hash_sha_supported(void) { return false; }
void hash_sha_words(const void *data, size_t size, uint32_t out[8]) { (void)data, (void)size, (void)out; }
#endif
