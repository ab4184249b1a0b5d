// SPDX-License-Identifier: Apache-2.0
//
// Inside evolution: the genotype, its cost, and its evaluation on all operand pairs.
//
// A genotype is a list of nodes in topological order, more of them than are in use. Every node has two nets, so that
// a net's number says its driver; reading the second one of a gate with one output reads the first.
#ifndef AXGEN_GENLIB_CGP_H
#define AXGEN_GENLIB_CGP_H

#include "genlib/evolve/evolve.h"
#include "genlib/simulate.h"

typedef struct {
  int32_t kind; // gate_kind
  int32_t in[3]; // nets; all are valid, also those that the kind does not read
} cgp_node;

// ---- cost ----------------------------------------------------------------------------------------------------------
// All integers, so that sums do not depend on their order.
typedef struct {
  int32_t area[4]; // 10^-3 um2, by which outputs are in use: 0, the first, the second, both
  int32_t load[3]; // aJ that a toggle of the net on this input costs because of its capacitance
  int32_t internal[2]; // aJ inside the cell per toggle of this output
} cgp_cost;
extern const cgp_cost cgp_costs[GATE_KINDS];

// ---- kernels -------------------------------------------------------------------------------------------------------
// A block is as many vectors as a kernel takes at once: four or eight of the machine's vectors of each net. Early abort
// and the order of the blocks decide how much is looked at, never the result.
enum { CGP_PLANES = 33, CGP_WEIGHT_PLANES = 16, CGP_SAMPLE = 16 };

// What the error kernel needs of one block.
typedef struct {
  int planes; // of the difference, the sign being the last
  const uint64_t *exact; // by plane: the right products
  const uint64_t *weight[CGP_WEIGHT_PLANES]; // the bits of the weights, those that are not all zero ...
  int weight_shift[CGP_WEIGHT_PLANES], weights; // ... and which they are; none and no `counted`: every pair counts 1
  const uint64_t *counted; // the pairs of non-zero weight; NULL: all
  int64_t wce; // negative: no bound
} cgp_error;

// Where the words of a block are: the parent's, kept for all blocks, and what a child has otherwise, of one block. A
// place is the byte offset of a slot in one of the two, plus 1 for the child's.
typedef struct {
  uint64_t *parent, *child;
} cgp_store;

typedef struct {
  int words; // of a block
  void (*run)(const nl_sim_op *ops, size_t count, const cgp_store *store);
  // The weighted sum of |f - a*b|, f's planes being slots out[0..planes-1]; -1 if it exceeds e->wce anywhere.
  int64_t (*error)(const cgp_error *e, const cgp_store *store, const int32_t *out);
  uint64_t (*ones)(const uint64_t *words); // of one slot
  uint64_t (*differ)(const uint64_t *x, const uint64_t *y); // bits in which CGP_SAMPLE words differ
} cgp_kernels;
cgp_kernels cgp_choose_kernels(const nl_sim_isa *isa);

// ---- the problem: what all islands share, read only ----------------------------------------------------------------
typedef struct {
  mul_sig sig;
  int out_bits, planes;
  int32_t first; // the first node's first net
  int blocks;
  evolve_objective objective;
  int64_t limit; // of the weighted error sum; INT64_MAX: no bound
  int words, slot_shift; // of a block; log2 of a slot's bytes
  cgp_error *block; // by block
  cgp_kernels kernels;
} cgp_problem;
// Sizes must fit (see evolve).
const cgp_problem *cgp_problem_new(arena *mem, mul_sig sig, int out_bits, const evolve_options *o);

// ---- one individual ------------------------------------------------------------------------------------------------
typedef struct {
  int32_t *gene, old;
  int32_t node; // -1: an output
} cgp_change;

enum { CGP_CHANGES_MAX = 64 };
// A child, to be made again.
typedef struct {
  int32_t *gene[CGP_CHANGES_MAX], value[CGP_CHANGES_MAX], node[CGP_CHANGES_MAX];
  int count;
} cgp_child;

typedef struct {
  const cgp_problem *p;
  int nodes, cap; // in use, room
  cgp_node *node;
  int32_t out[CGP_PLANES]; // by bit, only the first out_bits
  uint8_t *need; // by node: which outputs are in use (bits 0 and 1); of the parent
  int64_t cost;
  int *active, actives; // the parent's nodes in use
  // A child is the parent with changes that can be taken back.
  cgp_change change[CGP_CHANGES_MAX];
  int changes;
  uint8_t *touched, *child_need, *dirty;
  int first_change; // the first node in use that can differ from the parent's
  nl_sim_op *op;
  int *op_node, ops;
  size_t stride; // words of a block
  uint64_t *parent; // by block: a slot for each net
  uint64_t *child; // one block: a slot for each output of each operation
  int32_t *child_at; // by node and output: its slot there
  int32_t *last_read, *moved_to, *spare_slots; // by slot there
  uint64_t *sample; // by net: CGP_SAMPLE of the parent's words, for likenesses
  int *order; // in which the blocks are tried
  int64_t *block_error; // of the parent
  int64_t *ones, *child_ones, *load; // by net, only for energies
  uint64_t candidates, simulated, complete;
} cgp;

cgp *cgp_new(arena *mem, const cgp_problem *p, int cap);
void cgp_release(cgp *c); // what is not in the arena
// The netlist as a genotype with spare nodes at random places; false if it has not room enough. Then cgp_settle.
bool cgp_encode(cgp *c, const netlist *n, rng *r);
// The circuit, simplified. An adder of which only one output is used becomes plain gates.
const netlist *cgp_decode(arena *mem, const cgp *c);
// Everything known about the parent, from its genes. False: it breaks the bounds.
bool cgp_settle(cgp *c);
void cgp_mutate(cgp *c, rng *r, int most);
void cgp_undo(cgp *c);
void cgp_remember(const cgp *c, cgp_child *child);
void cgp_repeat(cgp *c, const cgp_child *child);
// The child's cost if it is within the bounds and `limit`, else -1.
int64_t cgp_evaluate(cgp *c, int64_t limit);
// The child, which has just been evaluated, becomes the parent.
void cgp_commit(cgp *c);
// Bench only: as cgp_evaluate does for a child in which every node has changed and nothing is too bad.
int64_t cgp_evaluate_all(cgp *c);

static inline int32_t cgp_parents(const cgp_problem *p, int32_t slot) { return slot << p->slot_shift; }
static inline int32_t cgp_childs(const cgp_problem *p, int32_t slot) { return slot << p->slot_shift | 1; }
static inline int32_t cgp_slot(const cgp_problem *p, int32_t place) { return place >> p->slot_shift; }

static inline int32_t cgp_driver(const cgp_problem *p, int32_t net) {
  return net < p->first ? -1 : (net - p->first) >> 1;
}
// The net that is really read.
static inline int32_t cgp_resolve(const cgp *c, int32_t net) {
  int32_t i = cgp_driver(c->p, net);
  return i >= 0 && gate_outputs[c->node[i].kind] == 1 ? c->p->first + 2 * i : net;
}

#endif
