// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/genlib/unit.h"

#include <math.h>

static void close_to(double got, double want, double relative) {
  if (!(fabs(got - want) <= relative * fabs(want) + 1e-12))
    fail_msg("got %.10g, wanted %.10g", got, want);
}

// 2 x 2 bits unsigned, the product of 3 and 3 is 7 (a well known approximate multiplier) and 1 * 2 is 0.
static const int32_t small_table[16] = {0, 0, 0, 0, 0, 1, 0, 3, 0, 2, 4, 6, 0, 3, 6, 7};
static const mul_sig small_sig = {.a_bits = 2, .b_bits = 2};

static void by_hand(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = mul_from_table(mem, "small", small_sig, small_table);
  mul_errors e = mul_error_figures(m, NULL, 0);
  assert_true(e.exhaustive);
  assert_int_equal(e.pairs, 16);
  assert_int_equal(e.wce, 2);
  assert_int_equal(m->wce, 2);
  assert_int_equal(m->max, 7);
  assert_int_equal(m->sig.p_bits, 4);
  close_to(e.mae, 4 / 16.0, 1e-12);
  close_to(e.bias, -4 / 16.0, 1e-12);
  close_to(e.mse, 8 / 16.0, 1e-12);
  close_to(e.variance, 0.5 - 0.0625, 1e-12);
  close_to(e.ep, 2 / 16.0, 1e-12);
  close_to(e.mre, (1 + 2 / 9.0) / 9, 1e-12); // nine pairs have a product
  arena_free(mem);
}

static void weighted(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = mul_from_table(mem, "small", small_sig, small_table);
  // a is 1 three times out of four, else 3; b is 2 or 3.
  mul_errors e = mul_error_figures(m, &(mul_weights){.a = (double[]){0, 3, 0, 1}, .b = (double[]){0, 0, 5, 5}}, 0);
  close_to(e.mae, 0.375 * 2 + 0.125 * 2, 1e-12);
  close_to(e.ep, 0.5, 1e-12);
  close_to(e.mre, 0.375 * 1 + 0.125 * 2 / 9, 1e-12);
  double joint[16] = {0};
  joint[1 << 2 | 2] = 9;
  joint[2 << 2 | 2] = 1;
  e = mul_error_figures(m, &(mul_weights){.joint = joint}, 0);
  close_to(e.bias, -1.8, 1e-12);
  close_to(e.variance, 0.9 * 4 - 1.8 * 1.8, 1e-12);
  // Only exact pairs: no error at all, not even a worst case.
  e = mul_error_figures(m, &(mul_weights){.a = (double[]){1, 0, 0, 0}}, 0);
  assert_int_equal(e.wce, 0);
  close_to(e.mre, 0, 0);
  arena_free(mem);
}

static void wide(void **state) {
  (void)state;
  arena *mem = arena_new();
  mul_errors e = mul_error_figures(make(mem, "exact12s"), NULL, 0);
  assert_true(e.exhaustive);
  assert_int_equal(e.pairs, 1 << 24);
  close_to(e.mae, 0, 0);
  // trunc leaves out partial products that are 1 with probability 1/4 each, and none of them touches a sign.
  const mul *m = make(mem, "trunc16s_k10");
  double want = 0;
  for (int k = 0; k < 10; k++)
    want += (k + 1) * (double)(1 << k) / 4;
  e = mul_error_figures(m, NULL, 1);
  assert_false(e.exhaustive);
  assert_true(e.ci_mae > 0 && fabs(e.mae - want) < 2 * e.ci_mae && e.ci_mae < want / 100);
  assert_true(fabs(e.bias + want) < 2 * e.ci_bias);
  int64_t worst = 0;
  for (int k = 0; k < 10; k++)
    worst += (int64_t)(k + 1) << k;
  assert_int_equal(e.wce, worst);
  mul_errors again = mul_error_figures(m, NULL, 1);
  assert_memory_equal(&e, &again, sizeof e);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(weighted), cmocka_unit_test(wide)};
  return cmocka_run_group_tests_name("genlib/errors", tests, NULL, NULL);
}
