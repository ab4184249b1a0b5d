// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/genlib/unit.h"

#define FAMILIES                                                                                                       \
  "  note: known families: exact8s exact8s_booth, roup8s_p1_c7 roup8s_p1_r7.5.3.1, bam8s_h0_v3_t0, trunc8s_k4, "       \
  "mul8s_1KV8 (and its twelve sisters), evo8s_mae12 (evolved; genlib/evolved/ holds them), a table or netlist by its " \
  "path (.bin .h .c .txt .net); 8 is the width (2..16, or AxB such as 8x4), s the signedness (s, u, us: a unsigned "   \
  "and b signed, su)\n"
#define AT(name, part) "axgen: error: multiplier `" name "`, at `" part "`: "

static void wrong_names(void **state) {
  (void)state;
  static const struct {
    const char *name, *message;
  } cases[] = {
      {"", "axgen: error: multiplier ``: there is no such multiplier\n" FAMILIES},
      {"mul8s_1KV7", "axgen: error: multiplier `mul8s_1KV7`: there is no such multiplier\n" FAMILIES},
      {"Exact8s", "axgen: error: multiplier `Exact8s`: there is no such multiplier\n" FAMILIES},
      {"exact_booth", AT("exact_booth", "exact_booth") "the width in bits was expected, such as 8 or 8x4\n" FAMILIES},
      {"exact8xs", AT("exact8xs", "8xs") "the width in bits was expected, such as 8 or 8x4\n" FAMILIES},
      {"exact17s", AT("exact17s", "17s") "widths of 2 to 16 bits are possible\n" FAMILIES},
      {"exact8x1s", AT("exact8x1s", "8x1s") "widths of 2 to 16 bits are possible\n" FAMILIES},
      {"exact8", AT("exact8", "8") "the signedness was expected: s, u, us (a unsigned, b signed) or su\n" FAMILIES},
      {"exact8t_booth",
       AT("exact8t_booth", "8t") "the signedness was expected: s, u, us (a unsigned, b signed) or su\n" FAMILIES},
      {"exact8s_", AT("exact8s_", "exact8s_") "an option was expected after each `_`\n"},
      {"exact8s_booth_", AT("exact8s_booth_", "exact8s_booth_") "an option was expected after each `_`\n"},
      {"exact8s_usual",
       AT("exact8s_usual", "usual") "exact takes a circuit: booth, dadda wallace array, ripple ks bk csel; "
                                    "with booth also xorfirst usual, enca\n"},
      {"roup8s",
       AT("roup8s", "roup8s") "roup needs a perforation pN and a rounding: cN or rN.N.., such as roup8s_p1_c7\n"},
      {"roup8s_p1", AT("roup8s_p1", "roup8s_p1") "roup needs a perforation pN and a rounding: cN or rN.N.., such as "
                                                 "roup8s_p1_c7\n"},
      {"roup8s_p1_x3", AT("roup8s_p1_x3", "x3") "roup takes pN, then cN or rN.N.., and a circuit: dadda wallace array, "
                                                "ripple ks bk csel, xorfirst usual, enca\n"},
      {"roup8s_p_c7", AT("roup8s_p_c7", "p") "the number of perforated digits was expected, a number 0..9\n"},
      {"roup8s_p4_c7",
       AT("roup8s_p4_c7", "roup8s_p4_c7") "perforation 4 leaves nothing of 4 digits; 0..3 is possible\n"},
      {"roup8s_p1_c15", AT("roup8s_p1_c15", "c15") "a rounding column 0..14 was expected\n"},
      {"roup8s_p1_c7x", AT("roup8s_p1_c7x", "c7x") "the rounding column was expected, a number 0..99\n"},
      {"roup8s_p1_c99999999999",
       AT("roup8s_p1_c99999999999", "c99999999999") "the rounding column was expected, a number "
                                                    "0..99\n"},
      {"roup8s_p1_c7_r1.1.1.1", AT("roup8s_p1_c7_r1.1.1.1", "r1.1.1.1") "the rounding is given twice\n"},
      {"roup8s_p1_r7.5.3",
       AT("roup8s_p1_r7.5.3", "r7.5.3") "4 rounding positions were expected, one for each radix-4 digit "
                                        "of b; 3 are given\n"},
      {"roup8u_p1_r7.5.3.1_enca",
       AT("roup8u_p1_r7.5.3.1_enca", "r7.5.3.1") "5 rounding positions were expected, one for "
                                                 "each radix-4 digit of a; 4 are given\n"},
      {"roup8s_p1_r7..3.1",
       AT("roup8s_p1_r7..3.1", "r7..3.1") "rounding positions separated by dots were expected, such as "
                                          "r7.5.3.1\n"},
      {"roup8s_p1_r7.5.3.",
       AT("roup8s_p1_r7.5.3.", "r7.5.3.") "rounding positions separated by dots were expected, such as "
                                          "r7.5.3.1\n"},
      {"roup8s_p1_r7.9.3.1",
       AT("roup8s_p1_r7.9.3.1", "r7.9.3.1") "rounding position 9 (of digit 1) is out of range; 0..8 is "
                                            "possible\n"},
      {"roup8s_p1_r0.0.0.0.0.0.0.0.0.0",
       AT("roup8s_p1_r0.0.0.0.0.0.0.0.0.0", "r0.0.0.0.0.0.0.0.0.0") "more rounding "
                                                                    "positions than any operand has digits\n"},
      {"exact8s_dadda_ks_wallace",
       AT("exact8s_dadda_ks_wallace", "wallace") "this was said before; give each option once\n"},
      {"roup8s_p1_p1_c7", AT("roup8s_p1_p1_c7", "p1") "this was said before; give each option once\n"},
      {"bam8s_v1_v2", AT("bam8s_v1_v2", "v2") "this was said before; give each option once\n"},
      {"bam8s", AT("bam8s", "bam8s") "bam needs at least one of hN, vN, tN, such as bam8s_h0_v3_t0\n"},
      {"bam8s_h9", AT("bam8s_h9", "h9") "the number of omitted bits of a was expected, a number 0..8\n"},
      {"bam8s_v17", AT("bam8s_v17", "v17") "the number of omitted columns was expected, a number 0..16\n"},
      {"bam8s_h0_q1",
       AT("bam8s_h0_q1", "q1") "bam takes hN, vN, tN, constN or constmN, and a circuit: dadda wallace array, "
                               "ripple ks bk csel\n"},
      {"trunc8s", AT("trunc8s", "trunc8s") "trunc needs kN, such as trunc8s_k4\n"},
      {"trunc8s_v4",
       AT("trunc8s_v4", "v4") "trunc takes kN (the omitted columns) and a circuit: dadda wallace array, ripple "
                              "ks bk csel\n"},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    diag d = {0};
    assert_null(mul_make(mem, cases[i].name, &d));
    assert_string_equal(d.text.data, cases[i].message);
    assert_int_equal(d.exit_code, EXIT_INPUT);
    diag_free(&d);
    arena_free(mem);
  }
}

static void names_kept(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "roup8s_p0_r7.5.3.1");
  assert_string_equal(m->name, "roup8s_p0_r7.5.3.1");
  assert_string_equal(m->ident, "mul_roup8s_p0_r7_5_3_1");
  assert_int_equal(m->sig.p_bits, 16);
  assert_true(m->sig.p_signed);
  m = make(mem, "exact8x4us_array");
  assert_true(m->sig.a_bits == 8 && m->sig.b_bits == 4 && !m->sig.a_signed && m->sig.b_signed && m->sig.p_bits == 12);
  // The column form is the vector max(0, c - 2j); entries of perforated digits do not matter.
  const mul *c = make(mem, "roup8s_p1_c7"), *r = make(mem, "roup8s_p1_r99.5.3.1");
  assert_memory_equal(c->table, r->table, 65536 * sizeof *c->table);
  arena_free(mem);
}

// Products can exceed the exact ones: the netlist's output is as wide as they need.
static void product_widths(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "roup8us_p1_r9.8.8.7"); // R_7(255) = 256
  assert_int_equal(m->sig.p_bits, 17);
  assert_int_equal(m->max, 32768);
  m = make(mem, "roup8u_p0_r9.0.0.0.0");
  assert_true(m->sig.p_signed == (m->min < 0));
  diag d = {0};
  assert_null(mul_make(mem, "roup16u_p0_r16.0.0.0.0.0.0.0.16", &d)); // 2^16 * 2^16 needs 33 bits
  assert_non_null(strstr(d.text.data, "32 are possible"));
  diag_free(&d);
  arena_free(mem);
}

// Damaged names: an object or one error, never a crash.
static void damaged_names(void **state) {
  (void)state;
  rng r = rng_seed(13);
  static const char *const good[] = {"roup6s_p1_r5.3.1", "bam5us_h1_v3_t0_constm5", "exact4x3su_booth_ks",
                                     "roup5u_p0_c4_enca_usual"};
  for (int i = 0; i < 4000; i++) {
    char name[64];
    strcpy(name, good[i % 4]);
    for (uint32_t k = 1 + rng_below(&r, 3); k; k--)
      name[rng_below(&r, (uint32_t)strlen(name))] = "0123456789_.xsucprhvtbk"[rng_below(&r, 23)];
    arena *mem = arena_new();
    diag d = {0};
    const mul *m = mul_make(mem, name, &d);
    assert_true(m ? d.errors == 0 : d.errors == 1);
    diag_free(&d);
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_names),
      cmocka_unit_test(names_kept),
      cmocka_unit_test(product_widths),
      cmocka_unit_test(damaged_names),
  };
  return cmocka_run_group_tests_name("genlib/name", tests, NULL, NULL);
}
