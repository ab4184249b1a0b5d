// SPDX-License-Identifier: Apache-2.0
//
// Inside the generators: what a name asks for, dot columns and their reduction.
#ifndef AXGEN_GENLIB_GENERATE_H
#define AXGEN_GENLIB_GENERATE_H

#include "genlib/genlib.h"

typedef enum { TREE_DADDA, TREE_WALLACE, TREE_ARRAY, TREES } tree_kind;
typedef enum { ADDER_RIPPLE, ADDER_KOGGE_STONE, ADDER_BRENT_KUNG, ADDER_CARRY_SELECT, ADDERS } adder_kind;
typedef enum { SELECT_XOR_FIRST, SELECT_USUAL, SELECTORS } selector_kind;
typedef enum { FAMILY_ARRAY, FAMILY_BOOTH } family_kind;
enum { DIGITS_MAX = 9 };

// Everything a generated multiplier is, as its name said it. This is `params` of such a mul.
typedef struct {
  family_kind family;
  mul_sig sig; // the products' width and sign are filled in by spec_figures
  // FAMILY_ARRAY: partial product (i, j) is left out when i < max(h, t), j < t or i + j < v.
  int h, v, t;
  int64_t compensation; // added to every product
  // FAMILY_BOOTH: digit j = 0..digits-1 of the encoded operand multiplies the other one rounded at bit r[j];
  // the `perforation` least significant digits are left out.
  int digits, perforation;
  int r[DIGITS_MAX];
  bool encode_a; // encode a instead of b
  selector_kind selector;
  tree_kind tree;
  adder_kind adder;
} mul_spec;

// name.c: reads a name; fills everything but the products' width and sign.
bool spec_parse(const char *name, mul_spec *spec, diag *d);
// mul.c: what a multiplier was generated from, NULL if it was not.
const mul_spec *spec_of(const mul *m);

// closed.c: the definition, as plain arithmetic.
int spec_digits(int bits, bool is_signed); // radix-4 digits of such an operand
int spec_rounding_max(int bits, bool is_signed); // the rounding position from which on R is 0
int64_t spec_apply(const mul_spec *s, int32_t a, int32_t b);
// The exact least and greatest product and worst |f - a*b|; then the products' width and sign in s->sig.
void spec_figures(mul_spec *s, int64_t *min, int64_t *max, int64_t *wce);
const char *spec_formula(arena *mem, const mul_spec *s);

// array.c, booth.c: the circuit.
const netlist *generate_array(arena *mem, const mul_spec *s);
const netlist *generate_booth(arena *mem, const mul_spec *s);
const netlist *generate(arena *mem, const mul_spec *s);

// dots.c: bits by weight, to be added up. All arithmetic is modulo 2^width.
enum { WIDTH_MAX = 40 };
typedef struct {
  netlist *net;
  int width;
  struct column {
    int32_t *bit;
    size_t count, cap;
  } column[WIDTH_MAX + 1]; // the last collects what falls out at the top
  uint64_t constant;
} dots;
void dots_add(dots *d, int weight, int32_t net); // + net * 2^weight
void dots_subtract(dots *d, int weight, int32_t net); // - net * 2^weight, given the net's inverse is cheap
void dots_subtract_inverted(dots *d, int weight, int32_t inverse); // - (1 - inverse) * 2^weight
void dots_constant(dots *d, int64_t value);
// Adds all up into net->out[0..width-1].
void dots_sum(dots *d, tree_kind tree, adder_kind adder);
// adder.c: out = x + y, where y may be NET_ZERO in places.
void add_rows(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out, adder_kind kind);

#endif
