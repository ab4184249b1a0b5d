// SPDX-License-Identifier: Apache-2.0
//
// evolve: smaller multipliers within an error bound, by Cartesian genetic programming (docs/evolution.md).
#ifndef AXGEN_EVOLVE_H
#define AXGEN_EVOLVE_H

#include "genlib/genlib.h"

typedef enum { EVOLVE_AREA, EVOLVE_ENERGY } evolve_objective;

typedef struct {
  evolve_objective objective;
  double mae; // the greatest mean absolute error allowed (under `weights`); negative: no bound
  int64_t wce; // the greatest |f - a*b| allowed (over the pairs of non-zero weight); negative: no bound
  mul_weights weights; // the operands' distribution for `mae`; all NULL: uniform
  const char *operands; // the file of the command line that they are from: only for evolve_print
  uint64_t generations, seed;
  int islands, offspring,
      mutations; // 0: the defaults (4, 4, 2): populations, children a generation, most changes a child
  const char *checkpoint; // file, NULL: none. Read first where it exists, written as the search goes on
  double seconds; // > 0: stop after the round in which this much time has gone; the result says how far it came
} evolve_options;

typedef struct {
  const netlist *net; // the best circuit
  mul_errors errors; // of it, over all pairs, uniform operands
  double weighted_mae; // under the weights given
  double area, energy; // estimates, um2 and fJ (see docs/evolution.md)
  double seed_area, seed_energy;
  uint64_t generations; // done, by each island
  uint64_t candidates, simulated, complete; // children in all; of these simulated at all, and on all pairs
  bool interrupted; // Ctrl-C (or `seconds`) came before the last generation
} evolve_result;

// Evolves `seed` (a_bits + b_bits <= 16, checked netlist). The same options, seed and starting circuit give the same
// result whatever the machine, the number of threads, the instruction set, and however often the search was killed
// and resumed from its checkpoint. Fails when the starting circuit breaks the bounds, or the checkpoint is damaged or
// belongs to another search.
bool evolve(arena *mem, const netlist *seed, mul_sig sig, const evolve_options *o, evolve_result *out, diag *d);

// The same estimates for any netlist of at most 16 input bits; energy under independent uniform operands.
void evolve_estimate(const netlist *n, double *area_um2, double *energy_fj);

// The result as text: the netlist, in its header what it is, the command that makes it (`start`: the name of the
// circuit begun with; `path`: the file that is written, its name without ending being the circuit's) and its figures.
void evolve_print(const evolve_result *r, const char *start, const evolve_options *o, const char *path, mul_sig sig,
                  str *out);

#endif
