// SPDX-License-Identifier: Apache-2.0
//
// Matching: its exact codes are the reference's; after it, the reference finds in the corrected network the sums' mean
// and gain that are promised.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/judge.h"
#include "compiler/explore/moments.h"

#include <omp.h>

static matching *open(const scene *s) {
  diag d = {0};
  matching *m = matching_new(s->net, s->muls, &s->data, 0, s->data.count, &d);
  if (!m)
    fail_msg("%s", d.text.data);
  assert_int_equal(matching_images(m), s->data.count);
  return m;
}

static correction run(const scene *s, matching *m, const assignment *a, matching_kind kind) {
  diag d = {0};
  correction c;
  if (!matching_run(m, a, kind, s->mem, &c, &d))
    fail_msg("%s", d.text.data);
  return c;
}

static void test_codes(void **state) {
  (void)state;
  rng r = rng_seed(51);
  for (int i = 0; i < 10; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    matching *m = open(&s);
    infer_model exact = {.net = s.net, .muls = s.muls, .assign = NULL};
    int32_t **values = infer_buffers(mem, s.net);
    for (size_t image = 0; image < s.data.count; image++) {
      ref_run(&exact, s.data.pixels + image * (size_t)net_shape_size(s.data.shape), values);
      for (int k = 0; k + 1 < (int)s.net->count; k++) {
        const net_node *n = &s.net->nodes[k];
        const uint8_t *byte = matching_codes(m, k);
        const uint16_t *word = matching_codes(m, k);
        size_t first = image * (size_t)net_shape_size(n->shape);
        for (int c = 0; c < n->shape.c; c++)
          for (int p = 0; p < n->shape.h * n->shape.w; p++) {
            size_t at = first + (size_t)(p * n->shape.c + c);
            int got = n->quant.bits <= 8 ? byte[at] : word[at];
            assert_int_equal(got + net_quant_lo(n->quant), values[k][c * n->shape.h * n->shape.w + p]);
          }
      }
    }
    matching_free(m);
    arena_free(mem);
  }
}

// ---- sums by the reference ----

// The network up to a layer whose accumulators are the output, with corrected integers.
static int32_t *accumulators(const scene *s, const assignment *a, const correction *c, int node) {
  arena *mem = s->mem;
  network net = *s->net;
  net.count = (size_t)node + 1;
  net.nodes = arena_memdup(mem, s->net->nodes, net.count * sizeof *net.nodes);
  for (int i = 0; c && i <= node; i++) {
    if (c->bias[i])
      net.nodes[i].bias = c->bias[i];
    if (c->mult[i])
      net.nodes[i].mult = c->mult[i];
  }
  net.nodes[node].quant = (net_quant){0};
  infer_model m = {.net = &net, .muls = s->muls, .assign = a};
  size_t size = (size_t)net_shape_size(net.nodes[node].shape), image = (size_t)net_shape_size(s->data.shape);
  int32_t **values = infer_buffers(mem, &net), *all = arena_new_array(mem, int32_t, s->data.count * size);
  for (size_t i = 0; i < s->data.count; i++) {
    ref_run(&m, s->data.pixels + i * image, values);
    memcpy(all + i * size, values[node], size * sizeof *all);
  }
  return all;
}

typedef struct {
  double x, y, var, cov; // means of the approximate and exact sums; variance of the exact, covariance
} sums;

static sums sums_of(const scene *s, const net_node *n, int f, const int32_t *x, const int32_t *y) {
  size_t pixels = (size_t)n->shape.h * (size_t)n->shape.w, filters = (size_t)n->shape.c;
  double count = (double)(s->data.count * pixels);
  sums of = {0};
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < s->data.count; i++)
      for (size_t p = 0; p < pixels; p++) {
        size_t at = (i * filters + (size_t)f) * pixels + p;
        if (pass == 0)
          of.x += x[at] / count, of.y += y[at] / count;
        else
          of.var += (y[at] - of.y) * (y[at] - of.y) / count, of.cov += (y[at] - of.y) * (x[at] - of.x) / count;
      }
  return of;
}

// What the header says of every filter behind the first approximate layer; how many filters got another gain.
static int check(const scene *s, const assignment *a, matching_kind kind, const correction *c) {
  int gained = 0;
  bool changed = false;
  for (int k = 0; k < s->layers; k++) {
    int node = s->layer[k];
    const net_node *n = &s->net->nodes[node];
    changed |= a[node].level != ASSIGN_LAYER || a[node].mul[0] != 0;
    if (!changed || kind == MATCH_NOTHING) {
      assert_null(c->bias[node]);
      assert_null(c->mult[node]);
      continue;
    }
    assert_non_null(c->bias[node]);
    bool raw = net_is_raw(s->net, n);
    assert_true(raw == (c->mult[node] == NULL));
    const int32_t *y = accumulators(s, NULL, NULL, node), *x = accumulators(s, a, c, node);
    for (int f = 0; f < n->shape.c; f++) {
      sums of = sums_of(s, n, f, x, y);
      double got = raw ? 1 : (double)c->mult[node][f] / n->mult[f];
      if (fabs(got * of.x - of.y) > 0.5 * got + 1e-6 * fabs(of.y) + 1e-6)
        fail_msg("%s filter %d: mean %g, gain %g, exact mean %g", n->name, f, of.x, got, of.y);
      if (raw)
        continue;
      double gain = kind == MATCH_GAIN && of.var > 1e-6 ? (of.cov > 0 ? of.var / of.cov : MATCHING_GAIN) : 1;
      gain = fmin(fmax(gain, 1.0 / MATCHING_GAIN), MATCHING_GAIN);
      double wanted = fmin(fmax(rint(n->mult[f] * gain), 1), UINT16_MAX);
      if (fabs(wanted - c->mult[node][f]) > 1)
        fail_msg("%s filter %d: multiplier %d, wanted %g", n->name, f, c->mult[node][f], wanted);
      gained += c->mult[node][f] != n->mult[f];
    }
  }
  return gained;
}

static void test_matched(void **state) {
  (void)state;
  rng r = rng_seed(52);
  int gained = 0, raw = 0;
  for (int i = 0; i < 10; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    matching *m = open(&s);
    raw += net_is_raw(s.net, net_output(s.net));
    for (int kind = MATCH_NOTHING; kind <= MATCH_GAIN; kind++)
      for (int which = -1; which < SCENE_MULS; which += 2) { // at random, noisy, rounded down
        assignment *a = scene_assign(&s, which);
        correction c = run(&s, m, a, (matching_kind)kind);
        gained += check(&s, a, (matching_kind)kind, &c);
      }
    // One approximate layer in the middle: those before it stay as they are.
    assignment *a = scene_assign(&s, 0);
    int node = s.layer[s.layers / 2];
    a[node] = assignment_uniform(mem, s.net, &s.net->nodes[node], 4);
    correction c = run(&s, m, a, MATCH_GAIN);
    check(&s, a, MATCH_GAIN, &c);
    matching_free(m);
    arena_free(mem);
  }
  assert_true(gained > 10 && raw > 2);
}

static void test_exact(void **state) {
  (void)state;
  rng r = rng_seed(53);
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    matching *m = open(&s);
    assignment *a = scene_assign(&s, 0);
    for (int kind = MATCH_NOTHING; kind <= MATCH_GAIN; kind++) {
      correction c = run(&s, m, a, (matching_kind)kind);
      for (size_t k = 0; k < s.net->count; k++) {
        assert_null(c.bias[k]);
        assert_null(c.mult[k]);
      }
    }
    matching_free(m);
    arena_free(mem);
  }
}

static void test_threads(void **state) {
  (void)state;
  rng r = rng_seed(54);
  for (int i = 0; i < 5; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    assignment *a = scene_assign(&s, -1);
    correction c[3];
    for (int t = 0; t < 3; t++) {
      omp_set_num_threads(1 + t);
      matching *m = open(&s);
      c[t] = run(&s, m, a, MATCH_GAIN);
      matching_free(m);
    }
    omp_set_num_threads(1);
    for (int t = 1; t < 3; t++)
      for (size_t k = 0; k < s.net->count; k++) {
        size_t filters = (size_t)s.net->nodes[k].shape.c;
        assert_true(!c[0].bias[k] == !c[t].bias[k] && !c[0].mult[k] == !c[t].mult[k]);
        if (c[0].bias[k])
          assert_memory_equal(c[0].bias[k], c[t].bias[k], filters * sizeof(int32_t));
        if (c[0].mult[k])
          assert_memory_equal(c[0].mult[k], c[t].mult[k], filters * sizeof(uint16_t));
      }
    arena_free(mem);
  }
}

// Multipliers with strong mean errors change the answer less once they are matched, and less still with the gain.
static void test_divergence(void **state) {
  (void)state;
  rng r = rng_seed(55);
  double sum[3] = {0};
  int worse = 0, networks = 0;
  for (int i = 0; i < 12; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, false);
    assignment *a = scene_assign(&s, i % 2 ? 3 : 4);
    double divergence[3] = {0};
    for (int kind = MATCH_NOTHING; kind <= MATCH_GAIN; kind++) {
      diag d = {0};
      judge_options o = scene_judge(&s, 1);
      o.match = (matching_kind)kind;
      judge *j = judge_new(&o, &d);
      if (!j || !judge_divergence(j, a, &divergence[kind], &d))
        fail_msg("%s", d.text.data);
      assert_true(divergence[kind] >= -1e-9 && isfinite(divergence[kind]));
      assert_int_equal(judge_evaluations(j), 0);
      judge_free(j);
    }
    double nothing = divergence[MATCH_NOTHING];
    for (int kind = 0; kind < 3 && nothing > 1e-3; kind++)
      sum[kind] += divergence[kind] / nothing;
    networks += nothing > 1e-3;
    worse += nothing > 1e-3 && divergence[MATCH_GAIN] > nothing;
    arena_free(mem);
  }
  print_message("divergence against none matched, %d networks: mean %.3f, gain %.3f; worse in %d\n", networks,
                sum[MATCH_MEAN] / networks, sum[MATCH_GAIN] / networks, worse);
  assert_true(networks >= 6);
  assert_true(sum[MATCH_MEAN] < 0.8 * sum[MATCH_NOTHING] && sum[MATCH_GAIN] < 0.8 * sum[MATCH_NOTHING]);
  assert_true(worse <= 2);
}

// Every instruction set's sums are those of plain loops, to the bit, on top of what is there.
static void test_moments(void **state) {
  (void)state;
  moments_fn *sets[MOMENTS_SETS];
  int count = moments_sets(sets);
  rng r = rng_seed(57);
  for (int round = 0; round < 100; round++) {
    arena *mem = arena_new();
    size_t pixels = 1 + rng_below(&r, 200), filters = 1 + rng_below(&r, 40), size = pixels * filters;
    int32_t *x = arena_new_array(mem, int32_t, size), *y = arena_new_array(mem, int32_t, size);
    for (size_t i = 0; i < size; i++) { // sums of products that doubles must round, too
      x[i] = (int32_t)rng_next(&r) >> rng_below(&r, 20);
      y[i] = (int32_t)rng_next(&r) >> rng_below(&r, 20);
    }
    double *sum = arena_new_array(mem, double, filters), *product = arena_new_array(mem, double, filters);
    for (size_t f = 0; f < filters; f++)
      sum[f] = 0.25, product[f] = -3;
    for (size_t p = 0; p < pixels; p++)
      for (size_t f = 0; f < filters; f++) {
        volatile double both = (double)x[p * filters + f] * y[p * filters + f]; // rounded before it is added
        sum[f] += x[p * filters + f];
        product[f] += both;
      }
    for (int k = 0; k < count; k++) {
      double *sums = arena_new_array(mem, double, filters), *products = arena_new_array(mem, double, filters);
      for (size_t f = 0; f < filters; f++)
        sums[f] = 0.25, products[f] = -3;
      sets[k](x, y, pixels, filters, sums, products);
      assert_memory_equal(sums, sum, filters * sizeof *sum);
      assert_memory_equal(products, product, filters * sizeof *product);
    }
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes),      cmocka_unit_test(test_matched),
                                     cmocka_unit_test(test_exact),      cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_divergence), cmocka_unit_test(test_moments)};
  omp_set_num_threads(1); // test_threads uses more
  return cmocka_run_group_tests_name("explore: matching", tests, NULL, NULL);
}
