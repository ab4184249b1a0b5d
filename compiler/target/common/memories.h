// SPDX-License-Identifier: Apache-2.0
//
// memories: what a design's memories cost, which no netlist says: areas from their shapes, energies from how often they
// are read and written for an image (synth/memory.h). docs/cost.md says what that is worth.
#ifndef AXGEN_TARGET_MEMORIES_H
#define AXGEN_TARGET_MEMORIES_H

#include "synth/memory.h"
#include "synth/synth.h"

// Words that are read and written for an image, of all memories of one shape in a part of the design together.
typedef struct {
  size_t part; // of the graph
  synth_role role;
  int64_t width, depth;
  double reads, writes;
} memories_access;
typedef struct {
  memories_access *list; // what is not in it, is not known
  size_t count, cap;
  double external_bytes; // over the ports to memory outside, for an image, both ways
} memories_accesses;
void memories_add(arena *mem, memories_accesses *to, memories_access a);

typedef struct {
  const char *name; // of the part; NULL: what lies between the others
  double sram, rom, registers; // um2
  double leakage; // uW
  int64_t macros;
  double reads, writes, energy; // words, nJ for an image; NAN: not known of all its memories
} memories_row;
typedef struct {
  const memory_model *model;
  memories_row *rows; // one a layer of the synthesis
  size_t count;
  memories_row total; // energy NAN: of those that are known it is known_energy
  double known_energy; // nJ
  double external_bytes, external_energy; // nJ
} memories_cost;
void memories_estimate(arena *mem, const memory_model *model, const synth_result *logic, const memories_accesses *a,
                       memories_cost *out);
double memories_area(const memories_row *r); // um2
// nJ an image that takes so many ns: words read and written, leakage, memory outside; NAN: accesses are not known.
double memories_energy(const memories_cost *c, double ns);
cJSON *memories_json(const memories_cost *c, double logic_area);
void memories_text(const memories_cost *c, double logic_area, const char *unit, str *out);

#endif
