// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/assignment.h"

#include <string.h>

static bool all_equal(const uint8_t *v, int64_t count) { return memcmp(v, v + 1, (size_t)count - 1) == 0; }

int64_t assignment_units(const network *net, const net_node *n, assignment_level level) {
  if (!net_multiplies(n))
    return 0;
  int64_t filters = n->shape.c, kernels = filters * (net_input_shape(net, n).c / n->groups);
  return level == ASSIGN_LAYER    ? 1
         : level == ASSIGN_FILTER ? filters
         : level == ASSIGN_KERNEL ? kernels
         : level == ASSIGN_WEIGHT ? kernels * n->kh * n->kw
                                  : 0;
}

static uint64_t hash_of(const assignment *a) { return hash_64((uint64_t)a->level, a->mul, (size_t)a->count); }

// The coarsest level that says what `mul` at `level` says.
static assignment_level coarsest(const network *net, const net_node *n, assignment_level level, const uint8_t *mul) {
  int64_t count = assignment_units(net, n, level);
  for (assignment_level coarse = ASSIGN_LAYER; coarse < level; coarse++) {
    int64_t units = assignment_units(net, n, coarse);
    assert(units > 0); // n multiplies
    int64_t each = count / units;
    bool says = true;
    for (int64_t i = 0; says && i < units; i++)
      says = all_equal(mul + i * each, each);
    if (says)
      return coarse;
  }
  return level;
}

assignment assignment_make(arena *mem, const network *net, const net_node *n, assignment_level level,
                           const uint8_t *mul) {
  assert(net_multiplies(n) && level > ASSIGN_NONE && level < ASSIGN_LEVELS);
  assignment a = {.level = coarsest(net, n, level, mul)};
  a.count = assignment_units(net, n, a.level);
  assert(a.count > 0);
  a.each = assignment_units(net, n, ASSIGN_WEIGHT) / a.count;
  uint8_t *own = arena_alloc(mem, (size_t)a.count);
  int64_t step = assignment_units(net, n, level) / a.count;
  for (int64_t i = 0; i < a.count; i++)
    own[i] = mul[i * step];
  a.mul = own;
  a.hash = hash_of(&a);
  return a;
}

assignment assignment_with(arena *mem, const network *net, const net_node *n, const assignment *a,
                           assignment_level level, int64_t unit, uint8_t mul) {
  assignment_level fine = level > a->level ? level : a->level;
  int64_t count = assignment_units(net, n, fine), each = count / assignment_units(net, n, level);
  assert(unit >= 0 && (unit + 1) * each <= count);
  uint8_t *all = arena_alloc(mem, (size_t)count);
  for (int64_t i = 0; i < a->count; i++)
    memset(all + i * (count / a->count), a->mul[i], (size_t)(count / a->count));
  memset(all + unit * each, mul, (size_t)each);
  return assignment_make(mem, net, n, fine, all);
}

assignment *assignment_uniform_net(arena *mem, const network *net, uint8_t mul) {
  assignment *a = arena_new_array(mem, assignment, net->count);
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      a[i] = assignment_uniform(mem, net, &net->nodes[i], mul);
  return a;
}

bool assignment_verify(const network *net, const net_node *n, const assignment *a, int mul_count) {
  if (!net_multiplies(n))
    return a->level == ASSIGN_NONE && !a->count && !a->mul;
  if (a->level <= ASSIGN_NONE || a->level >= ASSIGN_LEVELS || a->count != assignment_units(net, n, a->level) ||
      a->count * a->each != assignment_units(net, n, ASSIGN_WEIGHT) || !a->mul || a->hash != hash_of(a))
    return false;
  for (int64_t i = 0; i < a->count; i++)
    if (a->mul[i] >= mul_count)
      return false;
  return coarsest(net, n, a->level, a->mul) == a->level;
}

bool assignment_equal(const assignment *a, const assignment *b) {
  return a->hash == b->hash && a->level == b->level && a->count == b->count && a->each == b->each &&
         (a->count == 0 || memcmp(a->mul, b->mul, (size_t)a->count) == 0);
}

uint64_t assignment_used(const assignment *a, int64_t first, int64_t count) {
  uint64_t used = 0;
  for (int64_t i = first / a->each; i <= (first + count - 1) / a->each; i++)
    used |= (uint64_t)1 << a->mul[i];
  return used;
}
