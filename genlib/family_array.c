// SPDX-License-Identifier: Apache-2.0
//
// Options of the families exact, bam and trunc.
#include "genlib/name.h"

#include <string.h>

bool name_option_exact(name_options *o) {
  if (name_is(&o->at, "booth")) {
    o->spec->form = &booth_form;
    return true;
  }
  return name_wrong(&o->at,
                    "exact takes a circuit: booth, dadda wallace array, ripple ks bk csel; with booth also xorfirst "
                    "usual, enca");
}

bool name_option_bam(name_options *o) {
  const name_reader *p = &o->at;
  mul_spec *s = o->spec;
  if (p->part_len > 5 && !strncmp(p->part, "const", 5)) {
    bool minus = p->part[5] == 'm';
    int v;
    if (!name_option_number(p, 5 + minus, 0, 999999, "the compensation constant (m: minus)", &v))
      return false;
    s->compensation = minus ? -v : v;
    return true;
  }
  char letter = p->part[0];
  int *field = letter == 'h' ? &s->h : letter == 'v' ? &s->v : letter == 't' ? &s->t : NULL;
  if (!field)
    return name_wrong(p,
                      "bam takes hN, vN, tN, constN or constmN, and a circuit: dadda wallace array, ripple ks bk csel");
  o->given |= 1u << GIVEN_OMISSION;
  int most = letter == 'h' ? s->sig.a_bits : letter == 't' ? s->sig.b_bits : s->sig.a_bits + s->sig.b_bits;
  const char *what = letter == 'h'   ? "the number of omitted bits of a"
                     : letter == 't' ? "the number of omitted bits of both"
                                     : "the number of omitted columns";
  return name_option_number(p, 1, 0, most, what, field);
}

bool name_option_trunc(name_options *o) {
  if (o->at.part[0] != 'k')
    return name_wrong(&o->at,
                      "trunc takes kN (the omitted columns) and a circuit: dadda wallace array, ripple ks bk csel");
  o->given |= 1u << GIVEN_OMISSION;
  return name_option_number(&o->at, 1, 0, o->spec->sig.a_bits + o->spec->sig.b_bits, "the number of omitted columns",
                            &o->spec->v);
}
