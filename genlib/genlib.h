// SPDX-License-Identifier: Apache-2.0
//
// genlib: the multiplier library. Gate netlists, their simulation and generators, error figures, export as table
// and Verilog. Knows nothing of networks.
//
// A multiplier is f(a, b): a the activation, b the weight, both *codes* (two's complement or unsigned integers).
#ifndef AXGEN_GENLIB_H
#define AXGEN_GENLIB_H

#include "compiler/base/base.h"

// ---- gate netlists -----------------------------------------------------------------------------------------------
// A combinational circuit in topological order. Nets are numbered: 0 is constant 0, 1 is constant 1, then the
// inputs (a's bits from the least significant, then b's), then each gate's outputs in gate order.
// clang-format off
//          name   inputs outputs
#define GATE_LIST(X)                                                                                                   \
  X(BUF,  1, 1) X(NOT,  1, 1) X(AND,  2, 1) X(OR,   2, 1) X(XOR,  2, 1) X(NAND, 2, 1) X(NOR,  2, 1) X(XNOR, 2, 1)       \
  X(MUX,  3, 1) /* in[0] ? in[2] : in[1] */                                                                            \
  X(HA,   2, 2) /* out: sum, carry */                                                                                  \
  X(FA,   3, 2)
// clang-format on
typedef enum {
#define X(name, in, out) GATE_##name,
  GATE_LIST(X)
#undef X
      GATE_KINDS
} gate_kind;
enum { NET_ZERO = 0, NET_ONE = 1, NET_FIRST_INPUT = 2 };

typedef struct {
  gate_kind kind;
  int32_t in[3];
  int32_t out; // its first output's net; the second is out + 1
} gate;

typedef struct {
  arena *mem;
  int a_bits, b_bits, out_bits;
  int32_t nets; // how many net numbers are in use
  gate *gates;
  size_t count, cap;
  int32_t *out; // out_bits nets, least significant first
} netlist;

// ---- multipliers ---------------------------------------------------------------------------------------------------
typedef struct {
  int a_bits, b_bits, p_bits; // 2..16, 2..16, at most 32
  bool a_signed, b_signed, p_signed;
} mul_sig;

typedef struct mul mul;
struct mul {
  const char *name;  // as the user wrote it, e.g. roup8s_p0_r7.5.3.1
  const char *ident; // the same as a Verilog identifier: mul_roup8s_p0_r7_5_3_1
  mul_sig sig;
  // Every product, when a_bits + b_bits <= 16, else NULL: table[(a_code << b_bits) | b_code], codes masked to their
  // widths. Computed from the netlist where there is one.
  const int32_t *table;
  const netlist *net; // NULL for a multiplier that is only a table
  // The product of two values in range. Use mul_apply, which takes the table where there is one.
  int64_t (*function)(const mul *m, int32_t a, int32_t b);
  const void *params; // of the family
  bool exact;         // f(a, b) == a * b everywhere (proven from the table, or by construction above 8 bits)
};

// Makes the multiplier that `name` describes (docs/multipliers.md lists the names). Errors name the part of the name
// that is wrong and what was expected. The object lives in `mem`.
const mul *mul_make(arena *mem, const char *name, diag *d);

static inline int64_t mul_apply(const mul *m, int32_t a, int32_t b) {
  if (m->table) {
    uint32_t ac = (uint32_t)a & ((1u << m->sig.a_bits) - 1), bc = (uint32_t)b & ((1u << m->sig.b_bits) - 1);
    return m->table[ac << m->sig.b_bits | bc];
  }
  return m->function(m, a, b);
}

// Structural Verilog-2005: module `m->ident` (input [..] a, input [..] b, output [..] p), combinational, with
// instances of axgen_fa / axgen_ha (rtl_templates/common) for the adders and plain assigns for other gates.
// A multiplier that is only a table becomes a case statement.
void mul_verilog(const mul *m, str *out);

#endif
