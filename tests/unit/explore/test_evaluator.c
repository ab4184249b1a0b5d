// SPDX-License-Identifier: Apache-2.0
//
// The evaluator: after any sequence of changes it answers as a fresh engine and the reference do, bit for bit.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/evaluator_parts.h"
#include "compiler/engine/engine.h"

#include <omp.h>

enum { MULS = SCENE_MULS, IMAGES = SCENE_IMAGES };

// All widths of operands, most of them narrow.
static scene narrow_scene(arena *mem, rng *r, int i) {
  bool wide = i % 5 == 4;
  return scene_make(mem, r, (sample_scheme)(i % SAMPLE_SCHEMES), wide ? 10 : 4 + i % 5, wide ? 9 : 3 + i % 6,
                    2 + i % 7);
}

static evaluator *open(const scene *s, const evaluator_options *o) {
  diag d = {0};
  evaluator *e = evaluator_new(s->net, s->muls, MULS, &s->data, o, &d);
  if (!e)
    fail_msg("%s", d.text.data);
  return e;
}

static size_t outputs_of(const scene *s) { return (size_t)net_shape_size(net_output(s->net)->shape); }

// One layer, filter, kernel or weight; a whole layer at random; biases; back to exact. False: refused, changed nothing.
static bool change(const scene *s, evaluator *e) {
  rng *r = s->r;
  arena *mem = arena_new();
  diag d = {0};
  int node = s->layer[rng_below(r, (uint32_t)s->layers)];
  const net_node *n = &s->net->nodes[node];
  const assignment *now = &evaluator_model(e)->assign[node];
  assignment_level level = (assignment_level)(ASSIGN_LAYER + rng_below(r, ASSIGN_LEVELS - ASSIGN_LAYER));
  int64_t units = assignment_units(s->net, n, level);
  bool ok;
  if (rng_below(r, 8) == 0) {
    ok = evaluator_set(e, node, NULL, &d);
  } else if (rng_below(r, 4) == 0) {
    int32_t *bias = arena_new_array(mem, int32_t, (size_t)n->shape.c);
    for (int f = 0; f < n->shape.c; f++)
      bias[f] = n->bias[f] + (int32_t)rng_below(r, 2001) - 1000;
    if (rng_below(r, 3) == 0) // sums that 32 bits do not hold
      bias[rng_below(r, (uint32_t)n->shape.c)] = rng_below(r, 2) ? INT32_MAX - 9 : INT32_MIN + 9;
    ok = evaluator_set_bias(e, node, rng_below(r, 3) ? bias : NULL, &d);
  } else if (rng_below(r, 4) == 0 && !net_is_raw(s->net, n)) {
    uint16_t *mult = arena_new_array(mem, uint16_t, (size_t)n->shape.c);
    for (int f = 0; f < n->shape.c; f++)
      mult[f] = (uint16_t)(rng_below(r, 4) ? n->mult[f] : 1 + rng_below(r, 65535));
    ok = evaluator_set_mult(e, node, rng_below(r, 3) ? mult : NULL, &d);
  } else if (rng_below(r, 2)) {
    uint8_t *mul = arena_alloc(mem, (size_t)units);
    for (int64_t u = 0; u < units; u++)
      mul[u] = (uint8_t)rng_below(r, MULS);
    assignment a = assignment_make(mem, s->net, n, level, mul);
    ok = evaluator_set(e, node, &a, &d);
  } else {
    assignment uniform = assignment_uniform(mem, s->net, n, 0);
    assignment a = assignment_with(mem, s->net, n, now->level ? now : &uniform, level, rng_below(r, (uint32_t)units),
                                   (uint8_t)rng_below(r, MULS));
    ok = evaluator_set(e, node, &a, &d);
  }
  assert_true(ok || d.errors > 0);
  diag_free(&d);
  arena_free(mem);
  return ok;
}

// What is carried from change to change is what is found anew.
static void check_ranges(const evaluator *e) {
  const infer_model *m = evaluator_model(e);
  for (int i = 0; i < (int)m->net->count; i++) {
    infer_range found = infer_node_range(m, i);
    assert_memory_equal(&e->range[i], &found, sizeof found);
  }
}

static void check(const scene *s, evaluator *e, const char *isa) {
  arena *mem = arena_new();
  check_ranges(e);
  size_t outputs = outputs_of(s), first = rng_below(s->r, IMAGES / 2),
         count = 1 + rng_below(s->r, (uint32_t)(IMAGES - first));
  size_t image = (size_t)net_shape_size(s->data.shape);
  int32_t *got = arena_new_array(mem, int32_t, count * outputs), *want = arena_new_array(mem, int32_t, count * outputs);
  bool *right = arena_new_array(mem, bool, count);
  evaluation_details details = {.logits = got, .right = right};
  evaluation result;
  assert_true(evaluator_accuracy(e, first, count, &details, &result));
  assert_int_equal(result.images, count);
  diag d = {0};
  const infer_model *m = evaluator_model(e);
  engine *fresh = engine_new(mem, m, &d);
  if (!fresh)
    fail_msg("%s", d.text.data);
  assert_true(engine_run(fresh, s->data.pixels + first * image, count, want));
  int32_t **values = infer_buffers(mem, s->net);
  size_t correct = 0;
  for (size_t i = 0; i < count; i++) {
    ref_run(m, s->data.pixels + (first + i) * image, values);
    const int32_t *exactly = values[s->net->count - 1];
    if (memcmp(exactly, got + i * outputs, outputs * sizeof *got) != 0 ||
        memcmp(exactly, want + i * outputs, outputs * sizeof *got) != 0) {
      evaluator_explain(e, stderr);
      fail_msg("%s: image %zu differs from the reference's", isa ? isa : "best", i);
    }
    bool is_right = infer_argmax(exactly, (int)outputs) == s->data.labels[first + i];
    assert_int_equal(right[i], is_right);
    correct += is_right;
  }
  assert_int_equal(result.correct, correct);
  for (size_t i = 0; i < s->net->count; i++) // what was given is untouched
    assert_true(!net_multiplies(&s->net->nodes[i]) ||
                assignment_verify(s->net, &s->net->nodes[i], &m->assign[i], MULS) || !m->assign[i].level);
  arena_free(mem);
}

// A fork begins as what it was forked from.
static void check_same(const scene *s, const evaluator *a, const evaluator *b) {
  const infer_model *x = evaluator_model(a), *y = evaluator_model(b);
  for (int k = 0; k < s->layers; k++) {
    const net_node *n = &x->net->nodes[s->layer[k]], *of = &y->net->nodes[s->layer[k]];
    size_t filters = (size_t)n->shape.c;
    assert_true(assignment_equal(&x->assign[s->layer[k]], &y->assign[s->layer[k]]));
    assert_memory_equal(n->bias, of->bias, filters * sizeof *n->bias);
    if (!net_is_raw(x->net, n))
      assert_memory_equal(n->mult, of->mult, filters * sizeof *n->mult);
  }
}

// Few bytes for plans: they are dropped and made again.
static void test_changes(void **state) {
  (void)state;
  static const char *const isas[] = {NULL, "scalar", "avx2", "avx512"};
  rng r = rng_seed(31);
  size_t found = 0, dropped = 0;
  int changed = 0;
  for (int i = 0; i < 30; i++) {
    arena *mem = arena_new();
    scene s = narrow_scene(mem, &r, i);
    const char *isa = isas[i % 4];
    if (!s.layers || (isa && strcmp(isa, "scalar") != 0 && i % 8 > 3)) {
      arena_free(mem);
      continue;
    }
    diag none = {0};
    evaluator_options o = {.plan_bytes = i % 3 ? 0 : 256 << 10, .isa = isa};
    evaluator *e = evaluator_new(s.net, s.muls, MULS, &s.data, &o, &none);
    if (e) { // this machine has the instruction set
      evaluator *twin = NULL;
      for (int step = 0; step < 14; step++) {
        changed += change(&s, e);
        if (step % 2)
          check(&s, e, isa);
        if (step == 7) {
          twin = evaluator_fork(e);
          check_same(&s, e, twin);
          check(&s, twin, isa);
        }
        evaluator_plans p = evaluator_statistics(e);
        assert_true(p.made - p.dropped == p.kept);
      }
      change(&s, twin);
      check(&s, e, isa);
      evaluator_plans p = evaluator_statistics(e);
      found += p.found;
      dropped += p.dropped;
      evaluator_free(e); // the twin goes on
      check(&s, twin, isa);
      evaluator_free(twin);
    }
    diag_free(&none);
    arena_free(mem);
  }
  assert_true(found > 20 && dropped > 20 && changed > 200);
}

// To and fro between two assignments plans nothing after the first time, whatever the biases.
static void test_kept(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(32);
  scene s = narrow_scene(mem, &r, 6);
  evaluator *e = open(&s, NULL);
  diag d = {0};
  int node = s.layer[0];
  const net_node *n = &s.net->nodes[node];
  evaluation result;
  size_t made = 0;
  for (int i = 0; i < 8; i++) {
    assignment a = assignment_uniform(mem, s.net, n, (uint8_t)(i % 2));
    assert_true(evaluator_set(e, node, &a, &d));
    int32_t *bias = arena_memdup(mem, n->bias, (size_t)n->shape.c * sizeof *bias);
    bias[0] += i;
    assert_true(evaluator_set_bias(e, node, bias, &d));
    assert_true(evaluator_accuracy(e, 0, IMAGES, NULL, &result));
    made = i == 1 ? evaluator_statistics(e).made : made;
    check(&s, e, NULL);
  }
  assert_int_equal(evaluator_statistics(e).made, made);
  evaluator_free(e);
  arena_free(mem);
}

// Any number of threads, and evaluators side by side.
static void test_threads(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(33);
  scene s = narrow_scene(mem, &r, 3);
  evaluator *e = open(&s, NULL), *twin[3];
  for (int i = 0; i < 6; i++)
    change(&s, e);
  double *loss = arena_new_array(mem, double, IMAGES);
  evaluation_details details = {.loss = loss};
  evaluation want, got[3];
  assert_true(evaluator_accuracy(e, 0, IMAGES, &details, &want));
  for (int threads = 2; threads <= 4; threads++) {
    omp_set_num_threads(threads);
    assert_true(evaluator_accuracy(e, 0, IMAGES, NULL, &got[0]));
    assert_int_equal(got[0].correct, want.correct);
    assert_memory_equal(&got[0].loss, &want.loss, sizeof want.loss);
  }
  for (int i = 0; i < 3; i++)
    twin[i] = evaluator_fork(e);
  bool ok[3];
#pragma omp parallel for num_threads(3)
  for (int i = 0; i < 3; i++) {
    omp_set_num_threads(1);
    ok[i] = evaluator_accuracy(twin[i], 0, IMAGES, NULL, &got[i]);
  }
  for (int i = 0; i < 3; i++) {
    assert_true(ok[i]);
    assert_int_equal(got[i].correct, want.correct);
    assert_memory_equal(&got[i].loss, &want.loss, sizeof want.loss);
    evaluator_free(twin[i]);
  }
  omp_set_num_threads(1);
  evaluator_free(e);
  arena_free(mem);
}

// The loss against softmax written down plainly; the halves of a range make the whole.
static void test_loss(void **state) {
  (void)state;
  rng r = rng_seed(34);
  int seen = 0;
  for (int i = 0; i < 12; i++) {
    arena *mem = arena_new();
    scene s = narrow_scene(mem, &r, i);
    net_node *last = &s.net->nodes[s.net->count - 1];
    size_t outputs = outputs_of(&s);
    if (net_multiplies(last)) {
      double *scale = arena_new_array(mem, double, (size_t)last->shape.c);
      for (int c = 0; c < last->shape.c; c++)
        scale[c] = 1e-5;
      last->weight_scale = scale;
    }
    evaluator *e = open(&s, NULL);
    int32_t *logits = arena_new_array(mem, int32_t, IMAGES * outputs), zero;
    double *scale = arena_new_array(mem, double, outputs), *each = arena_new_array(mem, double, IMAGES), sum = 0;
    evaluation all, half[2];
    evaluation_details details = {.logits = logits, .loss = each};
    assert_true(evaluator_accuracy(e, 0, IMAGES, &details, &all));
    assert_true(evaluator_accuracy(e, 0, IMAGES / 2, NULL, &half[0]));
    assert_true(evaluator_accuracy(e, IMAGES / 2, IMAGES / 2, NULL, &half[1]));
    assert_int_equal(all.correct, half[0].correct + half[1].correct);
    assert_true(evaluator_scale(s.net, scale, &zero));
    for (int k = 0; k < IMAGES; k++) {
      long double total = 0, top = -1e30L;
      for (size_t o = 0; o < outputs; o++)
        top = fmaxl(top, (long double)scale[o] * (logits[(size_t)k * outputs + o] - zero));
      for (size_t o = 0; o < outputs; o++)
        total += expl((long double)scale[o] * (logits[(size_t)k * outputs + o] - zero) - top);
      size_t l = s.data.labels[k];
      long double want = -logl(expl((long double)scale[l] * (logits[(size_t)k * outputs + l] - zero) - top) / total);
      assert_true(isinf((double)want) || fabsl(want - each[k]) <= 1e-9L * (1 + fabsl(want)));
      sum += each[k];
    }
    assert_true(fabs(all.loss - sum / IMAGES) < 1e-12 * (1 + fabs(sum)));
    assert_true(fabs(all.loss - (half[0].loss + half[1].loss) / 2) < 1e-12 * (1 + fabs(sum)));
    seen += all.loss > 0;
    evaluator_free(e);
    arena_free(mem);
  }
  assert_true(seen > 6);
}

static int64_t apply(const mul *m, int32_t a, int32_t w) { return m ? mul_apply(m, a, w) : (int64_t)a * w; }

// Counts, errors and means of a layer against plain loops over the reference's values.
static void check_inputs(const scene *s, evaluator *e, int node) {
  arena *mem = arena_new();
  const infer_model *m = evaluator_model(e);
  const net_node *n = &m->net->nodes[node];
  net_shape in = net_input_shape(m->net, n);
  int64_t reduction = net_reduction(m->net, n);
  int32_t zero = net_input_quant(m->net, n).zero;
  const assignment *a = infer_assignment(m, node);
  size_t weights = (size_t)(n->shape.c * reduction), first = 2, count = 5, pixels = 0;
  double *sum = arena_new_array(mem, double, weights), *squares = arena_new_array(mem, double, weights);
  double *accumulator = arena_new_array(mem, double, (size_t)n->shape.c);
  layer_inputs inputs;
  diag d = {0};
  if (!evaluator_inputs(e, mem, node, first, count, &inputs, &d))
    fail_msg("%s", d.text.data);
  uint32_t *left = arena_memdup(mem, inputs.count, (size_t)inputs.taps * inputs.codes * sizeof *left);
  int32_t **values = infer_buffers(mem, m->net);
  for (size_t i = first; i < first + count; i++) {
    ref_run(m, s->data.pixels + i * (size_t)net_shape_size(s->data.shape), values);
    const int32_t *image = values[n->inputs[0]];
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++, pixels++)
        for (int f = 0; f < n->shape.c; f++) {
          int64_t acc = n->bias[f];
          for (int64_t k = 0; k < reduction; k++) {
            int group = f / (n->shape.c / n->groups), taps = n->kh * n->kw, ky = (int)(k % taps) / n->kw;
            int c = group * (in.c / n->groups) + (int)(k / taps), kx = (int)(k % n->kw);
            int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
            bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
            int32_t code = inside ? image[((int64_t)c * in.h + iy) * in.w + ix] : zero;
            int16_t w = n->weight[f * reduction + k];
            const mul *g = a ? m->muls[assignment_mul(a, f * reduction + k)] : NULL;
            int64_t product = apply(g, code, w), error = product - (int64_t)code * w;
            sum[f * reduction + k] += (double)error;
            squares[f * reduction + k] += (double)error * (double)error;
            acc += product - (int64_t)n->weight_zero * code - (int64_t)zero * w + (int64_t)zero * n->weight_zero;
            if (f % (n->shape.c / n->groups) == 0) // once for each group
              left[(size_t)((c * n->kh + ky) * n->kw + kx) * inputs.codes + (size_t)(code - inputs.lo)]--;
          }
          accumulator[f] += (double)acc;
        }
  }
  assert_int_equal(inputs.products, pixels);
  for (size_t i = 0; i < (size_t)inputs.taps * inputs.codes; i++)
    assert_int_equal(left[i], 0);
  double *mean = arena_new_array(mem, double, weights), *variance = arena_new_array(mem, double, weights);
  double *filter_mean = arena_new_array(mem, double, (size_t)n->shape.c);
  double *filter_variance = arena_new_array(mem, double, (size_t)n->shape.c);
  layer_filter_errors(&inputs, m->muls, a, filter_mean, filter_variance);
  for (int f = 0; f < n->shape.c; f++) {
    double mu = 0, var = 0;
    for (int64_t k = 0; k < reduction; k++) {
      double own = sum[f * reduction + k] / (double)pixels;
      mu += own;
      var += squares[f * reduction + k] / (double)pixels - own * own;
    }
    assert_true(fabs(filter_mean[f] - mu) <= 1e-9 * (1 + fabs(mu)));
    assert_true(fabs(filter_variance[f] - var) <= 1e-6 * (1 + fabs(var)));
  }
  if (a && a->level == ASSIGN_LAYER) {
    layer_weight_errors(&inputs, m->muls[a->mul[0]], mean, variance);
    for (size_t i = 0; i < weights; i++) {
      double own = sum[i] / (double)pixels;
      assert_true(fabs(mean[i] - own) <= 1e-9 * (1 + fabs(own)));
      assert_true(fabs(variance[i] - squares[i] / (double)pixels + own * own) <= 1e-6 * (1 + variance[i]));
    }
  }
  layer_filter_means(&inputs, m->muls, a, n->bias, filter_mean);
  for (int f = 0; f < n->shape.c; f++)
    assert_true(fabs(filter_mean[f] - accumulator[f] / (double)pixels) <= 1e-9 * (1 + fabs(filter_mean[f])));
  arena_free(mem);
}

static void test_inputs(void **state) {
  (void)state;
  rng r = rng_seed(35);
  for (int i = 0; i < 24; i++) {
    arena *mem = arena_new();
    scene s = narrow_scene(mem, &r, i);
    evaluator *e = open(&s, NULL);
    for (int k = 0; s.layers && k < 5; k++)
      change(&s, e);
    for (int k = 0; k < s.layers; k++)
      check_inputs(&s, e, s.layer[k]);
    if (s.layers) { // one multiplier in a layer, for layer_weight_errors
      diag d = {0};
      assignment a = assignment_uniform(mem, s.net, &s.net->nodes[s.layer[0]], (uint8_t)(1 + i % (MULS - 1)));
      if (evaluator_set(e, s.layer[0], &a, &d))
        check_inputs(&s, e, s.layer[0]);
      diag_free(&d);
    }
    evaluator_free(e);
    arena_free(mem);
  }
}

// What does not fit is refused, with a message and no change.
static void test_refused(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(36);
  scene s;
  do
    s = narrow_scene(mem, &r, 3);
  while (!s.layers);
  diag d = {0};
  s.muls[2] = sample_mul(mem, SAMPLE_S8, 3, 3, 1);
  evaluator *e = open(&s, NULL);
  int node = s.layer[0];
  assignment a = assignment_uniform(mem, s.net, &s.net->nodes[node], 2);
  assert_false(evaluator_set(e, node, &a, &d));
  assert_non_null(strstr(d.text.data, "multiplies signed 3-bit activations"));
  assert_int_equal(evaluator_model(e)->assign[node].level, ASSIGN_NONE);
  s.data.shape.h++;
  assert_null(evaluator_new(s.net, s.muls, MULS, &s.data, NULL, &d));
  evaluator_options o = {.isa = "abacus"};
  s.data.shape.h--;
  assert_null(evaluator_new(s.net, s.muls, MULS, &s.data, &o, &d));
  evaluator_free(NULL);
  evaluator_free(e);
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes), cmocka_unit_test(test_kept),
                                     cmocka_unit_test(test_threads), cmocka_unit_test(test_loss),
                                     cmocka_unit_test(test_inputs),  cmocka_unit_test(test_refused)};
  omp_set_num_threads(1); // test_threads uses more
  return cmocka_run_group_tests_name("explore: evaluator", tests, NULL, NULL);
}
