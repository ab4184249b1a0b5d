// SPDX-License-Identifier: Apache-2.0
//
// mapped: a combinational multiplier as cells of a library, read from Yosys; its zero-delay simulation, and the energy
// of a sequence of operands by counting toggles. Zero delay sees no glitches: energies are a lower bound
// (docs/synthesis.md).
#ifndef AXGEN_MAPPED_H
#define AXGEN_MAPPED_H

#include "genlib/genlib.h"
#include "genlib/cells/liberty.h"

typedef struct {
  const char *name; // of the instance
  const liberty_cell *cell;
  const int32_t *net; // by pin index of the cell; -1: not connected
} mapped_cell;

typedef struct mapped_op mapped_op; // a word operation, see mapped_simulate.c

// Nets are numbered as in a netlist: constant 0, constant 1, a's bits, b's bits, then the cells' outputs.
typedef struct {
  arena *mem;
  const liberty *lib;
  const char *module;
  int a_bits, b_bits, p_bits;
  int32_t nets;
  const int32_t *out; // p's nets
  const mapped_cell *cells; // in topological order
  size_t count;
  double area, leakage; // um2, nW
  const double *load; // fF, by net: the input pins on it (no wires, nothing outside the module)
  const double *switching; // fJ per toggle, by net: load * V^2 / 2 ...
  const double *internal; // ... and what the library says is drawn inside the cells that drive or read the net
  // Of a design with registers, for timed.h alone: its flip-flops, whose outputs are, with other sources, the inputs of
  // the cells above (then a_bits counts them all, and b_bits and p_bits are 0); and in whose account a net's and a
  // cell's energies go (NULL: all in the same). The clock is a net beyond the others, number `nets`.
  const mapped_cell *registers;
  size_t register_count;
  const uint32_t *net_group, *cell_group, *register_group;
  uint32_t groups; // 0: one
  const mapped_op *ops;
  size_t op_count;
  int32_t slots; // nets and temporaries
} mapped;

// Reads `module` (NULL: the only one in the file) from what Yosys `write_json` wrote: ports a, b and p of these widths,
// instances of the library's combinational cells. Refused, with the reason: other cells, sequential cells, loops, nets
// with no or several drivers, other ports.
bool mapped_read(arena *mem, const liberty *lib, const char *json_path, const char *module, mul_sig sig,
                 const mapped **out, diag *d);

// Whether two inputs of a cell (variables) may change places.
bool mapped_symmetric(const liberty_cell *cell, int v, int w);
// The same netlist with inputs v and w of one cell exchanged; m itself stays as it is.
const mapped *mapped_swap(arena *mem, const mapped *m, size_t cell, int v, int w);
// The netlist as one Verilog module with ports a, b and p.
void mapped_verilog(const mapped *m, str *out);

// Every product, indexed (a_code << b_bits) | b_code, sign-extended when `is_signed`. a_bits + b_bits <= 24.
void mapped_table(const mapped *m, bool is_signed, int32_t *table);
// Products of n pairs of codes.
void mapped_products(const mapped *m, bool is_signed, const uint16_t *a, const uint16_t *b, size_t n, int64_t *product);

// ---- energy of operand sequences ------------------------------------------------------------------------------------
// One instance of the multiplier that sees one pair after the other. The first pair of a sequence sets the state and
// costs nothing.
typedef struct mapped_stream mapped_stream;
mapped_stream *mapped_stream_new(arena *mem, const mapped *m);
void mapped_stream_restart(mapped_stream *s); // the next pair begins another sequence; the sums go on
void mapped_stream_feed(mapped_stream *s, const uint16_t *a, const uint16_t *b, size_t n);

typedef struct {
  uint64_t pairs, steps; // steps: pairs that had a predecessor
  uint64_t toggles;
  double switching_fj, internal_fj;
} mapped_energy;
mapped_energy mapped_stream_result(mapped_stream *s);
static inline double mapped_energy_total(const mapped_energy *e) { return e->switching_fj + e->internal_fj; }
static inline double mapped_energy_per_step(const mapped_energy *e) {
  return e->steps ? mapped_energy_total(e) / (double)e->steps : 0;
}

// fJ per operation where both operands are independent, uniform and new at every step (65,536 seeded steps).
double mapped_uniform_energy(const mapped *m);

#endif
