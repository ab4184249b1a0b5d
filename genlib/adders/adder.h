// SPDX-License-Identifier: Apache-2.0
//
// adder: approximate adders of two's complement numbers, as accumulators and adder trees may have them. A family is a
// row of families.c and a branch of rtl_templates/common/axgen_approx_adder.v; an imported adder is a file of gates for
// the low bits. docs/adders.md is their manual.
#ifndef AXGEN_ADDER_H
#define AXGEN_ADDER_H

#include "genlib/genlib.h"

enum { ADDER_PARAMETERS = 2, ADDER_MOST_BITS = 47, ADDER_MOST_GATES = 1 << 16 };

typedef struct adder_family adder_family;
typedef struct {
  const char *name; // as it was given
  const adder_family *family;
  int value[ADDER_PARAMETERS]; // of its parameters; one that was not given is 0
  // An imported one: the path it was read from, its gates, a + b of `net->a_bits` unsigned bits each, with one more bit
  // in the sum; and how they are run.
  const char *path;
  const netlist *net;
  const sim *run;
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
  // The same as gates: n->out of `width` bits; NULL: it has a netlist.
  void (*build)(const adder *a, netlist *n, int width);
  // One sum in a plainer way, against which `add` is checked; NULL: add is plain.
  uint64_t (*one)(const adder *a, int width, uint64_t x, uint64_t y);
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

// Whether a name is a path: of a file of gates (.net), or of Verilog, which is imported first.
bool adder_is_file(const char *name);
// The adder of a file that `axgen adder import` wrote: two unsigned operands of 2 to 16 bits each, a sum of one bit
// more.
const adder *adder_read(arena *mem, const char *path, diag *d);
// The same of gates at hand: what keeps them from being such an adder is an error under `path`.
const adder *adder_from_netlist(arena *mem, const char *path, const netlist *net, diag *d);
// NAME of a path FOLDER/NAME.net, letters, digits and _ only.
const char *adder_identifier(arena *mem, const adder *a);
#define ADDER_MODULE "adder_" // what every imported adder's module begins with
// The module of its gates: a and b, and the sum p.
void adder_verilog(const adder *a, const char *module, str *out);
// Its gates as a function of two unsigned operands of 2 to 16 bits, to be measured as multipliers are. A family's adder
// has one bit more than they have. `bits` of an imported one: its own.
const mul *adder_circuit(arena *mem, const adder *a, int bits);

// The least number of bits that it can add up.
int adder_least_bits(const adder *a);
// Its parameter FAMILY of rtl_templates/common/axgen_approx_adder.v; A and B are value[0] and value[1], but of an
// imported one which of the design's it is, from 1, and the bits of its operands.
int adder_core(const adder *a);

static inline void adder_apply(const adder *a, int width, uint64_t *sum, const uint64_t *more, size_t n) {
  a->family->add(a, width, sum, more, n);
}

// A single sum, as plainly as the adder can say it.
static inline uint64_t adder_one(const adder *a, int width, uint64_t x, uint64_t y) {
  if (a->family->one)
    return a->family->one(a, width, x, y);
  a->family->add(a, width, &x, &y, 1);
  return x;
}

#endif
