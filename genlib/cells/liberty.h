// SPDX-License-Identifier: Apache-2.0
//
// liberty: a cell library read from a Liberty file: areas, leakage, pins, functions as truth tables, delays, energies.
// Only what the flows here use; everything else in the file is checked for syntax and skipped.
//
// Units, whatever the file's: um2 (as the file has it), nW, ns, fF, fJ, V.
#ifndef AXGEN_LIBERTY_H
#define AXGEN_LIBERTY_H

#include "compiler/base/base.h"

enum { LIBERTY_MAX_INPUTS = 8, LIBERTY_MAX_OUTPUTS = 4 };

// A function of up to eight variables: bit i (of word i / 64) is the value where variable v has bit v of i.
typedef struct {
  uint64_t w[4];
} truth;
truth truth_variable(int v);
truth truth_const(bool one);
truth truth_not(truth a);
truth truth_and(truth a, truth b);
truth truth_or(truth a, truth b);
truth truth_xor(truth a, truth b);
bool truth_equal(truth a, truth b);
truth truth_cofactor(truth f, int v, bool one); // f with variable v held; the result does not depend on v
static inline bool truth_at(truth f, unsigned i) { return f.w[i >> 6] >> (i & 63) & 1; }

// A table over input slew (ns) and output load (fF); an axis that the file's table lacks has one point.
typedef struct {
  int slews, loads; // 0: no table
  const double *slew, *load;
  const double *values; // [slews][loads]
} liberty_table;
// Bilinear between and beyond the points; 0 where there is no table.
double liberty_lookup(const liberty_table *t, double slew_ns, double load_ff);

typedef enum { LIBERTY_INPUT, LIBERTY_OUTPUT, LIBERTY_INTERNAL } liberty_direction;
typedef enum { LIBERTY_POSITIVE, LIBERTY_NEGATIVE, LIBERTY_NON_UNATE } liberty_sense;

// A delay from an input to the output that holds the arc. Constraints (setup, hold ...) are not kept.
typedef struct {
  int input; // pin index
  liberty_sense sense;
  bool clocked; // a clock or latch-enable edge launches it
  bool has_when;
  truth when; // over the cell's inputs
  liberty_table rise, fall; // delay
  liberty_table rise_slew, fall_slew;
} liberty_arc;

// Energy (fJ) drawn inside the cell per rising and per falling transition of the pin that holds it.
typedef struct {
  int related; // pin index of the input that caused it; -1: the pin's own
  bool has_when;
  truth when;
  liberty_table rise, fall;
} liberty_energy;

typedef struct {
  const char *name;
  liberty_direction direction;
  int variable; // of an input: which variable of the truth tables it is (-1 beyond LIBERTY_MAX_INPUTS)
  double cap, max_cap; // fF; max_cap 0: none
  bool clock, three_state;
  bool has_function; // of an output whose function is one of the cell's inputs alone, or of a flip-flop (liberty_ff)
  truth function;
  const liberty_arc *arcs;
  size_t arc_count;
  const liberty_energy *energies;
  size_t energy_count;
} liberty_pin;

// A flip-flop with one state. In its truth tables, and in those of its pins' functions and conditions, the variable
// after the inputs is what it holds.
typedef struct {
  truth next, clock; // what it takes, when this becomes true
  truth clear, preset; // while true it holds 0, 1; constant 0: never
} liberty_ff;

typedef struct {
  const char *name;
  double area, leakage;
  const liberty_pin *pins;
  size_t pin_count;
  int inputs, outputs;
  int input[LIBERTY_MAX_INPUTS]; // pin index of each variable
  int output[LIBERTY_MAX_OUTPUTS]; // pin index of each output
  bool sequential; // has a flip-flop, latch or state table
  bool plain_ff; // a flip-flop that takes a pin at a clock pin's edge and has neither clear nor preset
  const liberty_ff *ff; // NULL: no flip-flop, or one that is not understood (more than 4 inputs, say)
  bool combinational; // every output has a function over at most eight inputs: can be simulated
  bool dont_use;
} liberty_cell;

// A full or half adder of the library: which of the cell's pins are which, and whether the outputs are inverted.
typedef struct {
  const liberty_cell *cell; // NULL: the library has none
  int in[3]; // pin indices (2 used by the half adder)
  int sum, carry;
  bool sum_inverted, carry_inverted;
} liberty_adder;

typedef struct {
  const char *name, *file;
  bytes text; // the file as it was read: what tools are given, for it may be edited meanwhile
  const char *hash; // SHA-256 of the text
  double voltage;
  const liberty_cell *cells;
  size_t cell_count;
  liberty_adder full_adder, half_adder; // the smallest
  const liberty_cell *inverter, *ff, *tie0, *tie1; // the smallest; NULL: none
  double input_slew; // ns: the smallest slew of the inverter's table; where energies are taken and inputs driven
} liberty;

// Errors name file:line:column. A library without an inverter, a two-input gate or areas is refused: nothing can be
// mapped to it.
bool liberty_read(arena *mem, const char *path, const liberty **out, diag *d);
const liberty_cell *liberty_find(const liberty *lib, const char *cell); // NULL: none
// fJ of a pin's edge that drives load_ff: the mean over both edges and over the pin's own tables, or (own false) those
// of edges that its inputs cause. 0 where there are none.
double liberty_mean_energy(const liberty *lib, const liberty_pin *pin, bool own, double load_ff);
int liberty_pin_index(const liberty_cell *cell, const char *pin); // -1: none

// A Boolean expression of Liberty over named variables (at most eight); false when it is malformed or uses another
// name. In `*stop` (when not NULL) the offset of the trouble.
bool liberty_expression(const char *text, const char *const *names, int count, truth *out, size_t *stop);

#endif
