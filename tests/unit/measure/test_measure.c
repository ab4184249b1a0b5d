// SPDX-License-Identifier: Apache-2.0
//
// Operand streams and what is wrong with their files; the catalogue's file, filters, order, Pareto front and picture.
#include "genlib/measure/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const mul_sig S8 = {.a_bits = 8, .b_bits = 8, .a_signed = true, .b_signed = true};
static const mul_sig U4S6 = {.a_bits = 4, .b_bits = 6, .b_signed = true};

static measure_stream stream(arena *mem, mul_sig sig, const char *operands, int hold, size_t n) {
  measure_stream s;
  diag d = {0};
  if (!measure_operands(mem, sig, operands, hold, n, &s, &d))
    fail_msg("%s", d.text.data);
  return s;
}

static void uniform(void **state) {
  (void)state;
  arena *mem = arena_new();
  measure_stream s = stream(mem, S8, "uniform", 1, 200000), again = stream(mem, S8, "uniform", 1, 1000);
  assert_int_equal(s.count, 200001);
  assert_int_equal(stream(mem, S8, "uniform", 1, 0).count, MEASURE_OPERATIONS + 1);
  assert_memory_equal(s.a, again.a, 1001 * sizeof *s.a); // a longer one begins like a shorter one
  assert_memory_equal(s.b, again.b, 1001 * sizeof *s.b);
  uint32_t seen[2][256] = {0};
  double product = 0;
  for (size_t i = 0; i < s.count; i++) {
    seen[0][s.a[i]]++, seen[1][s.b[i]]++;
    product += (s.a[i] - 127.5) * (s.b[i] - 127.5);
  }
  for (int k = 0; k < 512; k++)
    assert_true(fabs(seen[k >> 8][k & 255] - 781.0) < 6 * sqrt(781));
  assert_true(fabs(product / 200001) < 6 * 73.9 * 73.9 / sqrt(200001)); // a and b are independent
  arena_free(mem);
}

static void realistic(void **state) {
  (void)state;
  arena *mem = arena_new();
  measure_stream s = stream(mem, S8, "realistic", 1, 200000);
  double zeros = 0, squares = 0, active = 0, magnitude = 0, mean = 0;
  for (size_t i = 0; i < s.count; i++) {
    int a = mul_value(s.a[i], 8, true), b = mul_value(s.b[i], 8, true);
    assert_true(a >= 0 && a <= 127 && b >= -127 && b <= 127);
    zeros += a == 0;
    active += a != 0;
    squares += a * a;
    magnitude += abs(b);
    mean += b;
  }
  double n = (double)s.count;
  assert_true(fabs(zeros / n - (0.45 + 0.55 * erf(0.5 / 31.75 / sqrt(2)))) < 0.005);
  assert_true(fabs(sqrt(squares / active) - 32) < 1); // 127 / 4
  assert_true(fabs(magnitude / n - 127 * 0.125) < 0.2);
  assert_true(fabs(mean / n) < 0.3);
  s = stream(mem, (mul_sig){.a_bits = 8, .b_bits = 8}, "realistic", 1, 10000); // unsigned: zero point 128
  mean = 0;
  for (size_t i = 0; i < s.count; i++)
    mean += s.b[i];
  assert_true(fabs(mean / (double)s.count - 128) < 1);
  s = stream(mem, U4S6, "realistic", 1, 10000);
  for (size_t i = 0; i < s.count; i++)
    assert_true(s.a[i] < 16 && s.b[i] < 64 && s.b[i] != 32);
  measure_stream held = stream(mem, S8, "realistic", 32, 1000), free_running = stream(mem, S8, "realistic", 1, 1000);
  for (size_t i = 0; i < held.count; i++) {
    assert_int_equal(held.a[i], free_running.a[i]);
    assert_int_equal(held.b[i], free_running.b[i / 32]);
  }
  arena_free(mem);
}

static const char *file_with(arena *mem, const char *text) {
  char *path = arena_strdup(mem, "/tmp/axgen-test-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
  return path;
}

static void from_file(void **state) {
  (void)state;
  arena *mem = arena_new();
  const char *path = file_with(mem, "# pairs\n1 2\n  -128, 127 # ends\n\n3;-4\r\n5\t6\n7 8");
  measure_stream s = stream(mem, S8, path, 1, 0);
  const uint16_t a[] = {1, 0x80, 3, 5, 7}, b[] = {2, 0x7f, 0xfc, 6, 8}, held[] = {2, 2, 0xfc, 0xfc, 8};
  assert_int_equal(s.count, 5);
  assert_memory_equal(s.a, a, sizeof a);
  assert_memory_equal(s.b, b, sizeof b);
  assert_memory_equal(stream(mem, S8, path, 2, 0).b, held, sizeof held);
  assert_int_equal(stream(mem, S8, path, 1, 2).count, 3);
  unlink(path);
  static const struct {
    const char *text, *message;
  } bad[] = {{"1 2\n3 128\n", ":2:3: error: operand b was expected, a number -128..127"},
             {"1 2\n-129 0\n", ":2:1: error: operand a was expected"},
             {"1 2\n3\n", ":2:2: error: operand b was expected"},
             {"1 2 3\n", ":1:5: error: the end of the line was expected"},
             {"1 2x\n", ":1:3: error: operand b"},
             {"1.5 2\n", ":1:1: error: operand a"},
             {"99999999999999999999 2\n", ":1:1: error: operand a"},
             {"1 2\n", "two pairs of operands at least"},
             {"", "two pairs of operands at least"}};
  for (size_t i = 0; i < BASE_COUNT(bad); i++) {
    diag d = {0};
    path = file_with(mem, bad[i].text);
    assert_false(measure_operands(mem, S8, path, 1, 0, &s, &d));
    assert_int_equal(d.exit_code, EXIT_INPUT);
    if (!strstr(d.text.data, bad[i].message))
      fail_msg("expected `%s` in %s", bad[i].message, d.text.data);
    diag_free(&d);
    unlink(path);
  }
  diag d = {0};
  assert_false(measure_operands(mem, S8, "/nowhere/at/all", 1, 0, &s, &d));
  assert_non_null(strstr(d.text.data, "`uniform`, `realistic` or a text file"));
  assert_false(measure_operands(mem, S8, "uniform", 0, 0, &s, &d));
  assert_non_null(strstr(d.text.data, "one operation at least"));
  diag_free(&d);
  arena_free(mem);
}

// ---- catalogue -----------------------------------------------------------------------------------------------------
static catalogue sample(arena *mem) {
  static const struct {
    const char *name;
    double area, energy, mae, bias;
  } rows[] = {{"exact8s", 290, 450, 0, 0},        {"roup8s_p1_c7", 155, 293, 98, -0.25},
              {"mul8s_1L2N", 102, 154, 340, -16}, {"trunc8s_k8", 170, 300, 120, 3},
              {"evo8s_1", 155, 293, 98, 5},       {"exact8s_booth", 241, 510, 0, 0}};
  str text = {0};
  catalogue c = {arena_new_array(mem, catalogue_entry, BASE_COUNT(rows)), BASE_COUNT(rows)};
  for (size_t i = 0; i < c.count; i++) {
    c.entries[i] = (catalogue_entry){.name = rows[i].name, .sign = "s", .recipe = "area", .hash = "0123456789abcdef"};
    c.entries[i].figure[CATALOGUE_AREA] = rows[i].area;
    c.entries[i].figure[CATALOGUE_ENERGY] = rows[i].energy;
    c.entries[i].figure[CATALOGUE_MAE] = rows[i].mae;
    c.entries[i].figure[CATALOGUE_BIAS] = rows[i].bias;
  }
  catalogue_csv(&c, &text); // through the file: there and back
  const char *path = file_with(mem, text.data);
  diag d = {0};
  if (!catalogue_read(mem, path, &c, &d))
    fail_msg("%s", d.text.data);
  str again = {0};
  catalogue_csv(&c, &again);
  assert_string_equal(text.data, again.data);
  unlink(path);
  str_free(&text);
  str_free(&again);
  return c;
}

static void expect_names(const catalogue *c, const char *names) {
  str s = {0};
  for (size_t i = 0; i < c->count; i++)
    str_printf(&s, "%s%s", i ? " " : "", c->entries[i].name);
  assert_string_equal(s.data ? s.data : "", names);
  str_free(&s);
}

static void filters(void **state) {
  (void)state;
  static const struct {
    const char *conditions, *names;
  } good[] = {{"area<155", "mul8s_1L2N"},
              {"area<=155", "roup8s_p1_c7 mul8s_1L2N evo8s_1"},
              {"area>=241,family=exact", "exact8s"},
              {"family=booth", "exact8s_booth"},
              {"family=bam", "mul8s_1L2N"},
              {"mae=0,family!=booth", "exact8s"},
              {"mae!=0,energy>293", "trunc8s_k8"},
              {"name~8s_p", "roup8s_p1_c7"},
              {"8s_p", "roup8s_p1_c7"},
              {"sign=u", ""},
              {"bias<-0.2", "roup8s_p1_c7 mul8s_1L2N"},
              {"", "exact8s roup8s_p1_c7 mul8s_1L2N trunc8s_k8 evo8s_1 exact8s_booth"}};
  arena *mem = arena_new();
  diag d = {0};
  for (size_t i = 0; i < BASE_COUNT(good); i++) {
    catalogue c = sample(mem);
    assert_true(catalogue_filter(&c, good[i].conditions, &d));
    expect_names(&c, good[i].names);
  }
  static const struct {
    const char *conditions, *message;
  } bad[] = {{"size<3", "`size` is no figure of the catalogue; these are: a_bits"},
             {"area<", "a number was expected after `area<`"},
             {"area<three", "a number was expected after `area<`"},
             {"mae=0,area~3", "< <= > >= = or != was expected after `area`"},
             {"name<x", "= != or ~ was expected after `name`"},
             {"area<>3", "was expected after `area`"}};
  for (size_t i = 0; i < BASE_COUNT(bad); i++) {
    catalogue c = sample(mem);
    d = (diag){0};
    assert_false(catalogue_filter(&c, bad[i].conditions, &d));
    if (!strstr(d.text.data, bad[i].message))
      fail_msg("expected `%s` in %s", bad[i].message, d.text.data);
    diag_free(&d);
  }
  arena_free(mem);
}

static void order_and_front(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  catalogue c = sample(mem);
  assert_true(catalogue_sort(&c, "area", &d));
  expect_names(&c, "mul8s_1L2N roup8s_p1_c7 evo8s_1 trunc8s_k8 exact8s_booth exact8s");
  assert_true(catalogue_sort(&c, "-energy", &d)); // equal ones stay as they were
  expect_names(&c, "exact8s_booth exact8s trunc8s_k8 roup8s_p1_c7 evo8s_1 mul8s_1L2N");
  assert_true(catalogue_sort(&c, "name", &d));
  expect_names(&c, "evo8s_1 exact8s exact8s_booth mul8s_1L2N roup8s_p1_c7 trunc8s_k8");
  c = sample(mem);
  assert_true(catalogue_pareto(&c, "mae,energy", &d)); // evo8s_1 is equal to roup8s_p1_c7, and comes later
  expect_names(&c, "exact8s roup8s_p1_c7 mul8s_1L2N");
  c = sample(mem);
  assert_true(catalogue_pareto(&c, "bias,area", &d)); // magnitudes
  expect_names(&c, "exact8s_booth roup8s_p1_c7 mul8s_1L2N");
  assert_false(catalogue_pareto(&c, "mae", &d));
  assert_false(catalogue_pareto(&c, "mae,energy,area", &d));
  assert_false(catalogue_pareto(&c, "mae,", &d));
  assert_false(catalogue_sort(&c, "beauty", &d));
  assert_int_equal(d.errors, 4);
  diag_free(&d);
  arena_free(mem);
}

static size_t count(const char *text, const char *what) {
  size_t n = 0;
  while ((text = strstr(text, what)))
    n++, text++;
  return n;
}

static void outputs(void **state) {
  (void)state;
  arena *mem = arena_new();
  catalogue c = sample(mem);
  diag d = {0};
  str svg = {0}, text = {0};
  assert_true(catalogue_svg(&c, "mae,energy,area", &svg, &d));
  assert_int_equal(count(svg.data, "<title>"), 2 * c.count);
  assert_int_equal(count(svg.data, "class='f'"), 2); // a front in each panel
  assert_non_null(strstr(svg.data, "<title>mul8s_1L2N: 340, 154</title>"));
  assert_null(strstr(svg.data, "nan"));
  assert_false(catalogue_svg(&c, "mae", &text, &d));
  assert_false(catalogue_svg(&c, "mae,area,area,area,area,area", &text, &d));
  c.count = 0;
  str_free(&svg);
  assert_true(catalogue_svg(&c, "mae,energy", &svg, &d)); // nothing left is no error
  assert_null(strstr(svg.data, "nan"));
  c = sample(mem);
  catalogue_text(&c, &text);
  assert_int_equal(count(text.data, "\n"), c.count + 2);
  cJSON *tree = catalogue_json(&c);
  char *json = cJSON_PrintUnformatted(tree);
  assert_non_null(strstr(json, "\"name\":\"roup8s_p1_c7\",\"family\":\"roup\",\"sign\":\"s\""));
  assert_non_null(strstr(json, "\"bias\":-0.25"));
  free(json);
  cJSON_Delete(tree);
  str_free(&svg);
  str_free(&text);
  diag_free(&d);
  arena_free(mem);
}

static void damaged(void **state) {
  (void)state;
  arena *mem = arena_new();
  str good = {0};
  catalogue c = sample(mem), r;
  catalogue_csv(&c, &good);
  static const struct {
    const char *from, *to, *message;
  } harm[] = {{"name,", "nome,", ":1:1: error: the header of a catalogue was expected"},
              {",290,", ",29o,", ":2:20: error: a number was expected (area, um2)"},
              {",290,", ",,", ":2:20: error: a number was expected"},
              {"0123456789abcdef\n", "\n", "fields were expected"},
              {"0123456789abcdef\n", "0123,7\n", "fields were expected"}};
  for (size_t i = 0; i < BASE_COUNT(harm); i++) {
    const char *at = strstr(good.data, harm[i].from);
    assert_non_null(at);
    const char *path = file_with(
        mem, arena_printf(mem, "%.*s%s%s", (int)(at - good.data), good.data, harm[i].to, at + strlen(harm[i].from)));
    diag d = {0};
    assert_false(catalogue_read(mem, path, &r, &d));
    if (!strstr(d.text.data, harm[i].message))
      fail_msg("expected `%s` in %s", harm[i].message, d.text.data);
    diag_free(&d);
    unlink(path);
  }
  str_free(&good);
  arena_free(mem);
}

// The shipped catalogue: the goals that the project set itself, and error figures as genlib computes them.
static void shipped(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double energy;
  } goals[] = {{"exact8s", 515},      {"roup8s_p0_c4", 555}, {"roup8s_p0_c6", 490}, {"roup8s_p1_c7", 355},
               {"roup8s_p0_c8", 305}, {"roup8s_p2_c8", 240}, {"mul8s_1KV8", 495},   {"mul8s_1KVP", 417},
               {"mul8s_1L2J", 379},   {"mul8s_1L2N", 177}};
  arena *mem = arena_new();
  catalogue c;
  diag d = {0};
  if (!catalogue_read(mem, "genlib/catalogue/axgen45.csv", &c, &d))
    fail_msg("%s", d.text.data);
  assert_true(c.count >= 80);
  for (size_t g = 0; g < BASE_COUNT(goals); g++) {
    size_t i = 0;
    while (i < c.count && strcmp(c.entries[i].name, goals[g].name) != 0)
      i++;
    assert_true(i < c.count);
    const double *f = c.entries[i].figure;
    assert_true(f[CATALOGUE_ENERGY] <= goals[g].energy && f[CATALOGUE_ENERGY] > 0.5 * goals[g].energy);
    assert_true(f[CATALOGUE_DELAY] <= 1.15);
    assert_true(f[CATALOGUE_HELD] < f[CATALOGUE_REALISTIC] && f[CATALOGUE_REALISTIC] < f[CATALOGUE_ENERGY]);
    mul_errors e = mul_error_figures(mul_make(mem, goals[g].name, &d), NULL, 1);
    assert_float_equal(f[CATALOGUE_MAE], e.mae, 1e-5 * e.mae);
    assert_float_equal(f[CATALOGUE_WCE], (double)e.wce, 1e-9);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(uniform),   cmocka_unit_test(realistic),
                                     cmocka_unit_test(from_file), cmocka_unit_test(filters),
                                     cmocka_unit_test(outputs),   cmocka_unit_test(order_and_front),
                                     cmocka_unit_test(damaged),   cmocka_unit_test(shipped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
