// SPDX-License-Identifier: Apache-2.0
//
// Whether an assignment fits a folding, and in which order, against trying all orders.
#include "compiler/target/dataflow/classes.h"
#include "compiler/target/dataflow/legal.h"
#include "compiler/target/dataflow/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static rng r;
static int pick(int lo, int hi) { return lo + (int)rng_below(&r, (uint32_t)(hi - lo + 1)); }
static int divisor(int n) {
  int d;
  do
    d = pick(1, n);
  while (n % d);
  return d;
}

// The next permutation of order[0 .. count) in the dictionary's order; false: that was the last.
static bool next_order(int *order, int count) {
  int i = count - 1, j = count - 1;
  while (i > 0 && order[i - 1] >= order[i])
    i--;
  if (i <= 0)
    return false;
  while (order[j] <= order[i - 1])
    j--;
  int t = order[i - 1];
  order[i - 1] = order[j], order[j] = t;
  for (int a = i, b = count - 1; a < b; a++, b--)
    t = order[a], order[a] = order[b], order[b] = t;
  return true;
}

static int *natural(arena *mem, int count) {
  int *order = arena_new_array(mem, int, (size_t)count);
  for (int i = 0; i < count; i++)
    order[i] = i;
  return order;
}

static int *shuffled(arena *mem, int count, bool really) {
  int *order = natural(mem, count);
  for (int i = 0; really && i < count; i++) {
    int j = pick(0, i), t = order[i];
    order[i] = order[j], order[j] = t;
  }
  return order;
}

// ---- slots --------------------------------------------------------------------------------------------------------
static bool holds(const slots_ring *ring, const slots_space *spaces, int **order) {
  int class[64];
  for (int i = 0; i < ring->modulus; i++)
    class[i] = -1;
  for (int p = 0; p < ring->part_count; p++)
    for (int slot = 0; slot < spaces[ring->parts[p].space].size; slot++) {
      int *at = &class[(ring->parts[p].from + slot) % ring->modulus];
      int own = ring->class[ring->parts[p].from + order[ring->parts[p].space][slot]];
      if (*at >= 0 && *at != own)
        return false;
      *at = own;
    }
  return true;
}

static bool all_hold(const slots_ring *rings, int count, const slots_space *spaces, int **order) {
  bool ok = true;
  for (int k = 0; k < count; k++)
    ok &= holds(&rings[k], spaces, order);
  return ok;
}

// Two spaces, each with a demand of its own, and one on both side by side.
static void slots_against_all(void **state) {
  (void)state;
  int solved = 0, moved = 0, impossible = 0;
  for (int round = 0; round < 400; round++) {
    r = rng_seed((uint64_t)round);
    arena *mem = arena_new();
    int size = pick(1, 3) * 2;
    const int *fixed = round % 5 == 0 ? shuffled(mem, size, round % 2) : NULL; // in some order, or the natural one
    const slots_space spaces[] = {{size, fixed}, {pick(1, 2) * 2, NULL}};
    const slots_part parts[] = {{0, 0}, {1, spaces[0].size}}, alone[] = {{1, 0}};
    int both = spaces[0].size + spaces[1].size, classes = pick(1, 3);
    int *class[3], modulus[] = {divisor(spaces[0].size), divisor(spaces[1].size), divisor(both)};
    int *hidden[] = {fixed ? arena_memdup(mem, fixed, (size_t)size * sizeof *fixed) : shuffled(mem, size, true),
                     shuffled(mem, spaces[1].size, true)};
    bool solvable = pick(0, 2) > 0;
    for (int k = 0; k < 3; k++) {
      class[k] = arena_new_array(mem, int, (size_t)both);
      int of[64];
      for (int i = 0; i < modulus[k]; i++)
        of[i] = pick(0, classes - 1);
      for (int i = 0; i < both; i++) {
        int space = k == 1 || i >= spaces[0].size, from = space && k == 2 ? spaces[0].size : 0, slot = i - from;
        if (slot < spaces[space].size)
          class[k][from + hidden[space][slot]] = solvable ? of[i % modulus[k]] : pick(0, classes - 1);
      }
    }
    const slots_ring rings[] = {
        {modulus[0], class[0], parts, 1}, {modulus[1], class[1], alone, 1}, {modulus[2], class[2], parts, 2}};
    int count = pick(1, 3), *order[2], *try[2] = {fixed ? hidden[0] : natural(mem, size), NULL};
    bool found = slots_solve(mem, spaces, 2, rings, count, order), exists = false;
    do {
      try[1] = natural(mem, spaces[1].size);
      do
        exists = exists || all_hold(rings, count, spaces, try);
      while (!exists && next_order(try[1], spaces[1].size));
    } while (!exists && !fixed && next_order(try[0], spaces[0].size));
    assert_int_equal(found, exists);
    if (found) {
      assert_true(all_hold(rings, count, spaces, order));
      int *as_is[2] = {natural(mem, spaces[0].size), natural(mem, spaces[1].size)};
      bool stays = memcmp(as_is[0], order[0], (size_t)spaces[0].size * sizeof **order) == 0 &&
                   memcmp(as_is[1], order[1], (size_t)spaces[1].size * sizeof **order) == 0;
      bool free = !fixed || memcmp(as_is[0], fixed, (size_t)size * sizeof *fixed) == 0;
      assert_int_equal(stays, free && all_hold(rings, count, spaces, as_is)); // what fits as it comes stays
      assert_true(!fixed || memcmp(fixed, order[0], (size_t)size * sizeof *fixed) == 0);
      moved += !stays;
    }
    solved += found, impossible += !found;
    arena_free(mem);
  }
  assert_true(solved > 50 && moved > 20 && impossible > 50);
}

// Many channels, a demand of the sender and one of the receiver: found at once, and given up soon.
static void slots_of_many(void **state) {
  (void)state;
  enum { CHANNELS = 512 };
  arena *mem = arena_new();
  int *sender = natural(mem, CHANNELS), *receiver = natural(mem, CHANNELS), *order[1];
  const slots_space space = {CHANNELS, NULL};
  const slots_part part = {0, 0};
  for (int i = 0; i < CHANNELS; i++) { // blocks of 32 go to one of 16 PEs, and every second block to the same lanes
    sender[i] = i / 32;
    receiver[i] = i / 64;
  }
  const slots_ring fits[] = {{16, sender, &part, 1}, {8, receiver, &part, 1}};
  assert_true(slots_solve(mem, &space, 1, fits, 2, order));
  assert_true(all_hold(fits, 2, &space, order));
  for (int i = 0; i < CHANNELS; i++)
    receiver[i] = i % 8; // each PE's filters would come to all lanes
  double started = clock_seconds();
  assert_false(slots_solve(mem, &space, 1, fits, 2, order));
  assert_true(clock_seconds() - started < 5);
  arena_free(mem);
}

// ---- classes ------------------------------------------------------------------------------------------------------
// Whether each position gets one multiplier when filters and channels stand in these orders.
static bool one_a_position(const net_node *n, int channels, const assignment *a, int pe, int simd, const int *filter,
                           const int *channel) {
  int g = (int)gcd64(simd, channels), tw = (int)gcd64(simd / g, n->kw), th = simd / g / tw;
  int have[64];
  for (int i = 0; i < pe * simd; i++)
    have[i] = -1;
  for (int f = 0; f < n->shape.c; f++)
    for (int c = 0; c < channels; c++)
      for (int t = 0; t < n->kh * n->kw; t++) {
        int lane = (t / n->kw % th * tw + t % n->kw % tw) * g + c % g;
        int *at = &have[f % pe * simd + lane];
        int m = assignment_mul(a, (filter[f] * channels + channel[c]) * n->kh * n->kw + t);
        if (*at >= 0 && *at != m)
          return false;
        *at = m;
      }
  return true;
}

static bool fits_somehow(arena *mem, const net_node *n, int channels, const assignment *a, int pe, int simd) {
  int *filter = natural(mem, n->shape.c);
  do {
    int *channel = natural(mem, channels);
    do
      if (one_a_position(n, channels, a, pe, simd, filter, channel))
        return true;
    while (next_order(channel, channels));
  } while (next_order(filter, n->shape.c));
  return false;
}

static void classes_against_all(void **state) {
  (void)state;
  int fit = 0, unfit = 0;
  for (int round = 0; round < 300; round++) {
    r = rng_seed(1000 + (uint64_t)round);
    arena *mem = arena_new();
    int channels = pick(1, 4), filters = pick(1, 4), kh = pick(1, 2), kw = pick(1, 3);
    net_node nodes[] = {{.name = "x", .op = NET_INPUT, .shape = {channels, 4, 4}},
                        {.name = "c", .op = NET_CONV, .kh = kh, .kw = kw, .groups = 1, .input_count = 1}};
    nodes[1].shape = (net_shape){filters, 4, 4};
    const network net = {.nodes = nodes, .count = 2};
    const net_node *n = &nodes[1];
    int pe = divisor(filters), simd = divisor(channels * kh * kw), weights = filters * channels * kh * kw;
    uint8_t mul[128], at[64];
    int *row = natural(mem, filters), *column = natural(mem, channels);
    for (int i = 0; i < 8; i++) { // some permutation
      int a = pick(0, filters - 1), b = pick(0, channels - 1), t = row[0];
      row[0] = row[a], row[a] = t;
      t = column[0], column[0] = column[b], column[b] = t;
    }
    for (int i = 0; i < pe * simd; i++)
      at[i] = (uint8_t)pick(0, 1);
    int g = (int)gcd64(simd, channels), tw = (int)gcd64(simd / g, kw), th = simd / g / tw;
    for (int f = 0; f < filters; f++)
      for (int c = 0; c < channels; c++)
        for (int t = 0; t < kh * kw; t++)
          mul[(row[f] * channels + column[c]) * kh * kw + t] =
              at[f % pe * simd + (t / kw % th * tw + t % kw % tw) * g + c % g];
    if (pick(0, 1))
      mul[pick(0, weights - 1)] ^= 1; // which spoils most of them
    assignment a = assignment_by_weight(mem, &net, n, mul);
    bool want = fits_somehow(mem, n, channels, &a, pe, simd);
    assert_int_equal(classes_fit(classes_of(mem, &net, n, &a, pe, simd)), want);
    int other_pe = pe, other_simd = simd;
    classes_next_folding(&net, n, &a, &other_pe, &other_simd);
    assert_true(other_pe * other_simd >= pe * simd);
    assert_true(classes_fit(classes_of(mem, &net, n, &a, other_pe, other_simd)));
    assert_true(!want || other_pe * other_simd == pe * simd);
    fit += want, unfit += !want;
    arena_free(mem);
  }
  assert_true(fit > 50 && unfit > 50);
}

// ---- the nearest ----------------------------------------------------------------------------------------------------
static void balance_against_all(void **state) {
  (void)state;
  for (int round = 0; round < 200; round++) {
    r = rng_seed(2000 + (uint64_t)round);
    arena *mem = arena_new();
    int groups = pick(1, 3), each = pick(1, 2), members = groups * each, group_of[6];
    int64_t gain[18], most = INT64_MIN, got = 0;
    for (int i = 0; i < members * groups; i++)
      gain[i] = pick(0, 20);
    int *order = natural(mem, members);
    do {
      int64_t sum = 0;
      for (int i = 0; i < members; i++)
        sum += gain[order[i] * groups + i / each];
      most = sum > most ? sum : most;
    } while (next_order(order, members));
    legal_balance(gain, members, groups, group_of);
    int load[3] = {0};
    for (int i = 0; i < members; i++) {
      got += gain[i * groups + group_of[i]];
      load[group_of[i]]++;
    }
    for (int g = 0; g < groups; g++)
      assert_int_equal(load[g], each);
    assert_int_equal(got, most);
    arena_free(mem);
  }
}

// Of all that fits: how few weights can be moved. Orders of filters and channels, and each position's most wanted.
static int fewest(arena *mem, const net_node *n, int channels, const assignment *a, int pe, int simd) {
  int g = (int)gcd64(simd, channels), tw = (int)gcd64(simd / g, n->kw), th = simd / g / tw, taps = n->kh * n->kw;
  int *filter = natural(mem, n->shape.c), best = INT32_MAX;
  do {
    int *channel = natural(mem, channels);
    do {
      int count[64][2] = {{0}}, moved = 0;
      for (int f = 0; f < n->shape.c; f++)
        for (int c = 0; c < channels; c++)
          for (int t = 0; t < taps; t++)
            count[f % pe * simd + (t / n->kw % th * tw + t % n->kw % tw) * g + c % g]
                 [assignment_mul(a, (filter[f] * channels + channel[c]) * taps + t)]++;
      for (int i = 0; i < pe * simd; i++)
        moved += count[i][0] < count[i][1] ? count[i][0] : count[i][1];
      best = moved < best ? moved : best;
    } while (next_order(channel, channels));
  } while (next_order(filter, n->shape.c));
  return best;
}

// By filter always the fewest; by weight what fits, and all in all hardly more than the fewest.
static void nearest_against_all(void **state) {
  (void)state;
  int all_moved = 0, all_fewest = 0;
  for (int round = 0; round < 300; round++) {
    r = rng_seed(3000 + (uint64_t)round);
    arena *mem = arena_new();
    int channels = pick(1, 4), filters = pick(1, 4), kh = pick(1, 2), kw = pick(1, 2);
    net_node nodes[] = {{.name = "x", .op = NET_INPUT, .shape = {channels, 4, 4}},
                        {.name = "c", .op = NET_CONV, .kh = kh, .kw = kw, .groups = 1, .input_count = 1}};
    nodes[1].shape = (net_shape){filters, 4, 4};
    const network net = {.nodes = nodes, .count = 2};
    const net_node *n = &nodes[1];
    const mul exact = {.exact = true}, rough = {.wce = 5}, *const muls[] = {&rough, &exact};
    int pe = divisor(filters), simd = divisor(channels * kh * kw), weights = filters * channels * kh * kw;
    uint8_t mul[64];
    bool by_filter = round % 3 == 0;
    for (int i = 0; i < weights; i++)
      mul[i] = by_filter && i % (weights / filters) ? mul[i - 1] : (uint8_t)pick(0, 1);
    assignment a = assignment_by_weight(mem, &net, n, mul), near, again;
    int64_t moved = legal_layer(mem, &net, n, muls, &a, pe, simd, &near);
    int least = fewest(mem, n, channels, &a, pe, simd), differ = 0;
    for (int i = 0; i < weights; i++)
      differ += assignment_mul(&a, i) != assignment_mul(&near, i);
    assert_int_equal(moved, differ);
    assert_true(classes_fit(classes_of(mem, &net, n, &near, pe, simd)));
    assert_true(moved >= least && (!by_filter || moved == least));
    assert_int_equal(legal_layer(mem, &net, n, muls, &near, pe, simd, &again), 0);
    assert_true(assignment_equal(&near, &again));
    all_moved += (int)moved, all_fewest += least;
    arena_free(mem);
  }
  assert_true(all_fewest > 100 && all_moved <= all_fewest * 11 / 10);
}

// More weights at one position than 16 bits count.
static void nearest_of_many(void **state) {
  (void)state;
  enum { SIDE = 260, WEIGHTS = SIDE * SIDE, OTHERS = 1000 };
  arena *mem = arena_new();
  net_node nodes[] = {{.name = "x", .op = NET_INPUT, .shape = {1, SIDE, SIDE}},
                      {.name = "d", .op = NET_DENSE, .kh = SIDE, .kw = SIDE, .groups = 1, .input_count = 1}};
  nodes[1].shape = (net_shape){1, 1, 1};
  const network net = {.nodes = nodes, .count = 2};
  const mul exact = {.exact = true}, rough = {.wce = 5}, *const muls[] = {&rough, &exact};
  uint8_t *mul = arena_alloc(mem, WEIGHTS);
  for (int i = 0; i < WEIGHTS; i++)
    mul[i] = i < OTHERS;
  assignment a = assignment_by_weight(mem, &net, &nodes[1], mul), near;
  assert_int_equal(legal_layer(mem, &net, &nodes[1], muls, &a, 1, 1, &near), OTHERS);
  assert_int_equal(assignment_mul(&near, 0), 0);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(slots_against_all),   cmocka_unit_test(slots_of_many),
                                     cmocka_unit_test(classes_against_all), cmocka_unit_test(balance_against_all),
                                     cmocka_unit_test(nearest_against_all), cmocka_unit_test(nearest_of_many)};
  return cmocka_run_group_tests_name("dataflow/orders", tests, NULL, NULL);
}
