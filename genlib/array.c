// SPDX-License-Identifier: Apache-2.0
//
// Array multipliers: one AND a partial product; those of negative weight (exactly one of the two bits is a sign bit)
// enter inverted, with a constant (Baugh and Wooley). A broken array leaves out some of them, as if they were 0.
#include "genlib/generate.h"

const netlist *generate_array(arena *mem, const mul_spec *s) {
  netlist *n = nl_new(mem, s->sig.a_bits, s->sig.b_bits, s->sig.p_bits);
  dots d = {.net = n, .width = s->sig.p_bits};
  int first_i = s->h > s->t ? s->h : s->t;
  nl_mark(n, "partial products a[i] & b[j]");
  for (int j = s->t; j < s->sig.b_bits; j++)
    for (int i = first_i; i < s->sig.a_bits; i++) {
      if (i + j < s->v)
        continue;
      bool a_sign = s->sig.a_signed && i == s->sig.a_bits - 1, b_sign = s->sig.b_signed && j == s->sig.b_bits - 1;
      if (a_sign != b_sign)
        dots_subtract_inverted(&d, i + j, nl_nand(n, nl_a(n, i), nl_b(n, j)));
      else
        dots_add(&d, i + j, nl_and(n, nl_a(n, i), nl_b(n, j)));
    }
  dots_constant(&d, s->compensation);
  dots_sum(&d, s->tree, s->adder);
  return nl_finish(n);
}

const netlist *generate(arena *mem, const mul_spec *s) {
  return s->family == FAMILY_ARRAY ? generate_array(mem, s) : generate_booth(mem, s);
}
