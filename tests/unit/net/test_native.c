// SPDX-License-Identifier: Apache-2.0
//
// net.yaml and weights.safetensors: what is written reads back byte for byte; damaged files are refused.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

static void round_trip(arena *mem, const network *net) {
  diag d = {0};
  const char *a = files_path(mem, "a"), *b = files_path(mem, "b");
  network *back = NULL;
  if (!net_write(net, a, &d) || !net_read(mem, path_join(mem, a, "net.yaml"), &back, &d) || !net_write(back, b, &d))
    fail_msg("%s", d.text.data);
  static const char *const names[] = {"net.yaml", "weights.safetensors"};
  for (int i = 0; i < 2; i++) {
    bytes x = files_get(mem, path_join(mem, a, names[i])), y = files_get(mem, path_join(mem, b, names[i]));
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
  }
  assert_true(!net->input_channels == !back->input_channels);
  for (int c = 0; c < net->nodes[0].shape.c; c++) {
    net_pixels p = net_input_pixels(net, c), q = net_input_pixels(back, c);
    assert_true(p.scale == q.scale && p.offset == q.offset);
  }
  for (size_t i = 0; i < net->count; i++) {
    const net_node *p = &net->nodes[i], *q = &back->nodes[i];
    assert_string_equal(p->name, q->name);
    assert_int_equal(p->shift, q->shift);
    assert_true(p->quant.scale == q->quant.scale && p->clamp_hi == q->clamp_hi);
    if (net_multiplies(p))
      assert_memory_equal(p->weight, q->weight, (size_t)(p->shape.c * net_reduction(net, p)) * sizeof *p->weight);
  }
}

static void test_round_trips(void **state) {
  (void)state;
  rng r = rng_seed(1);
  int varying_means = 0;
  for (int i = 0; i < 60; i++) {
    arena *mem = arena_new();
    int wide = i % 4 == 3;
    network *net = sample_network(mem, &r, (sample_scheme)(i % SAMPLE_SCHEMES), wide ? 12 : 2 + i % 7,
                                  wide ? 11 : 2 + i % 6, i % 9);
    varying_means += sample_varying_means(net, &r);
    round_trip(mem, net);
    arena_free(mem);
  }
  assert_true(varying_means > 2);
}

static network *float_network(arena *mem) {
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem, .name = "f", .file = "f", .input_scale_255 = 1};
  rng r = rng_seed(2);
  sample s = {.net = net, .r = &r};
  sample_node(&s, NET_INPUT, 0)->shape = (net_shape){1, 2, 2};
  net_node *n = sample_node(&s, NET_DENSE, 0);
  n->kh = n->kw = 2;
  n->shape = (net_shape){2, 1, 1};
  static const float weights[8] = {1, -2, 3.5f, 1e-20f, 0.1f, 0, -0.0f, 7}, bias[2] = {1, 2};
  n->weight_f = weights;
  n->bias_f = bias;
  return net;
}

static void test_float_round_trip(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  network *net = float_network(mem), *back;
  assert_true(net_write(net, files_path(mem, "f"), &d));
  assert_true(net_read(mem, files_path(mem, "f/net.yaml"), &back, &d));
  assert_false(back->quantised);
  assert_memory_equal(back->nodes[1].weight_f, net->nodes[1].weight_f, 8 * sizeof(float));
  assert_memory_equal(back->nodes[1].bias_f, net->nodes[1].bias_f, 2 * sizeof(float));
  arena_free(mem);
}

// One broken rule at a time; the message names it.
static void refused(void (*break_it)(network *), const char *expected) {
  arena *mem = arena_new();
  rng r = rng_seed(3);
  diag d = {0};
  network *net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 0);
  sample s = {net, &r, SAMPLE_S8, 8, 8};
  net->count = 1;
  net_node *c = sample_node(&s, NET_CONV, 0);
  c->kh = c->kw = 2;
  c->shape.c = 3;
  sample_output_size(c, net->nodes[0].shape);
  sample_weights(&s, c, false);
  c = sample_node(&s, NET_MAXPOOL, 1);
  c->lo = -128;
  c->hi = 127;
  c = sample_node(&s, NET_DENSE, 2);
  c->kh = c->shape.h;
  c->kw = c->shape.w;
  c->shape = (net_shape){4, 1, 1};
  sample_weights(&s, c, true);
  assert_true(net_verify(net, &d));
  break_it(net);
  assert_false(net_verify(net, &d));
  if (!strstr(d.text.data, expected))
    fail_msg("expected `%s` in: %s", expected, d.text.data);
  diag_free(&d);
  arena_free(mem);
}

// The last layer an average over the taps inside the image, without codes.
static void last_varies(network *n) {
  n->count = 3;
  n->nodes[2].op = NET_AVGPOOL;
  n->nodes[2].kh = 2;
  n->nodes[2].pt = 1;
  n->nodes[2].quant.bits = 0;
}

#define BREAKS(X)                                                                                                      \
  X(order, n->nodes[1].inputs[0] = 1, "not an earlier layer")                                                          \
  X(twice, n->nodes[2].name = n->nodes[1].name, "taken by an earlier layer")                                           \
  X(name, n->nodes[1].name = "1x", "a letter first")                                                                   \
  X(shape, n->nodes[1].shape.h++, "from its input")                                                                    \
  X(groups, n->nodes[1].groups = 5, "expected a divisor")                                                              \
  X(kernel, n->nodes[1].kh = 100, "larger than its padded input")                                                      \
  X(weights, n->nodes[1].weight_bits = 7, "weight code")                                                               \
  X(bias, n->nodes[1].bias = NULL, "without bias")                                                                     \
  X(shift, n->nodes[1].shift = 48, "shift 48, expected 1 to 47")                                                       \
  X(mult, n->nodes[1].mult = NULL, "without multipliers")                                                              \
  X(clamp, n->nodes[1].hi = 128, "clamp [")                                                                            \
  X(zero, n->nodes[1].quant.zero = 200, "zero point 200")                                                              \
  X(passes, n->nodes[2].quant.scale *= 2, "passes codes as they are")                                                  \
  X(pads, n->nodes[2].pt = 1, "would see no pixel")                                                                    \
  X(unused, (n->nodes[3].inputs[0] = 1), "no later layer uses it")                                                     \
  X(scales, ((double *)(uintptr_t)n->nodes[3].weight_scale)[1] *= 2, "one scale")                                      \
  X(inputs, n->nodes[2].input_count = 2, "maxpool with 2 inputs, expected 1")                                          \
  X(concat, (n->nodes[2].op = NET_CONCAT, n->nodes[2].input_count = 0), "concat with 0 inputs, expected 1 to 64")      \
  X(input, n->nodes[0].op = NET_PAD, "to be the input")                                                                \
  X(averages, last_varies(n), "needs `codes`")
#define X(name, change, message)                                                                                       \
  static void break_##name(network *n) { change; }
BREAKS(X)
#undef X

static void test_verify(void **state) {
  (void)state;
#define X(name, change, message) refused(break_##name, message);
  BREAKS(X)
#undef X
}

// Thousands of damaged files: refused or read, never a crash.
static void test_damage(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(4);
  diag d = {0};
  assert_true(net_write(sample_network(mem, &r, SAMPLE_U8, 8, 8, 6), files_path(mem, "d"), &d));
  static const char *const names[] = {"d/net.yaml", "d/weights.safetensors"};
  for (int file = 0; file < 2; file++) {
    const char *path = files_path(mem, names[file]);
    bytes good = files_get(mem, path);
    if (file) { // without the hash, so that the damage is seen by the parser
      bytes yaml = files_get(mem, files_path(mem, names[0]));
      char *text = (char *)yaml.data, *hash = strstr(text, ", sha256");
      memset(hash, ' ', strcspn(hash, "}"));
      files_put(files_path(mem, names[0]), text, yaml.size);
    }
    uint8_t *bad = arena_alloc(mem, good.size + 64);
    int accepted = 0;
    for (int i = 0; i < 3000; i++) {
      arena *one = arena_new();
      diag e = {0};
      network *net;
      bytes most = good;
      if (file && rng_below(&r, 4)) // the header is the interesting part
        most.size = 8 + (good.data[0] | (size_t)good.data[1] << 8);
      size_t size = files_damage(&r, &most, bad);
      if (file && size == most.size) {
        memcpy(bad + size, good.data + most.size, good.size - most.size);
        size = good.size;
      }
      files_put(path, bad, size);
      bool ok = net_read(one, files_path(one, names[0]), &net, &e);
      assert_true(ok == (e.errors == 0));
      accepted += ok;
      diag_free(&e);
      arena_free(one);
    }
    assert_true(accepted < 2000);
    files_put(path, good.data, good.size);
  }
  arena_free(mem);
}

static void test_print(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(5);
  char *text = NULL;
  size_t size = 0;
  for (int i = 0; i < 20; i++) {
    network *net = sample_network(mem, &r, (sample_scheme)(i % 3), 8, 8, 8);
    FILE *f = open_memstream(&text, &size);
    net_print(net, f);
    fclose(f);
    assert_non_null(strstr(text, "total"));
    free(text);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trips), cmocka_unit_test(test_float_round_trip),
      cmocka_unit_test(test_verify),      cmocka_unit_test(test_damage),
      cmocka_unit_test(test_print),
  };
  return cmocka_run_group_tests_name("net: native format", tests, NULL, NULL);
}
