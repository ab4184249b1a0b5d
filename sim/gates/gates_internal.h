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
  int32_t node_count;
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

// roms.c: a ROM's words.
bool gates_read_rom(const char *path, gates_memory *m, diag *d);
// run.c
void gates_settle(gates *g); // evaluates all that waits
void gates_edge(gates *g); // the clock rises: flip-flops and RAMs take what is at their inputs. Settling comes later
void gates_set(gates *g, int32_t net, bool value); // an input
void gates_start(gates *g); // evaluates everything once, from 0

#endif
