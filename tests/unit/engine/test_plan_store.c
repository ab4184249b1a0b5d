// SPDX-License-Identifier: Apache-2.0
//
// What plans have in common is bounded: products and bases that are given back are found again, the same.
#include "compiler/engine/plan_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ZEROS = 40, ROWS = 256, CODES = 256 };

static plan_products products_of(int zero) { return (plan_products){-128, ROWS, -128, CODES, zero}; }

static void bounded(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = mul_make(mem, "roup8s_p1_c7", &d);
  assert_non_null(m);
  plan_store *s = plan_store_new();
  const size_t bound = 4 << 20, each = sizeof(int64_t) * ROWS * CODES;
  int64_t *first = NULL;
  size_t most = 0;
  for (int zero = 0; zero < ZEROS; zero++) {
    plan_products of = products_of(zero);
    const int64_t *table = plan_store_products(s, m, &of);
    assert_ptr_equal(table, plan_store_products(s, m, &of)); // made once
    if (!zero)
      first = arena_memdup(mem, table, each);
    const plan_basis *basis = plan_store_basis(s, &m, 1, &of, 128, 16);
    assert_ptr_equal(basis, plan_store_basis(s, &m, 1, &of, 128, 16));
    plan_store_trim(s, bound);
    most = plan_store_bytes(s) > most ? plan_store_bytes(s) : most;
  }
  assert_true(most > each && most <= 2 * bound && ZEROS * each > 2 * bound);
  plan_products of = products_of(0);
  assert_memory_equal(plan_store_products(s, m, &of), first, each);
  plan_store_free(s);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bounded)};
  return cmocka_run_group_tests_name("engine/plan_store", tests, NULL, NULL);
}
