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
      {"t.c", "/* = */ int f(int a, int b) { return a * b; }\n", "this is a C function and no table"},
      {"t.npy", "abc", "not a .npy file"},
      {"t.hex", "1 2 g\n", "t.hex:1:5: error: a number was expected"},
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

// Words in the table's file order, as text of one format.
static char *write_words(arena *mem, const int32_t *words, const char *format) {
  str s = {0};
  for (int i = 0; i < 65536; i++)
    str_printf(&s, format, (uint32_t)words[i]);
  char *text = arena_strdup(mem, s.data);
  str_free(&s);
  return text;
}

// Two's complement words as text, an offset of the products, mixed signs, words of 17 bits.
static void words(void **state) {
  (void)state;
  static const struct {
    const char *mul, *file, *format;
    uint32_t mask;
    int32_t plus;
    mul_table_options options;
    const char *refused; // NULL: taken, and equal to mul
  } cases[] = {
      {"mul8s_1KVP", "t.txt", "0x%04x\n", 0xffff, 0, {0}, NULL},
      {"mul8s_1KVP", "t.txt", "%u ", 0xffff, 0, {0}, NULL},
      {"mul8s_1KVP", "t.hex", "%x\n", 0xffff, 0, {0}, NULL},
      {"exact8u", "t.hex", "%04x\n", 0xffff, 0, {0}, NULL},
      {"roup8us_p1_c7", "t.txt", "%d\n", ~0u, 0, {0}, NULL},
      {"roup8su_p1_c7", "t.hex", "%x\n", 0x1ffff, 0, {0}, NULL},
      {"mul8s_1KVP",
       "t.txt",
       "%u\n",
       ~0u,
       32768,
       {0},
       "less about 32766 the products would be near a * b, with the index"},
      {"mul8s_1KVP", "t.txt", "%u\n", ~0u, 32768, {.product_offset = 32768}, NULL},
      {"exact8s", "t.hex", "%x\n", 0xffff, 32768, {.product_offset = 32768, .index = TABLE_SIGNED}, NULL},
      {"exact8u", "t.txt", "%d\n", ~0u, -1000, {.product_offset = -1000}, NULL},
      {"trunc8u_k14", "t.txt", "%u\n", ~0u, 0, {0}, "cannot be told"}, // nearest to unsigned, but near to nothing
      {"trunc8u_k14", "mul8u_t.txt", "%u\n", ~0u, 0, {0}, NULL}, // ... its name says
  };
  for (size_t k = 0; k < BASE_COUNT(cases); k++) {
    arena *mem = arena_new();
    diag d = {0};
    const mul *m = make(mem, cases[k].mul);
    int32_t *w = arena_new_array(mem, int32_t, 65536);
    for (int i = 0; i < 65536; i++)
      w[i] = (int32_t)((uint32_t)(m->table[i] + cases[k].plus) & cases[k].mask);
    const char *text = write_words(mem, w, cases[k].format);
    const mul *got = import(mem, cases[k].file, text, strlen(text), &cases[k].options, &d);
    if (cases[k].refused && (got || !strstr(d.text.data, cases[k].refused)))
      fail_msg("case %zu: %s", k, d.text.data ? d.text.data : "taken");
    if (!cases[k].refused && !got)
      fail_msg("case %zu: %s", k, d.text.data);
    if (!cases[k].refused) {
      assert_int_equal(got->sig.a_signed, m->sig.a_signed);
      assert_int_equal(got->sig.b_signed, m->sig.b_signed);
      assert_memory_equal(got->table, m->table, 65536 * sizeof *m->table);
    }
    diag_free(&d);
    arena_free(mem);
  }
}

// What mul_table_* write is read again as the same function.
static void formats(void **state) {
  (void)state;
  static const char *const names[] = {"mul8s_1KV9", "exact8u", "roup8us_p1_c7", "roup8s_p1_c7", "mul8s_1L12"};
  for (size_t k = 0; k < BASE_COUNT(names); k++)
    for (int f = 0; f < 4; f++) {
      arena *mem = arena_new();
      diag d = {0};
      str s = {0};
      const mul *m = make(mem, names[k]);
      bool fits = true;
      switch (f) {
      case 0:
        fits = mul_table_bin(m, &s);
        assert_int_equal(fits, m->sig.p_bits <= 16);
        assert_true(!fits || s.len == 131072);
        break;
      case 1:
        mul_table_header(m, &s);
        break;
      case 2:
        mul_table_npy(m, &s);
        break;
      default:
        mul_table_hex(m, &s);
      }
      static const char *const files[] = {"t.bin", "t.h", "t.npy", "t.hex"};
      const mul *got = fits ? import(mem, files[f], s.data, s.len, NULL, &d) : m;
      if (!got)
        fail_msg("%s %s: %s", names[k], files[f], d.text.data);
      assert_int_equal(got->sig.a_signed, m->sig.a_signed);
      assert_int_equal(got->sig.b_signed, m->sig.b_signed);
      assert_memory_equal(got->table, m->table, 65536 * sizeof *m->table);
      str_free(&s);
      diag_free(&d);
      arena_free(mem);
    }
}

// Tables of other widths, as all formats write them; their own names say the widths that no shape does.
static void widths(void **state) {
  (void)state;
  static const char *const names[] = {"exact4s",   "exact4u",   "exact6us",  "exact3su",   "exact2s",
                                      "exact5x7s", "exact7x5u", "exact8x4s", "exact2x14s", "roup6s_p1_c5"};
  for (size_t k = 0; k < BASE_COUNT(names); k++)
    for (int f = 0; f < 4; f++) {
      arena *mem = arena_new();
      diag d = {0};
      str s = {0};
      const mul *m = mul_make(mem, names[k], &d);
      const char *ending[] = {".bin", ".h", ".npy", ".hex"};
      if (f == 0)
        assert_true(mul_table_bin(m, &s));
      else
        (f == 1 ? mul_table_header : f == 2 ? mul_table_npy : mul_table_hex)(m, &s);
      const mul *got = import(mem, arena_printf(mem, "mul_%s%s", names[k], ending[f]), s.data, s.len, NULL, &d);
      if (!got)
        fail_msg("%s%s: %s", names[k], ending[f], d.text.data);
      assert_int_equal(got->sig.a_bits, m->sig.a_bits);
      assert_int_equal(got->sig.b_bits, m->sig.b_bits);
      assert_int_equal(got->sig.a_signed, m->sig.a_signed);
      assert_int_equal(got->sig.b_signed, m->sig.b_signed);
      assert_memory_equal(got->table, m->table, sizeof *m->table << (m->sig.a_bits + m->sig.b_bits));
      str_free(&s);
      diag_free(&d);
      arena_free(mem);
    }
}

// Where nothing says the widths they are asked for, or noted by an import; rows may be b.
static void widths_told(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  str s = {0}, turned = {0};
  const mul *m = mul_make(mem, "exact5x6us", &d);
  assert_true(mul_table_bin(m, &s));
  assert_null(import(mem, "w.bin", s.data, s.len, NULL, &d)); // 2^11 products
  assert_non_null(strstr(d.text.data, "--bits"));
  mul_table_options o = {.a_bits = 5, .b_bits = 6};
  const mul *got = import(mem, "w.bin", s.data, s.len, &o, &d);
  assert_memory_equal(got->table, m->table, sizeof *m->table << 11);
  for (int b = 0; b < 64; b++)
    for (int a = 0; a < 32; a++)
      str_printf(&turned, "%d ", m->table[a << 6 | b]);
  o.b_major = true;
  got = import(mem, "w.txt", turned.data, turned.len, &o, &d);
  assert_memory_equal(got->table, m->table, sizeof *m->table << 11);
  o.b_bits = 7;
  assert_null(import(mem, "w.txt", turned.data, turned.len, &o, &d));
  const char *note =
      arena_printf(mem, "{\"table\": {\"sha256\": \"%s\", \"index\": \"us\", \"a_bits\": 5, \"b_bits\": 6}}",
                   hash_hex(mem, s.data, s.len));
  char *json = path_join(mem, folder, "w.import.json");
  assert_true(file_write(json, note, strlen(note), &d));
  got = import(mem, "w.bin", s.data, s.len, NULL, &d);
  assert_memory_equal(got->table, m->table, sizeof *m->table << 11);
  unlink(json);
  int a, b;
  assert_true(mul_read_widths("8x4", &a, &b) && a == 8 && b == 4);
  assert_true(mul_read_widths("7", &a, &b) && a == 7 && b == 7);
  assert_false(mul_read_widths("9", &a, &b) || mul_read_widths("8x", &a, &b) || mul_read_widths("1x4", &a, &b) ||
               mul_read_widths("", &a, &b) || mul_read_widths("8x8x8", &a, &b));
  str_free(&s);
  str_free(&turned);
  diag_free(&d);
  arena_free(mem);
}

// A convention that an import noted counts for that very table, and for no other.
static void noted(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  uint8_t *zero = arena_alloc(mem, 131072);
  char *json = path_join(mem, folder, "z.import.json");
  const char *text = arena_printf(mem, "{\"table\": {\"file\": \"z.bin\", \"sha256\": \"%s\", \"index\": \"us\"}}",
                                  hash_hex(mem, zero, 131072));
  assert_true(file_write(json, text, strlen(text), &d));
  const mul *got = import(mem, "z.bin", zero, 131072, NULL, &d);
  assert_non_null(got);
  assert_true(!got->sig.a_signed && got->sig.b_signed && !d.errors);
  mul_table_reading reading;
  got = import(mem, "z.bin", zero, 131072, &(mul_table_options){.index = TABLE_SIGNED, .reading = &reading}, &d);
  assert_true(got && got->sig.a_signed && reading.from == TABLE_BY_OPTION);
  zero[5] = 1;
  assert_null(import(mem, "z.bin", zero, 131072, NULL, &d));
  zero[5] = 0;
  assert_true(file_write(json, "[{\"table\"", 9, &d)); // no JSON: as if it were not there
  assert_null(import(mem, "z.bin", zero, 131072, NULL, &d));
  unlink(json);
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(conventions), cmocka_unit_test(binary),
                                     cmocka_unit_test(refused),     cmocka_unit_test(words),
                                     cmocka_unit_test(formats),     cmocka_unit_test(noted),
                                     cmocka_unit_test(widths),      cmocka_unit_test(widths_told)};
  return cmocka_run_group_tests_name("genlib/import", tests, set_up, tear_down);
}
