// SPDX-License-Identifier: Apache-2.0
//
// Radix-4 Booth multipliers and ROUP: digit j of the encoded operand e selects -2, -1, 0, 1 or 2 times the other
// operand x, rounded at bit r = r[j]. With X = floor(x / 2^r), rho = bit r-1 of x and neg the digit's sign, the row is
//
//     +-1:  (X ^ neg) + (rho ^ neg)              +-2:  ((2X + rho) ^ neg) + (rho ^ neg)        times 4^j 2^r,
//
// so rounding needs no adder: rho is what the doubling shifts in, and it decides whether the row's correction bit is
// set. With y[t] = X[t] ^ neg and y[-1] = rho ^ neg both are y[-1]. Bit 0 of the row and the correction bit are added
// here: their sum is one & (X[0] ^ rho), their carry pp[0] & correction, one place up.
#include "genlib/generate.h"

typedef struct {
  netlist *n;
  bool is_signed;
  int bits, base; // net of bit 0
} operand;

// Any bit of the operand, extended without end.
static int32_t bit_of(const operand *o, int i) {
  if (i < 0)
    return NET_ZERO;
  if (i >= o->bits)
    return o->is_signed ? o->base + o->bits - 1 : NET_ZERO;
  return o->base + i;
}

typedef struct {
  int32_t neg, one, two, any; // any: one | two
} digit;

static digit encode(netlist *n, const operand *e, int j) {
  int32_t high = bit_of(e, 2 * j + 1), mid = bit_of(e, 2 * j), low = bit_of(e, 2 * j - 1);
  digit d = {.neg = high, .one = nl_xor(n, mid, low)};
  d.two = nl_nor(n, d.one, nl_xnor(n, high, mid));
  d.any = nl_or(n, d.one, d.two);
  return d;
}

// Row j at weight 4^j 2^r; `width` bits of X are taken, the last one its sign.
static void add_row(dots *d, const operand *x, digit g, int weight, int r, int width, selector_kind selector) {
  netlist *n = d->net;
  bool xor_first = selector == SELECT_XOR_FIRST;
  int32_t rho = bit_of(x, r - 1);
  int32_t correction = xor_first ? nl_xor(n, rho, g.neg) : nl_xor(n, g.neg, nl_and(n, rho, g.any));
  int32_t below = xor_first ? correction : rho;
  for (int t = 0; t <= width; t++) {
    int32_t here = t < width ? bit_of(x, r + t) : bit_of(x, r + width - 1);
    if (xor_first)
      here = nl_xor(n, here, g.neg);
    int32_t pp = t == width ? nl_and(n, g.any, here) : nl_or(n, nl_and(n, g.one, here), nl_and(n, g.two, below));
    if (!xor_first)
      pp = nl_xor(n, pp, g.neg);
    below = here;
    if (t == 0) {
      dots_add(d, weight, nl_and(n, g.one, nl_xor(n, bit_of(x, r), rho)));
      dots_add(d, weight + 1, nl_and(n, pp, correction));
    } else if (t == width) {
      dots_subtract(d, weight + t, pp);
    } else {
      dots_add(d, weight + t, pp);
    }
  }
}

const netlist *generate_booth(arena *mem, const mul_spec *s) {
  netlist *n = nl_new(mem, s->sig.a_bits, s->sig.b_bits, s->sig.p_bits);
  dots d = {.net = n, .width = s->sig.p_bits};
  operand a = {n, s->sig.a_signed, s->sig.a_bits, nl_a(n, 0)}, b = {n, s->sig.b_signed, s->sig.b_bits, nl_b(n, 0)};
  operand x = s->encode_a ? b : a, e = s->encode_a ? a : b;
  for (int j = s->perforation; j < s->digits; j++) {
    // X has a sign bit of its own when x has none.
    int width = x.bits + !x.is_signed - s->r[j];
    if (width < 1)
      continue; // rounded to nothing
    nl_mark(n, arena_printf(mem, "digit %d of %c times %c rounded at bit %d", j, s->encode_a ? 'a' : 'b',
                            s->encode_a ? 'b' : 'a', s->r[j]));
    add_row(&d, &x, encode(n, &e, j), 2 * j + s->r[j], s->r[j], width, s->selector);
  }
  dots_sum(&d, s->tree, s->adder);
  return nl_finish(n);
}
