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

typedef struct {
  uint64_t cycles;
  uint64_t bits; // of outputs that were compared
} gates_replayed;
// Drives the inputs as recorded and compares all outputs in every cycle. A difference is an error with exit code 4 that
// names cycle and pin.
bool gates_replay(arena *mem, gates *g, const char *pins, gates_replayed *out, diag *d);

#endif
