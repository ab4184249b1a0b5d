// SPDX-License-Identifier: Apache-2.0
//
// Private to sim/gates/.
#ifndef AXGEN_GATES_INTERNAL_H
#define AXGEN_GATES_INTERNAL_H

#include "sim/gates/gates.h"

// A kind of cell: its outputs by the state of its inputs, bit o for output o. Of a flip-flop the state has one bit
// more, above those of the inputs: what it holds; bit 0 is what it holds after the clock.
typedef struct {
  const liberty_cell *cell;
  uint8_t table[1 << LIBERTY_MAX_INPUTS];
} gates_kind;

// A cell that is no flip-flop, or the words of a memory.
typedef struct {
  const uint8_t *table; // NULL: a memory
  int32_t first; // of its outputs in out_nets; of a memory its number
  uint8_t outputs, state, value; // value: of the outputs, as table says
  bool queued;
  int32_t level;
} gates_node;

// Nets that pass a cell's input pin.
typedef struct {
  int32_t node; // below node_count a node, above it a flip-flop
  uint8_t bit; // of its state; 0: a memory
} gates_reader;

typedef struct {
  const synth_words *words;
  uint64_t *content; // each word `stride` long
  size_t stride;
  uint64_t reads, writes; // words
  int32_t node;
  bool written; // at the last edge, so that what is read may have changed
} gates_memory;

struct gates {
  arena *mem;
  const synth_netlist *n;
  gates_node *nodes; // cells, then memories
  int32_t node_count, clock; // clock: a net
  int32_t *out_nets; // -1: not connected
  // flip-flops
  size_t ff_count;
  const size_t *ff_cell; // in n->cells
  const gates_kind **ff_kind;
  uint8_t *ff_state, *ff_held_bit; // held_bit: of the state what it holds
  int32_t (*ff_net)[2]; // Q, QN; -1: not connected
  gates_memory *memories;
  // nets
  uint8_t *value;
  uint32_t *toggles;
  int32_t *reader_start;
  gates_reader *readers;
  // what is to be evaluated, by level
  int32_t levels;
  int32_t *queue, *queue_start, *queued; // of level l: queue[queue_start[l] ..], queued[l] of them
  int32_t *changed; // flip-flops at the edge
  uint64_t evaluations;
};

// ---- energy (weigh.c, meter.c, clock_tree.c) -----------------------------------------------------------------------
// What a toggle and a clock cycle cost.
typedef struct {
  double *load; // fF, by net
  double *net_fj; // of a toggle, by net: load * V^2 / 2 and what is drawn inside the cells, on an average
  uint32_t *net_group; // whose account that goes to: the driver's; inputs of the top: the last part's control
  double (*clock_fj)[1 << LIBERTY_MAX_INPUTS]; // inside a flip-flop, by kind and state: both edges
  double (*rise_fj)[1 << LIBERTY_MAX_INPUTS]; // of those the rising one
  double *data_fj; // by flip-flop kind: a toggle of an input other than the clock, on an average
  uint8_t *ff_kind; // by flip-flop, of the above
  size_t ff_kinds;
} gates_weights;
void gates_weigh(arena *mem, const gates *g, gates_weights *out);

// For the timed simulator (delays.c).
typedef struct {
  const mapped *design;
  int32_t *net; // by net: its number there
  int32_t *late; // there: words of memories
  size_t late_count;
} gates_delays;
void gates_for_timed(arena *mem, const gates *g, const gates_weights *w, gates_delays *out);

typedef struct gates_meter gates_meter;
gates_meter *gates_meter_new(arena *mem, gates *g, const gates_window *w);
// Around each cycle: before the clock rises, and when all has settled after it.
void gates_meter_before(gates_meter *m, int64_t cycle);
bool gates_meter_after(gates_meter *m, int64_t cycle, diag *d);
bool gates_meter_end(gates_meter *m, gates_energy *out, diag *d);

typedef struct {
  double fj; // a cycle
  int buffers;
  double wire_um;
} gates_clock_tree;
// A tree of the library's buffers for `sinks` flip-flops whose clock pins have pin_ff each, spread over area_um2.
gates_clock_tree gates_build_clock_tree(const liberty *lib, double sinks, double pin_ff, double area_um2);

// roms.c: a ROM's words.
bool gates_read_rom(const char *path, gates_memory *m, diag *d);
// run.c
void gates_settle(gates *g); // evaluates all that waits
void gates_edge(gates *g); // the clock rises: flip-flops and RAMs take what is at their inputs. Settling comes later
void gates_set(gates *g, int32_t net, bool value); // an input
void gates_start(gates *g); // evaluates everything once, from 0

#endif
