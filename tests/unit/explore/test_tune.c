// SPDX-License-Identifier: Apache-2.0
//
// Weight mapping: no weight has a better one in its place, by a plain count over images; and a network with tuned
// weights gives with the real multipliers, code for code, what the untuned one gives with the tuned ones.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/tune.h"

#include <math.h>

static int32_t **values_of(const infer_model *m, const uint8_t *pixels, arena *mem) {
  int32_t **values = arena_new_array(mem, int32_t *, m->net->count);
  for (size_t i = 0; i < m->net->count; i++)
    values[i] = arena_new_array(mem, int32_t, (size_t)net_shape_size(m->net->nodes[i].shape));
  ref_run(m, pixels, values);
  return values;
}

// The activations that layers of the multiplier's widths multiply, padding included, by the reference's own values.
static void count_plainly(const scene *s, mul_sig sig, size_t images, double *share) {
  infer_model exact = {.net = s->net, .muls = s->muls, .assign = NULL};
  for (size_t i = 0; i < images; i++) {
    arena *own = arena_new();
    int32_t **values = values_of(&exact, s->data.pixels + i * (size_t)net_shape_size(s->data.shape), own);
    for (int l = 0; l < s->layers; l++) {
      const net_node *n = &s->net->nodes[s->layer[l]];
      net_quant in = net_input_quant(s->net, n);
      net_shape shape = net_input_shape(s->net, n);
      if (in.bits != sig.a_bits || in.is_signed != sig.a_signed || n->weight_bits != sig.b_bits)
        continue;
      for (int c = 0; c < shape.c; c++)
        for (int y = 0; y < n->shape.h * n->kh; y++)
          for (int x = 0; x < n->shape.w * n->kw; x++) {
            int iy = y / n->kh * n->sh - n->pt + y % n->kh, ix = x / n->kw * n->sw - n->pl + x % n->kw;
            bool inside = iy >= 0 && iy < shape.h && ix >= 0 && ix < shape.w;
            int32_t code = inside ? values[n->inputs[0]][((int64_t)c * shape.h + iy) * shape.w + ix] : in.zero;
            share[(uint32_t)code & ((1u << in.bits) - 1)] += (double)n->shape.c / n->groups;
          }
    }
    arena_free(own);
  }
}

static double error_plainly(const mul *m, const double *count, int32_t w, int32_t to, bool varies) {
  double n = 0, mean = 0, square = 0;
  for (uint32_t a = 0; a < 1u << m->sig.a_bits; a++) {
    int32_t code = (int32_t)mul_value(a, m->sig.a_bits, m->sig.a_signed);
    double e = (double)(mul_apply(m, code, to) - (int64_t)code * w);
    n += count[a], mean += count[a] * e, square += count[a] * e * e;
  }
  return n > 0 ? square / n - (varies ? mean / n * (mean / n) : 0) : 0;
}

static void test_best(void **state) {
  (void)state;
  rng r = rng_seed(301);
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, false);
    tuned_mul tuned[SCENE_MULS];
    diag d = {0};
    bool varies = i % 2;
    if (!tune_muls(mem, s.net, s.muls, SCENE_MULS, &s.data, 4, varies ? MATCH_MEAN : MATCH_NOTHING, tuned, &d))
      fail_msg("%s", d.text.data);
    assert_true(tuned[0].as == s.muls[0] && !tuned[0].to); // exact
    for (int k = 1; k < SCENE_MULS; k++) {
      const mul *m = s.muls[k];
      if (!m->table) {
        assert_true(tuned[k].as == m);
        continue;
      }
      double *count = arena_new_array(mem, double, (size_t)1 << m->sig.a_bits);
      count_plainly(&s, m->sig, 4, count);
      int32_t weights = 1 << m->sig.b_bits, lo = m->sig.b_signed ? -weights / 2 : 0;
      for (int32_t w = lo; w < lo + weights; w++) {
        int32_t to = tuned[k].to ? tuned[k].to[w & (weights - 1)] : w;
        double got = error_plainly(m, count, w, to, varies), least = got;
        for (int32_t other = lo; other < lo + weights; other++)
          least = fmin(least, error_plainly(m, count, w, other, varies));
        assert_true(got <= least * (1 + 1e-6) + 1e-6);
        for (int32_t a = 0; a < 1 << m->sig.a_bits; a++) {
          int32_t code = (int32_t)mul_value((uint32_t)a, m->sig.a_bits, m->sig.a_signed);
          assert_true(mul_apply(tuned[k].as, code, w) == mul_apply(m, code, to));
        }
      }
    }
    arena_free(mem);
  }
}

static void test_same_codes(void **state) {
  (void)state;
  rng r = rng_seed(302);
  int changed = 0;
  for (int i = 0; i < 8; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, false);
    tuned_mul tuned[SCENE_MULS];
    const mul *as[SCENE_MULS];
    diag d = {0};
    if (!tune_muls(mem, s.net, s.muls, SCENE_MULS, &s.data, 4, MATCH_GAIN, tuned, &d))
      fail_msg("%s", d.text.data);
    for (int k = 0; k < SCENE_MULS; k++)
      as[k] = tuned[k].as;
    assignment *a = scene_assign(&s, -1);
    network net = *s.net;
    net.nodes = arena_memdup(mem, net.nodes, net.count * sizeof *net.nodes);
    for (int l = 0; l < s.layers; l++) {
      net_node *n = &net.nodes[s.layer[l]];
      if (!tune_layer(mem, s.net, &s.net->nodes[s.layer[l]], &a[s.layer[l]], tuned, NULL, &n->weight, &n->bias, &d))
        fail_msg("%s", d.text.data);
      for (int64_t k = 0; k < net_reduction(&net, n) * n->shape.c; k++)
        changed += n->weight[k] != s.net->nodes[s.layer[l]].weight[k];
    }
    infer_model searched = {.net = s.net, .muls = as, .assign = a},
                written = {.net = &net, .muls = s.muls, .assign = a};
    for (size_t k = 0; k < 8; k++) {
      const uint8_t *pixels = s.data.pixels + k * (size_t)net_shape_size(s.data.shape);
      int32_t **x = values_of(&searched, pixels, mem), **y = values_of(&written, pixels, mem);
      for (size_t node = 0; node < net.count; node++)
        assert_memory_equal(x[node], y[node], (size_t)net_shape_size(net.nodes[node].shape) * sizeof **x);
    }
    arena_free(mem);
  }
  assert_true(changed > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_best),
      cmocka_unit_test(test_same_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
