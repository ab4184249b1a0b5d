// SPDX-License-Identifier: Apache-2.0
//
// Assignments: whatever level they are given at, they are stored at the coarsest that says the same.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/net/assignment.h"

// One entry a weight.
static uint8_t *expanded(arena *mem, const assignment *a) {
  uint8_t *all = arena_alloc(mem, (size_t)(a->count * a->each));
  for (int64_t i = 0; i < a->count * a->each; i++)
    all[i] = (uint8_t)assignment_mul(a, i);
  return all;
}

static void same(const assignment *a, const assignment *b) {
  assert_true(assignment_equal(a, b) && a->hash == b->hash && a->level == b->level && a->count == b->count);
}

static void test_canonical(void **state) {
  (void)state;
  rng r = rng_seed(4);
  bool seen[ASSIGN_LEVELS] = {false};
  for (int i = 0; i < 100; i++) {
    arena *mem = arena_new();
    const network *net = sample_network(mem, &r, (sample_scheme)rng_below(&r, SAMPLE_SCHEMES), 8, 8, 5);
    for (size_t k = 0; k < net->count; k++) {
      const net_node *n = &net->nodes[k];
      if (!net_multiplies(n)) {
        assert_int_equal(assignment_units(net, n, ASSIGN_WEIGHT), 0);
        assert_true(assignment_verify(net, n, &(assignment){0}, 1));
        continue;
      }
      for (assignment_level level = ASSIGN_LAYER; level < ASSIGN_LEVELS; level++) {
        int64_t units = assignment_units(net, n, level);
        uint8_t *mul = arena_alloc(mem, (size_t)units);
        for (int64_t u = 0; u < units; u++)
          mul[u] = (uint8_t)rng_below(&r, 3);
        assignment a = assignment_make(mem, net, n, level, mul);
        assert_true(assignment_verify(net, n, &a, 3) && a.level <= level);
        seen[a.level] = true;
        int64_t each = assignment_units(net, n, ASSIGN_WEIGHT) / units;
        for (int64_t w = 0; w < units * each; w++)
          assert_int_equal(assignment_mul(&a, w), mul[w / each]);
        // The same said weight by weight is the same.
        assignment b = assignment_by_weight(mem, net, n, expanded(mem, &a));
        same(&a, &b);
        if (level == ASSIGN_LAYER) {
          b = assignment_uniform(mem, net, n, mul[0]);
          same(&a, &b);
        }
      }
    }
    arena_free(mem);
  }
  for (assignment_level level = ASSIGN_LAYER; level < ASSIGN_LEVELS; level++)
    assert_true(seen[level]);
}

// Changing units one by one, in any order and at any level, ends where saying it at once does.
static void test_changes(void **state) {
  (void)state;
  rng r = rng_seed(5);
  for (int i = 0; i < 60; i++) {
    arena *mem = arena_new();
    const network *net = sample_network(mem, &r, SAMPLE_U8, 8, 8, 3);
    for (size_t k = 0; k < net->count; k++) {
      const net_node *n = &net->nodes[k];
      if (!net_multiplies(n))
        continue;
      int64_t weights = assignment_units(net, n, ASSIGN_WEIGHT);
      assignment a = assignment_uniform(mem, net, n, 0);
      uint8_t *all = expanded(mem, &a);
      for (int step = 0; step < 12; step++) {
        assignment_level level = (assignment_level)(ASSIGN_LAYER + rng_below(&r, ASSIGN_LEVELS - ASSIGN_LAYER));
        int64_t units = assignment_units(net, n, level), each = weights / units;
        int64_t unit = rng_below(&r, (uint32_t)units);
        uint8_t mul = (uint8_t)rng_below(&r, 4);
        a = assignment_with(mem, net, n, &a, level, unit, mul);
        memset(all + unit * each, mul, (size_t)each);
        assignment b = assignment_by_weight(mem, net, n, all);
        same(&a, &b);
        int64_t first = rng_below(&r, (uint32_t)weights), count = 1 + rng_below(&r, (uint32_t)(weights - first));
        uint64_t used = 0;
        for (int64_t w = first; w < first + count; w++)
          used |= (uint64_t)1 << all[w];
        assert_int_equal(assignment_used(&a, first, count), used);
      }
    }
    arena_free(mem);
  }
}

// What is not canonical, belongs to another node or names a multiplier that is not there is found.
static void test_verify(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(6);
  const network *net;
  const net_node *n;
  do {
    net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 3);
    n = &net->nodes[1];
  } while (!net_multiplies(n) || n->shape.c < 2);
  assignment a = assignment_with(mem, net, n, &(assignment){.level = ASSIGN_NONE}, ASSIGN_LAYER, 0, 2);
  assert_true(assignment_verify(net, n, &a, 3) && !assignment_verify(net, n, &a, 2));
  assert_false(assignment_verify(net, &net->nodes[0], &a, 3));
  assert_false(assignment_verify(net, n, &(assignment){0}, 3));
  assignment bad = a;
  bad.hash++;
  assert_false(assignment_verify(net, n, &bad, 3));
  assert_false(assignment_equal(&a, &bad));
  a = assignment_with(mem, net, n, &a, ASSIGN_FILTER, 1, 0);
  assert_int_equal(a.level, ASSIGN_FILTER);
  bad = a;
  bad.mul = memset(arena_memdup(mem, a.mul, (size_t)a.count), 1, (size_t)a.count);
  assert_false(assignment_verify(net, n, &bad, 3)); // uniform, said by filter; and its hash is not its own
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_canonical), cmocka_unit_test(test_changes),
                                     cmocka_unit_test(test_verify)};
  return cmocka_run_group_tests_name("net: assignment", tests, NULL, NULL);
}
