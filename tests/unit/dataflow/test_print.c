// SPDX-License-Identifier: Apache-2.0
//
// What the dataflow target says of a plan.
#include "compiler/target/dataflow/plan.h"
#include "compiler/target/dataflow/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void summary(int64_t multipliers, int64_t cycles, const char *want) {
  dataflow_design design = {.multipliers = multipliers, .predicted_cycles = cycles, .slowest = "fc"};
  str lines = {0}, text = {0};
  TARGET_DATAFLOW.print(&design, &lines, &text);
  assert_string_equal(text.data, want);
  str_free(&lines);
  str_free(&text);
}

static void counts(void **state) {
  (void)state;
  summary(1, 1, "; 1 multiplier; the slowest stage is fc: 1 cycle an image");
  summary(2, 3, "; 2 multipliers; the slowest stage is fc: 3 cycles an image");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(counts)};
  return cmocka_run_group_tests_name("dataflow/print", tests, NULL, NULL);
}
