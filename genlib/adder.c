// SPDX-License-Identifier: Apache-2.0
//
// The final adder. Where the lower rows have only one bit, constants fold the adder away.
#include "genlib/generate.h"

#include <string.h>

static void ripple(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out) {
  int32_t carry = NET_ZERO;
  for (int w = 0; w < width; w++)
    nl_fa(n, x[w], y[w], carry, &out[w], &carry);
}

// Parallel prefix: g[w], p[w] become generate and propagate of bits 0..w.
static void combine(netlist *n, int32_t *g, int32_t *p, int hi, int lo) {
  g[hi] = nl_or(n, g[hi], nl_and(n, p[hi], g[lo]));
  p[hi] = nl_and(n, p[hi], p[lo]);
}

static void prefix(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out, adder_kind kind) {
  int32_t g[WIDTH_MAX], p[WIDTH_MAX], half[WIDTH_MAX];
  for (int w = 0; w < width; w++) {
    nl_ha(n, x[w], y[w], &half[w], &g[w]);
    p[w] = half[w];
  }
  if (kind == ADDER_KOGGE_STONE) {
    for (int step = 1; step < width; step *= 2)
      for (int w = width - 1; w >= step; w--)
        combine(n, g, p, w, w - step);
  } else {
    int step = 1;
    for (; step < width; step *= 2)
      for (int w = 2 * step - 1; w < width; w += 2 * step)
        combine(n, g, p, w, w - step);
    for (; step >= 1; step /= 2)
      for (int w = 3 * step - 1; w < width; w += 2 * step)
        combine(n, g, p, w, w - step);
  }
  for (int w = 0; w < width; w++)
    out[w] = nl_xor(n, half[w], w ? g[w - 1] : NET_ZERO);
}

// Blocks of four bits, each computed for both carries. The block that holds the first carry needs no choice.
static void carry_select(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out) {
  enum { BLOCK = 4 };
  int w = 0;
  while (w < width && (x[w] == NET_ZERO || y[w] == NET_ZERO)) {
    out[w] = nl_xor(n, x[w], y[w]);
    w++;
  }
  int32_t carry = NET_ZERO;
  for (bool first = true; w < width; first = false) {
    int end = w + BLOCK < width ? w + BLOCK : width;
    int32_t c0 = NET_ZERO, c1 = NET_ONE, s0[BLOCK], s1[BLOCK];
    for (int k = w; k < end; k++)
      nl_fa(n, x[k], y[k], c0, &s0[k - w], &c0);
    for (int k = w; k < end && !first; k++)
      nl_fa(n, x[k], y[k], c1, &s1[k - w], &c1);
    for (int k = w; k < end; k++)
      out[k] = first ? s0[k - w] : nl_mux(n, carry, s0[k - w], s1[k - w]);
    // c1 >= c0, so the multiplexer of the carries is an AND and an OR.
    carry = first ? c0 : nl_or(n, c0, nl_and(n, c1, carry));
    w = end;
  }
}

void adder_rows(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out, adder_kind kind) {
  assert(width <= WIDTH_MAX);
  switch (kind) {
  case ADDER_RIPPLE:
    ripple(n, width, x, y, out);
    break;
  case ADDER_KOGGE_STONE:
  case ADDER_BRENT_KUNG:
    prefix(n, width, x, y, out, kind);
    break;
  case ADDER_CARRY_SELECT:
    carry_select(n, width, x, y, out);
    break;
  case ADDERS:
    break;
  }
}
