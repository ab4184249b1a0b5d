// SPDX-License-Identifier: Apache-2.0
//
// Every generated circuit against the formula of its family, written here a second time from the definition.
#include "tests/unit/genlib/unit.h"

#include "genlib/generate.h"

typedef struct {
  enum { EXACT, ROUP, BAM } kind;
  int p, r[9], digits, h, v, t;
  bool encode_a;
} formula;

static int64_t expected(const mul *m, const formula *f, int32_t a, int32_t b) {
  switch (f->kind) {
  case EXACT:
    return (int64_t)a * b;
  case ROUP:
    return f->encode_a ? roup(b, a, f->p, f->r, f->digits) : roup(a, b, f->p, f->r, f->digits);
  case BAM:
    return broken_array(m->sig, a, b, f->h, f->v, f->t);
  }
  return 0;
}

static int64_t from_netlist(const mul *m, int32_t a, int32_t b) {
  return nl_eval(m->net, m->sig.p_signed, (uint32_t)a & ((1u << m->sig.a_bits) - 1),
                 (uint32_t)b & ((1u << m->sig.b_bits) - 1));
}

static void check_exhaustively(const mul *m, const formula *f) {
  int64_t min = INT64_MAX, max = INT64_MIN, wce = 0;
  assert_non_null(m->table);
  for (int32_t a = mul_a_min(m->sig); a <= mul_a_max(m->sig); a++)
    for (int32_t b = mul_b_min(m->sig); b <= mul_b_max(m->sig); b++) {
      int64_t want = expected(m, f, a, b), error = llabs(want - (int64_t)a * b);
      if (mul_apply(m, a, b) != want || m->function(m, a, b) != want)
        fail_msg("%s: f(%d, %d): formula %lld, circuit %lld, function %lld", m->name, a, b, (long long)want,
                 (long long)mul_apply(m, a, b), (long long)m->function(m, a, b));
      min = want < min ? want : min;
      max = want > max ? want : max;
      wce = error > wce ? error : wce;
    }
  if (m->min != min || m->max != max || m->wce != wce || m->exact != (wce == 0))
    fail_msg("%s: range %lld..%lld wce %lld, but says %lld..%lld %lld", m->name, (long long)min, (long long)max,
             (long long)wce, (long long)m->min, (long long)m->max, (long long)m->wce);
}

// Seeded pairs and all pairs of corner values, through the bit-parallel simulator.
static void check_sampled(const mul *m, const formula *f, int blocks, uint64_t seed) {
  arena *mem = arena_new();
  sim *s = nl_sim_new(mem, m->net, NULL, false);
  int words = nl_sim_words(s), total = m->sig.a_bits + m->sig.b_bits;
  rng r = rng_seed(seed);
  int32_t *value = malloc(64 * (size_t)words * sizeof *value);
  for (int k = 0; k < blocks; k++) {
    for (int i = 0; i < total; i++)
      for (int w = 0; w < words; w++)
        nl_sim_input(s, i)[w] = rng_next(&r);
    nl_sim_run(s);
    nl_sim_values(s, m->sig.p_signed, value);
    for (int v = 0; v < 64 * words; v++) {
      uint32_t code[2] = {0};
      for (int i = 0; i < total; i++)
        code[i >= m->sig.a_bits] |= (uint32_t)(nl_sim_input(s, i)[v / 64] >> (v % 64) & 1) << (i % m->sig.a_bits);
      int32_t a = mul_value(code[0], m->sig.a_bits, m->sig.a_signed),
              b = mul_value(code[1], m->sig.b_bits, m->sig.b_signed);
      int64_t want = expected(m, f, a, b), got = m->sig.p_signed ? value[v] : (int64_t)(uint32_t)value[v];
      if (got != want || m->function(m, a, b) != want)
        fail_msg("%s: f(%d, %d): formula %lld, circuit %lld", m->name, a, b, (long long)want, (long long)got);
      if (want < m->min || want > m->max || llabs(want - (int64_t)a * b) > m->wce)
        fail_msg("%s: f(%d, %d) = %lld is outside of what it says", m->name, a, b, (long long)want);
    }
  }
  int32_t lo[2] = {mul_a_min(m->sig), mul_b_min(m->sig)}, hi[2] = {mul_a_max(m->sig), mul_b_max(m->sig)};
  for (int i = 0; i < 64; i++) {
    int32_t corner[2];
    for (int k = 0; k < 2; k++) {
      int32_t c[8] = {lo[k], lo[k] + 1, 0, 1, hi[k], hi[k] - 1, hi[k] / 2 + 1, lo[k] / 2};
      corner[k] = c[k ? i >> 3 : i & 7];
    }
    assert_int_equal(from_netlist(m, corner[0], corner[1]), expected(m, f, corner[0], corner[1]));
  }
  free(value);
  arena_free(mem);
}

static void check(const char *name, const formula *f) {
  arena *mem = arena_new();
  const mul *m = make(mem, name);
  diag d = {0};
  if (!nl_check(m->net, &d))
    fail_msg("%s: %s", name, d.text.data);
  if (m->sig.a_bits + m->sig.b_bits <= 16)
    check_exhaustively(m, f);
  else // 2^20 pairs and more
    check_sampled(m, f, (1 << 20) / (64 * nl_sim_isa_choose()->words), 1);
  arena_free(mem);
}

static const char *const signs[4] = {"s", "u", "us", "su"};

static void exact(void **state) {
  (void)state;
  for (int bits = 2; bits <= 16; bits++)
    for (int k = 0; k < 4; k++)
      for (int booth = 0; booth < 2; booth++) {
        if (bits > 8 && bits % 2 && k)
          continue; // enough
        char name[40];
        snprintf(name, sizeof name, "exact%d%s%s", bits, signs[k], booth ? "_booth" : "");
        check(name, &(formula){.kind = EXACT});
      }
  static const char *const mixed[] = {"exact8x4us", "exact3x7s_booth", "exact2x9su", "exact9x2u_booth",
                                      "exact16x4us_booth"};
  for (size_t i = 0; i < BASE_COUNT(mixed); i++)
    check(mixed[i], &(formula){.kind = EXACT});
}

static void exact_variants(void **state) {
  (void)state;
  static const char *const trees[] = {"dadda", "wallace", "array"}, *const adders[] = {"ripple", "ks", "bk", "csel"};
  for (int t = 0; t < 3; t++)
    for (int a = 0; a < 4; a++)
      for (int k = 0; k < 4; k++) {
        char name[60];
        snprintf(name, sizeof name, "exact8%s_%s_%s", signs[k], trees[t], adders[a]);
        check(name, &(formula){.kind = EXACT});
        snprintf(name, sizeof name, "exact8%s_booth_%s_%s_usual", signs[k], trees[t], adders[a]);
        check(name, &(formula){.kind = EXACT});
        snprintf(name, sizeof name, "exact8%s_booth_enca_%s_%s", signs[k], trees[t], adders[a]);
        check(name, &(formula){.kind = EXACT});
      }
}

static int digits_of(int bits, bool is_signed) { return is_signed ? (bits + 1) / 2 : bits / 2 + 1; }

static void check_column(int bits, int sign, int p, int c, const char *suffix) {
  bool a_signed = sign == 0 || sign == 3, b_signed = sign == 0 || sign == 2, encode_a = strstr(suffix, "enca");
  formula f = {.kind = ROUP, .p = p, .encode_a = encode_a};
  f.digits = digits_of(bits, encode_a ? a_signed : b_signed);
  for (int j = 0; j < f.digits; j++)
    f.r[j] = c > 2 * j ? c - 2 * j : 0;
  char name[80];
  snprintf(name, sizeof name, "roup%d%s_p%d_c%d%s", bits, signs[sign], p, c, suffix);
  check(name, &f);
}

static void check_vector(int bits, int sign, rng *r, const char *suffix) {
  bool a_signed = sign == 0 || sign == 3, b_signed = sign == 0 || sign == 2;
  formula f = {.kind = ROUP, .digits = digits_of(bits, b_signed)};
  f.p = (int)rng_below(r, (uint32_t)f.digits);
  str name = {0};
  str_printf(&name, "roup%d%s_p%d_r", bits, signs[sign], f.p);
  for (int j = 0; j < f.digits; j++) {
    f.r[j] = (int)rng_below(r, (uint32_t)(bits + 1 + !a_signed));
    str_printf(&name, "%s%d", j ? "." : "", f.r[j]);
  }
  str_add(&name, suffix);
  check(name.data, &f);
  str_free(&name);
}

static void roup_8_bits(void **state) {
  (void)state;
  for (int p = 0; p < 4; p++)
    for (int c = 0; c <= 14; c++)
      check_column(8, 0, p, c, "");
  rng r = rng_seed(17);
  for (int i = 0; i < 200; i++)
    check_vector(8, 0, &r, i % 4 == 3 ? "_usual" : "");
}

static void roup_other_signs(void **state) {
  (void)state;
  rng r = rng_seed(23);
  for (int sign = 1; sign < 4; sign++) {
    for (int p = 0; p < 4; p++)
      for (int c = 0; c <= 9; c += 3)
        check_column(8, sign, p, c, p == 1 ? "_usual" : "");
    for (int i = 0; i < 40; i++)
      check_vector(8, sign, &r, i % 4 == 3 ? "_usual" : "");
  }
  for (int sign = 0; sign < 4; sign++)
    for (int c = 0; c <= 9; c += 3)
      check_column(8, sign, 1, c, "_enca");
}

static void roup_other_widths(void **state) {
  (void)state;
  rng r = rng_seed(29);
  for (int bits = 4; bits <= 6; bits += 2) // all of them
    for (int p = 0; p < bits / 2; p++)
      for (int c = 0; c <= 2 * bits - 2; c++)
        check_column(bits, 0, p, c, "");
  for (int bits = 4; bits <= 16; bits += 2)
    for (int i = 0; i < (bits > 8 ? 6 : 60); i++)
      check_vector(bits, 0, &r, "");
  for (int bits = 10; bits <= 16; bits += 2)
    for (int p = 0; p < bits / 2; p += 2)
      check_column(bits, 0, p, bits - 1, "");
  for (int bits = 3; bits <= 15; bits += 2)
    for (int sign = 0; sign < 4; sign++)
      check_vector(bits, sign, &r, "");
}

static void broken_arrays(void **state) {
  (void)state;
  rng r = rng_seed(31);
  for (int i = 0; i < 250; i++) {
    int bits = i < 150 ? 8 : 2 + (int)rng_below(&r, i < 240 ? 7 : 15), sign = i < 100 ? 0 : (int)rng_below(&r, 4);
    formula f = {
        .kind = BAM, .h = (int)rng_below(&r, (uint32_t)bits + 1), .v = (int)rng_below(&r, 2 * (uint32_t)bits + 1)};
    f.t = i % 2 ? 0 : (int)rng_below(&r, (uint32_t)bits + 1);
    char name[60];
    snprintf(name, sizeof name, "bam%d%s_h%d_v%d_t%d", bits, signs[sign], f.h, f.v, f.t);
    check(name, &f);
    f.h = f.t = 0;
    snprintf(name, sizeof name, "trunc%d%s_k%d", bits, signs[sign], f.v);
    check(name, &f);
  }
}

static void compensation(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int64_t constant;
  } cases[] = {
      {"bam8s_v5_const12", 12}, {"bam8s_h2_constm77", -77}, {"bam8u_v6_const40", 40}, {"bam8s_v4_const20000", 20000}};
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, cases[i].name);
    for (int32_t a = mul_a_min(m->sig); a <= mul_a_max(m->sig); a++)
      for (int32_t b = mul_b_min(m->sig); b <= mul_b_max(m->sig); b++)
        assert_int_equal(mul_apply(m, a, b), m->function(m, a, b));
    assert_int_equal(mul_apply(m, 0, 0), cases[i].constant);
    arena_free(mem);
  }
}

// The circuit, the closed form and the figures that a name gives, over all pairs. Whether there is such a name.
static bool agrees(const char *name) {
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = mul_make(mem, name, &d);
  int64_t min = INT64_MAX, max = INT64_MIN, wce = 0;
  for (int32_t a = m ? mul_a_min(m->sig) : 0; m && a <= mul_a_max(m->sig); a++)
    for (int32_t b = mul_b_min(m->sig); b <= mul_b_max(m->sig); b++) {
      int64_t want = m->function(m, a, b), error = llabs(want - (int64_t)a * b);
      if (mul_apply(m, a, b) != want)
        fail_msg("%s: f(%d, %d): circuit %lld, function %lld", name, a, b, (long long)mul_apply(m, a, b),
                 (long long)want);
      min = want < min ? want : min;
      max = want > max ? want : max;
      wce = error > wce ? error : wce;
    }
  if (m && (m->min != min || m->max != max || m->wce != wce || m->exact != (wce == 0)))
    fail_msg("%s: range %lld..%lld wce %lld, but says %lld..%lld %lld", name, (long long)min, (long long)max,
             (long long)wce, (long long)m->min, (long long)m->max, (long long)m->wce);
  diag_free(&d);
  arena_free(mem);
  return m;
}

// Every row of the table of families, with each of its circuits: a family that is added needs no line here.
static void families(void **state) {
  (void)state;
  for (size_t i = 0; i < mul_family_count; i++) {
    const mul_family *f = &mul_families[i];
    arena *mem = arena_new();
    int circuits = 0;
    char *examples = arena_strdup(mem, f->examples), *rest = NULL;
    for (char *name = strtok_r(examples, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
      if (!agrees(name))
        fail_msg("%s: no such multiplier", name);
      char *options = arena_strdup(mem, f->variants), *other = NULL;
      for (char *o = strtok_r(options, " ,", &other); o; o = strtok_r(NULL, " ,", &other))
        circuits += agrees(arena_printf(mem, "%s_%s", name, o)); // some go only with others
    }
    assert_true(circuits >= 5);
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact),
      cmocka_unit_test(exact_variants),
      cmocka_unit_test(roup_8_bits),
      cmocka_unit_test(roup_other_signs),
      cmocka_unit_test(roup_other_widths),
      cmocka_unit_test(broken_arrays),
      cmocka_unit_test(compensation),
      cmocka_unit_test(families),
  };
  return cmocka_run_group_tests_name("genlib/generators", tests, NULL, NULL);
}
