// SPDX-License-Identifier: Apache-2.0
//
// measure: a multiplier's area, delay and, for named operand streams, energy; the best of its circuits; the catalogue
// of measured multipliers. docs/measurement.md says what the figures mean.
#ifndef AXGEN_MEASURE_H
#define AXGEN_MEASURE_H

#include "genlib/cells/timed.h"
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
measure_energy measure_run(const mapped *net, const measure_stream *s); // or what was kept of an earlier time

// ---- a multiplier --------------------------------------------------------------------------------------------------
typedef struct {
  synth_mul synth;
  const char *recipe; // of synth_recipes
  const measure_energy *energy; // one a stream
  size_t energies;
} measured;
// Of the recipes `area` and `energy` the one whose circuit takes less energy under the first stream.
// operands NULL: uniform, realistic, and realistic with b held for MEASURE_HOLD operations, side by side (`hold` is the
// last one's, 0: MEASURE_HOLD). Else this one stream (hold 0: 1).
bool measure_multiplier(arena *mem, const mul *m, const liberty *lib, const char *operands, int hold, measured *out,
                        diag *d);
// The same in two steps: the streams (at most MEASURE_STREAMS), and what a synthesised multiplier takes under them.
enum { MEASURE_STREAMS = 3 };
bool measure_streams(arena *mem, mul_sig sig, const char *operands, int hold, measure_stream *streams, size_t *count,
                     diag *d);
bool measure_cheapest(arena *mem, const mul *m, const liberty *lib, const measure_stream *streams, size_t count,
                      measured *out, diag *d);
void measure_recipes(str *out); // the scripts that it tries
void measure_energies(arena *mem, const measure_stream *streams, size_t count, measured *out);
cJSON *measure_json(const measured *m);
void measure_text(const measured *m, size_t count, str *out);

// ---- variants ------------------------------------------------------------------------------------------------------

typedef enum { VARIANT_AREA, VARIANT_ENERGY, VARIANT_DELAY } variant_goal;
bool variant_goal_parse(const char *word, variant_goal *goal, diag *d); // area, energy, delay
// The recipe by which the circuit of a multiplier is best: the least area or delay of all recipes, or the one that
// measure_multiplier takes for uniform operands. out: its figures, under uniform operands alone.
bool variant_recipe(arena *mem, const mul *m, variant_goal goal, const liberty *lib, measured *out, diag *d);
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
// recipe, pins), one choice after the other, keeping the best by the goal; ties go to less energy (by 0.2 %).
// `operands` and `hold` as in measure_multiplier; energy means the first stream.
bool variant_choose(arena *mem, const char *name, variant_goal goal, const liberty *lib, const char *operands, int hold,
                    variant_choice *out, diag *d);
// Exchanges inputs of symmetric cells as long as that makes the netlist cheaper: energy under the stream, or the
// longest path where `s` is NULL.
const mapped *variant_pins(arena *mem, const mapped *net, const measure_stream *s);
cJSON *variant_json(const variant_choice *c);
void variant_text(const variant_choice *c, str *out);

// ---- catalogue -----------------------------------------------------------------------------------------------------
// Measured multipliers, kept as CSV (genlib/catalogue/LIBRARY.csv); the header line has the keys below. All figures are
// the better the smaller they are, except the widths.
// clang-format off
#define CATALOGUE_FIGURES(X)                                                                                           \
  X(A_BITS,    "a_bits",    "bits of a")                                                                               \
  X(B_BITS,    "b_bits",    "bits of b")                                                                               \
  X(AREA,      "area",      "area, um2")                                                                               \
  X(LEAKAGE,   "leakage",   "leakage, nW")                                                                             \
  X(DELAY,     "delay",     "delay, ns")                                                                               \
  X(CELLS,     "cells",     "cells")                                                                                   \
  X(ENERGY,    "energy",    "fJ an operation, uniform operands")                                                       \
  X(REALISTIC, "realistic", "fJ an operation, realistic operands")                                                     \
  X(HELD,      "held",      "fJ an operation, realistic, b held for 32")                           \
  X(GLITCHES,  "glitches",  "toggles over those of zero delay, uniform operands")                                      \
  X(MAE,       "mae",       "mean absolute error")                                                                     \
  X(WCE,       "wce",       "worst-case error")                                                                        \
  X(EP,        "ep",        "error probability")                                                                       \
  X(MRE,       "mre",       "mean relative error")                                                                     \
  X(MSE,       "mse",       "mean squared error")                                                                      \
  X(BIAS,      "bias",      "mean error")                                                                              \
  X(MAE_REAL,  "mae_real",  "mean absolute error, realistic operands")                                                 \
  X(BIAS_REAL, "bias_real", "mean error, realistic operands")
// clang-format on
typedef enum {
#define X(id, key, what) CATALOGUE_##id,
  CATALOGUE_FIGURES(X)
#undef X
      CATALOGUE_COUNT
} catalogue_figure;
extern const char *const catalogue_key[CATALOGUE_COUNT], *const catalogue_what[CATALOGUE_COUNT];

typedef struct {
  const char *name, *family, *sign; // family: exact, booth, roup, bam, trunc, evo ...; sign: s, u, us, su
  const char *recipe; // of synth_recipes: the one that takes least energy
  const char *hash; // of everything that the figures depend on
  double figure[CATALOGUE_COUNT];
  bool pareto; // set by catalogue_pareto
} catalogue_entry;
typedef struct {
  catalogue_entry *entries;
  size_t count;
} catalogue;

// path NULL: the shipped one for the project's library.
bool catalogue_read(arena *mem, const char *path, catalogue *out, diag *d);
// The entry of that name; hash NULL: whatever it is. NULL: not there.
const catalogue_entry *catalogue_find(const catalogue *c, const char *name, const char *hash);
// Measures every multiplier that the text file `names` lists (one a line, `#` comments; NULL:
// genlib/catalogue/names.txt and all of genlib/evolved/) and writes `path` after each, so that a killed run goes on
// where it was. What is there with the same hash stays. `measured_now`, when not NULL: how many had to be measured.
bool catalogue_build(arena *mem, const liberty *lib, const char *names, const char *path, size_t *measured_now,
                     diag *d);
// Keeps the entries for which all conditions hold: KEY<VALUE (also <= > >= = !=) for figures, KEY=TEXT, KEY!=TEXT, and
// KEY~TEXT (contains) for name, family, sign, recipe; separated by commas. A word alone means name~WORD.
bool catalogue_filter(catalogue *c, const char *conditions, diag *d);
bool catalogue_sort(catalogue *c, const char *key, diag *d); // KEY, or -KEY for the greatest first; stable
// Keeps those that no other entry beats in both figures of `keys` ("mae,energy"; magnitudes count), by the first one.
// Of entries equal in both the first stays.
bool catalogue_pareto(catalogue *c, const char *keys, diag *d);
cJSON *catalogue_json(const catalogue *c);
void catalogue_csv(const catalogue *c, str *out);
void catalogue_text(const catalogue *c, str *out);
// A scatter plot by family with the Pareto front of each panel: "X,Y" or "X,Y,Y2,Y3" for panels side by side.
bool catalogue_svg(const catalogue *c, const char *keys, str *out, diag *d);

// ---- what others published ----
// Of a multiplier of EvoApproxLib, in its own unit of power.
typedef struct {
  const char *name; // "mul8s_1KV9"
  double power, area; // mW, um2
} measure_published;
const measure_published *measure_published_of(const char *name); // NULL: none is known
const measure_published *measure_published_exact(void); // what the others are relative to

#endif
