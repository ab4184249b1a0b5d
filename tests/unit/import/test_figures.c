// SPDX-License-Identifier: Apache-2.0
// The figures that a source's header publishes.
#include "genlib/import/import_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_are_decimal_and_finite(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = mul_make(mem, "bam4u_h0_v3_t0", &d);
  assert_non_null(m);
  import_report r = {.errors = mul_error_figures(m, NULL, 1)};
  import_figures(mem,
                 "// MAE = 1.5e2147483648\n// MAE = 0.5e-2147483648\n// WCE = nan\n// WCE = inf\n// WCE = 0x11\n"
                 "// EP% = 1e999\n// WCE = \n17\n// WCE = 1.7e+1 and more\n// MAE = 0e4294967295\n// EP% = "
                 ".5e1\nmodule m;\n// WCE = 3\n",
                 m, &r);
  assert_int_equal(r.figure_count, 4);
  static const double published[] = {0, 17, 0, 5}, last_place[] = {0.1, 1, 1, 1};
  for (size_t i = 0; i < r.figure_count; i++) {
    assert_true(r.figures[i].published == published[i]);
    assert_float_equal((float)r.figures[i].last_place, (float)last_place[i], 1e-6f);
  }
  arena_free(mem);
  diag_free(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_decimal_and_finite)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
