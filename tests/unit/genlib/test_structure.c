// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/genlib/unit.h"

static void check_factors(const mul *m, bool of_error, const mul_factors *f) {
  int columns = 1 << m->sig.b_bits;
  for (int i = 0; i < 1 << m->sig.a_bits; i++)
    for (int j = 0; j < columns; j++) {
      int64_t sum = 0, exact = (int64_t)mul_value((uint32_t)i, m->sig.a_bits, m->sig.a_signed) *
                               mul_value((uint32_t)j, m->sig.b_bits, m->sig.b_signed);
      for (int k = 0; k < f->rank; k++)
        sum += f->left[i * f->rank + k] * f->right[k * columns + j];
      assert_int_equal(sum, m->table[i * columns + j] - (of_error ? exact : 0));
    }
}

static void ranks(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int product, error;
  } cases[] = {
      {"exact8s", 1, 0},
      {"mul8s_1KV8", 3, 2},
      {"mul8s_1KV9", 4, 3},
      {"mul8s_1L2J", 1, 2},
      {"mul8s_1L2L", 1, 2},
      {"mul8s_1L2N", 1, 2},
      {"mul8s_1L12", 1, 1},
      {"mul8s_1KVM", 1, 1},
      {"mul8s_1KXF", 1, 1},
      {"roup8s_p1_c7", 3, 4},
      {"roup8s_p0_c4", 3, 2},
      {"exact5x3us", 1, 0},
      {"roup6u_p1_r5.4.3.2", 3, 4},
      {"trunc4s_k8", 0, 1},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, cases[i].name);
    mul_factors p = mul_factor(mem, m, false, 16), e = mul_factor(mem, m, true, 16);
    if (p.rank != cases[i].product || e.rank != cases[i].error)
      fail_msg("%s: ranks %d and %d", m->name, p.rank, e.rank);
    if (p.rank)
      check_factors(m, false, &p);
    if (e.rank)
      check_factors(m, true, &e);
    arena_free(mem);
  }
}

// A table of random numbers has full rank, and nobody wants its factors.
static void full_rank(void **state) {
  (void)state;
  arena *mem = arena_new();
  int32_t *table = arena_new_array(mem, int32_t, 65536);
  rng r = rng_seed(2);
  for (int i = 0; i < 65536; i++)
    table[i] = (int32_t)rng_below(&r, 65536) - 32768;
  const mul *m =
      mul_from_table(mem, "noise", (mul_sig){.a_bits = 8, .b_bits = 8, .a_signed = true, .b_signed = true}, table);
  mul_factors f = mul_factor(mem, m, false, 16);
  assert_int_equal(f.rank, 256);
  assert_null(f.left);
  arena_free(mem);
}

static void diagram_text(void **state) {
  (void)state;
  static const char legend[] =
      "o added  - added, of negative weight  x last bit of a row, rounding included  + rounding and sign\n"
      "correction  1 constant (of the negative weights and compensation)  . left out\n";
  static const struct {
    const char *name, *picture;
  } cases[] = {
      {"bam4s_h0_v2_t0", "bam4s_h0_v2_t0\n"
                         "                \n"
                         " 7 6 5 4 3 2 1 0\n"
                         "         - o . .   b[0]\n"
                         "       - o o .     b[1]\n"
                         "     - o o o       b[2]\n"
                         "   o - - -         b[3]\n"
                         " 1     1           constant\n"},
      {"roup4s_p0_c2", "roup4s_p0_c2\n"
                       "                \n"
                       " 7 6 5 4 3 2 1 0\n"
                       "       - o x . .   digit 0, rounded at 2\n"
                       "   - o o o x       digit 1, rounded at 0\n"
                       "         +         corrections, even digits\n"
                       "         +         corrections, odd digits\n"
                       " 1   1 1           constant\n"},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    str text = {0}, want = {0}, svg = {0};
    const mul *m = make(mem, cases[i].name);
    assert_true(mul_diagram_text(m, &text));
    str_printf(&want, "%s%s", cases[i].picture, legend);
    assert_string_equal(text.data, want.data);
    // The picture has as many circles as the text has marks, and the legend's.
    assert_true(mul_diagram_svg(m, &svg) && str_ends_with(svg.data, "</svg>\n"));
    int circles = 0, marks = 0;
    for (const char *p = svg.data; (p = strstr(p, "<circle")); p++)
      circles++;
    for (const char *p = cases[i].picture; *p; p++)
      marks += p[0] == ' ' && p[1] && strchr("o-x+1.", p[1]) && (p[2] == ' ' || p[2] == '\n') &&
               p > strchr(cases[i].picture, '0');
    assert_true(circles > marks && circles <= marks + 6);
    str_free(&text);
    str_free(&want);
    str_free(&svg);
    arena_free(mem);
  }
}

// All generated multipliers can be drawn; a table cannot.
static void diagrams(void **state) {
  (void)state;
  static const char *const names[] = {"exact16u_booth", "exact16s", "exact2u", "roup15su_p3_c11",
                                      "roup16s_p1_c12_enca"};
  arena *mem = arena_new();
  str out = {0};
  for (size_t i = 0; i < BASE_COUNT(names); i++)
    assert_true(mul_diagram_text(make(mem, names[i]), &out) && mul_diagram_svg(make(mem, names[i]), &out));
  const mul *m = make(mem, "exact4u");
  assert_false(mul_diagram_text(mul_from_table(mem, "t", m->sig, m->table), &out));
  str_free(&out);
  arena_free(mem);
}

static void from_netlist(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "roup8s_p1_c7");
  const mul *copy = mul_from_netlist(mem, "copy", m->sig, m->net);
  assert_memory_equal(copy->table, m->table, 65536 * sizeof *m->table);
  assert_true(copy->min == m->min && copy->max == m->max && copy->wce == m->wce && copy->sig.p_bits == m->sig.p_bits);
  assert_int_equal(copy->function(copy, -128, 77), m->function(m, -128, 77));
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks),    cmocka_unit_test(full_rank),    cmocka_unit_test(diagram_text),
      cmocka_unit_test(diagrams), cmocka_unit_test(from_netlist),
  };
  return cmocka_run_group_tests_name("genlib/structure", tests, NULL, NULL);
}
