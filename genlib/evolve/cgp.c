// SPDX-License-Identifier: Apache-2.0
//
// Genotypes: from and to netlists, and their mutation.
#include "genlib/evolve/cgp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

cgp *cgp_new(arena *mem, const cgp_problem *p, int cap) {
  cgp *c = arena_new_object(mem, cgp);
  size_t nodes = (size_t)cap, nets = (size_t)p->first + 2 * nodes;
  *c = (cgp){.p = p, .cap = cap};
  c->node = arena_new_array(mem, cgp_node, nodes);
  c->need = arena_new_array(mem, uint8_t, nodes);
  c->child_need = arena_new_array(mem, uint8_t, nodes);
  c->touched = arena_new_array(mem, uint8_t, nodes);
  c->dirty = arena_new_array(mem, uint8_t, nodes);
  c->active = arena_new_array(mem, int, nodes);
  c->op_node = arena_new_array(mem, int, nodes);
  c->op = arena_new_array(mem, nl_sim_op, nodes);
  c->sample = arena_new_array(mem, uint64_t, nets * CGP_SAMPLE);
  c->order = arena_new_array(mem, int, (size_t)p->blocks);
  c->block_error = arena_new_array(mem, int64_t, (size_t)p->blocks);
  c->ones = arena_new_array(mem, int64_t, nets);
  c->child_ones = arena_new_array(mem, int64_t, nets);
  c->load = arena_new_array(mem, int64_t, nets);
  for (int i = 0; i < p->blocks; i++)
    c->order[i] = i;
  c->child_at = arena_new_array(mem, int32_t, 2 * nodes);
  c->last_read = arena_new_array(mem, int32_t, 2 * nodes);
  c->moved_to = arena_new_array(mem, int32_t, 2 * nodes);
  c->spare_slots = arena_new_array(mem, int32_t, 2 * nodes);
  c->child = arena_new_array(mem, uint64_t, 2 * nodes * (size_t)p->words);
  c->stride = nets * (size_t)p->words;
  size_t page = (size_t)2 << 20, size = c->stride * (size_t)p->blocks * sizeof *c->parent;
  c->parent = aligned_alloc(page, (size + page - 1) / page * page); // given by the system page by page, as it is used
  if (!c->parent)
    abort();
  madvise(c->parent, size, MADV_HUGEPAGE);
  return c;
}

void cgp_release(cgp *c) { free(c->parent); }

// ---- from and to netlists ------------------------------------------------------------------------------------------
static int32_t random_net(const cgp *c, rng *r, int node) {
  return (int32_t)rng_below(r, (uint32_t)(c->p->first + 2 * node));
}

static cgp_node random_node(const cgp *c, rng *r, int at) {
  cgp_node n = {.kind = (int32_t)rng_below(r, GATE_KINDS)};
  for (int k = 0; k < 3; k++)
    n.in[k] = random_net(c, r, at);
  return n;
}

bool cgp_encode(cgp *c, const netlist *n, rng *r) {
  size_t spare = n->count / 8 + 8;
  if (n->count + spare > (size_t)c->cap)
    spare = (size_t)c->cap - n->count;
  if (n->count > (size_t)c->cap)
    return false;
  int32_t *map = calloc((size_t)n->nets, sizeof *map);
  for (int32_t i = 0; i < c->p->first; i++)
    map[i] = i;
  c->nodes = (int)(n->count + spare);
  size_t next = 0;
  for (int i = 0; i < c->nodes; i++) {
    size_t left = n->count - next, rest = (size_t)(c->nodes - i);
    c->node[i] = random_node(c, r, i); // gates have valid nets at the inputs that their kind does not read, too
    if (rng_below(r, (uint32_t)rest) >= left)
      continue;
    const gate *g = &n->gates[next++];
    c->node[i].kind = (int32_t)g->kind;
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      c->node[i].in[k] = map[g->in[k]];
    for (int k = 0; k < gate_outputs[g->kind]; k++)
      map[g->out + k] = c->p->first + 2 * i + k;
  }
  for (int i = 0; i < n->out_bits; i++)
    c->out[i] = map[n->out[i]];
  free(map);
  return true;
}

// A full adder's carry alone.
static int32_t majority(netlist *n, const int32_t in[3]) {
  return nl_nand(n, nl_nand(n, in[0], in[1]), nl_nand(n, in[2], nl_or(n, in[0], in[1])));
}

static void add_node(netlist *n, gate_kind kind, int need, const int32_t in[3], int32_t out[2]) {
  if (kind == GATE_BUF)
    out[0] = in[0];
  else if (kind == GATE_NOT)
    out[0] = nl_not(n, in[0]);
  else if (kind == GATE_MUX)
    out[0] = nl_mux(n, in[0], in[1], in[2]);
  else if (kind == GATE_HA && need == 3)
    nl_ha(n, in[0], in[1], &out[0], &out[1]);
  else if (kind == GATE_HA)
    out[need >> 1] = nl_gate2(n, need == 1 ? GATE_XOR : GATE_AND, in[0], in[1]);
  else if (kind == GATE_FA && need == 3)
    nl_fa(n, in[0], in[1], in[2], &out[0], &out[1]);
  else if (kind == GATE_FA && need == 1)
    out[0] = nl_xor(n, nl_xor(n, in[0], in[1]), in[2]);
  else if (kind == GATE_FA)
    out[1] = majority(n, in);
  else
    out[0] = nl_gate2(n, kind, in[0], in[1]);
}

const netlist *cgp_decode(arena *mem, const cgp *c) {
  netlist *n = nl_new(mem, c->p->sig.a_bits, c->p->sig.b_bits, c->p->out_bits);
  int32_t *map = arena_new_array(mem, int32_t, (size_t)c->p->first + 2 * (size_t)c->nodes);
  for (int32_t i = 0; i < c->p->first; i++)
    map[i] = i;
  for (int i = 0; i < c->nodes; i++) {
    if (!c->need[i])
      continue;
    int32_t in[3];
    for (int k = 0; k < 3; k++)
      in[k] = map[cgp_resolve(c, c->node[i].in[k])];
    add_node(n, (gate_kind)c->node[i].kind, c->need[i], in, &map[c->p->first + 2 * i]);
  }
  for (int i = 0; i < c->p->out_bits; i++)
    n->out[i] = map[cgp_resolve(c, c->out[i])];
  return nl_finish(n);
}

// ---- mutation ------------------------------------------------------------------------------------------------------
static void change(cgp *c, int32_t *gene, int32_t value, int node) {
  if (*gene == value || c->changes == CGP_CHANGES_MAX)
    return;
  c->change[c->changes++] = (cgp_change){.gene = gene, .old = *gene, .node = node};
  *gene = value;
  if (node >= 0)
    c->touched[node] = 1;
}

// Among a few nets in use, the one whose values are most like those of `like`.
static int32_t similar_net(const cgp *c, rng *r, int32_t like, int before) {
  int32_t best = like;
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < 6; i++) {
    int node = c->actives ? c->active[rng_below(r, (uint32_t)c->actives)] : c->nodes;
    int32_t net = node < before ? c->p->first + 2 * node + (int32_t)(rng_next(r) & 1)
                                : (int32_t)rng_below(r, (uint32_t)c->p->first);
    net = cgp_resolve(c, net);
    if (net == like)
      continue;
    uint64_t far = c->p->kernels.differ(c->sample + (size_t)like * CGP_SAMPLE, c->sample + (size_t)net * CGP_SAMPLE);
    if (far < least)
      least = far, best = net;
  }
  return best;
}

// Another source for a connection to `net` of a node (or, at the end, of an output).
static int32_t other_net(const cgp *c, rng *r, int32_t net, int before) {
  net = cgp_resolve(c, net);
  int32_t driver = cgp_driver(c->p, net);
  switch (rng_below(r, 8)) {
  case 0:
    return (int32_t)rng_below(r, 2); // a constant
  case 1:
  case 2: // past the driver
    if (driver >= 0)
      return c->node[driver].in[rng_below(r, gate_inputs[c->node[driver].kind])];
    return random_net(c, r, before);
  case 3:
  case 4:
  case 5:
    if (driver < 0 || c->need[driver]) // its values are known
      return similar_net(c, r, net, before);
    return random_net(c, r, before);
  default:
    return random_net(c, r, before);
  }
}

void cgp_mutate(cgp *c, rng *r, int most) {
  int n = 1 + (int)rng_below(r, (uint32_t)most);
  for (int i = 0; i < n; i++) {
    uint32_t at = rng_below(r, (uint32_t)(c->nodes + c->p->out_bits));
    if (at >= (uint32_t)c->nodes) {
      int32_t *gene = &c->out[at - (uint32_t)c->nodes];
      change(c, gene, other_net(c, r, *gene, c->nodes), -1);
      continue;
    }
    // Mostly a node in use: the others only change what later changes can connect.
    int node = c->actives && rng_below(r, 4) ? c->active[rng_below(r, (uint32_t)c->actives)] : (int)at;
    cgp_node *g = &c->node[node];
    uint32_t what = rng_below(r, 1u + gate_inputs[g->kind]);
    if (what == gate_inputs[g->kind])
      change(c, &g->kind, (int32_t)rng_below(r, GATE_KINDS), node);
    else
      change(c, &g->in[what], other_net(c, r, g->in[what], node), node);
  }
}

void cgp_undo(cgp *c) {
  while (c->changes) {
    const cgp_change *k = &c->change[--c->changes];
    *k->gene = k->old;
    if (k->node >= 0)
      c->touched[k->node] = 0;
  }
}

void cgp_remember(const cgp *c, cgp_child *child) {
  child->count = c->changes;
  for (int i = 0; i < c->changes; i++) {
    child->gene[i] = c->change[i].gene;
    child->value[i] = *c->change[i].gene;
    child->node[i] = c->change[i].node;
  }
}

void cgp_repeat(cgp *c, const cgp_child *child) {
  for (int i = 0; i < child->count; i++)
    change(c, child->gene[i], child->value[i], child->node[i]);
}
