// SPDX-License-Identifier: Apache-2.0
//
// The quantiser against an evaluation that knows nothing of multipliers and shifts: every node's codes are turned into
// real numbers, its operator is computed in double precision, and the result is rounded to the node's codes.
#include <omp.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/quant/random_net.h"

#include <cmocka.h>

static const quant_options default_options = {
    .scheme = QUANT_S8, .calibration = QUANT_MSE, .percentile = 99.9, .act_bits = 8, .weight_bits = 8, .images = 6};

static network *quantized(arena *mem, const network *net, const dataset *data, const quant_options *opt) {
  diag d = {0};
  network *q = NULL;
  if (!quantize(mem, net, data, opt, &q, &d) || !infer_check(&(infer_model){.net = q}, &d))
    fail_msg("%s", d.text.data);
  return q;
}

// ---- the independent evaluation ------------------------------------------------------------------------------------
static double real_of(net_quant q, int32_t code) { return q.scale * (code - q.zero); }

// The real number in image [C][H][W] at (c, y, x); 0 outside.
static double at(const network *q, const net_node *n, int32_t **values, int k, int c, int y, int x) {
  const net_node *in = &q->nodes[n->inputs[k]];
  net_shape s = in->shape;
  bool inside = c >= 0 && c < s.c && y >= 0 && y < s.h && x >= 0 && x < s.w;
  return inside ? real_of(in->quant, values[n->inputs[k]][((int64_t)c * s.h + y) * s.w + x]) : 0;
}

static double expected_conv(const network *q, const net_node *n, int32_t **values, int f, int y, int x) {
  int channels = net_input_shape(q, n).c / n->groups, first = f / (n->shape.c / n->groups) * channels;
  int64_t i = f * net_reduction(q, n);
  double sum = net_input_quant(q, n).scale * n->weight_scale[f] * n->bias[f];
  for (int c = first; c < first + channels; c++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++)
        sum += n->weight_scale[f] * (n->weight[i++] - n->weight_zero) *
               at(q, n, values, 0, c, y * n->sh - n->pt + ky, x * n->sw - n->pl + kx);
  return sum;
}

static double expected_pool(const network *q, const net_node *n, int32_t **values, int c, int y, int x) {
  net_shape in = net_input_shape(q, n);
  double sum = 0, most = -INFINITY;
  int taps = 0;
  for (int ky = 0; ky < n->kh; ky++)
    for (int kx = 0; kx < n->kw; kx++) {
      int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
      if (iy < 0 || iy >= in.h || ix < 0 || ix >= in.w)
        continue;
      double v = at(q, n, values, 0, c, iy, ix);
      sum += v;
      most = fmax(most, v);
      taps++;
    }
  return n->op == NET_MAXPOOL ? most : sum / (n->count_pad ? n->kh * n->kw : taps);
}

static double expected(const network *q, const net_node *n, int32_t **values, int c, int y, int x) {
  switch (n->op) {
  case NET_CONV:
  case NET_DENSE:
    return expected_conv(q, n, values, c, y, x);
  case NET_MAXPOOL:
  case NET_AVGPOOL:
    return expected_pool(q, n, values, c, y, x);
  case NET_ADD:
    return at(q, n, values, 0, c, y, x) + at(q, n, values, 1, c, y, x);
  case NET_CONCAT: {
    int first = q->nodes[n->inputs[0]].shape.c;
    return c < first ? at(q, n, values, 0, c, y, x) : at(q, n, values, 1, c - first, y, x);
  }
  default:
    return at(q, n, values, 0, c - n->pad_c0, y - n->pt, x - n->pl);
  }
}

static void check_node(const network *q, int node, int32_t **values) {
  const net_node *n = &q->nodes[node];
  // The gain of conv and dense is exact; that of add and avgpool is rounded to a multiple of 2^-shift.
  double terms = n->op == NET_ADD ? 2 : n->op == NET_AVGPOOL ? n->kh * n->kw : 0;
  double slack = 0.5 + 1e-6 + ldexp(0.5 * terms * (1 << net_input_quant(q, n).bits), -n->shift);
  for (int64_t i = 0; i < net_shape_size(n->shape); i++) {
    int64_t hw = (int64_t)n->shape.h * n->shape.w;
    double want = expected(q, n, values, (int)(i / hw), (int)(i % hw / n->shape.w), (int)(i % n->shape.w));
    int32_t found = values[node][i];
    if (net_is_raw(q, n)) {
      double unit = net_input_quant(q, n).scale * (net_multiplies(n) ? n->weight_scale[0] : 1.0 / (n->kh * n->kw));
      assert_true(fabs(want / unit - found) < 1e-3);
      continue;
    }
    double low = real_of(n->quant, n->lo), high = real_of(n->quant, n->hi);
    double code = fmin(fmax(want, low), high) / n->quant.scale + n->quant.zero;
    if (!(fabs(code - found) <= slack))
      fail_msg("%s (%s) element %lld: %d, expected %g", n->name, net_op_name(n->op), (long long)i, found, code);
  }
}

static void check_codes(const network *q, const dataset *data) {
  arena *mem = arena_new();
  int32_t **values = infer_buffers(mem, q);
  int64_t size = net_shape_size(data->shape);
  for (size_t image = 0; image < data->count; image++) {
    ref_run(&(infer_model){.net = q}, data->pixels + (int64_t)image * size, values);
    for (int64_t i = 0; i < size; i++) { // the codes of the pixels
      int c = (int)(i / ((int64_t)data->shape.h * data->shape.w));
      double real = net_pixel_value(net_input_pixels(q, c), data->pixels[(int64_t)image * size + i]);
      double back = real_of(q->nodes[0].quant, values[0][i]);
      assert_true(fabs(back - real) <= q->nodes[0].quant.scale * 0.5000001 || fabs(back) < fabs(real));
    }
    for (size_t k = 1; k < q->count; k++)
      check_node(q, (int)k, values);
  }
  arena_free(mem);
}

// How far the integer network's outputs are from the float network's, relative to the largest.
static double distance(const network *net, const network *q, const dataset *data) {
  arena *mem = arena_new();
  int32_t **codes = infer_buffers(mem, q);
  float **values = float_buffers(mem, net);
  const net_node *n = net_output(q);
  double unit = !net_is_raw(q, n)   ? n->quant.scale
                : net_multiplies(n) ? net_input_quant(q, n).scale * n->weight_scale[0]
                                    : net_input_quant(q, n).scale / (n->kh * n->kw);
  double square = 0, total = 0;
  for (size_t image = 0; image < data->count; image++) {
    const uint8_t *pixels = data->pixels + (int64_t)image * net_shape_size(data->shape);
    ref_run(&(infer_model){.net = q}, pixels, codes);
    float_run(net, pixels, values);
    for (int64_t i = 0; i < net_shape_size(n->shape); i++) {
      int32_t zero = net_is_raw(q, n) ? 0 : n->quant.zero;
      double want = values[q->count - 1][i], e = unit * (codes[q->count - 1][i] - zero) - want;
      square += e * e;
      total += want * want;
    }
  }
  arena_free(mem);
  return total > 0 ? sqrt(square / total) : sqrt(square);
}

// ---- tests ---------------------------------------------------------------------------------------------------------
static void test_random_networks(void **state) {
  (void)state;
  static const int bits[][2] = {{8, 8}, {4, 4}, {8, 4}, {5, 9}, {12, 10}, {15, 15}};
  for (uint64_t seed = 0; seed < 180; seed++) {
    arena *mem = arena_new();
    network *net = random_network(mem, seed < 120 ? seed : VARYING_MEANS + seed);
    diag d = {0};
    if (!net_verify(net, &d))
      fail_msg("%s", d.text.data);
    dataset data = random_images(mem, net, 6, seed);
    quant_options opt = default_options;
    opt.scheme = (quant_scheme)(seed % 3);
    opt.calibration = (quant_calibration)(seed / 3 % 3);
    opt.act_bits = bits[seed / 9 % 6][0], opt.weight_bits = bits[seed / 9 % 6][1];
    opt.no_bias_correction = seed % 2;
    opt.per_tensor = seed % 5 == 0;
    check_codes(quantized(mem, net, &data, &opt), &data);
    arena_free(mem);
  }
}

// More bits, closer to the float network. A random network can hang on inputs that are small beside the range of their
// tensor, which no step size suits; so a few of them may be off.
static void test_distance(void **state) {
  (void)state;
  static const struct {
    int bits;
    double most;
  } steps[] = {{4, 0.5}, {8, 0.04}, {12, 0.0025}, {15, 0.0004}};
  enum { NETWORKS = 30, ALLOWED = 3 };
  for (int scheme = 0; scheme < 3; scheme++) {
    int off[BASE_COUNT(steps)] = {0};
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
      arena *mem = arena_new();
      network *net = random_network(mem, seed);
      dataset data = random_images(mem, net, 8, seed);
      quant_options opt = default_options;
      opt.scheme = (quant_scheme)scheme, opt.calibration = QUANT_MINMAX, opt.images = data.count;
      for (size_t i = 0; i < BASE_COUNT(steps); i++) {
        opt.act_bits = opt.weight_bits = steps[i].bits;
        off[i] += !(distance(net, quantized(mem, net, &data, &opt), &data) < steps[i].most);
      }
      arena_free(mem);
    }
    for (size_t i = 0; i < BASE_COUNT(steps); i++)
      if (off[i] > ALLOWED)
        fail_msg("scheme %d, %d bits: %d networks are off by more than %g", scheme, steps[i].bits, off[i],
                 steps[i].most);
  }
}

static void check_scheme(const network *net, const network *q, quant_scheme scheme) {
  for (size_t i = 0; i < q->count; i++) {
    const net_node *n = &q->nodes[i];
    bool raw = net_is_raw(q, n);
    if (scheme == QUANT_S8)
      assert_true(raw || (n->quant.is_signed && n->quant.zero == 0));
    if (scheme == QUANT_U8)
      assert_true(raw || !n->quant.is_signed);
    if (n->clamp_lo == 0 && !raw)
      assert_int_equal(n->lo, n->quant.zero);
    if (!net_multiplies(n))
      continue;
    int32_t most = 0;
    assert_true(n->weight_signed == (scheme != QUANT_U8) && (scheme == QUANT_U8 || n->weight_zero == 0));
    assert_true(net_input_quant(q, n).is_signed == (scheme == QUANT_S8));
    for (int64_t k = 0; k < n->shape.c * net_reduction(net, n); k++)
      most = abs(n->weight[k]) > most ? abs(n->weight[k]) : most;
    assert_in_range(most, 1, scheme == QUANT_U8 ? 255 : 127);
    uint16_t largest = 0;
    for (int f = 0; !raw && f < n->shape.c; f++)
      largest = n->mult[f] > largest ? n->mult[f] : largest;
    assert_true(raw || largest >= 32768);
  }
}

static void test_schemes(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 60; seed++) {
    arena *mem = arena_new();
    network *net = random_network(mem, 1000 + seed);
    dataset data = random_images(mem, net, 4, seed);
    quant_options opt = default_options;
    opt.images = 4;
    opt.scheme = (quant_scheme)(seed % 3);
    check_scheme(net, quantized(mem, net, &data, &opt), opt.scheme);
    arena_free(mem);
  }
}

// Pixels have exact codes where there are enough of them.
static void test_input_codes(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = random_network(mem, 7);
  net->input_scale_255 = 1;
  net->input_offset = 0;
  net->input_channels = NULL;
  dataset data = random_images(mem, net, 2, 7);
  for (int scheme = 0; scheme < 3; scheme++)
    for (int bits = 8; bits <= 15; bits++) {
      quant_options opt = default_options;
      opt.scheme = (quant_scheme)scheme, opt.images = 2, opt.act_bits = bits;
      net_quant q = quantized(mem, net, &data, &opt)->nodes[0].quant;
      if (scheme == QUANT_S8 && bits == 8)
        assert_true(q.scale == 1.0 / 127);
      else
        for (int p = 0; p < 256; p++)
          assert_true(fabs(p / 255.0 / q.scale - round(p / 255.0 / q.scale)) < 1e-9);
    }
  arena_free(mem);
}

static void test_threads(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = random_network(mem, 13);
  dataset data = random_images(mem, net, 400, 13);
  quant_options opt = default_options;
  opt.images = 400;
  network *q[2];
  for (int i = 0; i < 2; i++) {
    omp_set_num_threads(i ? 4 : 1);
    q[i] = quantized(mem, net, &data, &opt);
  }
  for (size_t k = 0; k < net->count; k++) {
    const net_node *a = &q[0]->nodes[k], *b = &q[1]->nodes[k];
    assert_true(a->quant.scale == b->quant.scale && a->shift == b->shift);
    if (!net_multiplies(a))
      continue;
    size_t f = (size_t)a->shape.c;
    assert_memory_equal(a->weight, b->weight, f * (size_t)net_reduction(net, a) * sizeof *a->weight);
    assert_memory_equal(a->bias, b->bias, f * sizeof *a->bias);
  }
  arena_free(mem);
}

static void test_options(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = random_network(mem, 3);
  dataset data = random_images(mem, net, 6, 3);
  int conv = 0;
  while (!net_multiplies(&net->nodes[conv]))
    conv++;
  quant_layer_bits layers[] = {{net->nodes[conv].name, 6, 5}};
  quant_options opt = default_options;
  opt.layers = layers, opt.layer_count = 1;
  network *q = quantized(mem, net, &data, &opt);
  assert_int_equal(q->nodes[conv].weight_bits, 5);
  assert_true(q->nodes[conv].quant.bits == 6 || conv == (int)q->count - 1);

  const struct {
    quant_options opt;
    const char *message;
  } wrong[] = {
      {{.act_bits = 1, .weight_bits = 8, .images = 1}, "1 bit for activations; expected 2 to 16"},
      {{.act_bits = 8, .weight_bits = 17, .images = 1}, "17 bits for weights; expected 2 to 16"},
      {{.scheme = QUANT_U8, .act_bits = 8, .weight_bits = 16, .images = 1}, "expected 2 to 15 in scheme u8"},
      {{.act_bits = 8, .weight_bits = 8}, "no images to calibrate on"},
      {{.act_bits = 8, .weight_bits = 8, .images = 1, .calibration = QUANT_PERCENTILE, .percentile = 101},
       "percentile 101"},
      {{.act_bits = 8, .weight_bits = 8, .images = 1, .layers = &(quant_layer_bits){"none", 8, 8}, .layer_count = 1},
       "random has no layer `none`"},
  };
  for (size_t i = 0; i < BASE_COUNT(wrong); i++) {
    diag d = {0};
    assert_false(quantize(mem, net, &data, &wrong[i].opt, &q, &d));
    assert_non_null(strstr(d.text.data, wrong[i].message));
    diag_free(&d);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_networks), cmocka_unit_test(test_distance),
                                     cmocka_unit_test(test_schemes),         cmocka_unit_test(test_input_codes),
                                     cmocka_unit_test(test_threads),         cmocka_unit_test(test_options)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
