// SPDX-License-Identifier: Apache-2.0
//
// Approximate adders against a second definition, bit by bit with ripple carries, on all pairs of small widths; names.
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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_pairs), cmocka_unit_test(widest), cmocka_unit_test(names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
