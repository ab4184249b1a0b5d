// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/genlib/unit.h"

// Random circuits over 2 + 2 inputs, constants, equal and complementary operands included: whatever the simplifications
// do, each net must keep its truth table, in the netlist being built and in the finished one.
static void random_circuits_keep_their_function(void **state) {
  (void)state;
  enum { OPERATIONS = 40, CIRCUITS = 2000 };
  rng r = rng_seed(7);
  for (int circuit = 0; circuit < CIRCUITS; circuit++) {
    arena *mem = arena_new();
    netlist *n = nl_new(mem, 2, 2, 8);
    int32_t net[6 + 2 * OPERATIONS] = {NET_ZERO, NET_ONE, 2, 3, 4, 5};
    // Truth tables over the 16 codes (a << 2 | b).
    uint16_t truth[6 + 2 * OPERATIONS] = {0, 0xffff, 0xf0f0, 0xff00, 0xaaaa, 0xcccc};
    uint32_t count = 6;
    for (int i = 0; i < OPERATIONS; i++) {
      uint32_t x = rng_below(&r, count), y = rng_below(&r, count), z = rng_below(&r, count);
      uint16_t p = truth[x], q = truth[y], s = truth[z], f = 0, g = 0;
      int32_t o = -1, o2 = -1;
      switch ((gate_kind)(GATE_NOT + rng_below(&r, GATE_KINDS - GATE_NOT))) {
      case GATE_NOT:
        o = nl_not(n, net[x]), f = (uint16_t)~p;
        break;
      case GATE_AND:
        o = nl_and(n, net[x], net[y]), f = p & q;
        break;
      case GATE_OR:
        o = nl_or(n, net[x], net[y]), f = p | q;
        break;
      case GATE_XOR:
        o = nl_xor(n, net[x], net[y]), f = p ^ q;
        break;
      case GATE_NAND:
        o = nl_nand(n, net[x], net[y]), f = (uint16_t) ~(p & q);
        break;
      case GATE_NOR:
        o = nl_nor(n, net[x], net[y]), f = (uint16_t) ~(p | q);
        break;
      case GATE_XNOR:
        o = nl_xnor(n, net[x], net[y]), f = (uint16_t) ~(p ^ q);
        break;
      case GATE_MUX:
        o = nl_mux(n, net[x], net[y], net[z]), f = (uint16_t)((p & s) | (~p & q));
        break;
      case GATE_HA:
        nl_ha(n, net[x], net[y], &o, &o2), f = p ^ q, g = p & q;
        break;
      default:
        nl_fa(n, net[x], net[y], net[z], &o, &o2);
        f = p ^ q ^ s;
        g = (uint16_t)((p & q) | (p & s) | (q & s));
      }
      net[count] = o, truth[count++] = f;
      if (o2 >= 0)
        net[count] = o2, truth[count++] = g;
    }
    uint32_t pick[8];
    for (int k = 0; k < 8; k++) {
      pick[k] = rng_below(&r, count);
      n->out[k] = net[pick[k]];
    }
    const netlist *done = nl_finish(n);
    diag d = {0};
    if (!nl_check(done, &d))
      fail_msg("%s", d.text.data);
    assert_true(done->count <= n->count + 8 * 3);
    for (uint32_t code = 0; code < 16; code++) {
      uint64_t want = 0;
      for (int k = 0; k < 8; k++)
        want |= (uint64_t)(truth[pick[k]] >> code & 1) << k;
      assert_int_equal(nl_eval(n, false, code >> 2, code & 3), want);
      assert_int_equal(nl_eval(done, false, code >> 2, code & 3), want);
    }
    arena_free(mem);
  }
}

static void simplifies(void **state) {
  (void)state;
  arena *mem = arena_new();
  netlist *n = nl_new(mem, 2, 2, 1);
  int32_t x = nl_a(n, 0), y = nl_b(n, 1), s, c;
  assert_int_equal(nl_and(n, x, NET_ZERO), NET_ZERO);
  assert_int_equal(nl_or(n, NET_ZERO, x), x);
  assert_int_equal(nl_not(n, nl_not(n, x)), x);
  assert_int_equal(nl_xor(n, x, nl_not(n, x)), NET_ONE);
  assert_int_equal(nl_and(n, x, y), nl_and(n, y, x));
  nl_fa(n, x, y, NET_ZERO, &s, &c);
  assert_int_equal(n->gates[n->count - 1].kind, GATE_HA);
  nl_fa(n, x, NET_ONE, y, &s, &c);
  assert_int_equal(n->gates[n->count - 2].kind, GATE_XNOR);
  assert_int_equal(n->gates[n->count - 1].kind, GATE_OR);
  nl_fa(n, x, y, x, &s, &c);
  assert_int_equal(s, y);
  assert_int_equal(c, x);
  arena_free(mem);
}

static void drops_what_is_not_used(void **state) {
  (void)state;
  arena *mem = arena_new();
  netlist *n = nl_new(mem, 2, 2, 1);
  int32_t s, c, dead = nl_and(n, nl_a(n, 1), nl_b(n, 1));
  nl_xor(n, dead, nl_a(n, 0));
  nl_fa(n, nl_a(n, 0), nl_a(n, 1), nl_b(n, 0), &s, &c);
  n->out[0] = s;
  nl_statistics sum_only = nl_stats(nl_finish(n));
  assert_int_equal(sum_only.gates, 2);
  assert_int_equal(sum_only.count[GATE_XOR], 2);
  n->out[0] = c;
  nl_statistics carry_only = nl_stats(nl_finish(n));
  assert_int_equal(carry_only.count[GATE_FA], 0);
  arena_free(mem);
}

static void text_round_trip(void **state) {
  (void)state;
  static const char *const names[] = {"exact8s", "exact4u_booth", "roup8s_p1_c7", "bam6s_h1_v3_t0", "exact8s_csel"};
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    arena *mem = arena_new();
    const mul *m = make(mem, names[i]);
    str text = {0}, again = {0};
    nl_print(m->net, &text);
    diag d = {0};
    const netlist *n = nl_parse(mem, "n.txt", text.data, &d);
    if (!n)
      fail_msg("%s", d.text.data);
    nl_print(n, &again);
    // The marks are comments; everything else must come back.
    int32_t *table = arena_new_array(mem, int32_t, 1u << (n->a_bits + n->b_bits));
    nl_sim_table(n, m->sig.p_signed, NULL, table);
    assert_memory_equal(table, m->table, sizeof *table << (n->a_bits + n->b_bits));
    assert_int_equal(n->count, m->net->count);
    str_free(&text);
    str_free(&again);
    arena_free(mem);
  }
}

static void text_errors(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "n.txt:1:1: error: not a netlist: `axgen-netlist 1 A_BITS B_BITS OUT_BITS` was expected\n"
           "    1 | \n      | ^\n"},
      {"axgen-netlist 2 8 8 16\n", "n.txt:1:15: error: version: a number 1..1 was expected\n"
                                   "    1 | axgen-netlist 2 8 8 16\n      |               ^\n"},
      {"axgen-netlist 1 2 2 1\nAND 2 6\n", "n.txt:2:7: error: input net: a number 0..5 was expected\n"
                                           "    2 | AND 2 6\n      |       ^\n"},
      {"axgen-netlist 1 2 2 1\n# c\nNAN 2 3\n",
       "n.txt:3:1: error: a gate kind (BUF NOT AND OR XOR NAND NOR XNOR MUX HA FA) or OUT was expected\n"
       "    3 | NAN 2 3\n      | ^\n"},
      {"axgen-netlist 1 2 2 1\nAND 2 3 4\n", "n.txt:2:9: error: the end of the line was expected\n"
                                             "    2 | AND 2 3 4\n      |         ^\n"},
      {"axgen-netlist 1 2 2 1\nAND 2 3\n", "n.txt:3:1: error: the file ends before its OUT line\n"
                                           "    3 | \n      | ^\n"},
      {"axgen-netlist 1 2 2 2\nAND 2 3\nOUT 6\n", "n.txt:3:6: error: output net: a number 0..6 was expected\n"
                                                  "    3 | OUT 6\n      |      ^\n"},
      {"axgen-netlist 1 2 2 1\nOUT 2\nAND 2 3\n", "n.txt:3:1: error: nothing may follow the OUT line\n"
                                                  "    3 | AND 2 3\n      | ^\n"},
  };
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    diag d = {0};
    assert_null(nl_parse(mem, "n.txt", cases[i].text, &d));
    assert_string_equal(d.text.data, cases[i].message);
    diag_free(&d);
    arena_free(mem);
  }
}

// Any damage to a text gives a netlist that passes the check, or an error; never a crash.
static void text_damage(void **state) {
  (void)state;
  arena *mem = arena_new();
  str text = {0};
  nl_print(make(mem, "exact4s")->net, &text);
  rng r = rng_seed(3);
  for (int i = 0; i < 3000; i++) {
    char *copy = strdup(text.data);
    for (uint32_t k = 1 + rng_below(&r, 3); k; k--)
      copy[rng_below(&r, (uint32_t)text.len)] = "0123456789 \nAXF#-\t\x80"[rng_below(&r, 19)];
    if (rng_below(&r, 2))
      copy[rng_below(&r, (uint32_t)text.len)] = 0;
    diag d = {0};
    arena *own = arena_new();
    const netlist *n = nl_parse(own, "n.txt", copy, &d);
    assert_true(n ? nl_check(n, &d) : d.errors == 1);
    arena_free(own);
    diag_free(&d);
    free(copy);
  }
  str_free(&text);
  arena_free(mem);
}

static void check_finds_faults(void **state) {
  (void)state;
  arena *mem = arena_new();
  const netlist *good = make(mem, "exact4s")->net;
  diag d = {0};
  netlist n = *good;
  n.gates = arena_memdup(mem, good->gates, good->count * sizeof *good->gates);
  n.gates[3].in[1] = n.gates[3].out; // reads itself
  assert_false(nl_check(&n, &d));
  n.gates[3] = good->gates[3];
  n.gates[5].out++;
  assert_false(nl_check(&n, &d));
  n.gates[5] = good->gates[5];
  n.out = arena_memdup(mem, good->out, (size_t)n.out_bits * sizeof *n.out);
  n.out[2] = -1;
  assert_false(nl_check(&n, &d));
  n.out[2] = n.nets;
  assert_false(nl_check(&n, &d));
  assert_true(nl_check(good, &d));
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_circuits_keep_their_function),
      cmocka_unit_test(simplifies),
      cmocka_unit_test(drops_what_is_not_used),
      cmocka_unit_test(text_round_trip),
      cmocka_unit_test(text_errors),
      cmocka_unit_test(text_damage),
      cmocka_unit_test(check_finds_faults),
  };
  return cmocka_run_group_tests_name("genlib/netlist", tests, NULL, NULL);
}
