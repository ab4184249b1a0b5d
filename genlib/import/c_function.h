// SPDX-License-Identifier: Apache-2.0
//
// c_function: a multiplier as a function in C. It is read, never run: straight-line code on integers (declarations,
// assignments, operators, constant shifts and indices, one return) becomes a list of operations, which can be evaluated
// and built as gates. Everything else is refused with its line.
#ifndef AXGEN_IMPORT_C_FUNCTION_H
#define AXGEN_IMPORT_C_FUNCTION_H

#include "compiler/base/base.h"
#include "genlib/genlib.h"

typedef struct {
  int bits; // 8, 16, 32, 64
  bool is_signed;
} c_type;

typedef enum {
  C_CONSTANT,
  C_PARAMETER, // value: 0 or 1
  C_CONVERT, // x as `type`
  C_NOT,
  C_AND,
  C_OR,
  C_XOR,
  C_ADD,
  C_SUB,
  C_MUL,
  C_SHL, // x by `value`
  C_SHR,
  C_EQUAL, // x == y, an int
  C_LESS, // x < y
  C_SELECT // x ? y : z
} c_op;

// Operands are earlier nodes; those of an operator have its type (for EQUAL and LESS: the same type; SELECT: y and z).
typedef struct {
  c_op op;
  c_type type;
  int x, y, z;
  uint64_t value;
} c_node;

typedef struct {
  const char *name;
  const char *param[2];
  c_type param_type[2];
  c_node *nodes;
  size_t count, cap;
  int result; // of the return type
} c_function;

// The only function of the text. NULL after an error.
const c_function *c_parse(arena *mem, const char *file, const char *text, diag *d);
// Makes an operation on constants the constant that it gives.
void c_fold(const c_function *f, c_node *node);
// What it returns, as the bits of its type, for two arguments (as the bits of their types). `scratch` has room for
// `count` values.
uint64_t c_eval(const c_function *f, uint64_t x, uint64_t y, uint64_t *scratch);
// The gates: bit i of parameter k is the net in[k][i]; the result's bits go to out (as many as its type has). False:
// more than C_NETS_MAX nets.
enum { C_NETS_MAX = 1 << 20 };
bool c_build(const c_function *f, netlist *n, const int32_t *const in[2], int32_t *out);

#endif
