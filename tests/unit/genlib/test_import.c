// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/genlib/unit.h"

#include <unistd.h>

static char folder[] = "/tmp/axgen-import-XXXXXX";

static int set_up(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  return rmdir(folder);
}

// Writes the file, reads it, removes it.
static const mul *import(arena *mem, const char *name, const void *data, size_t size, const mul_table_options *options,
                         diag *d) {
  char *path = path_join(mem, folder, name);
  assert_true(file_write(path, data, size, d));
  const mul *m = mul_import_table(mem, path, options, d);
  unlink(path);
  return m;
}

// The text of a table in the given convention, as a header, or plain with comments.
static char *write_text(arena *mem, const mul *m, int flip, bool b_major, bool header) {
  str s = {0};
  str_add(&s, header ? "/* 8 bits */\n#include <stdint.h>\nconst int16_t lut [256][256] = {\n"
                     : "# a table, 65536 numbers\n");
  for (int i = 0; i < 256; i++) {
    str_add(&s, header ? "{" : "");
    for (int j = 0; j < 256; j++) {
      int a = (b_major ? j : i) ^ flip, b = (b_major ? i : j) ^ flip;
      str_printf(&s, "%s%d", j ? header ? ", " : " " : "", m->table[a << 8 | b]);
    }
    str_add(&s, header ? "}, // row\n" : " # row\n");
  }
  str_add(&s, header ? "};\n" : "");
  char *text = arena_strdup(mem, s.data);
  str_free(&s);
  return text;
}

static void conventions(void **state) {
  (void)state;
  static const char *const names[] = {"roup8s_p1_c7", "roup8u_p1_c7"};
  for (int k = 0; k < 8; k++) {
    arena *mem = arena_new();
    diag d = {0};
    bool is_signed = k % 2 == 0, offset = is_signed && k & 2, b_major = k & 4;
    const mul *m = make(mem, names[!is_signed]);
    const char *text = write_text(mem, m, offset ? 128 : 0, b_major, k & 2);
    mul_table_options options = {.b_major = b_major};
    const mul *got = import(mem, k & 2 ? "my_mul.h" : "my_mul.txt", text, strlen(text), &options, &d);
    if (!got)
      fail_msg("%s", d.text.data);
    assert_string_equal(got->name, "my_mul");
    assert_int_equal(got->sig.a_signed, is_signed);
    assert_memory_equal(got->table, m->table, 65536 * sizeof *m->table);
    options.index = is_signed ? offset ? TABLE_OFFSET : TABLE_SIGNED : TABLE_UNSIGNED;
    options.name = "other";
    got = import(mem, "x.h", text, 0, &options, &d); // empty file
    assert_null(got);
    diag_free(&d);
    arena_free(mem);
  }
}

static void binary(void **state) {
  (void)state;
  for (int k = 0; k < 2; k++) {
    arena *mem = arena_new();
    diag d = {0};
    const mul *m = make(mem, k ? "trunc8u_k6" : "mul8s_1KVP");
    uint8_t *data = arena_alloc(mem, 131072);
    for (int i = 0; i < 65536; i++) {
      data[2 * i] = (uint8_t)m->table[i];
      data[2 * i + 1] = (uint8_t)(m->table[i] >> 8);
    }
    const mul *got = import(mem, "t.bin", data, 131072, NULL, &d);
    assert_non_null(got);
    assert_int_equal(d.errors, 0);
    assert_memory_equal(got->table, m->table, 65536 * sizeof *m->table);
    assert_null(got->net);
    char *path = path_join(mem, folder, "n.bin");
    assert_true(file_write(path, data, 131072, &d));
    assert_memory_equal(make(mem, path)->table, m->table, 65536 * sizeof *m->table);
    unlink(path);
    // Read the other way it is taken, but not silently.
    got = import(mem, "t.bin", data, 131072, &(mul_table_options){.index = k ? TABLE_SIGNED : TABLE_UNSIGNED}, &d);
    assert_non_null(got);
    assert_non_null(strstr(d.text.data, "far from a * b"));
    diag_free(&d);
    arena_free(mem);
  }
}

static void refused(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const struct {
    const char *file, *text, *message;
  } cases[] = {
      {"t.bin", "abc", "3 bytes; a table of 8 x 8 bits has 131072 (65,536 little-endian words of 16 bits)"},
      {"t.txt", "1 2 3\n", "3 numbers; a table of 8 x 8 bits has 65536"},
      {"t.txt", "1 2\n3 x4 5\n", "t.txt:2:3: error: a number was expected"},
      {"t.txt", "1 2\n 3x 5\n", "t.txt:2:2: error: a number was expected"},
      {"t.txt", "1 200000\n", "t.txt:1:3: error: 200000 is no product of 8 x 8 bits"},
      {"t.h", "int x;\n", "0 numbers"},
      {"t.h", "int x[256][256] = {{ 1, y }};\n", "t.h:1:25: error: a number was expected"},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    diag d = {0};
    assert_null(import(mem, cases[i].file, cases[i].text, strlen(cases[i].text), NULL, &d));
    if (!strstr(d.text.data, cases[i].message))
      fail_msg("case %zu: %s", i, d.text.data);
    diag_free(&d);
  }
  // All zero: near a * b under no convention more than under another.
  uint8_t *zero = arena_alloc(mem, 131074);
  diag d = {0};
  assert_null(import(mem, "zero.bin", zero, 131072, NULL, &d));
  assert_non_null(strstr(d.text.data, "cannot be told"));
  assert_non_null(import(mem, "zero.bin", zero, 131072, &(mul_table_options){.index = TABLE_UNSIGNED}, &d));
  assert_null(mul_import_table(mem, path_join(mem, folder, "absent.bin"), NULL, &d));
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(conventions), cmocka_unit_test(binary),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests_name("genlib/import", tests, set_up, tear_down);
}
