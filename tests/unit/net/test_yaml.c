// SPDX-License-Identifier: Apache-2.0
//
// The YAML tree: places, typed values, what is refused, hostile texts.
#include "tests/unit/net/files.h"

#include "compiler/net/yaml.h"

static const yaml *parse(arena *mem, const char *text, diag *d) {
  return yaml_parse(mem, "t.yaml", arena_strdup(mem, text), strlen(text), d);
}

static void test_values(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  const yaml *y =
      parse(mem, "a: 12\nb: [1, -2, 0x]\nc: {d: 1.5e-3, e: .inf, f: true, g: \"7\"}\nh:\n- -.inf\n- text\n", &d);
  assert_non_null(y);
  int64_t i;
  double r;
  bool b;
  const char *s;
  int32_t two[3];
  assert_true(yaml_int(yaml_get(y, "a"), 0, 12, &i, &d) && i == 12);
  const yaml *c = yaml_get(y, "c");
  assert_true(yaml_real(yaml_get(c, "d"), &r, &d) && r == 0.0015);
  assert_true(yaml_real(yaml_get(c, "e"), &r, &d) && r > 1e300);
  assert_true(yaml_bool(yaml_get(c, "f"), &b, &d) && b);
  assert_true(yaml_string(yaml_get(c, "g"), &s, &d) && strcmp(s, "7") == 0);
  assert_int_equal(yaml_get(c, "d")->key_pos.line, 3);
  assert_int_equal(yaml_get(c, "d")->key_pos.column, 5);
  assert_int_equal(yaml_get(c, "d")->pos.column, 8);
  assert_null(yaml_get(y, "z"));
  assert_int_equal(d.errors, 0);
  assert_false(yaml_int(yaml_get(y, "a"), 0, 11, &i, &d));
  assert_false(yaml_int(yaml_get(c, "g"), 0, 11, &i, &d)); // quoted: a text
  assert_false(yaml_ints(yaml_get(y, "b"), 3, -5, 5, two, &d));
  assert_false(yaml_ints(yaml_get(y, "b"), 2, -5, 5, two, &d));
  assert_false(yaml_real(yaml_get(y, "h"), &r, &d));
  assert_false(yaml_bool(yaml_get(y, "a"), &b, &d));
  assert_false(yaml_is(yaml_get(y, "a"), YAML_MAP, &d));
  assert_int_equal(d.errors, 7);
  assert_non_null(strstr(d.text.data, "t.yaml:1:4: error: expected an integer from 0 to 11, found `12`"));
  assert_non_null(strstr(d.text.data, "t.yaml:2:12: error: expected an integer from -5 to 5, found `0x`"));
  diag_free(&d);
  arena_free(mem);
}

static void refused(const char *text, const char *expected) {
  arena *mem = arena_new();
  diag d = {0};
  assert_null(parse(mem, text, &d));
  assert_int_equal(d.errors, 1);
  if (!strstr(d.text.data, expected))
    fail_msg("expected `%s` in: %s", expected, d.text.data);
  diag_free(&d);
  arena_free(mem);
}

static void test_refused(void **state) {
  (void)state;
  refused("a: &x 1\nb: *x\n", "anchors");
  refused("a: *x\n", "anchors (&) and aliases");
  refused("a: !!int 1\n", "tags");
  refused("a: 1\na: 2\n", "given twice; first in line 1");
  refused("? [a, b]\n: 1\n", "a key must be plain text");
  refused("a: 1\n---\nb: 2\n", "second document");
  refused("a: [1, 2\n", "not YAML");
  refused("a: \xff\xfe\n", ":1:4: error: not YAML");
  refused("a: 1\nb: 2\nc: x\x01\n", ":3:5: error: not YAML");
  refused("\xff\xfe\x00", ":1:");
  refused("", "empty");
  str deep = {0};
  for (int i = 0; i < 5000; i++)
    str_add(&deep, "[");
  refused(deep.data, "nested too deeply");
  str_free(&deep);
  str many = {0};
  str_add(&many, "[");
  for (int i = 0; i < 1100000; i++)
    str_add(&many, "1,");
  str_add(&many, "1]");
  refused(many.data, "too many values");
  str_free(&many);
}

static void test_suggestions(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const char *const names[] = {"conv1", "conv2", "fc1"};
  assert_string_equal(yaml_suggest(mem, "cov2", names, 3), "; did you mean `conv2`? There are: conv1, conv2, fc1");
  assert_string_equal(yaml_suggest(mem, "dropout", names, 3), "; there are: conv1, conv2, fc1");
  assert_string_equal(yaml_suggest(mem, "x", names, 0), "; there are none");
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_suggestions)};
  return cmocka_run_group_tests_name("net: YAML", tests, NULL, NULL);
}
