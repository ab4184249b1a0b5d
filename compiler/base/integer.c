// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

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

bool whole_double(double v, int64_t lo, int64_t hi, int64_t *out) {
  const int64_t exact = (int64_t)1 << 53;
  lo = clamp64(lo, -exact, exact), hi = clamp64(hi, -exact, exact);
  if (!(v >= (double)lo && v <= (double)hi) || (double)(int64_t)v != v)
    return false;
  *out = (int64_t)v;
  return true;
}

bool whole_text(const char *text, int base, int64_t lo, int64_t hi, int64_t *out, const char **end) {
  char *behind = (char *)text;
  errno = 0;
  long long v = isxdigit((unsigned char)text[*text == '-']) ? strtoll(text, &behind, base) : 0; // no blanks, no '+'
  bool good = behind != text && !errno && v >= lo && v <= hi && (end || !*behind);
  if (end)
    *end = behind;
  if (good)
    *out = v;
  return good;
}
