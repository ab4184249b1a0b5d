// SPDX-License-Identifier: Apache-2.0
//
// The error sums of STRETCH products, included once per instruction set (a GCC vector operation becomes the target's
// own only in a function that has the target itself) with these macros defined:
//   NAME          the function's name           KERNEL_TARGET  its target attribute
//   WIDTH         numbers in one of its vectors
// (No include guard: it is meant to be included several times.)

// The products of one a with STRETCH neighbouring b; exactly factor * b + offset. All sums are exact but those of
// squares and quotients. `wrap` is what a negative 32-bit pattern lacks: 0, or 2^32 for an unsigned product.
KERNEL_TARGET static void NAME(sums *s, const int32_t *products, double wrap, double factor, double offset,
                               const double *b) {
  typedef double lanes __attribute__((vector_size(8 * WIDTH)));
  typedef int64_t masks __attribute__((vector_size(8 * WIDTH)));
  typedef int32_t words __attribute__((vector_size(4 * WIDTH)));
  enum { PARTS = 8 / WIDTH, ABS = 0, SIGNED, SQUARE, WRONG, NONZERO, RELATIVE, RELATIVE_SQUARE, SUMS };
  enum { WORST = SUMS, AT_ZERO, QUOTIENT, MAX, MIN, ALL };
  lanes t[ALL][PARTS];
  const lanes zero = {0}, one = zero + 1;
  for (int k = 0; k < ALL; k++)
    for (int h = 0; h < PARTS; h++)
      t[k][h] = k < MAX ? zero : zero - HUGE_VAL;
  for (int i = 0; i < STRETCH; i += 8)
    _Pragma("GCC unroll 4") for (int h = 0; h < PARTS; h++) {
      words w;
      lanes x;
      memcpy(&w, products + i + h * WIDTH, sizeof w);
      memcpy(&x, b + i + h * WIDTH, sizeof x);
      lanes p = __builtin_convertvector(w, lanes);
      p += WHERE((masks)(p < zero), zero + wrap);
      lanes exact = factor * x + offset, error = p - exact, size = GREATER(error, -error),
            whole = GREATER(exact, -exact);
      masks is = (masks)(exact != zero);
      lanes quotient = WHERE(is, size / (whole + WHERE(~is, one)));
      t[ABS][h] += size;
      t[SIGNED][h] += error;
      t[SQUARE][h] += error * error;
      t[WRONG][h] += WHERE((masks)(error != zero), one);
      t[NONZERO][h] += WHERE(is, one);
      t[RELATIVE][h] += quotient;
      t[RELATIVE_SQUARE][h] += quotient * quotient;
      t[WORST][h] = GREATER(size, t[WORST][h]);
      t[AT_ZERO][h] = GREATER(WHERE(~is, size), t[AT_ZERO][h]);
      t[QUOTIENT][h] = GREATER(quotient, t[QUOTIENT][h]);
      t[MAX][h] = GREATER(p, t[MAX][h]);
      t[MIN][h] = GREATER(-p, t[MIN][h]);
    }
  double v[ALL];
  for (int k = 0; k < ALL; k++) {
    double x[8];
    memcpy(x, t[k], sizeof x);
    v[k] = k < SUMS ? total_of(x) : greatest_of(x);
  }
  sums part = {.weight = STRETCH, .nonzero_weight = v[NONZERO], .abs = v[ABS], .signed_sum = v[SIGNED]};
  part.square = v[SQUARE], part.wrong = v[WRONG], part.relative = v[RELATIVE];
  part.relative_square = v[RELATIVE_SQUARE], part.worst_relative = v[QUOTIENT];
  part.worst = (int64_t)v[WORST], part.worst_at_zero = (int64_t)v[AT_ZERO];
  part.min = (int64_t)-v[MIN], part.max = (int64_t)v[MAX];
  add_sums(s, &part);
}

#undef NAME
#undef WIDTH
#undef KERNEL_TARGET
