// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

int bits_unsigned(uint64_t hi) {
  int n = 1;
  while (n < 64 && hi >> n)
    n++;
  return n;
}

int bits_signed(int64_t lo, int64_t hi) {
  int n = 1;
  while (n < 64 && (lo < -((int64_t)1 << (n - 1)) || hi > ((int64_t)1 << (n - 1)) - 1))
    n++;
  return n;
}

int64_t div_ceil(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t gcd64(int64_t a, int64_t b) {
  while (b) {
    int64_t t = a % b;
    a = b;
    b = t;
  }
  return a < 0 ? -a : a;
}

int64_t clamp64(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }
