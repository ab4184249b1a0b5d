// SPDX-License-Identifier: Apache-2.0
//
// What follows from a generated multiplier's definition: the range of its products, their width, the worst error.
#include "genlib/generate.h"

int spec_digits(int bits, bool is_signed) { return is_signed ? (bits + 1) / 2 : bits / 2 + 1; }
int spec_rounding_max(int bits, bool is_signed) { return bits + !is_signed; }

void spec_widen(spec_figures *f, int64_t lo, int64_t hi, int64_t error_lo, int64_t error_hi) {
  f->min = lo < f->min ? lo : f->min;
  f->max = hi > f->max ? hi : f->max;
  int64_t worst = -error_lo > error_hi ? -error_lo : error_hi;
  f->worst = worst > f->worst ? worst : f->worst;
}

spec_figures spec_find_figures(mul_spec *s) {
  spec_figures f = {.min = INT64_MAX, .max = INT64_MIN};
  s->form->figures(s, &f);
  // As wide as the exact product's, wider where the approximation exceeds it.
  s->sig.p_signed = s->sig.a_signed || s->sig.b_signed || f.min < 0;
  int need = s->sig.p_signed ? bits_signed(f.min, f.max) : bits_unsigned((uint64_t)f.max);
  s->sig.p_bits = need > s->sig.a_bits + s->sig.b_bits ? need : s->sig.a_bits + s->sig.b_bits;
  return f;
}
