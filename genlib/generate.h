// SPDX-License-Identifier: Apache-2.0
//
// Inside the generators: what a name asks for, how it is computed and built, dot columns and their reduction.
#ifndef AXGEN_GENLIB_GENERATE_H
#define AXGEN_GENLIB_GENERATE_H

#include "genlib/genlib.h"

typedef enum { TREE_DADDA, TREE_WALLACE, TREE_ARRAY, TREES } tree_kind;
typedef enum { ADDER_RIPPLE, ADDER_KOGGE_STONE, ADDER_BRENT_KUNG, ADDER_CARRY_SELECT, ADDERS } adder_kind;
typedef enum { SELECT_XOR_FIRST, SELECT_USUAL, SELECTORS } selector_kind;
enum { DIGITS_MAX = 9 };

// Everything a generated multiplier is, as its name said it. This is `params` of such a mul.
typedef struct {
  const struct mul_family *family; // NULL: a published name
  const struct mul_form *form;
  mul_sig sig; // the products' width and sign are filled in by spec_figures
  // array_form: partial product (i, j) is left out when i < max(h, t), j < t or i + j < v.
  int h, v, t;
  int64_t compensation; // added to every product
  // booth_form: digit j = 0..digits-1 of the encoded operand multiplies the other one rounded at bit r[j];
  // the `perforation` least significant digits are left out.
  int digits, perforation;
  int r[DIGITS_MAX];
  bool encode_a; // encode a instead of b
  selector_kind selector;
  tree_kind tree;
  adder_kind adder;
} mul_spec;

// ---- forms ---------------------------------------------------------------------------------------------------------
// How a product is put together. Both the definition, as plain arithmetic, and the circuit: that they agree is tested.
typedef struct {
  int64_t min, max, worst; // of the products; the greatest |f - a*b|
} spec_figures;
struct diagram; // diagram.h
struct name_reader; // name.h
struct name_options;
typedef struct mul_form {
  const char *name;
  int64_t (*apply)(const mul_spec *s, int32_t a, int32_t b); // the definition
  bool (*exact)(const mul_spec *s); // but for the compensation
  void (*figures)(const mul_spec *s, spec_figures *f); // exactly, at any width; f begins as that of nothing
  const char *(*formula)(arena *mem, const mul_spec *s); // in words
  const netlist *(*generate)(arena *mem, const mul_spec *s);
  void (*draw)(const mul_spec *s, struct diagram *g); // the rows of its dot diagram
  void (*write)(const mul_spec *s, int width, str *out); // Verilog that assigns p from x and y, of `width` bits
  // Of names: reads an option that only this form's circuits have (0: it is none; else a number from 3 to 7, one for
  // those that exclude each other); judges all options once they are known. NULL: nothing to read or judge.
  int (*circuit)(const struct name_reader *p, mul_spec *s);
  bool (*finish)(struct name_options *o);
} mul_form;
extern const mul_form array_form; // array.c
extern const mul_form booth_form; // booth.c

// ---- families ------------------------------------------------------------------------------------------------------
// What a name begins with (families.c), and what comes of the rest.
typedef struct mul_family {
  const char *name;
  const char *examples;
  const mul_form *form; // unless an option says another
  bool (*option)(struct name_options *o); // reads the option at hand: one that says what is computed
  unsigned needs; // 1u << name_given: options without which a name is not complete ...
  const char *missing; // ... and what is said then
  // Options that change the circuit and not the function, as a rule: choices by commas, alternatives by blanks.
  const char *variants;
} mul_family;
extern const mul_family mul_families[];
extern const size_t mul_family_count;

// name.c: reads a name; fills everything but the products' width and sign.
bool spec_parse(const char *name, mul_spec *spec, diag *d);
// make.c: what a multiplier was generated from, NULL if it was not.
const mul_spec *spec_of(const mul *m);
const char *mul_identifier(arena *mem, const char *name); // mul.c: a multiplier's, in Verilog
int spec_digits(int bits, bool is_signed); // radix-4 digits of such an operand
int spec_rounding_max(int bits, bool is_signed); // the rounding position from which on it is rounded to 0
// spec.c: the figures; then the products' width and sign in s->sig.
spec_figures spec_find_figures(mul_spec *s);
// Takes products from lo to hi with errors from error_lo to error_hi into f.
void spec_widen(spec_figures *f, int64_t lo, int64_t hi, int64_t error_lo, int64_t error_hi);

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
void adder_rows(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out, adder_kind kind);

#endif
