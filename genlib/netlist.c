// SPDX-License-Identifier: Apache-2.0
//
// Building gate netlists: constants, equal and complementary operands and equal gates are simplified as the gates are
// added, and nl_finish drops what no output needs.
#include "genlib/genlib.h"

#include <string.h>

#define X(name, in, out) #name,
const char *const gate_name[GATE_KINDS] = {GATE_LIST(X)};
#undef X
#define X(name, in, out) in,
const uint8_t gate_inputs[GATE_KINDS] = {GATE_LIST(X)};
#undef X
#define X(name, in, out) out,
const uint8_t gate_outputs[GATE_KINDS] = {GATE_LIST(X)};
#undef X

struct nl_build {
  int32_t *driver; // by net: its gate's index, or -1
  int32_t *arrival; // by net, see nl_arrival
  size_t driver_cap;
  int32_t *hash; // open addressing: gate index + 1, 0 empty
  size_t hash_size, hash_used;
};

netlist *nl_new(arena *mem, int a_bits, int b_bits, int out_bits) {
  assert(a_bits > 0 && b_bits > 0 && out_bits > 0 && out_bits <= 64);
  netlist *n = arena_new_object(mem, netlist);
  n->mem = mem;
  n->a_bits = a_bits;
  n->b_bits = b_bits;
  n->out_bits = out_bits;
  n->nets = NET_FIRST_INPUT + a_bits + b_bits;
  n->out = arena_new_array(mem, int32_t, (size_t)out_bits);
  n->build = arena_new_object(mem, struct nl_build);
  n->build->hash_size = 256;
  n->build->hash = arena_new_array(mem, int32_t, n->build->hash_size);
  n->build->driver_cap = 256;
  n->build->driver = arena_new_array(mem, int32_t, n->build->driver_cap);
  n->build->arrival = arena_new_array(mem, int32_t, n->build->driver_cap);
  for (int32_t i = 0; i < n->nets; i++)
    n->build->driver[i] = -1;
  return n;
}

// Operands of a commutative gate in a fixed order, so that AND(x,y) and AND(y,x) are found to be equal. The gate itself
// keeps the order given: which pin a late signal takes matters to its delay.
static void sorted_inputs(const gate *g, int32_t in[3]) {
  memcpy(in, g->in, sizeof g->in);
  if (g->kind == GATE_MUX)
    return;
  int n = gate_inputs[g->kind];
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && in[j] < in[j - 1]; j--) {
      int32_t t = in[j];
      in[j] = in[j - 1];
      in[j - 1] = t;
    }
}

static uint32_t gate_hash(const gate *g) {
  int32_t in[3];
  sorted_inputs(g, in);
  uint32_t h = (uint32_t)g->kind + 1;
  for (int i = 0; i < gate_inputs[g->kind]; i++)
    h = (h ^ (uint32_t)in[i]) * 2654435761u, h ^= h >> 15;
  return h;
}

static bool same_gate(const gate *a, const gate *b) {
  if (a->kind != b->kind)
    return false;
  int32_t x[3], y[3];
  sorted_inputs(a, x);
  sorted_inputs(b, y);
  return !memcmp(x, y, gate_inputs[a->kind] * sizeof x[0]);
}

static int32_t *hash_slot(const netlist *n, const gate *g) {
  const struct nl_build *b = n->build;
  size_t i = gate_hash(g) & (b->hash_size - 1);
  while (b->hash[i] && !same_gate(&n->gates[b->hash[i] - 1], g))
    i = (i + 1) & (b->hash_size - 1);
  return &b->hash[i];
}

static void hash_grow(netlist *n) {
  struct nl_build *b = n->build;
  b->hash_size *= 2;
  b->hash = arena_new_array(n->mem, int32_t, b->hash_size);
  for (size_t i = 0; i < n->count; i++)
    *hash_slot(n, &n->gates[i]) = (int32_t)i + 1;
}

// Appends without looking: for nl_finish and the parser.
static int32_t append(netlist *n, gate_kind kind, const int32_t in[3]) {
  arena_grow(n->mem, n->gates, n->count, n->cap);
  gate *g = &n->gates[n->count++];
  *g = (gate){.kind = kind, .out = n->nets};
  memcpy(g->in, in, gate_inputs[kind] * sizeof in[0]);
  n->nets += gate_outputs[kind];
  return g->out;
}

static int32_t *widen(arena *mem, const int32_t *array, size_t size) {
  int32_t *wider = arena_new_array(mem, int32_t, 2 * size);
  memcpy(wider, array, size * sizeof *wider);
  return wider;
}

// About 10 ps each in a 45 nm library. All that matters is which of two signals comes first.
static const uint8_t gate_delay[GATE_KINDS][2] = {
    [GATE_BUF] = {3}, [GATE_NOT] = {1},  [GATE_AND] = {4}, [GATE_OR] = {5},    [GATE_XOR] = {6},    [GATE_NAND] = {2},
    [GATE_NOR] = {3}, [GATE_XNOR] = {5}, [GATE_MUX] = {7}, [GATE_HA] = {6, 4}, [GATE_FA] = {12, 8},
};

int32_t nl_arrival(const netlist *n, int32_t net) { return n->build->arrival[net]; }

// The first output net of such a gate, an existing one where there is one.
static int32_t add(netlist *n, gate_kind kind, int32_t x, int32_t y, int32_t z) {
  struct nl_build *b = n->build;
  gate g = {.kind = kind, .in = {x, y, z}};
  for (int i = 0; i < gate_inputs[kind]; i++)
    assert(g.in[i] >= 0 && g.in[i] < n->nets);
  if (2 * b->hash_used >= b->hash_size)
    hash_grow(n);
  int32_t *slot = hash_slot(n, &g);
  if (*slot)
    return n->gates[*slot - 1].out;
  *slot = (int32_t)n->count + 1;
  b->hash_used++;
  int32_t out = append(n, kind, g.in);
  while (b->driver_cap < (size_t)n->nets) {
    b->driver = widen(n->mem, b->driver, b->driver_cap);
    b->arrival = widen(n->mem, b->arrival, b->driver_cap);
    b->driver_cap *= 2;
  }
  for (int i = 0; i < gate_outputs[kind]; i++) {
    b->driver[out + i] = (int32_t)n->count - 1;
    for (int k = 0; k < gate_inputs[kind]; k++) {
      int32_t t = b->arrival[g.in[k]] + gate_delay[kind][i];
      b->arrival[out + i] = t > b->arrival[out + i] ? t : b->arrival[out + i];
    }
  }
  return out;
}

// The net that `x` is the inverse of, or -1.
static int32_t inverse_of(const netlist *n, int32_t x) {
  if (x <= NET_ONE)
    return 1 - x;
  int32_t d = n->build->driver[x];
  return d >= 0 && n->gates[d].kind == GATE_NOT ? n->gates[d].in[0] : -1;
}

static bool complementary(const netlist *n, int32_t x, int32_t y) {
  return inverse_of(n, x) == y || inverse_of(n, y) == x;
}

int32_t nl_not(netlist *n, int32_t x) {
  int32_t inverse = inverse_of(n, x);
  return inverse >= 0 ? inverse : add(n, GATE_NOT, x, 0, 0);
}

int32_t nl_gate2(netlist *n, gate_kind kind, int32_t x, int32_t y) {
  bool xor_like = kind == GATE_XOR || kind == GATE_XNOR;
  bool inverted = kind == GATE_NAND || kind == GATE_NOR || kind == GATE_XNOR;
  // A constant operand first, if any.
  if (y <= NET_ONE) {
    int32_t t = x;
    x = y;
    y = t;
  }
  int32_t r = -1; // the result before the gate's own inversion
  if (xor_like) {
    if (x <= NET_ONE)
      r = x == NET_ONE ? nl_not(n, y) : y;
    else if (x == y)
      r = NET_ZERO;
    else if (complementary(n, x, y))
      r = NET_ONE;
  } else {
    int32_t absorbing = kind == GATE_AND || kind == GATE_NAND ? NET_ZERO : NET_ONE;
    if (x <= NET_ONE)
      r = x == absorbing ? absorbing : y;
    else if (x == y)
      r = x;
    else if (complementary(n, x, y))
      r = absorbing;
  }
  if (r >= 0)
    return inverted ? nl_not(n, r) : r;
  return add(n, kind, x, y, 0);
}

int32_t nl_mux(netlist *n, int32_t sel, int32_t zero, int32_t one) {
  if (sel <= NET_ONE || zero == one)
    return sel == NET_ONE ? one : zero;
  if (zero == NET_ZERO || zero == sel)
    return nl_and(n, sel, one);
  if (one == NET_ONE || one == sel)
    return nl_or(n, sel, zero);
  if (zero == NET_ONE)
    return nl_or(n, nl_not(n, sel), one);
  if (one == NET_ZERO)
    return nl_and(n, nl_not(n, sel), zero);
  if (complementary(n, zero, one))
    return nl_xor(n, sel, zero);
  return add(n, GATE_MUX, sel, zero, one);
}

void nl_ha(netlist *n, int32_t x, int32_t y, int32_t *sum, int32_t *carry) {
  if (x <= NET_ONE || y <= NET_ONE || x == y || complementary(n, x, y)) {
    int32_t s = nl_xor(n, x, y), c = nl_and(n, x, y);
    *sum = s;
    *carry = c;
    return;
  }
  int32_t out = add(n, GATE_HA, x, y, 0);
  *sum = out;
  *carry = out + 1;
}

void nl_fa(netlist *n, int32_t x, int32_t y, int32_t z, int32_t *sum, int32_t *carry) {
  int32_t in[3] = {x, y, z};
  for (int i = 0; i < 3; i++) {
    int32_t p = in[(i + 1) % 3], q = in[(i + 2) % 3], s, c;
    if (in[i] == NET_ZERO) {
      nl_ha(n, p, q, sum, carry);
      return;
    }
    if (in[i] == NET_ONE)
      s = nl_xnor(n, p, q), c = nl_or(n, p, q);
    else if (p == q)
      s = in[i], c = p;
    else if (complementary(n, p, q))
      s = nl_not(n, in[i]), c = in[i];
    else
      continue;
    *sum = s;
    *carry = c;
    return;
  }
  int32_t out = add(n, GATE_FA, x, y, z);
  *sum = out;
  *carry = out + 1;
}

void nl_mark(netlist *n, const char *label) {
  arena_grow(n->mem, n->marks, n->mark_count, n->mark_cap);
  n->marks[n->mark_count++] = (struct nl_mark){.gate = n->count, .label = label};
}

// One gate into the finished netlist; `need` says which of its outputs are used.
static void keep_gate(netlist *to, const gate *g, int32_t *map, bool need0, bool need1) {
  int32_t in[3];
  for (int i = 0; i < gate_inputs[g->kind]; i++)
    in[i] = map[g->in[i]];
  if (gate_outputs[g->kind] == 1 || (need0 && need1)) {
    int32_t out = append(to, g->kind, in);
    map[g->out] = out;
    if (gate_outputs[g->kind] == 2)
      map[g->out + 1] = out + 1;
  } else if (g->kind == GATE_HA) {
    map[g->out + need1] = append(to, need0 ? GATE_XOR : GATE_AND, in);
  } else if (need0) {
    int32_t half = append(to, GATE_XOR, in);
    map[g->out] = append(to, GATE_XOR, (int32_t[3]){half, in[2], 0});
  } else { // majority
    int32_t both = append(to, GATE_AND, in), any = append(to, GATE_OR, in);
    int32_t with = append(to, GATE_AND, (int32_t[3]){any, in[2], 0});
    map[g->out + 1] = append(to, GATE_OR, (int32_t[3]){both, with, 0});
  }
}

const netlist *nl_finish(const netlist *n) {
  bool *used = arena_new_array(n->mem, bool, (size_t)n->nets);
  int32_t *map = arena_new_array(n->mem, int32_t, (size_t)n->nets);
  for (int i = 0; i < n->out_bits; i++)
    used[n->out[i]] = true;
  for (size_t i = n->count; i-- > 0;) {
    const gate *g = &n->gates[i];
    if (used[g->out] || (gate_outputs[g->kind] == 2 && used[g->out + 1]))
      for (int k = 0; k < gate_inputs[g->kind]; k++)
        used[g->in[k]] = true;
  }
  netlist *to = arena_new_object(n->mem, netlist);
  *to = (netlist){.mem = n->mem, .a_bits = n->a_bits, .b_bits = n->b_bits, .out_bits = n->out_bits};
  to->nets = NET_FIRST_INPUT + n->a_bits + n->b_bits;
  for (int32_t i = 0; i < to->nets; i++)
    map[i] = i;
  size_t mark = 0;
  for (size_t i = 0; i < n->count; i++) {
    for (; mark < n->mark_count && n->marks[mark].gate <= i; mark++)
      nl_mark(to, n->marks[mark].label);
    const gate *g = &n->gates[i];
    bool second = gate_outputs[g->kind] == 2 && used[g->out + 1];
    if (used[g->out] || second)
      keep_gate(to, g, map, used[g->out], second);
  }
  to->out = arena_new_array(n->mem, int32_t, (size_t)n->out_bits);
  for (int i = 0; i < n->out_bits; i++)
    to->out[i] = map[n->out[i]];
  return to;
}
