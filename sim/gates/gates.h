// SPDX-License-Identifier: Apache-2.0
//
// gates: the whole mapped design, every cell of it, simulated cycle by cycle from recorded pins. Two-state, zero delay:
// a clock cycle is one evaluation of what changed. All flip-flops and memories start at 0; they take their inputs on
// the rising edge of the one clock. docs/cost.md says what energies are made of it.
#ifndef AXGEN_GATES_H
#define AXGEN_GATES_H

#include "synth/netlist.h"

typedef struct gates gates;

// `rtl`: the folder of the design's files, where ROMs find their contents. Refused, with the cell: sequential cells
// that are no flip-flops, other clocks than a rising `clk`, set or reset in use, loops, nets with several drivers.
bool gates_new(arena *mem, const synth_netlist *n, const char *rtl, gates **out, diag *d);

// What is in it.
typedef struct {
  size_t cells, flip_flops, memories;
  int pins; // inputs and outputs of the top, without clk
} gates_size;
gates_size gates_size_of(const gates *g);

// ---- pins ----------------------------------------------------------------------------------------------------------
// Verilog to be included in a testbench that has a clk and defines AXGEN_DUT, the path to the instance of the design:
// on each rising edge it writes a line to GATES_PINS with what is on all pins of the top, hexadecimal.
#define GATES_RECORDER "axgen_pins.vh"
#define GATES_PINS "pins.hex"
void gates_recorder(const synth_netlist *n, str *out);

// ---- energy ---------------------------------------------------------------------------------------------------------
// What is measured: cycles [from, to), counted from the first in which rst is 0. In `samples` of them, drawn at random
// with a fixed seed, the change is simulated with delays too.
typedef struct {
  int64_t from, to;
  double clock_ns;
  uint32_t samples;
} gates_window;

// A part's cells of one kind (synth_netlist.group): fJ in all cycles that are measured.
typedef struct {
  double zero_fj; // without delays: toggles by mean energies
  double fj; // the same times what delays make of it in the sampled cycles
  uint64_t toggles; // of its nets, without delays
  uint64_t sampled_toggles, timed_toggles; // in the sampled cycles: without delays and with them
} gates_group;

typedef struct {
  uint64_t cycles, sampled; // that were measured, and of those simulated with delays
  gates_group *groups; // part * SYNTH_KIND_COUNT + kind
  size_t group_count;
  double ci_fj; // half of the 95 % confidence interval of all groups' sum
  double kind_ci_fj[SYNTH_KIND_COUNT];
  double clock_fj; // of the clock tree, flip-flops' pins included
  int clock_buffers;
  double clock_wire_um;
  size_t nets, nets_toggled; // driven by cells; that changed at least once
  const uint64_t (*accesses)[2]; // by memory of the netlist: words read, written
} gates_energy;

typedef struct {
  uint64_t cycles;
  uint64_t bits; // of outputs that were compared
} gates_replayed;
// Drives the inputs as recorded and compares all outputs in every cycle. A difference is an error with exit code 4 that
// names cycle and pin. `window` and `energy`: NULL, or what to measure.
bool gates_replay(arena *mem, gates *g, const char *pins, const gates_window *window, gates_replayed *out,
                  gates_energy *energy, diag *d);

#endif
