// SPDX-License-Identifier: Apache-2.0
//
// A multiplier's name while it is read: FAMILY WIDTH SIGN, then options.
#ifndef AXGEN_GENLIB_NAME_H
#define AXGEN_GENLIB_NAME_H

#include "genlib/generate.h"

typedef struct name_reader {
  const char *name;
  const char *part; // the option that is being read ...
  int part_len; // ... and its length
  diag *d;
} name_reader;

typedef enum { GIVEN_PERFORATION, GIVEN_ROUNDING, GIVEN_OMISSION } name_given;
typedef struct name_options {
  name_reader at;
  mul_spec *spec;
  unsigned given; // 1u << name_given
  int column; // of the rounding cN; -1: a vector was given
  name_reader rounding; // where it was said
} name_options;

// "multiplier NAME, at PART: expected". Always false.
bool name_wrong(const name_reader *p, const char *expected);
bool name_is(const name_reader *p, const char *word); // the option at hand is `word`
void name_whole(name_reader *p); // what is wrong concerns the whole name
// A decimal number at *p of at most 6 digits; -1 if there is none.
int name_number(const char **p);
// The number after the option's first `skip` letters, and nothing else.
bool name_option_number(const name_reader *p, int skip, int lo, int hi, const char *what, int *value);

// booth_form's (family_booth.c).
int name_booth_circuit(const name_reader *p, mul_spec *s);
bool name_booth_finish(name_options *o);

// Options of the families: family_array.c and family_booth.c.
bool name_option_exact(name_options *o);
bool name_option_roup(name_options *o);
bool name_option_bam(name_options *o);
bool name_option_trunc(name_options *o);

#endif
