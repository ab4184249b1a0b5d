// SPDX-License-Identifier: Apache-2.0
//
// What a child costs and whether it is within the bounds. Only the nodes that its changes reach are simulated, block
// by block, until the error bound is exceeded; a child whose area alone is too great is not simulated at all.
#include "genlib/cgp.h"

#include <stdlib.h>
#include <string.h>

static void want(const cgp *c, uint8_t *need, int32_t net) {
  if (net < c->p->first)
    return;
  int32_t i = (net - c->p->first) >> 1;
  need[i] |= (net - c->p->first) & 1 && gate_outputs[c->node[i].kind] == 2 ? 2 : 1;
}

// Which outputs of which nodes are in use; the area of these.
static int64_t find_needs(const cgp *c, uint8_t *need) {
  int64_t area = 0;
  memset(need, 0, (size_t)c->nodes);
  for (int i = 0; i < c->p->out_bits; i++)
    want(c, need, c->out[i]);
  for (int i = c->nodes; i-- > 0;)
    if (need[i]) {
      const cgp_node *n = &c->node[i];
      area += cgp_costs[n->kind].area[need[i]];
      for (int k = 0; k < gate_inputs[n->kind]; k++)
        want(c, need, n->in[k]);
    }
  return area;
}

// ---- slots: the parent's values at a net's number, the child's above all of them -----------------------------------
static int32_t child_slot(const cgp *c, int32_t net) { return c->p->first + 2 * c->cap + net; }

static int32_t slot(const cgp *c, int32_t net) {
  net = cgp_resolve(c, net);
  int32_t i = cgp_driver(c->p, net);
  return i >= 0 && c->dirty[i] ? child_slot(c, net) : net;
}

static bool is_dirty(const cgp *c, int i) {
  if (c->touched[i] || !c->need[i])
    return true;
  for (int k = 0; k < gate_inputs[c->node[i].kind]; k++) {
    int32_t driver = cgp_driver(c->p, c->node[i].in[k]);
    if (driver >= 0 && c->dirty[driver])
      return true;
  }
  return false;
}

// The operations that compute what differs from the parent. False: nothing in use has changed.
static bool find_cone(cgp *c, bool everything) {
  c->ops = 0;
  bool changed = false;
  for (int i = 0; i < c->nodes; i++) {
    c->dirty[i] = c->child_need[i] && (everything || is_dirty(c, i));
    if (!c->dirty[i])
      continue;
    sim_op *op = &c->op[c->ops++];
    const cgp_node *n = &c->node[i];
    op->kind = n->kind;
    for (int k = 0; k < gate_inputs[n->kind]; k++)
      op->in[k] = slot(c, n->in[k]);
    op->out[0] = child_slot(c, c->p->first + 2 * i);
    op->out[1] = op->out[0] + 1;
  }
  for (int i = 0; i < c->changes; i++)
    changed |= c->change[i].node < 0;
  return changed || c->ops;
}

static void output_slots(const cgp *c, int32_t *out) {
  int bits = c->p->out_bits;
  for (int k = 0; k < c->p->planes; k++)
    out[k] = k < bits ? slot(c, c->out[k]) : c->p->sig.p_signed ? slot(c, c->out[bits - 1]) : NET_ZERO;
}

static uint64_t *block_slots(const cgp *c, int block) { return c->slots + (size_t)block * c->stride; }

// ---- energy: toggles of independent uniform operands, 2 p (1 - p) a step for a net that is 1 with probability p ------
static void count_ones(cgp *c) {
  const cgp_problem *p = c->p;
  for (int k = 0; k < c->ops; k++) {
    int32_t net = c->op[k].out[0] - child_slot(c, 0);
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++)
      c->child_ones[net + o] = 0;
  }
  for (int block = 0; block < p->blocks; block++)
    for (int k = 0; k < c->ops; k++)
      for (int o = 0; o < gate_outputs[c->op[k].kind]; o++) {
        int32_t at = c->op[k].out[o];
        c->child_ones[at - child_slot(c, 0)] +=
            (int64_t)p->kernels.ones(block_slots(c, block) + (size_t)at * (size_t)p->words);
      }
}

// In units of aJ / vectors^2 / 2.
static int64_t energy(cgp *c, const uint8_t *need) {
  const cgp_problem *p = c->p;
  int64_t vectors = (int64_t)p->blocks * 64 * p->words, sum = 0;
  memset(c->load, 0, ((size_t)p->first + 2 * (size_t)c->nodes) * sizeof *c->load);
  for (int i = c->nodes; i-- > 0;) {
    const cgp_node *n = &c->node[i];
    for (int k = 0; need[i] && k < gate_inputs[n->kind]; k++) {
      int32_t net = cgp_resolve(c, n->in[k]);
      if (n->kind == GATE_BUF) // a wire: what it drives, its source drives
        c->load[net] += c->load[p->first + 2 * i];
      else
        c->load[net] += cgp_costs[n->kind].load[k];
    }
  }
  for (int32_t net = NET_FIRST_INPUT; net < p->first; net++)
    sum += vectors / 2 * (vectors / 2) * c->load[net];
  for (int i = 0; i < c->nodes; i++)
    for (int o = 0; need[i] && c->node[i].kind != GATE_BUF && o < 2; o++) {
      int32_t net = p->first + 2 * i + o;
      int64_t ones = c->dirty[i] ? c->child_ones[net] : c->ones[net];
      if (need[i] >> o & 1)
        sum += ones * (vectors - ones) * (c->load[net] + cgp_costs[c->node[i].kind].internal[o]);
    }
  return sum;
}

// ---- errors ----------------------------------------------------------------------------------------------------------
// A block that showed an error too great moves forward, so that the next such child is seen sooner.
static void move_forward(cgp *c, int at) {
  int to = at / 4, block = c->order[at];
  memmove(c->order + to + 1, c->order + to, (size_t)(at - to) * sizeof *c->order);
  c->order[to] = block;
}

static bool within_bounds(cgp *c, bool abort) {
  const cgp_problem *p = c->p;
  int32_t out[CGP_PLANES];
  output_slots(c, out);
  int64_t sum = 0;
  bool good = true;
  c->simulated++;
  for (int k = 0; k < p->blocks; k++) {
    uint64_t *slots = block_slots(c, c->order[k]);
    p->kernels.isa->run(c->op, (size_t)c->ops, slots);
    int64_t error = p->kernels.error(&p->block[c->order[k]], slots, out);
    c->block_error[c->order[k]] = error;
    good &= error >= 0;
    sum += error;
    good &= sum <= p->limit;
    if (!good && abort) {
      if (error < 0)
        move_forward(c, k);
      return false;
    }
  }
  c->complete++;
  return good;
}

int64_t cgp_evaluate(cgp *c, int64_t limit) {
  c->candidates++;
  bool area_only = c->p->objective == EVOLVE_AREA;
  int64_t area = find_needs(c, c->child_need);
  if (area_only && area > limit)
    return -1;
  if (!find_cone(c, false))
    return area_only ? area : c->cost;
  if (!within_bounds(c, true))
    return -1;
  if (area_only)
    return area;
  count_ones(c);
  int64_t cost = energy(c, c->child_need);
  return cost <= limit ? cost : -1;
}

int64_t cgp_evaluate_all(cgp *c) {
  c->candidates++;
  int64_t area = find_needs(c, c->child_need);
  find_cone(c, true);
  within_bounds(c, false);
  return area;
}

// ---- parents ---------------------------------------------------------------------------------------------------------
static uint64_t *sampled_word(const cgp *c, int32_t net, int k) {
  size_t word = (size_t)(k * 64 + k * 37 % 64) % ((size_t)c->p->blocks * (size_t)c->p->words), words = (size_t)c->p->words;
  return block_slots(c, (int)(word / words)) + (size_t)net * words + word % words;
}

static void take_sample(cgp *c, int32_t net) {
  for (int k = 0; k < CGP_SAMPLE; k++)
    c->sample[(size_t)net * CGP_SAMPLE + (size_t)k] = *sampled_word(c, net, k);
}

void cgp_commit(cgp *c) {
  const cgp_problem *p = c->p;
  for (int block = 0; block < p->blocks; block++) {
    uint64_t *slots = block_slots(c, block);
    for (int k = 0; k < c->ops; k++) {
      size_t bytes = gate_outputs[c->op[k].kind] * (size_t)p->words * sizeof *slots;
      size_t from = (size_t)c->op[k].out[0], to = from - (size_t)child_slot(c, 0);
      memcpy(slots + to * (size_t)p->words, slots + from * (size_t)p->words, bytes);
    }
  }
  for (int k = 0; k < c->ops; k++)
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++) {
      int32_t net = c->op[k].out[o] - child_slot(c, 0);
      take_sample(c, net);
      c->ones[net] = c->child_ones[net];
    }
  memcpy(c->need, c->child_need, (size_t)c->nodes);
  c->actives = 0;
  for (int i = 0; i < c->nodes; i++)
    if (c->need[i])
      c->active[c->actives++] = i;
  for (int i = 0; i < c->changes; i++)
    if (c->change[i].node >= 0)
      c->touched[c->change[i].node] = 0;
  c->changes = 0;
}

static void fill_inputs(cgp *c) {
  static const uint64_t low[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                  0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  const cgp_problem *p = c->p;
  size_t words = (size_t)p->words;
  for (int block = 0; block < p->blocks; block++) {
    uint64_t *slots = block_slots(c, block);
    memset(slots, 0, words * sizeof *slots);
    memset(slots + words, 0xff, words * sizeof *slots);
    for (int k = 0; k < p->sig.a_bits + p->sig.b_bits; k++) {
      int net = NET_FIRST_INPUT + (k < p->sig.b_bits ? p->sig.a_bits + k : k - p->sig.b_bits);
      for (size_t w = 0; w < words; w++)
        slots[(size_t)net * words + w] = k < 6 ? low[k] : 0 - (((size_t)block * words + w) >> (k - 6) & 1);
    }
  }
  for (int32_t net = 0; net < p->first; net++)
    take_sample(c, net);
}

bool cgp_settle(cgp *c) {
  fill_inputs(c);
  c->changes = 0;
  memset(c->touched, 0, (size_t)c->cap);
  int64_t area = find_needs(c, c->child_need);
  find_cone(c, true);
  if (!within_bounds(c, true))
    return false;
  if (c->p->objective == EVOLVE_ENERGY)
    count_ones(c);
  c->cost = c->p->objective == EVOLVE_AREA ? area : energy(c, c->child_need);
  // The worst blocks first; equal ones as they were.
  for (int i = 1; i < c->p->blocks; i++)
    for (int j = i; j > 0 && c->block_error[c->order[j]] > c->block_error[c->order[j - 1]]; j--) {
      int t = c->order[j];
      c->order[j] = c->order[j - 1], c->order[j - 1] = t;
    }
  cgp_commit(c);
  return true;
}
