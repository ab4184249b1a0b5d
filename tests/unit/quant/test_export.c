// SPDX-License-Identifier: Apache-2.0
//
// ONNX export: what is written is read back as a network with the same integers in every layer, for random networks of
// every scheme, width and operator, and for requantisation at its limits.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/onnx/onnx.h"
#include "compiler/quant/quant.h"

#include <glob.h>

static network *through_onnx(arena *mem, const network *net, onnx_codes_as as) {
  diag d = {0};
  onnx_written written, again;
  network *model = NULL, *back = NULL;
  if (!onnx_write(mem, net, as, &written, &d) || !onnx_write(mem, net, as, &again, &d))
    fail_msg("%s", d.text.data);
  assert_int_equal(written.file.size, again.file.size);
  assert_memory_equal(written.file.data, again.file.data, written.file.size);
  const char *path = files_path(mem, "back.onnx");
  files_put(path, written.file.data, written.file.size);
  quant_options opt = quant_defaults();
  if (!onnx_read(mem, path, &model, &d) || !quantize(mem, model, NULL, &opt, &back, &d))
    fail_msg("%s", d.text.data);
  diag_free(&d);
  return back;
}

// The last layer's values; those of layers with equal names where all have.
static void compare(arena *mem, const network *net, const network *back, rng *r, const char *what) {
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, size);
  int32_t **want = infer_buffers(mem, net), **got = infer_buffers(mem, back);
  for (int image = 0; image < 3; image++) {
    for (size_t i = 0; i < size; i++)
      pixels[i] = (uint8_t)rng_below(r, 256);
    ref_run(&(infer_model){.net = net}, pixels, want);
    ref_run(&(infer_model){.net = back}, pixels, got);
    int64_t outputs = net_shape_size(net_output(net)->shape);
    assert_int_equal(outputs, net_shape_size(net_output(back)->shape));
    if (memcmp(want[net->count - 1], got[back->count - 1], (size_t)outputs * sizeof **want) != 0)
      fail_msg("%s: image %d: other logits", what, image);
    for (size_t i = 0; net->count == back->count && i < net->count; i++)
      if (memcmp(want[i], got[i], (size_t)net_shape_size(net->nodes[i].shape) * sizeof **want) != 0)
        fail_msg("%s: image %d: other values in layer %s", what, image, net->nodes[i].name);
  }
}

// Means whose divisor varies: m for t taps is that of one tap by t.
static void true_means(network *net) {
  for (size_t i = 0; i < net->count; i++) {
    net_node *n = &net->nodes[i];
    if (!net_mean_varies(n))
      continue;
    uint16_t *m = arena_new_array(net->mem, uint16_t, (size_t)net_multipliers(n));
    for (int t = 1; t <= net_multipliers(n); t++)
      m[t - 1] = (uint16_t)(64321.7 / t + 0.5);
    n->mult = m;
  }
}

static void test_random_networks(void **state) {
  (void)state;
  int compared = 0;
  for (uint64_t seed = 0; seed < 260; seed++) {
    arena *mem = arena_new();
    rng r = rng_seed(seed);
    int act_bits = sample_pick(&r, 2, 16), weight_bits = sample_pick(&r, 2, 15);
    if (seed % 3 == 0)
      act_bits = weight_bits = 8;
    network *net =
        sample_network(mem, &r, (sample_scheme)(seed % SAMPLE_SCHEMES), act_bits, weight_bits, sample_pick(&r, 0, 6));
    if (seed % 2)
      sample_varying_means(net, &r);
    true_means(net);
    diag d = {0};
    bool takes = infer_check(&(infer_model){.net = net}, &d);
    diag_free(&d);
    for (int as = ONNX_QDQ; takes && as <= ONNX_QONNX; as++) {
      const char *what = arena_printf(mem, "seed %d, %d x %d bits, %s", (int)seed, act_bits, weight_bits,
                                      as == ONNX_QDQ ? "QDQ" : "QONNX");
      network *back = through_onnx(mem, net, (onnx_codes_as)as);
      compare(mem, net, back, &r, what);
      for (size_t i = 0; as == ONNX_QONNX && back->count == net->count && i < net->count; i++) {
        assert_int_equal(back->nodes[i].quant.bits, net->nodes[i].quant.bits);
        assert_int_equal(back->nodes[i].weight_bits, net->nodes[i].weight_bits);
      }
    }
    compared += takes;
    arena_free(mem);
  }
  assert_true(compared > 200);
}

// One convolution: multipliers from 1 to 65535, shifts from 1 to 47, biases of 31 bits.
static void test_limits(void **state) {
  (void)state;
  static const struct {
    int shift;
    uint16_t m[4];
    int32_t bias;
  } cases[] = {{1, {1, 2, 3, 1}, 5},
               {16, {65535, 1, 32768, 65534}, -70001},
               {47, {1, 1, 2, 3}, INT32_MAX - 100000},
               {47, {65535, 65534, 1, 40000}, -INT32_MAX + 100000},
               {30, {65535, 65535, 65535, 65535}, 1 << 30},
               {24, {32767, 16384, 255, 1}, (1 << 23) + 1},
               {12, {7, 4096, 4095, 4097}, -12345}};
  for (size_t k = 0; k < BASE_COUNT(cases); k++)
    for (int as = ONNX_QDQ; as <= ONNX_QONNX; as++) {
      arena *mem = arena_new();
      rng r = rng_seed(k);
      network *net = sample_network(mem, &r, SAMPLE_U8S8, 8, 8, 0);
      sample s = {net, &r, SAMPLE_U8S8, 8, 8};
      net->count = 1;
      net->input_channels = NULL;
      net_node *n = sample_node(&s, NET_CONV, 0);
      n->shape.c = 4;
      sample_weights(&s, n, false);
      n->shift = cases[k].shift;
      n->mult = cases[k].m;
      n->bias = (const int32_t[]){cases[k].bias, -cases[k].bias, 0, 1};
      network *back = through_onnx(mem, net, (onnx_codes_as)as);
      compare(mem, net, back, &r, arena_printf(mem, "case %zu", k));
      assert_memory_equal(back->nodes[1].bias, n->bias, 4 * sizeof *n->bias);
      arena_free(mem);
    }
}

// The shipped networks come back with every integer that they had.
static void test_models(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("models/*/net.yaml", 0, NULL, &g), 0);
  assert_true(g.gl_pathc >= 8);
  for (size_t k = 0; k < g.gl_pathc; k++) {
    arena *mem = arena_new();
    diag d = {0};
    network *net = NULL;
    assert_true(net_read(mem, g.gl_pathv[k], &net, &d));
    const network *back = through_onnx(mem, net, k % 2 ? ONNX_QONNX : ONNX_QDQ);
    assert_int_equal(back->count, net->count);
    for (size_t i = 0; i < net->count; i++) {
      const net_node *a = &net->nodes[i], *b = &back->nodes[i];
      assert_string_equal(a->name, b->name);
      assert_true(a->op == b->op && a->quant.bits == b->quant.bits && a->quant.zero == b->quant.zero);
      assert_true(a->lo == b->lo && a->hi == b->hi && a->shift == b->shift && a->weight_bits == b->weight_bits);
      size_t filters = (size_t)a->shape.c, weights = net_multiplies(a) ? filters * (size_t)net_reduction(net, a) : 0;
      if (net_requantises(a) && !net_is_raw(net, a))
        assert_memory_equal(a->mult, b->mult, (size_t)net_multipliers(a) * sizeof *a->mult);
      for (size_t w = 0; w < weights; w++)
        assert_true(a->weight[w] == b->weight[w]);
      for (size_t f = 0; weights && f < filters; f++)
        assert_true(a->bias[f] == b->bias[f]);
    }
    arena_free(mem);
  }
  globfree(&g);
}

// What ONNX cannot say is refused: float networks, scales outside single precision, means that are none.
static void test_refused(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(1);
  onnx_written out;
  network *net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 0);
  diag d = {0};
  net->quantised = false;
  assert_false(onnx_write(mem, net, ONNX_QDQ, &out, &d));
  assert_non_null(strstr(d.text.data, "sample: the network is not quantised"));
  net->quantised = true;
  net->nodes[0].quant.scale = 1e-200;
  assert_false(onnx_write(mem, net, ONNX_QDQ, &out, &d));
  assert_non_null(strstr(d.text.data, "layer `input0`: a scale of 1e-200 does not fit"));
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_networks), cmocka_unit_test(test_limits),
                                     cmocka_unit_test(test_models), cmocka_unit_test(test_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
