// SPDX-License-Identifier: Apache-2.0
//
// What a child costs and whether it is within the bounds. Only the nodes that its changes reach are simulated, block
// by block, until the error bound is exceeded; a child whose area alone is too great is not simulated at all.
#include "genlib/evolve/cgp.h"

#include <stdlib.h>
#include <string.h>

// Notes in `need` that `net` is read. `need` being bytes, the compiler takes any store to it for one to everything:
// what the loops below read again and again are locals.
static inline void want(const cgp_node *node, int32_t first, uint8_t *need, int32_t net) {
  if (net >= first) {
    int32_t i = (net - first) >> 1;
    need[i] |= (uint8_t)(1 << ((net - first) & 1 & (gate_outputs[node[i].kind] - 1)));
  }
}

// Which outputs of which nodes the child uses, and from which node on it can differ from the parent; its area.
static int64_t find_needs(cgp *c) {
  const cgp_node *node = c->node;
  uint8_t *need = c->child_need;
  const uint8_t *touched = c->touched, *parents = c->need;
  int32_t first = c->p->first;
  int64_t area = 0;
  int first_change = c->nodes;
  memset(need, 0, (size_t)c->nodes);
  for (int i = 0; i < c->p->out_bits; i++)
    want(node, first, need, c->out[i]);
  for (int i = c->nodes; i-- > 0;)
    if (need[i]) {
      const cgp_node *n = &node[i];
      area += cgp_costs[n->kind].area[need[i]];
      if (touched[i] || !parents[i])
        first_change = i;
      for (int k = 0, inputs = gate_inputs[n->kind]; k < inputs; k++)
        want(node, first, need, n->in[k]);
    }
  c->first_change = first_change;
  return area;
}

// ---- slots ---------------------------------------------------------------------------------------------------------
// First outputs lie side by side, then second ones: most gates have none.
static int32_t parent_slot(const cgp *c, int32_t net) {
  int32_t node = cgp_driver(c->p, net);
  return node < 0 ? net : c->p->first + node + ((net - c->p->first) & 1 ? c->cap : 0);
}

static int32_t slot(const cgp *c, int32_t net) {
  int32_t node = cgp_driver(c->p, net);
  if (node < 0)
    return cgp_parents(c->p, net);
  int32_t second = (net - c->p->first) & 1 && gate_outputs[c->node[node].kind] == 2;
  return c->dirty[node] ? cgp_childs(c->p, c->child_at[2 * node + second])
                        : cgp_parents(c->p, c->p->first + node + (second ? c->cap : 0));
}

static cgp_store block_store(const cgp *c, int block) {
  return (cgp_store){c->parent + (size_t)block * c->stride, c->child};
}

static uint64_t *parent_words(const cgp *c, int block, int32_t net) {
  return c->parent + (size_t)block * c->stride + (size_t)parent_slot(c, net) * (size_t)c->p->words;
}

// The operations that compute what differs from the parent. False: nothing in use has changed.
static bool find_cone(cgp *c, bool everything) {
  const cgp_node *node = c->node;
  const uint8_t *touched = c->touched, *parents = c->need, *need = c->child_need;
  uint8_t *dirty = c->dirty;
  int32_t first = c->p->first, next = 0;
  int from = everything ? 0 : c->first_change, nodes = c->nodes, ops = 0;
  memset(dirty, 0, (size_t)nodes);
  for (int i = from; i < nodes; i++) {
    if (!need[i])
      continue;
    const cgp_node *n = &node[i];
    int inputs = gate_inputs[n->kind];
    bool differs = everything || touched[i] || !parents[i];
    for (int k = 0; !differs && k < inputs; k++)
      differs = n->in[k] >= first && dirty[(n->in[k] - first) >> 1];
    if (!differs)
      continue;
    dirty[i] = 1;
    nl_sim_op *op = &c->op[ops];
    op->kind = n->kind;
    for (int k = 0; k < inputs; k++)
      op->in[k] = slot(c, n->in[k]);
    c->op_node[ops++] = i;
    for (int o = 0; o < gate_outputs[n->kind]; o++) {
      c->child_at[2 * i + o] = next;
      op->out[o] = cgp_childs(c->p, next++);
    }
  }
  c->ops = ops;
  bool changed = ops > 0;
  for (int i = 0; i < c->changes; i++)
    changed |= c->change[i].node < 0;
  return changed;
}

// Values that nobody reads any more give their slots to later ones, so that the first cache holds them all.
// `free_slots` and `last` are by slot as find_cone gave them.
static void share_slots(cgp *c) {
  int32_t *last = c->last_read, *moved = c->moved_to, *spare = c->spare_slots, spares = 0, used = 0;
  for (int k = 0; k < c->ops; k++)
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++)
      last[cgp_slot(c->p, c->op[k].out[o])] = k;
  for (int k = 0; k < c->ops; k++)
    for (int j = 0; j < gate_inputs[c->op[k].kind]; j++)
      if (c->op[k].in[j] & 1)
        last[cgp_slot(c->p, c->op[k].in[j])] = k;
  for (int k = 0; k < c->p->out_bits; k++) {
    int32_t at = slot(c, c->out[k]);
    if (at & 1)
      last[cgp_slot(c->p, at)] = INT32_MAX;
  }
  for (int k = 0; k < c->ops; k++) {
    nl_sim_op *op = &c->op[k];
    int32_t ended[5], ends = 0; // the kernels write a gate's first output before they have read all
    for (int j = 0; j < gate_inputs[op->kind]; j++)
      if (op->in[j] & 1) {
        int32_t from = cgp_slot(c->p, op->in[j]);
        op->in[j] = cgp_childs(c->p, moved[from]);
        if (last[from] == k)
          ended[ends++] = moved[from], last[from] = -1;
      }
    for (int o = 0; o < gate_outputs[op->kind]; o++) {
      int32_t from = cgp_slot(c->p, op->out[o]), to = spares ? spare[--spares] : used++;
      moved[from] = c->child_at[2 * c->op_node[k] + o] = to;
      op->out[o] = cgp_childs(c->p, to);
      if (last[from] == k)
        ended[ends++] = to;
    }
    while (ends)
      spare[spares++] = ended[--ends];
  }
}

static void output_slots(const cgp *c, int32_t *out) {
  int bits = c->p->out_bits;
  for (int k = 0; k < c->p->planes; k++)
    out[k] = k < bits             ? slot(c, c->out[k])
             : c->p->sig.p_signed ? slot(c, c->out[bits - 1])
                                  : cgp_parents(c->p, NET_ZERO);
}

// ---- energy: toggles of independent uniform operands, 2 p (1 - p) a step for a net that is 1 with probability p
// ------
static void clear_ones(cgp *c) {
  for (int k = 0; k < c->ops; k++)
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++)
      c->child_ones[c->p->first + 2 * c->op_node[k] + o] = 0;
}

static void count_ones(cgp *c) {
  const cgp_problem *p = c->p;
  const uint64_t *words = c->child;
  for (int k = 0; k < c->ops; k++)
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++, words += p->words)
      c->child_ones[p->first + 2 * c->op_node[k] + o] += (int64_t)p->kernels.ones(words);
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

// ---- errors --------------------------------------------------------------------------------------------------------
// A block that showed an error too great moves forward, so that the next such child is seen sooner.
static void move_forward(cgp *c, int at) {
  int to = at / 4, block = c->order[at];
  memmove(c->order + to + 1, c->order + to, (size_t)(at - to) * sizeof *c->order);
  c->order[to] = block;
}

// Sharing costs about as much as a block: at once where the values outgrow the first cache, else for those that last.
enum { SHARE_AFTER = 1 /* blocks */, SHARE_OVER = 30 /* operations */, SHARE_AT_ONCE = 150 /* operations */ };

static bool within_bounds(cgp *c, bool abort) {
  const cgp_problem *p = c->p;
  int32_t out[CGP_PLANES];
  output_slots(c, out);
  int64_t sum = 0;
  bool good = true;
  bool energies = p->objective == EVOLVE_ENERGY;
  c->simulated++;
  if (energies)
    clear_ones(c);
  for (int k = 0; k < p->blocks; k++) {
    if (k == (c->ops > SHARE_AT_ONCE ? 0 : SHARE_AFTER) && !energies && c->ops > SHARE_OVER) {
      share_slots(c);
      output_slots(c, out);
    }
    cgp_store store = block_store(c, c->order[k]);
    p->kernels.run(c->op, (size_t)c->ops, &store);
    int64_t error = p->kernels.error(&p->block[c->order[k]], &store, out);
    c->block_error[c->order[k]] = error;
    good &= error >= 0;
    sum += error;
    good &= sum <= p->limit;
    if (!good && abort) {
      if (error < 0)
        move_forward(c, k);
      return false;
    }
    if (energies)
      count_ones(c);
  }
  c->complete++;
  return good;
}

// Whether a change reaches anything that the parent uses.
static bool changes_something(const cgp *c) {
  for (int i = 0; i < c->changes; i++)
    if (c->change[i].node < 0 || c->need[c->change[i].node])
      return true;
  return false;
}

int64_t cgp_evaluate(cgp *c, int64_t limit) {
  c->candidates++;
  if (!changes_something(c)) {
    memcpy(c->child_need, c->need, (size_t)c->nodes);
    c->ops = 0;
    return c->cost;
  }
  bool area_only = c->p->objective == EVOLVE_AREA;
  int64_t area = find_needs(c);
  if (area_only && area > limit)
    return -1;
  if (!find_cone(c, false))
    return area_only ? area : c->cost;
  if (!within_bounds(c, true))
    return -1;
  if (area_only)
    return area;
  int64_t cost = energy(c, c->child_need);
  return cost <= limit ? cost : -1;
}

int64_t cgp_evaluate_all(cgp *c) {
  c->candidates++;
  int64_t area = find_needs(c);
  find_cone(c, true);
  within_bounds(c, false);
  return area;
}

// ---- parents -------------------------------------------------------------------------------------------------------
static void take_sample(cgp *c, int32_t net) {
  size_t words = (size_t)c->p->words, all = (size_t)c->p->blocks * words;
  for (size_t k = 0; k < CGP_SAMPLE; k++) {
    size_t word = (k * 64 + k * 37 % 64) % all; // spread over both operands
    c->sample[(size_t)net * CGP_SAMPLE + k] = parent_words(c, (int)(word / words), net)[word % words];
  }
}

// The cone's operations once more, now within the parent's values.
static void run_in_place(cgp *c) {
  for (int k = 0; k < c->ops; k++) {
    const cgp_node *n = &c->node[c->op_node[k]];
    for (int j = 0; j < gate_inputs[n->kind]; j++)
      c->op[k].in[j] = cgp_parents(c->p, parent_slot(c, cgp_resolve(c, n->in[j])));
    int32_t net = c->p->first + 2 * c->op_node[k];
    for (int o = 0; o < gate_outputs[n->kind]; o++)
      c->op[k].out[o] = cgp_parents(c->p, parent_slot(c, net + o));
  }
  for (int block = 0; block < c->p->blocks; block++) {
    cgp_store store = block_store(c, block);
    c->p->kernels.run(c->op, (size_t)c->ops, &store);
  }
}

void cgp_commit(cgp *c) {
  run_in_place(c);
  for (int k = 0; k < c->ops; k++) {
    int32_t net = c->p->first + 2 * c->op_node[k];
    for (int o = 0; o < gate_outputs[c->op[k].kind]; o++) {
      take_sample(c, net + o);
      c->ones[net + o] = c->child_ones[net + o];
    }
    // A child may make an adder of the gate and look at its second output before it is computed: nothing old may be
    // there, or a resumed search would take another course.
    if (gate_outputs[c->op[k].kind] == 1)
      memcpy(c->sample + (size_t)(net + 1) * CGP_SAMPLE, c->sample + (size_t)net * CGP_SAMPLE,
             CGP_SAMPLE * sizeof *c->sample);
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
    memset(parent_words(c, block, NET_ZERO), 0, words * sizeof *c->parent);
    memset(parent_words(c, block, NET_ONE), 0xff, words * sizeof *c->parent);
    for (int k = 0; k < p->sig.a_bits + p->sig.b_bits; k++) {
      uint64_t *in =
          parent_words(c, block, NET_FIRST_INPUT + (k < p->sig.b_bits ? p->sig.a_bits + k : k - p->sig.b_bits));
      for (size_t w = 0; w < words; w++)
        in[w] = k < 6 ? low[k] : 0 - (((size_t)block * words + w) >> (k - 6) & 1);
    }
  }
  for (int32_t net = 0; net < p->first; net++)
    take_sample(c, net);
}

bool cgp_settle(cgp *c) {
  fill_inputs(c);
  c->changes = 0;
  memset(c->touched, 0, (size_t)c->cap);
  int64_t area = find_needs(c);
  find_cone(c, true);
  if (!within_bounds(c, true))
    return false;
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
