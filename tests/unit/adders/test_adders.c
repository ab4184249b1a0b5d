// SPDX-License-Identifier: Apache-2.0
//
// Approximate adders against a second definition, bit by bit with ripple carries, on all pairs of small widths, as
// functions and as gates; imported ones; names.
#include "genlib/adders/adder.h"

#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static int bit(unsigned v, int i) { return (int)(v >> i & 1); }

// Bit i of the sum of bits from `from` on, where `carry` comes in.
static int ripple(unsigned x, unsigned y, int from, int i, int carry) {
  for (int k = from; k < i; k++)
    carry = bit(x, k) + bit(y, k) + carry > 1;
  return (bit(x, i) + bit(y, i) + carry) & 1;
}

static int loa(const int *v, unsigned x, unsigned y, int i) {
  int k = v[0];
  return i < k ? bit(x, i) || bit(y, i) : ripple(x, y, k, i, bit(x, k - 1) && bit(y, k - 1));
}
static int trunc_of(const int *v, unsigned x, unsigned y, int i) { return i >= v[0] && ripple(x, y, v[0], i, 0); }
static int cut(const int *v, unsigned x, unsigned y, int i) {
  int from = i / v[0] * v[0] - v[1];
  return ripple(x, y, from < 0 ? 0 : from, i, 0);
}

static void all_pairs(void **state) {
  (void)state;
  enum { MOST = 7 };
  static const struct {
    const char *name;
    int (*bit)(const int *v, unsigned x, unsigned y, int i);
  } defined[] = {{"loa_k", loa}, {"trunc_k", trunc_of}, {"cut_s", cut}};
  assert_int_equal(BASE_COUNT(defined), adder_family_count);
  arena *mem = arena_new();
  for (size_t f = 0; f < BASE_COUNT(defined); f++)
    for (int v = 1; v <= MOST; v++)
      for (int p = 0; p <= (f == 2 ? MOST : 0); p++) {
        diag d = {0};
        const adder *a =
            adder_make(mem, arena_printf(mem, p ? "%s%d_p%d" : "%s%d", defined[f].name, v, p), (src_pos){0}, &d);
        assert_non_null(a);
        assert_int_equal(adder_core(a), f + 1);
        for (int w = adder_least_bits(a); w <= MOST; w++)
          for (unsigned x = 0; x < 1u << w; x++) {
            uint64_t sum[1 << MOST], more[1 << MOST];
            for (unsigned y = 0; y < 1u << w; y++)
              sum[y] = x, more[y] = y;
            adder_apply(a, w, sum, more, (size_t)1 << w);
            for (unsigned y = 0; y < 1u << w; y++) {
              unsigned want = 0;
              for (int i = 0; i < w; i++)
                want |= (unsigned)defined[f].bit(a->value, x, y, i) << i;
              if (sum[y] != want)
                fail_msg("%s on %d bits: %u + %u is %llu, not %u", a->name, w, x, y, (unsigned long long)sum[y], want);
            }
          }
      }
  arena_free(mem);
}

// The gates of a family's adder are its function of one bit more than the operands.
static void gates(void **state) {
  (void)state;
  static const char *const names[] = {"loa_k1", "loa_k3",    "loa_k6",    "trunc_k1", "trunc_k5",
                                      "cut_s1", "cut_s3_p2", "cut_s4_p9", "cut_s7"};
  arena *mem = arena_new();
  for (size_t f = 0; f < BASE_COUNT(names); f++)
    for (int bits = 2; bits <= 7; bits++) {
      diag d = {0};
      const adder *a = adder_make(mem, names[f], (src_pos){0}, &d);
      if (adder_least_bits(a) > bits)
        continue;
      const mul *m = adder_circuit(mem, a, bits);
      assert_true(m->adds && m->sig.p_bits == bits + 1);
      for (uint32_t x = 0; x < 1u << bits; x++)
        for (uint32_t y = 0; y < 1u << bits; y++) {
          uint64_t sum = x, more = y;
          adder_apply(a, bits + 1, &sum, &more, 1);
          assert_int_equal(mul_apply(m, (int32_t)x, (int32_t)y), sum);
        }
    }
  arena_free(mem);
}

// ---- imported ----
enum { ORED = 3, CUT = 5 };
// A ripple adder that ORs ORED low bits and lets no carry pass through bit CUT: as gates ...
static const adder *imported(arena *mem, int bits) {
  netlist *n = nl_new(mem, bits, bits, bits + 1);
  int32_t carry = NET_ZERO;
  for (int i = 0; i < bits; i++) {
    int32_t made = nl_and(n, nl_a(n, i), nl_b(n, i)), half = nl_xor(n, nl_a(n, i), nl_b(n, i));
    n->out[i] = i < ORED ? nl_or(n, nl_a(n, i), nl_b(n, i)) : nl_xor(n, half, carry);
    carry = i < ORED || i == CUT ? made : nl_or(n, made, nl_and(n, half, carry));
  }
  n->out[bits] = carry;
  diag d = {0};
  return adder_from_netlist(mem, "some/where.net", nl_finish(n), &d);
}
// ... and bit by bit, in an accumulator of `width` bits.
static uint64_t defined_sum(int bits, int width, uint64_t x, uint64_t y) {
  uint64_t sum = 0, all = ((uint64_t)1 << width) - 1;
  bool carry = false;
  for (int i = 0; i < (width > bits ? width : bits); i++) {
    int at = i < width ? i : width - 1; // the sign goes on
    bool p = x >> at & 1, q = y >> at & 1, ored = i < ORED;
    sum |= (uint64_t)(ored ? p || q : (p + q + carry) & 1) << i;
    carry = ored || (i == CUT && i < bits) ? p && q : p + q + carry > 1;
  }
  return sum & all;
}

static void imported_ones(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(3);
  for (int bits = 6; bits <= 16; bits += 5)
    for (int width = 4; width <= ADDER_MOST_BITS; width += width == 46 ? 1 : 3)
      for (size_t n = 1; n < 3000; n = 2 * n + 29) { // around words, columns and blocks of all instruction sets
        const adder *a = imported(mem, bits);
        uint64_t *x = arena_new_array(mem, uint64_t, n), *y = arena_new_array(mem, uint64_t, n),
                 *sum = arena_new_array(mem, uint64_t, n);
        for (size_t i = 0; i < n; i++) {
          x[i] = sum[i] = rng_next(&r) >> (64 - width);
          y[i] = rng_next(&r) >> (64 - width);
        }
        adder_apply(a, width, sum, y, n);
        for (size_t i = 0; i < n; i++) {
          assert_int_equal(sum[i], defined_sum(bits, width, x[i], y[i]));
          if (i < 32)
            assert_int_equal(adder_one(a, width, x[i], y[i]), sum[i]);
        }
      }
  assert_int_equal(adder_core(imported(mem, 8)), adder_family_count + 1);
  assert_string_equal(adder_identifier(mem, imported(mem, 8)), "where");
  arena_free(mem);
}

static void no_adders(void **state) {
  (void)state;
  static const struct {
    int a, b, out;
  } wrong[] = {{8, 7, 9}, {8, 8, 8}, {8, 8, 16}, {1, 1, 2}, {17, 17, 18}, {32, 32, 33}};
  arena *mem = arena_new();
  for (size_t i = 0; i < BASE_COUNT(wrong); i++) {
    diag d = {0};
    netlist *n = nl_new(mem, wrong[i].a, wrong[i].b, wrong[i].out);
    for (int k = 0; k < wrong[i].out; k++)
      n->out[k] = NET_ONE;
    assert_null(adder_from_netlist(mem, "x.net", nl_finish(n), &d));
    assert_non_null(strstr(d.text.data, "two operands of 2 to 16 bits each, and a sum of one bit more"));
    diag_free(&d);
  }
  diag d = {0};
  netlist *n = nl_new(mem, 8, 8, 9);
  n->count = ADDER_MOST_GATES + 1;
  assert_null(adder_from_netlist(mem, "x.net", n, &d));
  assert_non_null(strstr(d.text.data, "gates; an adder has at most"));
  diag_free(&d);
  arena_free(mem);
}

static void widest(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  uint64_t all = ((uint64_t)1 << ADDER_MOST_BITS) - 1, sum = all, one = 1;
  adder_apply(adder_make(mem, "cut_s46_p46", (src_pos){0}, &d), ADDER_MOST_BITS, &sum, &one, 1); // no carry is lost
  assert_true(sum == 0);
  sum = all;
  adder_apply(adder_make(mem, "cut_s40", (src_pos){0}, &d), ADDER_MOST_BITS, &sum, &one, 1);
  assert_true(sum == (all >> 40 << 40));
  arena_free(mem);
}

static void names(void **state) {
  (void)state;
  static const struct {
    const char *name, *says;
  } wrong[] = {{"", "no such family"},
               {"exact8s", "no such family"},
               {"lo_k3", "no such family"},
               {"loa", "no kN: low bits that are ORed"},
               {"loa_", "a number is wrong"},
               {"loa_k", "a number is wrong"},
               {"loa_k0", "a number is wrong"},
               {"loa_k47", "a number is wrong"},
               {"loa_k9999999999", "a number is wrong"},
               {"loa_k3_k4", "a number is wrong"},
               {"loa_k3x", "a number is wrong"},
               {"loa_p3", "a number is wrong"},
               {"cut_p3", "no sN: bits of a segment"},
               {"trunc_k-1", "a number is wrong"}};
  arena *mem = arena_new();
  for (size_t i = 0; i < BASE_COUNT(wrong); i++) {
    diag d = {0};
    assert_null(adder_make(mem, wrong[i].name, (src_pos){0}, &d));
    assert_int_equal(d.errors, 1);
    if (!strstr(d.text.data, wrong[i].says))
      fail_msg("%s: %s", wrong[i].name, d.text.data);
    diag_free(&d);
  }
  arena_free(mem);
}

// Against what Yosys makes of axgen_approx_adder alone, of 20 bits in axgen45, relative to the exact one's 111.19 um2.
static void sizes(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double area;
  } mapped[] = {{"loa_k6", 89.64},     {"trunc_k4", 84.32}, {"cut_s1_p1", 77.41},  {"cut_s2_p2", 114.38},
                {"cut_s4_p2", 111.45}, {"cut_s8", 94.70},   {"cut_s8_p4", 117.04}, {"cut_s8_p8", 122.63}};
  arena *mem = arena_new();
  diag d = {0};
  for (size_t i = 0; i < BASE_COUNT(mapped); i++) {
    const adder *a = adder_make(mem, mapped[i].name, (src_pos){0}, &d);
    double is = a->family->size(a, 20) / 20, want = mapped[i].area / 111.19;
    if (!(is > 0.85 * want && is < 1.15 * want))
      fail_msg("%s: %.3f of an exact adder, Yosys makes %.3f", a->name, is, want);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_pairs),     cmocka_unit_test(gates),
                                     cmocka_unit_test(imported_ones), cmocka_unit_test(no_adders),
                                     cmocka_unit_test(widest),        cmocka_unit_test(names),
                                     cmocka_unit_test(sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
