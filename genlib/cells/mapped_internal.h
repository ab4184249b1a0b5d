// SPDX-License-Identifier: Apache-2.0
//
// Private to mapped*.c: cells as word operations.
#ifndef AXGEN_MAPPED_INTERNAL_H
#define AXGEN_MAPPED_INTERNAL_H

#include "genlib/cells/mapped.h"

typedef enum { OP_AND, OP_OR, OP_XOR, OP_ANDN, OP_ORN, OP_NOT, OP_MUX } mapped_op_kind;

// dst = x op y; ANDN: ~x & y, ORN: ~x | y, NOT: ~x, MUX: x ? z : y.
struct mapped_op {
  mapped_op_kind kind;
  int32_t dst, x, y, z;
};

// mapped.c: area, leakage, loads and energies from the cells.
void mapped_weigh(mapped *m);

// Fills in ops, op_count and slots from the cells.
void mapped_compile(mapped *m);

#endif
