// SPDX-License-Identifier: Apache-2.0
//
// Truth tables to word operations: for each cell, by Shannon expansion with the cheap cases first.
#include "genlib/cells/mapped_internal.h"

enum { MAX_KNOWN = 300 }; // distinct subfunctions of one cell: 4 outputs of 8 inputs give fewer

typedef struct {
  mapped *m;
  size_t cap;
  int32_t next_temporary, most_temporaries;
  struct {
    truth f;
    int32_t slot;
  } known[MAX_KNOWN];
  int known_count;
  int inputs;
} compiler;

static int32_t emit(compiler *c, mapped_op_kind kind, int32_t x, int32_t y, int32_t z) {
  mapped *m = c->m;
  mapped_op *ops = (mapped_op *)m->ops;
  arena_grow(m->mem, ops, m->op_count, c->cap);
  int32_t dst = m->nets + c->next_temporary++;
  ops[m->op_count++] = (mapped_op){kind, dst, x, y, z};
  m->ops = ops;
  if (c->next_temporary > c->most_temporaries)
    c->most_temporaries = c->next_temporary;
  return dst;
}

static int32_t find(const compiler *c, truth f) {
  for (int i = 0; i < c->known_count; i++)
    if (truth_equal(c->known[i].f, f))
      return c->known[i].slot;
  return -1;
}

static void learn(compiler *c, truth f, int32_t slot) {
  if (c->known_count < MAX_KNOWN) {
    c->known[c->known_count].f = f;
    c->known[c->known_count++].slot = slot;
  }
}

static int32_t build(compiler *c, truth f);

// Splits f at a variable where one operation with one smaller function does; -1: there is none.
static int32_t build_simple(compiler *c, truth f) {
  const truth zero = truth_const(false), one = truth_const(true);
  for (int v = 0; v < c->inputs; v++) {
    truth f0 = truth_cofactor(f, v, false), f1 = truth_cofactor(f, v, true);
    if (truth_equal(f0, f1))
      continue;
    int32_t x = find(c, truth_variable(v));
    if (truth_equal(f0, zero))
      return emit(c, OP_AND, x, build(c, f1), 0);
    if (truth_equal(f1, zero))
      return emit(c, OP_ANDN, x, build(c, f0), 0);
    if (truth_equal(f1, one))
      return emit(c, OP_OR, x, build(c, f0), 0);
    if (truth_equal(f0, one))
      return emit(c, OP_ORN, x, build(c, f1), 0);
    if (truth_equal(f0, truth_not(f1)))
      return emit(c, OP_XOR, x, build(c, f0), 0);
  }
  return -1;
}

// Recursion is as deep as a cell has inputs.
static int32_t build(compiler *c, truth f) {
  int32_t slot = find(c, f);
  if (slot >= 0)
    return slot;
  int32_t inverse = find(c, truth_not(f));
  if (inverse >= 0)
    slot = emit(c, OP_NOT, inverse, 0, 0);
  else
    slot = build_simple(c, f);
  for (int v = 0; slot < 0; v++) {
    truth f0 = truth_cofactor(f, v, false), f1 = truth_cofactor(f, v, true);
    if (!truth_equal(f0, f1)) {
      int32_t y = build(c, f0), z = build(c, f1);
      slot = emit(c, OP_MUX, find(c, truth_variable(v)), y, z);
    }
  }
  learn(c, f, slot);
  return slot;
}

static void compile_cell(compiler *c, const mapped_cell *inst) {
  const liberty_cell *cell = inst->cell;
  c->known_count = 0;
  c->next_temporary = 0;
  c->inputs = cell->inputs;
  learn(c, truth_const(false), NET_ZERO);
  learn(c, truth_const(true), NET_ONE);
  for (int v = 0; v < cell->inputs; v++)
    learn(c, truth_variable(v), inst->net[cell->input[v]]);
  for (int o = 0; o < cell->outputs; o++) {
    const liberty_pin *pin = &cell->pins[cell->output[o]];
    int32_t net = inst->net[cell->output[o]];
    if (net < 0)
      continue;
    int32_t slot =
        build(c, pin->function); // then a copy into the net: dropped below where the last operation can do it
    mapped_op *last = c->m->op_count ? (mapped_op *)c->m->ops + c->m->op_count - 1 : NULL;
    if (last && slot >= c->m->nets && last->dst == slot) {
      last->dst = net;
      c->known[c->known_count - 1].slot = net;
    } else {
      emit(c, OP_OR, slot, slot, 0);
      ((mapped_op *)c->m->ops)[c->m->op_count - 1].dst = net;
    }
  }
}

void mapped_compile(mapped *m) {
  compiler *c = arena_new_object(m->mem, compiler);
  c->m = m;
  for (size_t i = 0; i < m->count; i++)
    compile_cell(c, &m->cells[i]);
  m->slots = m->nets + c->most_temporaries;
}
