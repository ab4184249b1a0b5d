// SPDX-License-Identifier: Apache-2.0
//
// What the genlib unit tests share.
#ifndef AXGEN_TEST_GENLIB_UNIT_H
#define AXGEN_TEST_GENLIB_UNIT_H

#include "genlib/genlib.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static inline const mul *make(arena *mem, const char *name) {
  diag d = {0};
  const mul *m = mul_make(mem, name, &d);
  if (!m)
    fail_msg("%s: %s", name, d.text.data);
  assert_int_equal(d.errors, 0);
  return m;
}

// The radix-4 Booth digit j of e, by the textbook's table; bits above the operand repeat its sign (or 0).
static inline int booth_digit(int32_t e, int j) {
  static const int digit[8] = {0, 1, 1, 2, -2, -1, -1, 0};
  int64_t doubled = (int64_t)e * 2; // with the 0 below bit 0
  return digit[doubled >> (2 * j) & 7];
}

// R_k(x) = 2^k (floor(x / 2^k) + bit k-1 of x), by division rather than by shifts.
static inline int64_t round_at(int64_t x, int k) {
  int64_t unit = (int64_t)1 << k, floor = x / unit - (x % unit < 0);
  if (k == 0)
    return x;
  int64_t half = unit / 2, below = x - floor * unit; // 0 .. unit - 1
  return unit * (floor + (below >= half));
}

static inline int64_t roup(int32_t a, int32_t b, int p, const int *r, int digits) {
  int64_t sum = 0;
  for (int j = p; j < digits; j++)
    sum += ((int64_t)1 << (2 * j)) * booth_digit(b, j) * round_at(a, r[j]);
  return sum;
}

// Broken array, from the list of partial products and nothing cleverer.
static inline int64_t broken_array(mul_sig s, int32_t a, int32_t b, int h, int v, int t) {
  int64_t sum = 0;
  for (int i = 0; i < s.a_bits; i++)
    for (int j = 0; j < s.b_bits; j++) {
      if (i < h || i < t || j < t || i + j < v || !(a >> i & 1) || !(b >> j & 1))
        continue;
      bool minus = (s.a_signed && i == s.a_bits - 1) != (s.b_signed && j == s.b_bits - 1);
      sum += minus ? -((int64_t)1 << (i + j)) : (int64_t)1 << (i + j);
    }
  return sum;
}

#endif
