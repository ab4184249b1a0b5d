// SPDX-License-Identifier: Apache-2.0
//
// The Liberty reader: expressions, tables, units, both libraries, errors with their place, and damaged files.
#include "genlib/cells/liberty.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OSU018 "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define AXGEN45 "synth/liberty/axgen45.lib"

static const char *const NAMES[] = {"A", "B", "CI"};

static truth parse(const char *text) {
  truth t;
  assert_true(liberty_expression(text, NAMES, 3, &t, NULL));
  return t;
}

static void expressions(void **state) {
  (void)state;
  truth a = truth_variable(0), b = truth_variable(1), c = truth_variable(2);
  assert_true(truth_equal(parse("A"), a));
  assert_true(truth_equal(parse("!A & B | CI"), truth_or(truth_and(truth_not(a), b), c)));
  assert_true(truth_equal(parse("A' B + CI"), truth_or(truth_and(truth_not(a), b), c)));
  assert_true(truth_equal(parse("((A^B)^CI)"), truth_xor(truth_xor(a, b), c)));
  assert_true(truth_equal(parse("A ^ B & CI"), truth_and(truth_xor(a, b), c)));
  assert_true(truth_equal(parse("(((A B)+(B CI))+(CI A))"), truth_or(truth_and(a, b), truth_and(c, truth_or(a, b)))));
  assert_true(truth_equal(parse("!(A*B)'"), truth_and(a, b)));
  assert_true(truth_equal(parse("1"), truth_const(true)));
  static const char *const WRONG[] = {"", "A &", "& A", "(A", "A)", "A + * B", "X", "A ! ", "'A", "()", "12", "A # B"};
  for (size_t i = 0; i < BASE_COUNT(WRONG); i++) {
    truth t;
    size_t stop;
    assert_false(liberty_expression(WRONG[i], NAMES, 3, &t, &stop));
    assert_true(stop <= strlen(WRONG[i]));
  }
  char deep[4000]; // nesting beyond the stack is an error, not a crash
  memset(deep, '(', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  truth t;
  assert_false(liberty_expression(deep, NAMES, 3, &t, NULL));
}

static void cofactors(void **state) {
  (void)state;
  for (int v = 0; v < 8; v++) {
    truth other = truth_variable((v + 3) % 8), f = truth_xor(truth_variable(v), other);
    assert_true(truth_equal(truth_cofactor(f, v, false), other));
    assert_true(truth_equal(truth_cofactor(f, v, true), truth_not(other)));
  }
}

static void lookup(void **state) {
  (void)state;
  const double slew[] = {0, 1}, load[] = {1, 2, 4}, values[] = {10, 20, 40, 11, 21, 41};
  liberty_table t = {2, 3, slew, load, values};
  assert_float_equal(liberty_lookup(&t, 0, 1), 10, 1e-9);
  assert_float_equal(liberty_lookup(&t, 0.5, 3), 30.5, 1e-9);
  assert_float_equal(liberty_lookup(&t, 2, 8), 82, 1e-9); // beyond both ends: straight on
  assert_float_equal(liberty_lookup(&(liberty_table){0}, 1, 1), 0, 0);
}

static const liberty *read_ok(arena *mem, const char *path) {
  diag d = {0};
  const liberty *lib = NULL;
  if (!liberty_read(mem, path, &lib, &d))
    fail_msg("%s", d.text.data);
  diag_free(&d);
  return lib;
}

static void own_library(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = read_ok(mem, AXGEN45);
  assert_string_equal(lib->name, "axgen45");
  assert_float_equal(lib->voltage, 1.1, 1e-9);
  assert_string_equal(lib->full_adder.cell->name, "FA_X1");
  assert_string_equal(lib->half_adder.cell->name, "HA_X1");
  assert_false(lib->full_adder.sum_inverted || lib->full_adder.carry_inverted);
  assert_string_equal(lib->full_adder.cell->pins[lib->full_adder.carry].name, "CO");
  assert_string_equal(lib->inverter->name, "INV_X1");
  assert_string_equal(lib->ff->name, "DFF_X1");
  assert_string_equal(lib->tie0->name, "LOGIC0_X1");
  assert_string_equal(lib->tie1->name, "LOGIC1_X1");
  const liberty_cell *x = liberty_find(lib, "XOR2_X1");
  const liberty_pin *z = &x->pins[x->output[0]];
  assert_float_equal(x->area, 1.596, 1e-9);
  assert_float_equal(x->pins[0].cap, 2.232144, 1e-9);
  assert_int_equal(z->arc_count, 4);
  assert_true(z->arcs[0].has_when && truth_equal(z->arcs[0].when, truth_not(truth_variable(1))));
  assert_float_equal(liberty_lookup(&z->arcs[0].rise, 0.017, 0.792), 0.044271, 1e-9);
  assert_float_equal(liberty_lookup(&z->arcs[0].fall, 0.017, 3.166), 0.056201, 1e-9);
  assert_float_equal(liberty_lookup(&z->energies[1].rise, 0.017, 5), 2.740166, 1e-9);
  assert_int_equal(liberty_find(lib, "OAI33_X1")->inputs, 6);
  assert_null(liberty_find(lib, "NO_SUCH"));
  arena_free(mem);
}

// What flip-flops hold is a variable of its own, under all its names.
static void flip_flops(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = read_ok(mem, AXGEN45);
  const liberty_cell *c = liberty_find(lib, "DFF_X1");
  truth d = truth_variable(0), ck = truth_variable(1), held = truth_variable(2), none = truth_const(false);
  assert_true(c->ff && truth_equal(c->ff->next, d) && truth_equal(c->ff->clock, ck));
  assert_true(truth_equal(c->ff->clear, none) && truth_equal(c->ff->preset, none));
  const liberty_pin *q = &c->pins[c->output[0]], *qn = &c->pins[c->output[1]];
  assert_true(q->has_function && truth_equal(q->function, held));
  assert_true(qn->has_function && truth_equal(qn->function, truth_not(held)));
  const liberty_energy *e = &c->pins[c->input[1]].energies[1]; // when !D & Q & !QN
  assert_true(e->has_when && truth_equal(e->when, truth_and(truth_not(d), held)));
  assert_float_equal(liberty_lookup(&e->fall, 0, 0), 7.553889, 1e-6);
  c = liberty_find(lib, "DFFR_X1");
  int rn = c->pins[liberty_pin_index(c, "RN")].variable;
  assert_true(c->ff && truth_equal(c->ff->clear, truth_not(truth_variable(rn))));
  assert_null(liberty_find(lib, "DLH_X1")->ff);
  lib = read_ok(mem, OSU018);
  c = lib->ff;
  assert_true(c->ff && truth_equal(c->ff->next, truth_variable(c->pins[liberty_pin_index(c, "D")].variable)));
  arena_free(mem);
}

static void osu_library(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = read_ok(mem, OSU018);
  assert_float_equal(lib->voltage, 1.8, 1e-9);
  assert_string_equal(lib->full_adder.cell->name, "FAX1");
  assert_string_equal(lib->half_adder.cell->name, "HAX1");
  assert_string_equal(lib->full_adder.cell->pins[lib->full_adder.sum].name, "YS");
  assert_string_equal(lib->inverter->name, "INVX1");
  assert_string_equal(lib->ff->name, "DFFPOSX1");
  assert_null(lib->tie0);
  const liberty_pin *yc = &lib->full_adder.cell->pins[lib->full_adder.carry];
  assert_float_equal(liberty_lookup(&yc->arcs[0].rise, 0.06, 5), 0.110961, 1e-9); // load is the outer axis here
  assert_float_equal(liberty_lookup(&yc->arcs[0].rise, 0.18, 5), 0.128075, 1e-9);
  assert_float_equal(liberty_lookup(&yc->energies[0].fall, 0.06, 5), 137.117, 1e-6); // pJ in the file
  assert_float_equal(lib->full_adder.cell->pins[0].cap, 61.3054, 1e-6);
  arena_free(mem);
}

// ---- errors --------------------------------------------------------------------------------------------------------
static bool read_text(const char *text, size_t size, diag *d) {
  char path[] = "/tmp/axgen-test-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, size) == (ssize_t)size);
  close(fd);
  arena *mem = arena_new();
  const liberty *lib;
  bool ok = liberty_read(mem, path, &lib, d);
  arena_free(mem);
  unlink(path);
  return ok;
}

static void expect_error(const char *text, const char *place, const char *message) {
  diag d = {0};
  assert_false(read_text(text, strlen(text), &d));
  if (!strstr(d.text.data, place) || !strstr(d.text.data, message))
    fail_msg("expected %s ... %s in:\n%s", place, message, d.text.data);
  assert_int_equal(d.exit_code, EXIT_INPUT);
  diag_free(&d);
}

#define INV_OF(timing)                                                                                                 \
  "cell(I){area:1; pin(A){direction:input;} pin(Y){direction:output; function:\"!A\"; " timing "}}\n"
#define DELAY(edge) "cell_" edge "(scalar){values(\"1\");}"
#define INV INV_OF("timing(){related_pin:\"A\"; " DELAY("rise") DELAY("fall") "}")
#define NAND "cell(N){area:1; pin(A){} pin(B){} pin(Y){direction:output; function:\"(A B)'\";}}\n"
#define HEAD "library(x){nom_voltage : 1.0;\n"

// What a library may lack, with a word, and what makes its figures senseless.
static void gaps(void **state) {
  (void)state;
  diag d = {0};
  assert_true(read_text(HEAD INV NAND "}", strlen(HEAD INV NAND "}"), &d));
  assert_non_null(strstr(d.text.data, "no cell has an internal_power group"));
  assert_non_null(strstr(d.text.data, "no cell has a cell_leakage_power"));
  diag_free(&d);
  d = (diag){0};
  const char *mv = "library(x){voltage_unit:\"1mV\"; nom_voltage : 1100;\n" INV NAND "}";
  assert_true(read_text(mv, strlen(mv), &d));
  diag_free(&d);
  expect_error("library(x){voltage_unit:\"1mV\"; nom_voltage : 1.1;\n" INV NAND "}", ":1:1:", "0.05 to 50 V");
  expect_error("library(x){nom_voltage : 1100;\n" INV NAND "}", ":1:1:", "0.05 to 50 V");
  expect_error("library(x){nom_voltage : -1;\n" INV NAND "}", ":1:1:", "0.05 to 50 V");
  expect_error(HEAD INV_OF("") NAND "}", ":1:1:", "no delays");
  expect_error(HEAD INV_OF("timing(){related_pin:\"A\"; " DELAY("rise") "}") NAND "}", ":1:1:", "no delays");
  expect_error(HEAD INV
               "cell(N){dont_use:true; area:1; pin(A){} pin(B){} pin(Y){direction:output; function:\"A B\";}}}",
               ":1:1:", "no two-input");
  expect_error(HEAD "cell(Z){cell_leakage_power: -1;}\n" INV NAND "}", ":2:9:", "not negative");
  expect_error(HEAD "cell(Z){leakage_power(){value: -1;} leakage_power(){value: 0.5;}}\n" INV NAND "}",
               ":2:1:", "not negative");
}

static void errors(void **state) {
  (void)state;
  diag d = {0};
  assert_true(read_text(HEAD INV NAND "}", strlen(HEAD INV NAND "}"), &d));
  diag_free(&d);
  expect_error(HEAD NAND "}", ":1:1:", "no inverter");
  expect_error(HEAD INV "}", ":1:1:", "no two-input");
  expect_error("library(x){\n" INV NAND "}", ":1:1:", "nom_voltage");
  expect_error(HEAD INV NAND, ":4:1:", "ends within a group");
  expect_error(HEAD "cell(Z){area: big;}\n" INV NAND "}", ":2:9:", "a number was expected");
  static const char *const areas[] = {"nan", "inf", "-inf", "1e999", "1e300", "-1", "-1e-300", "0x", "1 2", "\"\""};
  for (size_t i = 0; i < BASE_COUNT(areas); i++) {
    char cell[1000];
    snprintf(cell, sizeof cell, HEAD "cell(Z){area: %s;}\n" INV NAND "}", areas[i]);
    expect_error(cell, ":2:", "");
    snprintf(cell, sizeof cell, HEAD "cell(Z){pin(A){capacitance: %s;}}\n" INV NAND "}", areas[i]);
    expect_error(cell, ":2:", "");
  }
  expect_error(HEAD "time_unit : \"1e300s\"; }", ":2:1:", "unit");
  expect_error(HEAD "time_unit : \"1e-300s\"; }", ":2:1:", "unit");
  expect_error(HEAD "capacitive_load_unit (1e300, ff); }", ":2:1:", "expected");
  static const char *const axes[] = {"1, 1", "1e-320, 2e-320", "2, 1", "1, nan", "1, 1e300", "-inf, 1"};
  for (size_t i = 0; i < BASE_COUNT(axes); i++) {
    char cell[1000];
    snprintf(cell, sizeof cell,
             HEAD "lu_table_template(t){variable_1: input_net_transition; index_1(\"%s\");}\n"
                  "cell(Z){pin(A){direction: input;} pin(Y){direction: output; function: \"!A\"; timing(){related_pin: "
                  "\"A\"; cell_rise(t){values(\"1, 2\");}}}}" INV NAND "}",
             axes[i]);
    expect_error(cell, ":", "rising numbers");
  }
  expect_error(HEAD "cell(Z){pin(A){} pin(Y){direction:output; function:\"A &\";}}}", ":2:43:", "Boolean");
  expect_error(HEAD "cell(Z){pin(Y){direction:output; timing(){related_pin:\"Q\";}}}}", ":2:34:", "names no pin");
  expect_error(HEAD "x ? }", ":2:3:", "expected");
  expect_error(HEAD "/* never closed", ":2:1:", "without end");
  expect_error("", ":1:1:", "library");
  expect_error("time_unit : \"1ns\";", ":1:1:", "library");
  expect_error(HEAD "time_unit : \"1 fortnight\"; }", ":2:1:", "unit");
  expect_error(HEAD
               "cell(Z){pin(A){} pin(Y){direction:output; timing(){related_pin:\"A\"; cell_rise(t){values(\"1\");}}}}}",
               ":2:69:", "template");
  char nested[2000] = "library(x){";
  for (int i = 0; i < 100; i++)
    strcat(nested, "g(){");
  expect_error(nested, ":1:", "too deeply");
}

// What programs read in different ways, and names that are modules' of axgen.
static void twice(void **state) {
  (void)state;
  expect_error(HEAD INV NAND INV "}", ":4:1:", "the cell `I` is there twice");
  expect_error(HEAD INV NAND INV "}", ":4:1:", "first in line 2");
  expect_error(HEAD "cell(Z){pin(A){}\npin(B, A){}}" INV NAND "}", ":3:1:", "the pin `A` is there twice");
  expect_error(HEAD "cell(Z){area: 1; \narea: 1;}" INV NAND "}", ":3:1:", "`area` is given twice");
  expect_error(HEAD "cell(Z){pin(A){capacitance: 1;\ncapacitance: 2;}}" INV NAND "}", ":3:1:", "is given twice");
  expect_error(HEAD "nom_voltage : 2.0;" INV NAND "}", ":2:1:", "`nom_voltage` is given twice");
  expect_error(HEAD "cell(axgen_child_0){}" INV NAND "}", ":2:1:", "`axgen_`");
}

// `text`, count times `each` and the end.
static void expect_too_much(const char *text, const char *each, size_t count, const char *end, const char *message) {
  str all = {0};
  str_add(&all, text);
  for (size_t i = 0; i < count; i++)
    str_add(&all, each);
  str_add(&all, end);
  expect_error(all.data, ":2:", message);
  str_free(&all);
}

// Short texts that would be long in memory.
static void bounds(void **state) {
  (void)state;
  enum { MANY = (1 << 22) + 1 };
  expect_too_much(HEAD, "a:b;", MANY, INV NAND "}", "more than 4,194,304 statements");
  expect_too_much(HEAD "a(", "1,", MANY, ");" INV NAND "}", "more than 4,194,304 statements");
  expect_too_much(HEAD "cell(Z){pin(A){} pin(Y){direction:output; timing(){related_pin:\"", "A ", (1 << 21) + 1,
                  "\";}}}" INV NAND "}", "more than 2,097,152 delays");
}

// Bytes of a good file changed, removed or cut: any answer, but no crash, no hang and no error without a message.
static void fuzz(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  bytes file;
  assert_true(file_read(mem, AXGEN45, 1 << 24, &file, &d));
  size_t keep = file.size < 24000 ? file.size : 24000; // the head and the first cells
  char *text = arena_alloc(mem, keep + 1);
  rng r = rng_seed(45);
  static const char LIKELY[] = "(){}:;,\"\\/*' \n0A!";
  for (int round = 0; round < 1500; round++) {
    memcpy(text, file.data, keep);
    size_t n = round % 3 == 0 ? rng_below(&r, (uint32_t)keep) : keep;
    for (uint32_t k = rng_below(&r, 6) + 1; k > 0 && n; k--)
      text[rng_below(&r, (uint32_t)n)] = round % 2 ? LIKELY[rng_below(&r, sizeof LIKELY - 1)] : (char)rng_next(&r);
    if (!read_text(text, n, &d))
      assert_true(d.errors == 1 && d.text.len > 0);
    diag_free(&d);
    d = (diag){0};
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(expressions), cmocka_unit_test(cofactors),   cmocka_unit_test(lookup),
      cmocka_unit_test(own_library), cmocka_unit_test(osu_library), cmocka_unit_test(flip_flops),
      cmocka_unit_test(gaps),        cmocka_unit_test(errors),      cmocka_unit_test(twice),
      cmocka_unit_test(bounds),      cmocka_unit_test(fuzz),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
