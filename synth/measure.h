// SPDX-License-Identifier: Apache-2.0
//
// measure: a multiplier's area, delay and, for named operand streams, energy; the best of its circuits; the catalogue
// of measured multipliers. docs/measurement.md says what the figures mean.
#ifndef AXGEN_MEASURE_H
#define AXGEN_MEASURE_H

#include "genlib/timed.h"
#include "synth/synth.h"

// ---- operand streams -----------------------------------------------------------------------------------------------
typedef struct {
  const char *operands; // "uniform", "realistic", or the file that they came from
  int hold; // b is taken anew every `hold` operations
  size_t count; // pairs
  const uint16_t *a, *b; // codes
} measure_stream;
enum { MEASURE_OPERATIONS = 20000, MEASURE_HOLD = 32 };
// `operands`: uniform, realistic, or a text file with a pair of numbers on each line. At most `operations` operations
// (0: MEASURE_OPERATIONS, or the whole file).
bool measure_operands(arena *mem, mul_sig sig, const char *operands, int hold, size_t operations, measure_stream *out,
                      diag *d);

// ---- energy --------------------------------------------------------------------------------------------------------
// Per operation. Energies in fJ, glitches included.
typedef struct {
  const char *operands;
  int hold;
  uint64_t operations;
  double energy, ci; // mean; half of its 95 % confidence interval
  double switching, operand_nets, internal; // energy = switching + internal; operand_nets is part of switching
  double toggles, glitch_factor; // of all nets; toggles over those of zero delay
  double zero_delay; // energy by mapped.h's toggle count, which sees no glitches
  double latest_ns; // the last change of any net that was seen
} measure_energy;
measure_energy measure_run(const mapped *net, const measure_stream *s);

// ---- a multiplier --------------------------------------------------------------------------------------------------
typedef struct {
  synth_mul synth;
  const char *recipe; // of synth_recipes
  const measure_energy *energy; // one a stream
  size_t energies;
} measured;
// operands NULL: uniform, realistic, and realistic with b held for MEASURE_HOLD operations, side by side (`hold` is the
// last one's, 0: MEASURE_HOLD). Else this one stream (hold 0: 1).
bool mul_measure(arena *mem, const mul *m, const liberty *lib, const char *operands, int hold, measured *out, diag *d);
// The same in two steps: the streams (at most MEASURE_STREAMS), and what a synthesised multiplier takes under them.
enum { MEASURE_STREAMS = 3 };
bool measure_streams(arena *mem, mul_sig sig, const char *operands, int hold, measure_stream *streams, size_t *count,
                     diag *d);
void measure_energies(arena *mem, const measure_stream *streams, size_t count, measured *out);
cJSON *measure_json(const measured *m);
void measure_text(const measured *m, size_t count, str *out);

// ---- variants ------------------------------------------------------------------------------------------------------
// How ABC maps the gates; the adders are in place before it starts. The first is what synth_multiplier takes.
typedef struct {
  const char *name, *abc;
} synth_recipe;
extern const synth_recipe synth_recipes[]; // .name NULL at the end
bool synth_multiplier_by(arena *mem, const mul *m, const liberty *lib, const synth_recipe *recipe, synth_mul *out,
                         diag *d);
// Another netlist for the same multiplier: s gets its figures, checked and timed like the first ones.
bool synth_multiplier_net(arena *mem, const mapped *net, synth_mul *s, diag *d);

typedef enum { VARIANT_AREA, VARIANT_ENERGY, VARIANT_DELAY } variant_goal;
bool variant_goal_parse(const char *word, variant_goal *goal, diag *d); // area, energy, delay
typedef struct {
  const char *name, *recipe;
  bool pins; // input pins of symmetric cells exchanged
  double area, delay, energy; // um2, ns, fJ an operation under the stream
} variant_try;
typedef struct {
  measured best; // its mul has the name of the circuit that won
  bool pins;
  const variant_try *tries; // in the order in which they were made; the best is among them
  size_t count;
} variant_choice;
// Builds the circuits that `name` leaves open (final adder, tree, selector, encoded operand where the function stays,
// recipe, pins), one choice after the other, keeping the best by the goal; ties go to less energy. `operands` and
// `hold` as in mul_measure; energy means the first stream.
bool variant_choose(arena *mem, const char *name, variant_goal goal, const liberty *lib, const char *operands, int hold,
                    variant_choice *out, diag *d);
// Exchanges inputs of symmetric cells as long as that makes the netlist cheaper: energy under the stream, or the
// longest path where `s` is NULL.
const mapped *variant_pins(arena *mem, const mapped *net, const measure_stream *s);
cJSON *variant_json(const variant_choice *c);
void variant_text(const variant_choice *c, str *out);

#endif
