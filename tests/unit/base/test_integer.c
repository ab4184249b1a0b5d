// SPDX-License-Identifier: Apache-2.0
// Numbers from outside become integers, or are refused.
#include "compiler/base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void doubles_that_are_whole(void **state) {
  (void)state;
  const double two53 = 9007199254740992.0;
  static const double none[] = {0.5, -0.5, 1e300, -1e300, 2e127, 9223372036854775808.0, -9223372036854777856.0, 1e-300};
  int64_t v = 7;
  for (size_t i = 0; i < BASE_COUNT(none); i++)
    assert_false(whole_double(none[i], INT64_MIN, INT64_MAX, &v));
  assert_false(whole_double(NAN, INT64_MIN, INT64_MAX, &v));
  assert_false(whole_double(INFINITY, INT64_MIN, INT64_MAX, &v));
  assert_false(whole_double(-INFINITY, INT64_MIN, INT64_MAX, &v));
  assert_false(whole_double(2 * two53, INT64_MIN, INT64_MAX, &v));
  assert_false(whole_double(11, 0, 10, &v));
  assert_false(whole_double(-1, 0, 10, &v));
  assert_int_equal(v, 7);
  assert_true(whole_double(two53, INT64_MIN, INT64_MAX, &v));
  assert_true(v == (int64_t)1 << 53);
  assert_true(whole_double(-0.0, 0, 10, &v));
  assert_true(v == 0);
}

static void texts_that_are_whole(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int base;
    int64_t want;
    size_t used; // 0: none is found
    bool good;
  } cases[] = {
      {"17", 10, 17, 2, true},
      {"-17,", 10, -17, 3, true},
      {"0x1f]", 0, 31, 4, true},
      {"ffz", 16, 255, 2, true},
      {"101", 2, 5, 3, true},
      {"", 10, 0, 0, false},
      {"-", 10, 0, 0, false},
      {" 1", 10, 0, 0, false},
      {"+1", 10, 0, 0, false},
      {"x", 10, 0, 0, false},
      {"--1", 10, 0, 0, false},
      {"- 1", 10, 0, 0, false},
      {"a", 10, 0, 0, false},
      {"\n1", 10, 0, 0, false},
      {"4294967304", 10, 0, 10, false},
      {"2147483648", 10, 0, 10, false},
      {"99999999999999999999 ", 10, 0, 20, false},
      {"-99999999999999999999", 10, 0, 21, false},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    const char *end = NULL;
    int64_t v = 7;
    assert_int_equal(whole_text(cases[i].text, cases[i].base, INT32_MIN, INT32_MAX, &v, &end), cases[i].good);
    assert_int_equal(end - cases[i].text, cases[i].used);
    assert_int_equal(v, cases[i].good ? cases[i].want : 7);
    bool whole = cases[i].good && !cases[i].text[cases[i].used];
    assert_int_equal(whole_text(cases[i].text, cases[i].base, INT32_MIN, INT32_MAX, &v, NULL), whole);
  }
}

static void json_numbers_that_are_whole(void **state) {
  (void)state;
  cJSON *list = cJSON_Parse("[3, 3.5, 2e127, -1e400, \"3\", true, null, [3]]");
  assert_non_null(list);
  int i = 0;
  for (const cJSON *v = list->child; v; v = v->next, i++) {
    int64_t n = 0;
    assert_int_equal(json_whole(v, INT32_MIN, INT32_MAX, &n), i == 0);
    assert_int_equal(n, i == 0 ? 3 : 0);
  }
  assert_int_equal(i, 8);
  assert_false(json_whole(NULL, 0, 1, &(int64_t){0}));
  cJSON_Delete(list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(doubles_that_are_whole),
      cmocka_unit_test(texts_that_are_whole),
      cmocka_unit_test(json_numbers_that_are_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
