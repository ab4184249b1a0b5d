// SPDX-License-Identifier: Apache-2.0
// Depths that are kept: they come back as they were, or are found anew.
#include "compiler/target/dataflow/fifos_kept.h"
#include "compiler/tool/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char folder[] = "/tmp/axgen-test-fifos-XXXXXX";
static int make_folder(void **state) {
  (void)state;
  diag d = {0};
  return mkdtemp(folder) && cache_open(folder, &d) ? 0 : -1;
}
static int remove_folder(void **state) {
  (void)state;
  cache_close();
  dir_remove(folder);
  return 0;
}

static void in_memory(void **state) {
  (void)state;
  enum { NAMES = 100 };
  cache_close();
  int64_t numbers[3], found = 0;
  for (int64_t i = 0; i < NAMES; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d", (int)i);
    assert_false(fifos_kept_find(name, numbers, 3));
    fifos_kept_add(name, (int64_t[]){i, 0, INT64_C(1) << 40}, 3);
    assert_true(fifos_kept_find(name, numbers, 3));
    assert_true(numbers[0] == i && numbers[1] == 0 && numbers[2] == INT64_C(1) << 40);
    assert_false(fifos_kept_find(name, numbers, 2)); // of another number of FIFOs
  }
  for (int64_t i = 0; i < NAMES; i++) { // the last ones are still there, and right
    char name[16];
    snprintf(name, sizeof name, "%d", (int)i);
    if (!fifos_kept_find(name, numbers, 3))
      continue;
    assert_int_equal(numbers[0], i);
    found++;
  }
  assert_in_range(found, 10, NAMES - 1);
}

static void in_the_folder(void **state) {
  (void)state;
  diag d = {0};
  int64_t numbers[2];
  assert_true(cache_open(folder, &d));
  const char *const bad[] = {"", "1 2", "1 2 3 end", "1 -2 end", "1 2 end ", "1 x end", "1 9999999999999999 end"};
  for (size_t i = 0; i < BASE_COUNT(bad); i++) {
    char name[16];
    snprintf(name, sizeof name, "bad %d", (int)i);
    cache_store_text(name, bad[i]);
    assert_false(fifos_kept_find(name, numbers, 2));
  }
  cache_store_text("good", "1 2 end"); // as another process left it
  assert_true(fifos_kept_find("good", numbers, 2) && numbers[0] == 1 && numbers[1] == 2);
  fifos_kept_add("mine", (int64_t[]){3, 4}, 2);
  arena *mem = arena_new();
  assert_string_equal(cache_fetch_text(mem, "mine"), "3 4 end");
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(in_memory), cmocka_unit_test(in_the_folder)};
  return cmocka_run_group_tests_name("dataflow/fifos", tests, make_folder, remove_folder);
}
