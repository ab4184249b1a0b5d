// SPDX-License-Identifier: Apache-2.0
//
// assignment: which multiplier a conv or dense node uses for each of its weights, as indices into a list of
// multipliers.
#ifndef AXGEN_ASSIGNMENT_H
#define AXGEN_ASSIGNMENT_H

#include "compiler/net/net.h"

enum { ASSIGNMENT_MULS = 64 }; // multipliers in a list, at most

// What has one multiplier: from coarse to fine. A node that does not multiply has none.
typedef enum { ASSIGN_NONE, ASSIGN_LAYER, ASSIGN_FILTER, ASSIGN_KERNEL, ASSIGN_WEIGHT, ASSIGN_LEVELS } assignment_level;

// Always in canonical form, which the constructors see to: at the coarsest level that says it, so that equal
// assignments are equal in every field.
typedef struct {
  assignment_level level;
  int64_t count; // entries: 1, filters F, kernels F x C/groups, or weights F x C/groups x kh x kw
  int64_t each; // weights that an entry is for
  const uint8_t *mul; // [count] in the order of the node's weights
  uint64_t hash; // of level, count and entries
} assignment;

// Entries that an assignment of n at a level has; 0 where n does not multiply.
int64_t assignment_units(const network *net, const net_node *n, assignment_level level);

// From one multiplier for each unit of a level; mul[assignment_units] is copied. All need a node that multiplies.
assignment assignment_make(arena *mem, const network *net, const net_node *n, assignment_level level,
                           const uint8_t *mul);
static inline assignment assignment_uniform(arena *mem, const network *net, const net_node *n, uint8_t mul) {
  return assignment_make(mem, net, n, ASSIGN_LAYER, &mul);
}
static inline assignment assignment_by_filter(arena *mem, const network *net, const net_node *n, const uint8_t *mul) {
  return assignment_make(mem, net, n, ASSIGN_FILTER, mul);
}
static inline assignment assignment_by_kernel(arena *mem, const network *net, const net_node *n, const uint8_t *mul) {
  return assignment_make(mem, net, n, ASSIGN_KERNEL, mul);
}
static inline assignment assignment_by_weight(arena *mem, const network *net, const net_node *n, const uint8_t *mul) {
  return assignment_make(mem, net, n, ASSIGN_WEIGHT, mul);
}
// `a` with another multiplier for one unit of a level.
assignment assignment_with(arena *mem, const network *net, const net_node *n, const assignment *a,
                           assignment_level level, int64_t unit, uint8_t mul);
// One for each node of a network: `mul` in every layer that multiplies.
assignment *assignment_uniform_net(arena *mem, const network *net, uint8_t mul);

// Whether every statement above holds for n, and entries are below mul_count. (A check for tests and asserts.)
bool assignment_verify(const network *net, const net_node *n, const assignment *a, int mul_count);

bool assignment_equal(const assignment *a, const assignment *b);

// The multiplier of n->weight[i].
static inline int assignment_mul(const assignment *a, int64_t i) { return a->mul[i / a->each]; }
// How many weights from i on share its entry.
static inline int64_t assignment_run(const assignment *a, int64_t i) { return a->each - i % a->each; }
// The multipliers that weights [first, first + count) use, as bits.
uint64_t assignment_used(const assignment *a, int64_t first, int64_t count);

#endif
