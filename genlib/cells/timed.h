// SPDX-License-Identifier: Apache-2.0
//
// timed: event-driven simulation of a mapped netlist with the library's arc delays and energies. It sees glitches; the
// zero-delay simulation in mapped.h does not. docs/measurement.md says what is assumed.
#ifndef AXGEN_TIMED_H
#define AXGEN_TIMED_H

#include "genlib/cells/mapped.h"

// How delays depend on the state of a cell's other inputs: each arc under its own `when`, or merged to the slowest of
// an input's arcs, an output and an edge (all that Icarus takes from SDF).
typedef enum { TIMED_ARCS, TIMED_MERGED } timed_mode;

typedef struct timed timed; // one instance of the multiplier that sees one pair of operands after the other
timed *timed_new(arena *mem, const mapped *m, timed_mode mode);
// Operands change all at once, and only when all is quiet again. The first pair of a sequence sets the state and costs
// nothing.
void timed_feed(timed *t, const uint16_t *a, const uint16_t *b, size_t n);
void timed_restart(timed *t); // the next pair begins another sequence; the sums go on

typedef struct {
  uint64_t pairs, steps; // steps: pairs that had a predecessor
  uint64_t toggles; // of all nets, glitches included
  uint64_t settled; // toggles that zero delay would see
  double switching_fj; // load * V^2 / 2 of the toggling nets; of these ...
  double operand_fj; // ... the operands' own nets
  double internal_fj; // inside the cells
  double squares; // sum over the steps of the energy squared
  double latest_ns; // the last change of any net after the operands changed
} timed_energy;
timed_energy timed_result(const timed *t);
const uint64_t *timed_toggles(const timed *t); // by net
uint64_t timed_product(const timed *t); // the code of p as it stands

static inline double timed_energy_total(const timed_energy *e) { return e->switching_fj + e->internal_fj; }
static inline double timed_energy_per_step(const timed_energy *e) {
  return e->steps ? timed_energy_total(e) / (double)e->steps : 0;
}
static inline double timed_glitch_factor(const timed_energy *e) {
  return e->settled ? (double)e->toggles / (double)e->settled : 1;
}
// Half of the 95 % confidence interval of the mean energy per step, taking the steps for independent.
double timed_energy_ci(const timed_energy *e);

// ---- designs with registers (mapped.registers) ---------------------------------------------------------------------
// All nets have these values, by net, and nothing changes.
void timed_rest(timed *t, const uint8_t *value);
// From rest through one cycle of the clock, which rises at 0 and falls after high_ns: inputs that are `after` different
// change at once, flip-flops' outputs after their delay, and the inputs late[0 .. count) (words of memories) when the
// clock has fallen and all else is quiet. False: it came to rest with other values than `after`.
bool timed_clock(timed *t, const uint8_t *after, const int32_t *late, size_t late_count, double high_ns);
// Of that cycle, by group: fJ, and toggles without the clock's. The clock's own load is not in it.
double timed_group_fj(const timed *t, uint32_t group);
uint64_t timed_group_toggles(const timed *t, uint32_t group);

// The delay (ns, as simulated) from input variable v to output o of a cell once the inputs are in `state`; -1: the
// output is not connected.
double timed_delay(const timed *t, size_t cell, int o, int v, unsigned state);

// The longest path from any input to any output, as static timing analysis finds it: inputs at 0 with the library's
// smallest slew, the slowest arc everywhere.
double timed_longest_ns(const mapped *m);

// For other simulators: the netlist as module `axgen_timed` (inputs a, b; all nets as one vector n), one module a cell;
// with TIMED_ARCS the delays are in specify blocks, with TIMED_MERGED they are in the SDF file.
void timed_verilog(const timed *t, str *out);
void timed_sdf(const timed *t, str *out);

#endif
