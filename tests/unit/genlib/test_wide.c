// SPDX-License-Identifier: Apache-2.0
//
// Multipliers without a table: all products kept (up to 24 bits of operands together) or only gates (above).
#include "tests/unit/genlib/unit.h"

#include <math.h>

enum { COUNT = 5000 }; // no multiple of any block

// Both ways of asking for a product against the closed form of the generated multiplier.
static void products(void **state) {
  (void)state;
  static const char *const names[] = {
      "exact8s", "roup8us_p1_r9.8.8.7", "bam12s_h2_v7_t1", "exact16x8su", "roup13x12s_p1_c5", "exact16u", "bam16s_v12"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    arena *mem = arena_new();
    const mul *want = make(mem, names[k]), *m = mul_from_netlist(mem, "it", want->sig, want->net);
    mul_sig s = want->sig;
    assert_int_equal(m->table != NULL, s.a_bits + s.b_bits <= 16);
    uint32_t *a = arena_new_array(mem, uint32_t, COUNT), *b = arena_new_array(mem, uint32_t, COUNT);
    int64_t *p = arena_new_array(mem, int64_t, COUNT), *q = arena_new_array(mem, int64_t, COUNT);
    rng r = rng_seed(k);
    for (int i = 0; i < COUNT; i++)
      a[i] = (uint32_t)rng_next(&r), b[i] = (uint32_t)rng_next(&r); // what lies above the operands means nothing
    a[0] = a[1] = b[0] = b[2] = ~0u;
    mul_products(m, a, b, COUNT, p);
    mul_products(want, a, b, COUNT, q);
    assert_memory_equal(p, q, COUNT * sizeof *p);
    for (int i = 0; i < 200; i++) {
      int32_t x = mul_value(a[i] & ((1u << s.a_bits) - 1), s.a_bits, s.a_signed);
      int32_t y = mul_value(b[i] & ((1u << s.b_bits) - 1), s.b_bits, s.b_signed);
      assert_int_equal(mul_apply(m, x, y), want->function(want, x, y));
      assert_int_equal(p[i], want->function(want, x, y));
    }
    if (s.a_bits + s.b_bits <= MUL_KEPT_BITS) {
      assert_int_equal(m->min, want->min);
      assert_int_equal(m->max, want->max);
      assert_int_equal(m->wce, want->wce);
      assert_int_equal(m->exact, want->exact);
    } else {
      assert_int_equal(m->wce, -1);
      assert_false(m->exact);
      assert_true(m->min <= want->min && m->max >= want->max);
    }
    arena_free(mem);
  }
}

static void same(const mul_errors *x, const mul_errors *y) {
  const double a[] = {x->mae, x->mse, x->variance, x->bias, x->ep, x->mre, x->wcre};
  const double b[] = {y->mae, y->mse, y->variance, y->bias, y->ep, y->mre, y->wcre};
  for (size_t i = 0; i < sizeof a / sizeof *a; i++)
    if (!(fabs(a[i] - b[i]) <= 1e-9 * fabs(b[i])))
      fail_msg("figure %zu: %.17g, wanted %.17g", i, a[i], b[i]);
  assert_int_equal(x->wce, y->wce);
  assert_int_equal(x->wce_at_zero, y->wce_at_zero);
  assert_int_equal(x->min, y->min);
  assert_int_equal(x->max, y->max);
  assert_int_equal(x->pairs, y->pairs);
  assert_true(x->exhaustive && x->wce_exact && y->exhaustive && y->wce_exact);
}

// 25 bits are simulated; the same sums, pair by pair.
static mul_errors by_hand(mul_sig s, int64_t (*f)(int32_t a, int32_t b)) {
  mul_errors e = {.exhaustive = true, .wce_exact = true, .min = INT64_MAX, .max = INT64_MIN};
  double nonzero = 0, square = 0, relative = 0;
  int64_t sum = 0, bias = 0, wrong = 0;
  for (int32_t a = mul_a_min(s); a <= mul_a_max(s); a++)
    for (int32_t b = mul_b_min(s); b <= mul_b_max(s); b++) {
      int64_t p = f(a, b), exact = (int64_t)a * b, error = p - exact, size = llabs(error);
      e.pairs++;
      sum += size, bias += error, wrong += error != 0;
      square += (double)error * (double)error;
      e.wce = size > e.wce ? size : e.wce;
      e.min = p < e.min ? p : e.min;
      e.max = p > e.max ? p : e.max;
      if (exact) {
        double quotient = (double)size / (double)llabs(exact);
        nonzero++, relative += quotient;
        e.wcre = quotient > e.wcre ? quotient : e.wcre;
      } else {
        e.wce_at_zero = size > e.wce_at_zero ? size : e.wce_at_zero;
      }
    }
  double n = (double)e.pairs;
  e.mae = (double)sum / n, e.bias = (double)bias / n, e.ep = (double)wrong / n, e.mse = square / n;
  e.variance = e.mse - e.bias * e.bias, e.mre = relative / nonzero;
  return e;
}

// The broken array without the three lowest bits of a.
static int64_t omit(int32_t a, int32_t b) { return (int64_t)(a - (a & 7)) * b; }

// 32 bits, of which the topmost says that a is at least 4096: products beyond what an int32_t holds, also at b = 0.
static int64_t high(int32_t a, int32_t b) { return (int64_t)(a >> 12) << 31 | (a & b & 1); }

static void figures(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "bam13x12s_h3");
  mul_errors want = by_hand(m->sig, omit), got, other;
  assert_true(mul_error_figures_all(mul_from_netlist(mem, "it", m->sig, m->net), &got));
  same(&got, &want);
  assert_int_equal(got.wce, m->wce);
  netlist *n = nl_new(mem, 13, 12, 32);
  n->out[31] = nl_a(n, 12);
  n->out[0] = nl_and(n, nl_a(n, 0), nl_b(n, 0));
  mul_sig sig = {.a_bits = 13, .b_bits = 12};
  m = mul_from_netlist(mem, "high", sig, nl_finish(n));
  want = by_hand(sig, high);
  assert_int_equal(want.wce_at_zero, (int64_t)1 << 31);
  assert_true(mul_error_figures_all(m, &got));
  same(&got, &want);
  // Every instruction set gives the same bits.
  for (int i = 0; nl_sim_isas[i]; i++)
    if (nl_sim_isas[i]->supported()) {
      setenv("AXGEN_ISA", nl_sim_isas[i]->name, 1);
      assert_true(mul_error_figures_all(m, &other));
      assert_true(other.mse == got.mse && other.mre == got.mre && other.mae == got.mae);
    }
  unsetenv("AXGEN_ISA");
  // Sampled: no wce from anywhere but the samples.
  m = make(mem, "bam13x12s_h3");
  other = mul_error_figures(mul_from_netlist(mem, "it", m->sig, m->net), NULL, 1);
  assert_false(other.exhaustive);
  assert_false(other.wce_exact);
  assert_true(other.wce > 0 && other.wce <= m->wce);
  assert_true(mul_error_figures(m, NULL, 1).wce_exact);
  arena_free(mem);
}

// The circuit with the output of one gate inverted for a single pair of operands.
static const netlist *spoil(arena *mem, const netlist *n, uint32_t a, uint32_t b, int bit) {
  netlist *to = nl_new(mem, n->a_bits, n->b_bits, n->out_bits);
  int32_t *map = arena_new_array(mem, int32_t, (size_t)n->nets), hit = NET_ONE;
  for (int32_t i = 0; i < NET_FIRST_INPUT + n->a_bits + n->b_bits; i++)
    map[i] = i;
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    int32_t x = map[g->in[0]], y = map[g->in[1]], z = map[g->in[2]];
    if (g->kind == GATE_FA)
      nl_fa(to, x, y, z, &map[g->out], &map[g->out + 1]);
    else if (g->kind == GATE_HA)
      nl_ha(to, x, y, &map[g->out], &map[g->out + 1]);
    else if (g->kind == GATE_NOT)
      map[g->out] = nl_not(to, x);
    else
      map[g->out] = nl_gate2(to, g->kind, x, y);
  }
  for (int i = 0; i < n->a_bits; i++)
    hit = nl_and(to, hit, a >> i & 1 ? nl_a(to, i) : nl_not(to, nl_a(to, i)));
  for (int i = 0; i < n->b_bits; i++)
    hit = nl_and(to, hit, b >> i & 1 ? nl_b(to, i) : nl_not(to, nl_b(to, i)));
  for (int i = 0; i < n->out_bits; i++)
    to->out[i] = i == bit ? nl_xor(to, map[n->out[i]], hit) : map[n->out[i]];
  return nl_finish(to);
}

static void compare(void **state) {
  (void)state;
  static const struct {
    const char *name, *other;
    uint32_t a, b;
  } cases[] = {{"exact2u", "exact2u_array", 3, 1},
               {"exact8s", "exact8s_booth", 0, 0},
               {"exact8s", "exact8s_wallace", 255, 255},
               {"exact12x11u", "exact12x11u_ks", 4095, 2047},
               {"exact11s", "exact11s_booth", 1234, 2047}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    arena *mem = arena_new();
    const netlist *x = make(mem, cases[k].name)->net, *y = make(mem, cases[k].other)->net;
    nl_comparison c = nl_compare((const netlist *const[]){x, y}, 2, "test");
    assert_true(c.equal);
    assert_int_equal(c.pairs, (uint64_t)1 << (x->a_bits + x->b_bits));
    // One wrong bit in one pair, in the last netlist; and the first of two wrong pairs is the one that is told.
    const netlist *z = spoil(mem, y, cases[k].a, cases[k].b, 1);
    c = nl_compare((const netlist *const[]){x, y, z}, 3, "test");
    assert_false(c.equal);
    assert_int_equal(c.which, 2);
    assert_int_equal(c.a, cases[k].a);
    assert_int_equal(c.b, cases[k].b);
    assert_int_equal(c.x ^ c.y, 2);
    assert_int_equal((uint32_t)c.x, (uint32_t)nl_eval(x, false, c.a, c.b));
    z = spoil(mem, z, 1, 1, 0);
    c = nl_compare((const netlist *const[]){x, z}, 2, "test");
    bool before = cases[k].a < 1 || (cases[k].a == 1 && cases[k].b < 1);
    assert_int_equal(c.a, before ? cases[k].a : 1);
    assert_int_equal(c.b, before ? cases[k].b : 1);
    arena_free(mem);
  }
}

// A wide netlist by its path.
static void file(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  str text = {0};
  char folder[] = "/tmp/axgen-wide-XXXXXX";
  assert_non_null(mkdtemp(folder));
  const char *path = path_join(mem, folder, "it.net");
  const mul *m = make(mem, "bam16u_v10");
  str_add(&text, "# it: a unsigned, b unsigned, product unsigned\n");
  nl_print(m->net, &text);
  assert_true(file_write(path, text.data, text.len, &d));
  const mul *got = mul_make(mem, path, &d);
  assert_non_null(got);
  assert_int_equal(mul_apply(got, 65535, 65535), m->function(m, 65535, 65535));
  assert_true(mul_apply(got, 65535, 65535) > INT32_MAX);
  assert_int_equal(got->max, UINT32_MAX);
  str_free(&text);
  str_add(&text, "# it: a unsigned, b unsigned, product unsigned\naxgen-netlist 1 17 2 19\nOUT 0 0 0 0 0 0 0 0 0 0 0 0 "
                 "0 0 0 0 0 0 0\n");
  assert_true(file_write(path, text.data, text.len, &d));
  assert_null(mul_make(mem, path, &d));
  assert_non_null(strstr(d.text.data, "2 to 16 bits each"));
  str_free(&text);
  remove(path);
  remove(folder);
  diag_free(&d);
  arena_free(mem);
}

// Gates are shown equal to their closed form, and a circuit with another function is found with a pair that shows it.
static void proofs(void **state) {
  (void)state;
  static const struct {
    const char *name, *other;
    bool all;
  } pairs[] = {{"exact12s", "roup12s_p0_c1", true},      {"bam10u_h1_v3_t0", "exact10u", true},
               {"exact8s", "roup8s_p1_c7", true},        {"exact16s_booth", "roup16s_p0_c3", false},
               {"exact16x12us", "bam16x12us_v4", false}, {"roup16u_p1_c9", "roup16u_p1_c8", false}};
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
    arena *mem = arena_new();
    const mul *m = make(mem, pairs[k].name), *other = make(mem, pairs[k].other);
    int bits = m->sig.a_bits + m->sig.b_bits;
    assert_true(mul_has_function(m));
    mul_proof p = mul_prove(m, false, "");
    assert_true(p.equal && !p.differs);
    assert_int_equal(p.all, pairs[k].all);
    assert_int_equal(p.pairs, p.all ? (uint64_t)1 << bits : MUL_PROOF_SAMPLES);
    mul wrong = *m;
    wrong.net = other->net;
    assert_int_equal(m->sig.p_bits, other->net->out_bits);
    p = mul_prove(&wrong, false, "");
    assert_true(p.differs && !p.equal);
    int32_t a = mul_value(p.a, m->sig.a_bits, m->sig.a_signed), b = mul_value(p.b, m->sig.b_bits, m->sig.b_signed);
    assert_true(m->function(m, a, b) != nl_eval(other->net, m->sig.p_signed, p.a, p.b));
    assert_false(mul_has_function(mul_from_netlist(mem, "it", m->sig, m->net)));
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(products), cmocka_unit_test(figures), cmocka_unit_test(compare),
                                     cmocka_unit_test(file), cmocka_unit_test(proofs)};
  return cmocka_run_group_tests_name("genlib/wide", tests, NULL, NULL);
}
