// SPDX-License-Identifier: Apache-2.0
//
// memory: what memories cost, which no netlist says: area, energy of an access, leakage, from a few fitted constants
// (synth/memories/memories45.yaml; docs/cost.md). Estimates.
#ifndef AXGEN_SYNTH_MEMORY_H
#define AXGEN_SYNTH_MEMORY_H

#include "compiler/base/base.h"

typedef struct {
  double scale, words, bits; // scale * words^x * bits^y
} memory_power;

typedef struct {
  const char *file; // that says so
  memory_power area, read, write, leakage; // of an SRAM macro: um2, pJ, pJ, uW
  int64_t words[2], bits[2]; // of a macro: fewest, most
  int64_t from_bits; // smaller memories are registers
  double register_area, register_access; // of a bit: um2, pJ
  double rom_area, rom_read; // of those of an SRAM of the same size
  double external; // pJ a byte that comes from outside or goes there
} memory_model;

// The forms that a memory may have.
typedef enum { MEMORY_RAM, MEMORY_ROM } memory_kind;
typedef struct {
  bool registers; // it is made of flip-flops
  int64_t macros; // side by side; 0 then
  double area, leakage; // um2, uW
  double read, write; // pJ a word
} memory_cost;
// `width` bits in a word, `depth` words: above 0, at most 2^31. A RAM is macros, or registers where these are smaller.
memory_cost memory_estimate(const memory_model *m, memory_kind kind, int64_t width, int64_t depth);

#endif
