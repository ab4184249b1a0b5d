// SPDX-License-Identifier: Apache-2.0
//
// adder: approximate adders of two's complement numbers, as accumulators and adder trees may have them. A family is a
// row of families.c and a branch of rtl_templates/common/axgen_approx_adder.v. docs/adders.md is their manual.
#ifndef AXGEN_ADDER_H
#define AXGEN_ADDER_H

#include "compiler/base/base.h"

enum { ADDER_PARAMETERS = 2, ADDER_MOST_BITS = 47 };

typedef struct adder_family adder_family;
typedef struct {
  const char *name; // as it was given
  const adder_family *family;
  int value[ADDER_PARAMETERS]; // of its parameters; one that was not given is 0
} adder;

// a[i] = a[i] + b[i] as the adder does it, for i < n, on `width` bits: those above are 0 in what comes and what goes.
typedef void adder_function(const adder *a, int width, uint64_t *restrict sum, const uint64_t *restrict more, size_t n);

struct adder_family {
  const char *name;
  const char *example;
  struct {
    char letter; // 0: there is no such parameter
    int least; // 1: it must be given; 0: 0 if not given
    const char *what;
  } parameter[ADDER_PARAMETERS];
  adder_function *add;
  // Full adders that it has in the place of `width`; other gates, in full adders' areas, too.
  double (*size)(const adder *a, int width);
  int (*chain)(const adder *a, int width); // bits of its longest carry chain
  bool drops; // the low bits, as many as the first parameter says, are neither looked at nor anything but 0
};
extern const adder_family adder_families[];
extern const size_t adder_family_count;

// Makes the adder that `name` describes (FAMILY_LETTERn...: loa_k6, cut_s8_p4), in `mem`. NULL after an error at `pos`,
// which says what was expected.
const adder *adder_make(arena *mem, const char *name, src_pos pos, diag *d);

// The least number of bits that it can add up.
int adder_least_bits(const adder *a);
// Its parameter FAMILY of rtl_templates/common/axgen_approx_adder.v; A and B are value[0] and value[1].
int adder_core(const adder *a);

static inline void adder_apply(const adder *a, int width, uint64_t *sum, const uint64_t *more, size_t n) {
  a->family->add(a, width, sum, more, n);
}

#endif
