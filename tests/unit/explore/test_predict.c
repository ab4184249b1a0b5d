// SPDX-License-Identifier: Apache-2.0
//
// What predictions are made of: the map that never falls, noise against closed forms, draws, variances of filters'
// errors under assignments of any level; and how results are scored.
#include "tests/unit/explore/scene.h"

#include "compiler/base/isotonic.h"
#include "compiler/explore/noise.h"
#include "compiler/explore/predict.h"

#include <math.h>
#include <omp.h>

// ---- isotonic ----

static void test_isotonic(void **state) {
  (void)state;
  arena *mem = arena_new();
  // By hand: 3 and 1 become 2 at 1.5; 6 stays; 5, 5 of x = 4 are one point below 6, so all three are one.
  const double x[] = {4, 1, 2, NAN, 3, 4}, y[] = {5, 3, 1, 7, 6, 5};
  isotonic f = isotonic_fit(mem, x, y, 6);
  assert_int_equal(f.count, 2);
  assert_float_equal(f.x[0], 1.5, 1e-12);
  assert_float_equal(f.y[0], 2, 1e-12);
  assert_float_equal(f.x[1], 11 / 3.0, 1e-12);
  assert_float_equal(f.y[1], 16 / 3.0, 1e-12);
  assert_float_equal(isotonic_at(&f, 0), 2, 1e-12);
  assert_float_equal(isotonic_at(&f, 9), 16 / 3.0, 1e-12);
  assert_float_equal(isotonic_at(&f, (1.5 + 11 / 3.0) / 2), (2 + 16 / 3.0) / 2, 1e-12);
  assert_true(isnan(isotonic_at(&f, NAN)));
  f = isotonic_fit(mem, x, y, 0);
  assert_true(f.count == 0 && isnan(isotonic_at(&f, 1)));
  rng r = rng_seed(5);
  for (int i = 0; i < 50; i++) {
    double u[40], v[40], sum = 0;
    for (int k = 0; k < 40; k++)
      u[k] = rng_below(&r, 25), v[k] = u[k] + rng_below(&r, 20);
    f = isotonic_fit(mem, u, v, 40);
    for (size_t k = 1; k < f.count; k++)
      assert_true(f.x[k] > f.x[k - 1] && f.y[k] > f.y[k - 1]);
    for (int k = 0; k < 40; k++)
      sum += v[k];
    assert_true(sum / 40 >= f.y[0] && sum / 40 <= f.y[f.count - 1]);
  }
  arena_free(mem);
}

// ---- noise ----

static double normal(double x) { return erfc(-x / sqrt(2)) / 2; }

// Two classes: with noise of variance v on each, a margin m is lost by a chance of normal(-m / sqrt(2 v)); for little
// noise the divergence is v p (1 - p).
static void test_noise(void **state) {
  (void)state;
  enum { IMAGES = 2000 };
  arena *mem = arena_new();
  double *logits = arena_new_array(mem, double, 2 * IMAGES);
  uint8_t *labels = arena_alloc(mem, IMAGES);
  const double margin = 2;
  for (int i = 0; i < IMAGES; i++) {
    labels[i] = (uint8_t)(i % 2);
    logits[2 * i + i % 2] = margin;
  }
  const noise *n = noise_new(mem, logits, labels, IMAGES, 2, 3);
  double p = 1 / (1 + exp(-margin)), before = 0, diverged = 0;
  for (double v = 0.25; v < 100; v *= 2) {
    double drop = noise_drop(n, v);
    assert_float_equal(drop, normal(-margin / sqrt(2 * v)), 0.02);
    assert_true(drop >= before && noise_divergence(n, v) >= diverged);
    before = drop, diverged = noise_divergence(n, v);
  }
  for (double v = 1e-4; v < 0.01; v *= 3)
    assert_float_equal(noise_divergence(n, v) / (v * p * (1 - p)), 1, 0.05);
  for (double v = 1e-7; v < 1e5; v *= 5)
    assert_float_equal(noise_variance(n, noise_divergence(n, v)) / v, 1, 1e-9);
  assert_true(noise_drop(n, 0) == 0 && noise_divergence(n, 0) == 0 && noise_variance(n, 0) == 0);
  // Labels that are all wrong: noise can only help, and does not count below 0. Without labels: the answers themselves.
  for (int i = 0; i < IMAGES; i++)
    labels[i] ^= 1;
  const noise *wrong = noise_new(mem, logits, labels, IMAGES, 2, 3), *own = noise_new(mem, logits, NULL, IMAGES, 2, 3);
  assert_true(noise_drop(wrong, 1) == 0);
  assert_true(noise_drop(own, 1) == noise_drop(n, 1));
  omp_set_num_threads(3);
  const noise *again = noise_new(mem, logits, NULL, IMAGES, 2, 3);
  omp_set_num_threads(1);
  for (double v = 1e-3; v < 10; v *= 3)
    assert_true(noise_drop(again, v) == noise_drop(own, v) && noise_divergence(again, v) == noise_divergence(own, v));
  arena_free(mem);
}

// ---- draws ----

static void test_draws(void **state) {
  (void)state;
  rng r = rng_seed(81);
  for (int i = 0; i < 10; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    assignment_level level = (assignment_level)(ASSIGN_LAYER + i % 4);
    pricing_layer *layers = arena_new_array(mem, pricing_layer, s.net->count);
    double *cost = arena_new_array(mem, double, s.net->count *SCENE_MULS);
    static const double dear[SCENE_MULS] = {0.2, 1, INFINITY, 0.5, 0.7}; // 1, 4, 3, 0; never 2
    static const int rank[SCENE_MULS] = {3, 0, -1, 2, 1};
    for (size_t k = 0; k < s.net->count * SCENE_MULS; k++)
      cost[k] = dear[k % SCENE_MULS];
    for (int k = 0; k < s.layers; k++)
      layers[s.layer[k]] = pricing_by_level(mem, s.net, s.layer[k], level);
    draw_space space = {s.net, layers, SCENE_MULS, cost};
    uint64_t seed = rng_next(&r);
    assignment *before = NULL;
    for (double daring = -0.3; daring < 1.31; daring += 0.1) {
      rng own = rng_seed(seed);
      assignment *a = draw_assignment(&space, daring, &own, mem);
      for (int k = 0; k < s.layers; k++) {
        const net_node *n = &s.net->nodes[s.layer[k]];
        assert_true(assignment_verify(s.net, n, &a[s.layer[k]], SCENE_MULS) && a[s.layer[k]].level <= level);
        for (int64_t w = 0; w < n->shape.c * net_reduction(s.net, n); w++) {
          int now = rank[assignment_mul(&a[s.layer[k]], w)];
          assert_true(now >= (before ? rank[assignment_mul(&before[s.layer[k]], w)] : 0));
          assert_true(daring > -0.29 || now == 0); // the least daring: the dearest everywhere
        }
      }
      before = a;
    }
    arena_free(mem);
  }
}

// ---- variances of filters' errors ----

static void test_errors(void **state) {
  (void)state;
  rng r = rng_seed(82);
  for (int i = 0; i < 10; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    diag d = {0};
    matching *m = matching_new(s.net, s.muls, &s.data, 0, s.data.count, &d);
    assert_non_null(m);
    static const double cost[SCENE_MULS] = {1, 1, 1, 1, 1};
    for (int k = 0; k < s.layers; k++) {
      const net_node *n = &s.net->nodes[s.layer[k]];
      size_t filters = (size_t)n->shape.c;
      double *one = arena_new_array(mem, double, filters), *v = arena_new_array(mem, double, filters);
      double *harm = arena_new_array(mem, double, filters *SCENE_MULS);
      for (size_t f = 0; f < filters; f++)
        one[f] = 1;
      pricing_task task = {s.muls, SCENE_MULS, cost, one, NULL, 0, (matching_kind)(i % 3), 7};
      pricing_layer l = pricing_by_level(mem, s.net, s.layer[k], ASSIGN_FILTER);
      pricing_errors *e = pricing_errors_new(m, s.net, s.layer[k], &task, &d);
      if (!e || !pricing_harms(m, s.net, &l, &task, harm, &d))
        fail_msg("%s", d.text.data);
      // Filters of one multiplier: the harms of weight 1, asked for the first time and from memory.
      for (int c = 0; c < 2 * SCENE_MULS; c++) {
        assignment a = assignment_uniform(mem, s.net, n, (uint8_t)(c % SCENE_MULS));
        pricing_errors_of(e, &a, v);
        for (size_t f = 0; f < filters; f++)
          assert_float_equal(v[f], harm[f * SCENE_MULS + (size_t)(c % SCENE_MULS)], 1e-4 * (v[f] + 1e-9));
      }
      // Weights of several: none where all of them are exact, nothing left to chance, whatever the threads.
      uint8_t *mul = arena_alloc(mem, filters * (size_t)net_reduction(s.net, n));
      for (size_t w = 0; w < filters * (size_t)net_reduction(s.net, n); w++)
        mul[w] = (uint8_t)rng_below(&r, SCENE_MULS);
      assignment a = assignment_by_weight(mem, s.net, n, mul);
      double *again = arena_new_array(mem, double, filters);
      pricing_errors_of(e, &a, v);
      omp_set_num_threads(3);
      pricing_errors_of(e, &a, again);
      omp_set_num_threads(1);
      assert_memory_equal(v, again, filters * sizeof *v);
      pricing_errors_free(e);
    }
    matching_free(m);
    arena_free(mem);
  }
}

// ---- what predictions are worth ----

static void test_compared(void **state) {
  (void)state;
  judged measured[6];
  predict_point points[6];
  static const double drop[] = {0.001, 0.01, 0.03, 0.02, 0.1, 0.3}, model[] = {1, 2, 4, 3, 5, 6},
                      hawx[] = {6, 5, 3, 4, 2, 1}, mae[] = {1, 2, 2, 3, 3, 9};
  for (int i = 0; i < 6; i++) {
    // Between 0.01, 0.02, 0.03 and 0.1: b - c = drop x 1000
    measured[i] =
        (judged){.drop = drop[i], .result.images = 1000, .worse = (size_t)(1000 * drop[i] + 10.5), .better = 10};
    points[i] = (predict_point){.measured = &measured[i]};
    points[i].predicted = (prediction){{model[i], hawx[i], NAN, mae[i], 1}, drop[i] + (i == 4 ? 0.02 : 0.01)};
  }
  predict_result r = {.points = points, .count = 6};
  predict_compare(&r);
  assert_int_equal(r.in_range, 4); // neither the first nor the last
  assert_float_equal(r.score[PREDICT_MODEL].kendall, 1, 1e-12);
  assert_float_equal(r.score[PREDICT_MODEL].kendall_all, 1, 1e-12);
  assert_float_equal(r.score[PREDICT_HAWX].kendall, -1, 1e-12);
  // Of the six pairs two are ties of mae; (0.03, 0.02) is discordant: (3 - 1) / sqrt(4 * 6).
  assert_float_equal(r.score[PREDICT_MAE].kendall, 2 / sqrt(24), 1e-12);
  assert_true(isnan(r.score[PREDICT_VARIANCE].kendall) && isnan(r.score[PREDICT_MRED].kendall));
  assert_float_equal(r.mean, 0.0125, 1e-12);
  // Pairs 10 and 20 images apart, one to ninety and so on, each drop with a variance of about (drop + 0.021) / 1000.
  double sum = 0;
  static const double in[] = {0.01, 0.03, 0.02, 0.1};
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < i; k++)
      sum += erf(fabs(in[i] - in[k]) / sqrt(2 * (in[i] + in[k] + 0.042 - in[i] * in[i] - in[k] * in[k]) / 1000));
  assert_float_equal(r.ceiling, sum / 6, 2e-3);
  assert_true(r.ceiling > 0.6 && r.ceiling < 1);
  assert_float_equal(r.greatest, 0.02, 1e-12);
  // Half by half: the second's map (2, 0.01), (3, 0.02), (6, 0.3) gives the third, of 4, a drop of 0.02 + 0.28 / 3.
  assert_float_equal(points[2].calibrated[PREDICT_MODEL], 0.02 + 0.28 / 3, 1e-12);
  assert_float_equal(points[0].calibrated[PREDICT_MODEL], 0.01, 1e-12);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_isotonic), cmocka_unit_test(test_noise),
                                     cmocka_unit_test(test_draws), cmocka_unit_test(test_errors),
                                     cmocka_unit_test(test_compared)};
  omp_set_num_threads(1);
  return cmocka_run_group_tests_name("explore: predict", tests, NULL, NULL);
}
