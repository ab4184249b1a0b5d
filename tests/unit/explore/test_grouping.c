// SPDX-License-Identifier: Apache-2.0
//
// Grouping: what shares a multiplier is chosen anew, in groups of the same sizes, and never for the worse.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/grouping.h"

static int divisor(rng *r, int n) {
  int d = 1 + (int)rng_below(r, (uint32_t)n);
  while (n % d != 0)
    d--;
  return d;
}

// PEs and lanes as a folding has them: filter f on PE f mod pe, channel c on lane c mod g, by row of the kernel.
static pricing_layer places_of(arena *mem, rng *r, const network *net, int node) {
  const net_node *n = &net->nodes[node];
  int kernel = n->kh * n->kw, channels = (int)(net_reduction(net, n) / kernel), filters = n->shape.c;
  int pe = divisor(r, filters), g = divisor(r, channels);
  int32_t *part = arena_new_array(mem, int32_t, (size_t)(channels * kernel)),
          *filter = arena_new_array(mem, int32_t, (size_t)filters),
          *team = arena_new_array(mem, int32_t, (size_t)pe + 1);
  for (int i = 0; i < channels * kernel; i++)
    part[i] = i % kernel % n->kw * g + i / kernel % g;
  for (int t = 0, at = 0; t < pe; t++, team[t] = at)
    for (int f = t; f < filters; f += pe)
      filter[at++] = f;
  return (pricing_layer){node, g * n->kw, pe, part, filter, team, n->groups == 1};
}

// Over four prices, each place with its best multiplier: what it costs and the harms of its weights, each by itself.
static double value_of(const model_task *t, judge *j, const double *weight, const pricing_layer *l) {
  const net_node *n = &t->net->nodes[l->node];
  arena *own = arena_new();
  int muls = t->mul_count, kernel = n->kh * n->kw, reduction = (int)net_reduction(t->net, n);
  pricing_layer fine = pricing_by_level(own, t->net, l->node, ASSIGN_WEIGHT);
  int32_t *part = arena_new_array(own, int32_t, (size_t)reduction);
  for (int i = 0; i < reduction; i++) // a channel's taps of one lane
    part[i] = i / kernel * n->kw + i % n->kw;
  fine.part = part, fine.parts = reduction / kernel * n->kw;
  double *harm = arena_new_array(own, double, (size_t)(n->shape.c * fine.parts * muls)), sum = 0;
  double *at = arena_new_array(own, double, (size_t)(l->teams * l->parts * muls));
  int *weights = arena_new_array(own, int, (size_t)(l->teams * l->parts));
  diag d = {0};
  assert_true(model_harms(t, j, &fine, weight, harm, &d));
  for (int team = 0; team < l->teams; team++)
    for (int f = l->team[team]; f < l->team[team + 1]; f++)
      for (int i = 0; i < reduction; i++) {
        int place = team * l->parts + l->part[i];
        weights[place]++;
        for (int k = 0; i % kernel < n->kw && k < muls; k++) // once for the rows of a kernel
          at[place * muls + k] += harm[(l->filter[f] * fine.parts + part[i]) * muls + k];
      }
  for (double price = 30; price >= 1; price = price > 5 ? (price > 20 ? 10 : 3) : price > 2 ? 1 : 0)
    for (int p = 0; p < l->teams * l->parts; p++) {
      double least = INFINITY;
      for (int k = 0; k < muls; k++)
        least = fmin(least, t->cost[l->node * muls + k] * weights[p] / ((double)n->shape.c * reduction) / price +
                                at[p * muls + k]);
      sum += least;
    }
  arena_free(own);
  return sum;
}

static void check_same_sizes(const network *net, const pricing_layer *was, const pricing_layer *is) {
  const net_node *n = &net->nodes[was->node];
  int kernel = n->kh * n->kw, channels = (int)(net_reduction(net, n) / kernel);
  bool seen[1024] = {false};
  assert_true(is->teams == was->teams && is->parts == was->parts && is->team == was->team);
  for (int f = 0; f < n->shape.c; f++) {
    assert_false(seen[is->filter[f]]);
    seen[is->filter[f]] = true;
  }
  bool taken[1024] = {false}; // channels that a channel's parts were taken from
  for (int c = 0; c < channels; c++) {
    int from = 0;
    while (from < channels && (taken[from] || memcmp(is->part + c * kernel, was->part + from * kernel,
                                                     (size_t)kernel * sizeof *was->part)))
      from++;
    assert_true(from < channels);
    taken[from] = true;
  }
}

static void test_grouping(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(77);
  int better = 0, open = 0;
  for (int round = 0; round < 20; round++) {
    scene s = scene_of(mem, &r, round, false);
    judge_options o = {.net = s.net,
                       .muls = s.muls,
                       .mul_count = SCENE_MULS,
                       .validation = &s.data,
                       .calibration = &s.data,
                       .calibrate = 16,
                       .match = MATCH_GAIN,
                       .most = 10};
    diag d = {0};
    judge *j = judge_new(&o, &d);
    if (!j)
      fail_msg("%s", d.text.data);
    double *cost = arena_new_array(mem, double, s.net->count *SCENE_MULS);
    for (size_t i = 0; i < s.net->count * SCENE_MULS; i++)
      cost[i] = 1 - 0.15 * (double)(i % SCENE_MULS);
    model_task t = {.net = s.net,
                    .muls = s.muls,
                    .mul_count = SCENE_MULS,
                    .calibration = &s.data,
                    .match = MATCH_GAIN,
                    .cost = cost,
                    .seed = 3,
                    .scale = 1};
    for (int i = 0; i < s.layers; i++) {
      const net_node *n = &s.net->nodes[s.layer[i]];
      double *weight = arena_new_array(mem, double, (size_t)n->shape.c);
      for (int f = 0; f < n->shape.c; f++) // some filters matter far more
        weight[f] = 1e-7 * pow(10, 3 * rng_unit(&r));
      pricing_layer whole = pricing_by_level(mem, s.net, s.layer[i], ASSIGN_LAYER);
      double harm[SCENE_MULS];
      assert_true(model_harms(&t, j, &whole, weight, harm, &d));
      for (int f = 0; harm[SCENE_MULS - 1] > 0 && f < n->shape.c; f++)
        weight[f] *= 0.3 / harm[SCENE_MULS - 1];
      pricing_layer places = places_of(mem, &r, s.net, s.layer[i]), chosen = places, again = places, sorted = places;
      assert_true(grouping_choose(&t, j, weight, false, &chosen, mem, &d));
      assert_true(grouping_choose(&t, j, weight, false, &again, mem, &d));
      assert_true(grouping_choose(&t, j, weight, true, &sorted, mem, &d));
      check_same_sizes(s.net, &places, &chosen);
      check_same_sizes(s.net, &places, &sorted);
      assert_memory_equal(chosen.filter, again.filter, (size_t)n->shape.c * sizeof *chosen.filter);
      assert_memory_equal(chosen.part, again.part, (size_t)net_reduction(s.net, n) * sizeof *chosen.part);
      if (!places.open) {
        assert_ptr_equal(chosen.filter, places.filter);
        continue;
      }
      double before = value_of(&t, j, weight, &places), after = value_of(&t, j, weight, &chosen);
      assert_true(after <= fmin(before, value_of(&t, j, weight, &sorted)) * (1 + 1e-6));
      open++;
      better += after < before * (1 - 1e-6);
    }
    judge_free(j);
  }
  assert_true(open > 20 && better > 6);
  arena_free(mem);
}

// Levels in hardware with places: all of a layer, the filters of a team, and its places.
static void test_units(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(5);
  for (int round = 0; round < 20; round++) {
    scene s = scene_of(mem, &r, round, false);
    for (int i = 0; i < s.layers; i++) {
      pricing_layer places = places_of(mem, &r, s.net, s.layer[i]);
      pricing_layer layer = grouping_units(mem, s.net, ASSIGN_LAYER, &places),
                    filter = grouping_units(mem, s.net, ASSIGN_FILTER, &places),
                    kernel = grouping_units(mem, s.net, ASSIGN_KERNEL, &places);
      assert_true(layer.teams == 1 && layer.parts == 1 && !layer.open);
      assert_true(filter.teams == places.teams && filter.parts == 1);
      for (int64_t k = 0; k < net_reduction(s.net, &s.net->nodes[s.layer[i]]); k++)
        assert_int_equal(filter.part[k], 0);
      assert_true(kernel.part == places.part && kernel.teams == places.teams && kernel.open == places.open);
    }
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_grouping), cmocka_unit_test(test_units)};
  return cmocka_run_group_tests_name("explore: grouping", tests, NULL, NULL);
}
