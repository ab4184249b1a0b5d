// SPDX-License-Identifier: Apache-2.0
//
// The operations of a C function: their values, and their gates.
#include "genlib/import/c_function.h"

#include <stdlib.h>
#include <string.h>

// The bits above a type's width repeat its sign or are 0.
static uint64_t fit(uint64_t v, c_type type) {
  if (type.bits == 64)
    return v;
  uint64_t mask = ((uint64_t)1 << type.bits) - 1;
  return type.is_signed && v >> (type.bits - 1) & 1 ? v | ~mask : v & mask;
}

static int operands(c_op op) {
  switch (op) {
  case C_CONSTANT:
  case C_PARAMETER:
    return 0;
  case C_CONVERT:
  case C_NOT:
  case C_SHL:
  case C_SHR:
    return 1;
  case C_SELECT:
    return 3;
  default:
    return 2;
  }
}

// Of operands x, y, z of the type `operand`.
static uint64_t operate(const c_node *e, uint64_t x, uint64_t y, uint64_t z, c_type operand) {
  switch (e->op) {
  case C_CONSTANT:
  case C_PARAMETER:
    return e->value;
  case C_CONVERT:
    return x;
  case C_NOT:
    return ~x;
  case C_AND:
    return x & y;
  case C_OR:
    return x | y;
  case C_XOR:
    return x ^ y;
  case C_ADD:
    return x + y;
  case C_SUB:
    return x - y;
  case C_MUL:
    return x * y;
  case C_SHL:
    return x << e->value;
  case C_SHR:
    return e->type.is_signed ? (uint64_t)((int64_t)x >> e->value) : x >> e->value;
  case C_EQUAL:
    return x == y;
  case C_LESS:
    return operand.is_signed ? (int64_t)x < (int64_t)y : x < y;
  case C_SELECT:
    return x ? y : z;
  }
  return 0;
}

void c_fold(const c_function *f, c_node *e) {
  const int on[3] = {e->x, e->y, e->z};
  uint64_t v[3] = {0};
  for (int i = 0; i < operands(e->op); i++) {
    if (f->nodes[on[i]].op != C_CONSTANT)
      return;
    v[i] = f->nodes[on[i]].value;
  }
  if (e->op == C_PARAMETER)
    return;
  c_type operand = operands(e->op) ? f->nodes[e->x].type : e->type;
  *e = (c_node){.op = C_CONSTANT, .type = e->type, .value = fit(operate(e, v[0], v[1], v[2], operand), e->type)};
}

uint64_t c_eval(const c_function *f, uint64_t x, uint64_t y, uint64_t *value) {
  for (size_t i = 0; i < f->count; i++) {
    const c_node *e = &f->nodes[i];
    uint64_t v = e->op == C_PARAMETER ? (e->value ? y : x)
                                      : operate(e, value[e->x], value[e->y], value[e->z], f->nodes[e->x].type);
    value[i] = fit(v, e->type);
  }
  return value[f->result];
}

// ---- gates -------------------------------------------------------------------------------------------------------
// Bits of a node, least significant first; above its width they repeat the sign or are 0.
typedef struct {
  netlist *n;
  const c_function *f;
  int32_t **bits;
} builder;

static int32_t bit(const builder *b, int node, int i) {
  c_type t = b->f->nodes[node].type;
  return i < t.bits ? b->bits[node][i] : t.is_signed ? b->bits[node][t.bits - 1] : NET_ZERO;
}

// out = x + (y ^ invert) + carry
static void add(netlist *n, int width, const int32_t *x, const int32_t *y, bool invert, int32_t *out) {
  int32_t carry = invert ? NET_ONE : NET_ZERO;
  for (int i = 0; i < width; i++)
    nl_fa(n, x[i], invert ? nl_not(n, y[i]) : y[i], carry, &out[i], &carry);
}

static void multiply(netlist *n, int width, const int32_t *x, const int32_t *y, int32_t *out) {
  int32_t row[64], sum[64];
  for (int i = 0; i < width; i++)
    out[i] = NET_ZERO;
  for (int k = 0; k < width; k++) {
    if (y[k] == NET_ZERO)
      continue;
    for (int i = 0; i < width; i++)
      row[i] = i < k ? NET_ZERO : nl_and(n, x[i - k], y[k]);
    add(n, width, out, row, false, sum);
    memcpy(out, sum, (size_t)width * sizeof *sum);
  }
}

static int32_t equal(netlist *n, int width, const int32_t *x, const int32_t *y) {
  int32_t all = NET_ONE;
  for (int i = 0; i < width; i++)
    all = nl_and(n, all, nl_xnor(n, x[i], y[i]));
  return all;
}

// From the least significant bit up: where they differ, y's bit decides; at the sign x's does.
static int32_t less(netlist *n, c_type type, const int32_t *x, const int32_t *y) {
  int32_t so_far = NET_ZERO;
  for (int i = 0; i < type.bits; i++)
    so_far = nl_mux(n, nl_xor(n, x[i], y[i]), so_far, i == type.bits - 1 && type.is_signed ? x[i] : y[i]);
  return so_far;
}

static void build_node(const builder *b, const c_node *e, const int32_t *const in[2], int32_t *out) {
  static const gate_kind gates[] = {[C_AND] = GATE_AND, [C_OR] = GATE_OR, [C_XOR] = GATE_XOR};
  netlist *n = b->n;
  int width = e->type.bits;
  for (int i = 0; i < width; i++)
    out[i] = NET_ZERO;
  switch (e->op) {
  case C_CONSTANT:
    for (int i = 0; i < width; i++)
      out[i] = e->value >> i & 1 ? NET_ONE : NET_ZERO;
    break;
  case C_PARAMETER:
    memcpy(out, in[e->value], (size_t)width * sizeof *out);
    break;
  case C_CONVERT:
    for (int i = 0; i < width; i++)
      out[i] = bit(b, e->x, i);
    break;
  case C_NOT:
    for (int i = 0; i < width; i++)
      out[i] = nl_not(n, bit(b, e->x, i));
    break;
  case C_AND:
  case C_OR:
  case C_XOR:
    for (int i = 0; i < width; i++)
      out[i] = nl_gate2(n, gates[e->op], bit(b, e->x, i), bit(b, e->y, i));
    break;
  case C_ADD:
  case C_SUB:
    add(n, width, b->bits[e->x], b->bits[e->y], e->op == C_SUB, out);
    break;
  case C_MUL:
    multiply(n, width, b->bits[e->x], b->bits[e->y], out);
    break;
  case C_SHL:
    for (int i = (int)e->value; i < width; i++)
      out[i] = bit(b, e->x, i - (int)e->value);
    break;
  case C_SHR:
    for (int i = 0; i < width; i++)
      out[i] = bit(b, e->x, i + (int)e->value);
    break;
  case C_EQUAL:
    out[0] = equal(n, b->f->nodes[e->x].type.bits, b->bits[e->x], b->bits[e->y]);
    break;
  case C_LESS:
    out[0] = less(n, b->f->nodes[e->x].type, b->bits[e->x], b->bits[e->y]);
    break;
  case C_SELECT: {
    int32_t select = NET_ZERO;
    for (int i = 0; i < b->f->nodes[e->x].type.bits; i++)
      select = nl_or(n, select, bit(b, e->x, i));
    for (int i = 0; i < width; i++)
      out[i] = nl_mux(n, select, bit(b, e->z, i), bit(b, e->y, i));
  }
  }
}

bool c_build(const c_function *f, netlist *n, const int32_t *const in[2], int32_t *out) {
  builder b = {.n = n, .f = f, .bits = malloc(f->count * sizeof *b.bits)};
  int32_t *all = malloc(f->count * 64 * sizeof *all);
  bool good = true;
  for (size_t i = 0; i < f->count && good; i++) {
    b.bits[i] = all + 64 * i;
    build_node(&b, &f->nodes[i], in, b.bits[i]);
    good = n->nets < C_NETS_MAX;
  }
  if (good)
    memcpy(out, b.bits[f->result], (size_t)f->nodes[f->result].type.bits * sizeof *out);
  free(all);
  free(b.bits);
  return good;
}
