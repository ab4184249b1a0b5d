// SPDX-License-Identifier: Apache-2.0
//
// Options of the family roup, and what all multipliers of Booth digits have in common.
#include "genlib/name.h"

int name_booth_circuit(const name_reader *p, mul_spec *s) {
  static const char *const selectors[SELECTORS] = {"xorfirst", "usual"};
  for (int i = 0; i < SELECTORS; i++)
    if (name_is(p, selectors[i]))
      return s->selector = (selector_kind)i, 3;
  if (name_is(p, "enca"))
    return s->encode_a = true, 4;
  return 0;
}

static bool read_vector(name_options *o) {
  const name_reader *p = &o->at;
  const char *q = p->part + 1, *end = p->part + p->part_len;
  o->spec->digits = 0;
  for (;;) {
    int v = name_number(&q);
    if (v < 0 || (q != end && *q != '.'))
      return name_wrong(p, "rounding positions separated by dots were expected, such as r7.5.3.1");
    if (o->spec->digits == DIGITS_MAX)
      return name_wrong(p, "more rounding positions than any operand has digits");
    o->spec->r[o->spec->digits++] = v;
    if (q++ == end)
      return true;
  }
}

bool name_option_roup(name_options *o) {
  const name_reader *p = &o->at;
  char letter = p->part[0];
  if (letter == 'p') {
    o->given |= 1u << GIVEN_PERFORATION;
    return name_option_number(p, 1, 0, DIGITS_MAX, "the number of perforated digits", &o->spec->perforation);
  }
  if (letter != 'c' && letter != 'r')
    return name_wrong(
        p, "roup takes pN, then cN or rN.N.., and a circuit: dadda wallace array, ripple ks bk csel, xorfirst "
           "usual, enca");
  if (o->given >> GIVEN_ROUNDING & 1)
    return name_wrong(p, "the rounding is given twice");
  o->given |= 1u << GIVEN_ROUNDING;
  o->rounding = *p;
  o->column = -1;
  return letter == 'c' ? name_option_number(p, 1, 0, 99, "the rounding column", &o->column) : read_vector(o);
}

bool name_booth_finish(name_options *o) {
  mul_spec *s = o->spec;
  bool e_signed = s->encode_a ? s->sig.a_signed : s->sig.b_signed;
  bool x_signed = s->encode_a ? s->sig.b_signed : s->sig.a_signed;
  int digits = spec_digits(s->encode_a ? s->sig.a_bits : s->sig.b_bits, e_signed), given = s->digits;
  int most = spec_rounding_max(s->encode_a ? s->sig.b_bits : s->sig.a_bits, x_signed);
  char text[200];
  if (s->perforation >= digits) {
    name_whole(&o->at);
    snprintf(text, sizeof text, "perforation %d leaves nothing of %d digits; 0..%d is possible", s->perforation, digits,
             digits - 1);
    return name_wrong(&o->at, text);
  }
  s->digits = digits;
  if (!(o->given >> GIVEN_ROUNDING & 1))
    return true; // exact
  if (o->column >= 0) {
    snprintf(text, sizeof text, "a rounding column 0..%d was expected", most + 2 * (digits - 1));
    if (o->column > most + 2 * (digits - 1))
      return name_wrong(&o->rounding, text);
    for (int j = 0; j < digits; j++)
      s->r[j] = (int)clamp64(o->column - 2 * j, 0, most); // from `most` on the rounded operand is 0
    return true;
  }
  snprintf(text, sizeof text, "%d rounding positions were expected, one for each radix-4 digit of %c; %d are given",
           digits, s->encode_a ? 'a' : 'b', given);
  if (given != digits)
    return name_wrong(&o->rounding, text);
  for (int j = s->perforation; j < digits; j++) {
    snprintf(text, sizeof text, "rounding position %d (of digit %d) is out of range; 0..%d is possible", s->r[j], j,
             most);
    if (s->r[j] > most)
      return name_wrong(&o->rounding, text);
  }
  return true;
}
