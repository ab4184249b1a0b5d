// SPDX-License-Identifier: Apache-2.0
// xoshiro256** 1.0 by D. Blackman and S. Vigna (public domain algorithm), seeded by splitmix64, whose finaliser also
// makes the quick hash.
#include "compiler/base/base.h"

static uint64_t mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint64_t hash_64(uint64_t seed, const void *data, size_t size) {
  const uint8_t *p = data;
  uint64_t h = mixed(seed + size + 0x9e3779b97f4a7c15u);
  for (; size; p += 8, size -= size < 8 ? size : 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8 && i < size; i++)
      word |= (uint64_t)p[i] << 8 * i;
    h = mixed(h * 0x9e3779b97f4a7c15u ^ word);
  }
  return h;
}

rng rng_seed(uint64_t seed) {
  rng r;
  for (int i = 0; i < 4; i++) {
    seed += 0x9e3779b97f4a7c15u;
    r.s[i] = mixed(seed);
  }
  return r;
}

static uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

uint64_t rng_next(rng *r) {
  uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

// Multiply-shift with rejection: exactly uniform.
uint32_t rng_below(rng *r, uint32_t n) {
  assert(n > 0);
  uint32_t reject = (uint32_t)-n % n;
  for (;;) {
    uint64_t m = (rng_next(r) >> 32) * n;
    if ((uint32_t)m >= reject)
      return (uint32_t)(m >> 32);
  }
}

double rng_unit(rng *r) { return (double)(rng_next(r) >> 11) * 0x1p-53; }
