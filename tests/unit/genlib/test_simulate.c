// SPDX-License-Identifier: Apache-2.0
//
// Every kernel this machine runs against nl_eval, one vector at a time.
#include "tests/unit/genlib/unit.h"

static const char *const circuits[] = {
    "exact2s",       "exact3x2u",          "exact4s",       "exact8s",        "exact8us_booth",
    "exact8s_csel",  "exact8s_wallace_ks", "roup8s_p1_c7",  "bam8s_h0_v3_t0", "exact16s",
    "roup16s_p2_c7", "exact12x9su",        "exact16u_csel",
};

static netlist *random_netlist(arena *mem, rng *r, int gates) {
  netlist *n = nl_new(mem, 5, 6, 12);
  for (int i = 0; i < gates; i++) {
    uint32_t k = (uint32_t)n->nets;
    int32_t x = (int32_t)rng_below(r, k), y = (int32_t)rng_below(r, k), z = (int32_t)rng_below(r, k), s, c;
    gate_kind kind = (gate_kind)(GATE_NOT + rng_below(r, GATE_KINDS - GATE_NOT));
    if (kind == GATE_FA)
      nl_fa(n, x, y, z, &s, &c);
    else if (kind == GATE_HA)
      nl_ha(n, x, y, &s, &c);
    else if (kind == GATE_MUX)
      nl_mux(n, x, y, z);
    else if (kind == GATE_NOT)
      nl_not(n, x);
    else
      nl_gate2(n, kind, x, y);
  }
  for (int i = 0; i < 12; i++)
    n->out[i] = n->nets - 1 - i;
  return n;
}

static void check_random_vectors(const netlist *n, bool is_signed, bool every_net) {
  arena *mem = arena_new();
  for (int k = 0; nl_sim_isas[k]; k++) {
    if (!nl_sim_isas[k]->supported())
      continue;
    sim *s = nl_sim_new(mem, n, nl_sim_isas[k], every_net);
    int words = nl_sim_words(s);
    rng r = rng_seed(11);
    for (int i = 0; i < n->a_bits + n->b_bits; i++)
      for (int w = 0; w < words; w++)
        nl_sim_input(s, i)[w] = rng_next(&r);
    nl_sim_run(s);
    for (int v = 0; v < 64 * words; v += 7) {
      uint32_t code[2] = {0};
      for (int i = 0; i < n->a_bits + n->b_bits; i++)
        code[i >= n->a_bits] |= (uint32_t)(nl_sim_input(s, i)[v / 64] >> (v % 64) & 1)
                                << (i < n->a_bits ? i : i - n->a_bits);
      uint64_t want = (uint64_t)nl_eval(n, is_signed, code[0], code[1]);
      for (int i = 0; i < n->out_bits; i++) {
        assert_int_equal(nl_sim_output(s, i)[v / 64] >> (v % 64) & 1, want >> i & 1);
        if (every_net)
          assert_int_equal(nl_sim_net(s, n->out[i])[v / 64] >> (v % 64) & 1, want >> i & 1);
      }
    }
  }
  arena_free(mem);
}

static void kernels_against_one_vector_at_a_time(void **state) {
  (void)state;
  for (size_t i = 0; i < BASE_COUNT(circuits); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, circuits[i]);
    check_random_vectors(m->net, m->sig.p_signed, false);
    check_random_vectors(m->net, m->sig.p_signed, true);
    arena_free(mem);
  }
}

static void random_netlists(void **state) {
  (void)state;
  rng r = rng_seed(5);
  for (int i = 0; i < 100; i++) {
    arena *mem = arena_new();
    netlist *n = random_netlist(mem, &r, 20 + 5 * i);
    check_random_vectors(n, false, i & 1);
    check_random_vectors(nl_finish(n), false, i & 1);
    arena_free(mem);
  }
}

static void exhaustive_tables(void **state) {
  (void)state;
  for (size_t i = 0; i < BASE_COUNT(circuits); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, circuits[i]);
    int bits = m->sig.a_bits + m->sig.b_bits;
    if (bits <= 16) {
      size_t size = sizeof(int32_t) << bits;
      int32_t *table = malloc(size);
      for (int k = 0; nl_sim_isas[k]; k++)
        if (nl_sim_isas[k]->supported()) {
          memset(table, 0x55, size);
          nl_sim_table(m->net, m->sig.p_signed, nl_sim_isas[k], table);
          assert_memory_equal(table, m->table, size);
        }
      free(table);
      for (uint32_t v = 0; v<1u << bits; v += bits> 10 ? 61 : 1)
        assert_int_equal(m->table[v],
                         nl_eval(m->net, m->sig.p_signed, v >> m->sig.b_bits, v & ((1u << m->sig.b_bits) - 1)));
    }
    arena_free(mem);
  }
}

// Several blocks: 12 x 12 bits.
static void large_enumeration(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "exact12s");
  int32_t *table = malloc(sizeof *table << 24);
  nl_sim_table(m->net, true, NULL, table);
  for (uint32_t v = 0; v < 1u << 24; v++)
    if (table[v] != mul_value(v >> 12, 12, true) * mul_value(v & 4095, 12, true))
      fail_msg("exact12s: wrong at %#x", v);
  free(table);
  arena_free(mem);
}

// Changes of every net over a sequence, against one vector at a time.
static void toggle_counts(void **state) {
  (void)state;
  static const char *const names[] = {"exact4s", "roup8s_p1_c7", "exact16s_booth"};
  static const size_t lengths[] = {1, 2, 63, 64, 65, 127, 1000, 3001};
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, names[i]);
    // Every net an output, in groups of 64: nl_eval then shows them all.
    size_t most = lengths[BASE_COUNT(lengths) - 1], nets = (size_t)m->net->nets;
    uint32_t *a = arena_new_array(mem, uint32_t, most), *b = arena_new_array(mem, uint32_t, most);
    rng r = rng_seed(19);
    for (size_t k = 0; k < most; k++) {
      a[k] = (uint32_t)rng_next(&r) & ((1u << m->sig.a_bits) - 1);
      b[k] = k % 5 ? b[k - 1] : (uint32_t)rng_next(&r) & ((1u << m->sig.b_bits) - 1); // held
    }
    uint64_t *got = arena_new_array(mem, uint64_t, nets), *want = arena_new_array(mem, uint64_t, nets);
    size_t next = 0;
    for (size_t k = 1; k <= most; k++) {
      for (; next < BASE_COUNT(lengths) && lengths[next] == k; next++)
        for (int isa = 0; nl_sim_isas[isa]; isa++)
          if (nl_sim_isas[isa]->supported()) {
            nl_sim_toggles(m->net, nl_sim_isas[isa], a, b, k, got);
            assert_memory_equal(got, want, nets * sizeof *got);
          }
      for (size_t base = 0; k < most && base < nets; base += 64) {
        netlist part = *m->net;
        int32_t out[64];
        for (int bit = 0; bit < 64; bit++)
          out[bit] = (int32_t)(base + (size_t)bit < nets ? base + (size_t)bit : NET_ZERO);
        part.out = out;
        part.out_bits = 64;
        uint64_t change = (uint64_t)(nl_eval(&part, false, a[k], b[k]) ^ nl_eval(&part, false, a[k - 1], b[k - 1]));
        for (int bit = 0; bit < 64 && base + (size_t)bit < nets; bit++)
          want[base + (size_t)bit] += change >> bit & 1;
      }
    }
    assert_int_equal(next, BASE_COUNT(lengths));
    arena_free(mem);
  }
}

static void chosen_by_environment(void **state) {
  (void)state;
  const char *old = getenv("AXGEN_ISA");
  char *saved = old ? strdup(old) : NULL;
  setenv("AXGEN_ISA", "scalar", 1);
  assert_string_equal(nl_sim_isa_choose()->name, "scalar");
  unsetenv("AXGEN_ISA");
  assert_true(nl_sim_isa_choose()->supported());
  if (saved)
    setenv("AXGEN_ISA", saved, 1);
  free(saved);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kernels_against_one_vector_at_a_time),
      cmocka_unit_test(random_netlists),
      cmocka_unit_test(exhaustive_tables),
      cmocka_unit_test(large_enumeration),
      cmocka_unit_test(toggle_counts),
      cmocka_unit_test(chosen_by_environment),
  };
  return cmocka_run_group_tests_name("genlib/simulate", tests, NULL, NULL);
}
