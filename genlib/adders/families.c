// SPDX-License-Identifier: Apache-2.0
//
// The families of approximate adders: what each computes, how far off it can be, how large it is.
#include "genlib/adders/adder.h"

static uint64_t low(int bits) { return ((uint64_t)1 << bits) - 1; }

// Gates that add up bits from..to-1; a bit above the operands is 0. `keep`: they are bits of the sum. Their carry.
static int32_t ripple(netlist *n, int from, int to, int32_t carry, bool keep) {
  for (int i = from; i < to; i++) {
    int32_t sum;
    nl_fa(n, i < n->a_bits ? nl_a(n, i) : NET_ZERO, i < n->b_bits ? nl_b(n, i) : NET_ZERO, carry, &sum, &carry);
    if (keep)
      n->out[i] = sum;
  }
  return carry;
}

// loa: the K low bits are ORed; the rest is exact, with the AND of the bits below as its carry.
static void loa_add(const adder *a, int width, uint64_t *restrict sum, const uint64_t *restrict more, size_t n) {
  int k = a->value[0];
  uint64_t below = low(k), all = low(width);
  for (size_t i = 0; i < n; i++) {
    uint64_t x = sum[i], y = more[i], carry = (x & y) >> (k - 1) & 1;
    sum[i] = (((x >> k) + (y >> k) + carry) << k | ((x | y) & below)) & all;
  }
}
static void loa_build(const adder *a, netlist *n, int width) {
  int k = a->value[0];
  for (int i = 0; i < k; i++)
    n->out[i] = nl_or(n, nl_a(n, i), nl_b(n, i));
  ripple(n, k, width, nl_and(n, nl_a(n, k - 1), nl_b(n, k - 1)), true);
}
static double loa_size(const adder *a, int width) { return width - a->value[0] + 0.2 * a->value[0]; }
static int above(const adder *a, int width) { return width - a->value[0]; }

// trunc: the K low bits are 0 and not looked at.
static void trunc_add(const adder *a, int width, uint64_t *restrict sum, const uint64_t *restrict more, size_t n) {
  int k = a->value[0];
  uint64_t all = low(width) & ~low(k), kept = ~low(k);
  for (size_t i = 0; i < n; i++)
    sum[i] = ((sum[i] & kept) + (more[i] & kept)) & all;
}
static void trunc_build(const adder *a, netlist *n, int width) {
  for (int i = 0; i < a->value[0]; i++)
    n->out[i] = NET_ZERO;
  ripple(n, a->value[0], width, NET_ZERO, true);
}
static double trunc_size(const adder *a, int width) { return width - a->value[0]; }

// cut: segments of S bits; into each goes the carry that the P bits below it make alone.
static void cut_add(const adder *a, int width, uint64_t *restrict sum, const uint64_t *restrict more, size_t n) {
  int s = a->value[0], p = a->value[1];
  for (size_t i = 0; i < n; i++) {
    uint64_t x = sum[i], y = more[i], all = 0;
    for (int at = 0; at < width; at += s) {
      int before = at < p ? at : p, bits = width - at < s ? width - at : s;
      uint64_t part = (x >> (at - before) & low(before + bits)) + (y >> (at - before) & low(before + bits));
      all |= (part >> before & low(bits)) << at;
    }
    sum[i] = all;
  }
}
static void cut_build(const adder *a, netlist *n, int width) {
  int s = a->value[0], p = a->value[1];
  for (int at = 0; at < width; at += s) {
    int32_t carry = ripple(n, at < p ? 0 : at - p, at, NET_ZERO, false);
    ripple(n, at, at + s < width ? at + s : width, carry, true);
  }
}
static int segment(const adder *a, int width) {
  int bits = a->value[0] + a->value[1];
  return bits < width ? bits : width;
}
// Two XORs a bit; a carry from each bit of a segment but its last, and from each of the bits below: the first from two
// bits, by an AND. A segment without bits below begins with one XOR.
static double cut_size(const adder *a, int width) {
  static const double XOR = 0.33, CARRY = 0.34, AND = 0.16;
  double size = 0;
  for (int at = 0; at < width; at += a->value[0]) {
    int bits = width - at < a->value[0] ? width - at : a->value[0], before = at < a->value[1] ? at : a->value[1];
    int carries = before + bits - 1;
    size += 2 * bits * XOR + carries * CARRY - (before ? 0 : XOR) - (carries ? CARRY - AND : 0);
  }
  return size;
}

// Row i is FAMILY i + 1 of axgen_approx_adder; behind them comes that of imported adders (adder_file.c).
// clang-format off
const adder_family adder_families[] = {
    {"loa",   "loa_k6",    {{'k', 1, "low bits that are ORed"}},            loa_add,   loa_build,   NULL, loa_size,   above,   false},
    {"trunc", "trunc_k4",  {{'k', 1, "low bits that are left out"}},        trunc_add, trunc_build, NULL, trunc_size, above,   true},
    {"cut",   "cut_s8_p4", {{'s', 1, "bits of a segment"},
                            {'p', 0, "bits below it that make its carry"}}, cut_add,   cut_build,   NULL, cut_size,   segment, false},
};
// clang-format on
const size_t adder_family_count = BASE_COUNT(adder_families);
