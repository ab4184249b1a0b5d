// SPDX-License-Identifier: Apache-2.0
//
// ONNX import against the framework that exported the models: tests/onnx/X.onnx, float_run on the images of X.bin, the
// outputs there (tests/onnx/make_models.py wrote both).
#include "tests/unit/net/files.h"

#include "compiler/onnx/onnx.h"
#include "compiler/quant/quant.h"

#include <glob.h>
#include <math.h>

typedef struct {
  int32_t images, c, h, w, outputs;
  const uint8_t *pixels;
  const float *expected;
} expected_outputs;

static expected_outputs read_expected(arena *mem, const char *onnx) {
  bytes b = files_get(mem, arena_printf(mem, "%.*s.bin", (int)(strlen(onnx) - strlen(".onnx")), onnx));
  expected_outputs e;
  memcpy(&e, b.data, 5 * sizeof(int32_t));
  size_t pixels = (size_t)(e.images * e.c * e.h * e.w), outputs = (size_t)(e.images * e.outputs);
  assert_int_equal(b.size, 20 + pixels + outputs * sizeof(float));
  e.pixels = b.data + 20;
  e.expected = arena_memdup(mem, b.data + 20 + pixels, outputs * sizeof(float));
  return e;
}

static network *read_model(arena *mem, const char *path) {
  diag d = {0};
  network *net = NULL;
  if (!onnx_read(mem, path, &net, &d))
    fail_msg("%s", d.text.data);
  diag_free(&d);
  return net;
}

static void check_model(const char *path) {
  arena *mem = arena_new();
  expected_outputs e = read_expected(mem, path);
  network *net = read_model(mem, path);
  net_shape in = net->nodes[0].shape;
  assert_true(in.c == e.c && in.h == e.h && in.w == e.w);
  assert_int_equal(net_shape_size(net_output(net)->shape), e.outputs);
  // The model was built on pixels as they are, or on pixels divided by 255; the import must have found out which.
  float **values = float_buffers(mem, net), *out = values[net->count - 1];
  double error = 0, largest = 0;
  for (int i = 0; i < e.images; i++) {
    float_run(net, e.pixels + i * e.c * e.h * e.w, values);
    for (int k = 0; k < e.outputs; k++) {
      error = fmax(error, fabs(out[k] - e.expected[i * e.outputs + k]));
      largest = fmax(largest, fabs(e.expected[i * e.outputs + k]));
    }
  }
  if (!(error < 1e-4 * largest)) {
    net_print(net, stderr);
    fail_msg("%s: error %g of %g", path, error, largest);
  }
  arena_free(mem);
}

static void test_models(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("tests/onnx/*.onnx", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    check_model(g.gl_pathv[i]);
  globfree(&g);
}

// What becomes of a model: names, operators, and that nothing is left that could be folded.
static void check_nodes(const char *path, const char *expected) {
  arena *mem = arena_new();
  network *net = read_model(mem, path);
  str text = {0};
  for (size_t i = 0; i < net->count; i++)
    str_printf(&text, "%s%s", i ? " " : "", net->nodes[i].name);
  assert_string_equal(text.data, expected);
  str_free(&text);
  arena_free(mem);
}

static void test_folding(void **state) {
  (void)state;
  check_nodes("tests/onnx/opset18.onnx", "input stem_conv pad_1 avgpool_1 dense_1");
  check_nodes("tests/onnx/names.onnx", "input features_0 conv_1 layer1_0_pool layer1_0_conv1 layer1_0_conv1_2 "
                                       "layer1_0_add conv_0 conv1 concat_1");
  check_nodes("tests/onnx/conv_bn_relu6.onnx", "input conv_0 maxpool_3 dense_5");
  check_nodes("tests/onnx/normalise_unpadded.onnx", "input conv");
  check_nodes("tests/onnx/shape_arithmetic.onnx", "input conv_1 fc");
  check_nodes("tests/onnx/channels_last.onnx", "input model_conv2d_Conv2D model_dense");
}

// What a model does to its pixels first becomes what pixels stand for: no layer is left of it, padding stays 0, and the
// integers are near the floating-point network's, in every scheme.
static void check_head(const char *path) {
  arena *mem = arena_new();
  expected_outputs e = read_expected(mem, path);
  network *net = read_model(mem, path), *q = NULL;
  assert_int_equal(net->count, 3); // input, convolution, dense layer
  dataset data = {.shape = net->nodes[0].shape, .count = (size_t)e.images, .pixels = e.pixels};
  for (int scheme = QUANT_S8; scheme <= QUANT_U8S8; scheme++) {
    quant_options opt = quant_defaults();
    opt.scheme = (quant_scheme)scheme;
    diag d = {0};
    if (!quantize(mem, net, &data, &opt, &q, &d))
      fail_msg("%s", d.text.data);
    const net_node *n = net_output(q);
    double unit = net_input_quant(q, n).scale * n->weight_scale[0], largest = 0, error = 0;
    int32_t **values = infer_buffers(mem, q);
    for (int i = 0; i < e.images; i++) {
      ref_run(&(infer_model){.net = q}, e.pixels + i * e.c * e.h * e.w, values);
      for (int k = 0; k < e.outputs; k++) {
        double want = e.expected[i * e.outputs + k];
        error = fmax(error, fabs(values[q->count - 1][k] * unit - want));
        largest = fmax(largest, fabs(want));
      }
    }
    if (!(error < 0.04 * largest))
      fail_msg("%s, scheme %d: error %g of %g", path, scheme, error, largest);
    diag_free(&d);
  }
  arena_free(mem);
}

static void test_heads(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("tests/onnx/head_*.onnx", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    check_head(g.gl_pathv[i]);
  globfree(&g);
}

// x / 128 - 1: the code of pixel p is p - 128, and p with zero point 128 where codes are unsigned.
static void test_exact_pixels(void **state) {
  (void)state;
  static const struct {
    const char *path;
    quant_scheme scheme;
    int32_t first, zero;
  } cases[] = {{"tests/onnx/head_128.onnx", QUANT_S8, -128, 0},
               {"tests/onnx/head_128.onnx", QUANT_U8, 0, 128},
               {"tests/onnx/head_reversed.onnx", QUANT_U8S8, 0, 128},
               {"tests/onnx/head_int8.onnx", QUANT_S8, -128, 0}};
  for (size_t i = 0; i < BASE_COUNT(cases); i++) {
    arena *mem = arena_new();
    expected_outputs e = read_expected(mem, cases[i].path);
    network *net = read_model(mem, cases[i].path), *q = NULL;
    dataset data = {.shape = net->nodes[0].shape, .count = (size_t)e.images, .pixels = e.pixels};
    quant_options opt = quant_defaults();
    opt.scheme = cases[i].scheme;
    diag d = {0};
    assert_true(quantize(mem, net, &data, &opt, &q, &d));
    assert_int_equal(q->nodes[0].quant.zero, cases[i].zero);
    int32_t code[256];
    infer_pixel_codes(q, 0, code);
    for (int p = 0; p < 256; p++)
      assert_int_equal(code[p], cases[i].first + p);
    diag_free(&d);
    arena_free(mem);
  }
}

// What the user says pixels are goes before what the model does to them.
static void test_told(void **state) {
  (void)state;
  arena *mem = arena_new();
  const char *path = "tests/onnx/head_mean_std.onnx";
  diag d = {0};
  network *net;
  static const net_pixels one = {255, 0}, three[3] = {{1, 0}, {2, -1}, {1, 0.5}};
  assert_true(onnx_read_as(mem, path, &(onnx_input){1, &one}, &net, &d));
  assert_true(fabs(net_input_pixels(net, 0).offset + 0.485 / 0.229) < 1e-6);
  assert_true(fabs(net_input_pixels(net, 2).scale - 1 / 0.225) < 1e-6);
  assert_true(onnx_read_as(mem, "tests/onnx/normalise_padded.onnx", &(onnx_input){3, three}, &net, &d));
  assert_true(fabs(net_input_pixels(net, 1).scale - 2 / 0.24) < 1e-6);
  assert_true(fabs(net_input_pixels(net, 1).offset + 1.48 / 0.24) < 1e-5);
  assert_true(fabs(net_input_pixels(net, 2).offset - 0.05 / 0.26) < 1e-5);
  assert_int_equal(d.text.len, 0);
  assert_false(onnx_read_as(mem, "tests/onnx/head_128.onnx", &(onnx_input){3, three}, &net, &d));
  assert_non_null(strstr(d.text.data, "for 3 channels; the input has 1"));
  assert_false(onnx_read_as(mem, "tests/onnx/head_uint8.onnx", &(onnx_input){1, &one}, &net, &d));
  assert_non_null(strstr(d.text.data, "takes the pixels themselves"));
  diag_free(&d);
  arena_free(mem);
}

// Models that are quantised already need no images; their integer network gives the outputs of an evaluation that
// rounds where the model says. Logits stay accumulators even where the model rounds them. A value just between two
// codes may fall on either side, inside the network too.
static void check_quantised(const char *path) {
  arena *mem = arena_new();
  expected_outputs e = read_expected(mem, path);
  network *net = read_model(mem, path), *q = NULL;
  diag d = {0};
  quant_options opt = quant_defaults();
  assert_true(quant_is_stated(net));
  if (!quantize(mem, net, NULL, &opt, &q, &d))
    fail_msg("%s", d.text.data);
  const net_node *n = net_output(q);
  bool raw = net_is_raw(q, n);
  double unit = raw ? net_input_quant(q, n).scale * n->weight_scale[0] : n->quant.scale;
  double rounding = net_output(net)->quant.scale, slack = raw ? rounding / 2 : rounding;
  int32_t zero = raw ? 0 : n->quant.zero, **values = infer_buffers(mem, q);
  for (int i = 0; i < e.images; i++) {
    ref_run(&(infer_model){.net = q}, e.pixels + i * e.c * e.h * e.w, values);
    int others = 0;
    for (int k = 0; k < e.outputs; k++) {
      double error = fabs((values[q->count - 1][k] - zero) * unit - e.expected[i * e.outputs + k]);
      if (!(error < slack + 0.004))
        fail_msg("%s: image %d, output %d: off by %g", path, i, k, error);
      others += error > unit / 2;
    }
    assert_true(raw || others * 20 <= e.outputs);
  }
  diag_free(&d);
  arena_free(mem);
}

static void test_quantised(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("tests/onnx/quantised/*.onnx", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    check_quantised(g.gl_pathv[i]);
  globfree(&g);
}

static void test_errors(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("tests/onnx/errors/*.onnx", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++) {
    arena *mem = arena_new();
    diag d = {0};
    network *net = NULL;
    const char *path = g.gl_pathv[i];
    if (onnx_read(mem, path, &net, &d))
      fail_msg("%s is not refused", path);
    assert_true(d.errors > 0 && d.exit_code == EXIT_INPUT);
    char *expected = arena_printf(mem, "%.*s.expected", (int)(strlen(path) - strlen(".onnx")), path);
    if (getenv("AXGEN_BLESS"))
      files_put(expected, d.text.data, d.text.len);
    bytes want = files_get(mem, expected);
    if (strcmp((const char *)want.data, d.text.data) != 0)
      fail_msg("%s: expected\n%s\nfound\n%s", expected, (const char *)want.data, d.text.data);
    diag_free(&d);
    arena_free(mem);
  }
  globfree(&g);
}

// Quantises what is left of a damaged model, on three images, and runs it.
static void try_network(arena *mem, const network *net) {
  int64_t work = 0, size = net_shape_size(net->nodes[0].shape);
  for (size_t i = 0; i < net->count; i++)
    work += net_multiplications(net, &net->nodes[i]) + net_shape_size(net->nodes[i].shape) * 16;
  if (work > 1000000 || size > 100000)
    return;
  static uint8_t labels[3];
  dataset data = {.shape = net->nodes[0].shape, .count = 3, .labels = labels, .classes = 1};
  uint8_t *pixels = arena_alloc(mem, 3 * (size_t)size);
  for (int64_t i = 0; i < 3 * size; i++)
    pixels[i] = (uint8_t)(i * 37);
  data.pixels = pixels;
  quant_options opt = quant_defaults();
  diag d = {0};
  network *q = NULL;
  if (quantize(mem, net, &data, &opt, &q, &d) && infer_check(&(infer_model){.net = q}, &d))
    ref_run(&(infer_model){.net = q}, pixels, infer_buffers(mem, q));
  else
    assert_true(d.errors > 0);
  diag_free(&d);
}

// Damaged models are refused, or give a network that holds together; never a crash.
static void fuzz_model(const char *path, uint64_t seed, int rounds) {
  arena *mem = arena_new();
  bytes good = files_get(mem, path);
  uint8_t *bad = arena_alloc(mem, good.size + 64);
  const char *file = files_path(mem, "fuzz.onnx");
  rng r = rng_seed(seed);
  for (int i = 0; i < rounds; i++) {
    size_t size = files_damage(&r, &good, bad);
    files_put(file, bad, size);
    arena *m = arena_new();
    diag d = {0};
    network *net = NULL;
    if (onnx_read(m, file, &net, &d))
      try_network(m, net);
    else
      assert_true(d.errors > 0 && d.text.len > 0);
    diag_free(&d);
    arena_free(m);
  }
  arena_free(mem);
}

static void test_fuzz(void **state) {
  (void)state;
  const char *rounds = getenv("AXGEN_FUZZ");
  glob_t g;
  assert_int_equal(glob("tests/onnx/*.onnx", 0, NULL, &g), 0);
  assert_int_equal(glob("tests/onnx/quantised/*.onnx", GLOB_APPEND, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    fuzz_model(g.gl_pathv[i], i, rounds ? atoi(rounds) : 30);
  globfree(&g);
}

// Messages inside messages inside messages: must not use up the stack.
static void test_nesting(void **state) {
  (void)state;
  arena *mem = arena_new();
  enum { DEPTH = 60000, SIZE = 40 * DEPTH };
  uint8_t *data = arena_alloc(mem, SIZE), *p = data + SIZE;
  static const uint8_t keys[] = {6 << 3 | 2, 5 << 3 | 2, 1 << 3 | 2}; // attribute.g, node.attribute, graph.node
  for (size_t size = 0, i = 0; i <= 3 * DEPTH; size = (size_t)(data + SIZE - p), i++) {
    uint8_t length[10];
    int n = 0;
    for (size_t v = size; n == 0 || v; v >>= 7)
      length[n++] = (uint8_t)((v & 127) | (v >> 7 ? 128 : 0));
    p -= n;
    memcpy(p, length, (size_t)n);
    *--p = keys[i % 3];
  }
  size_t size = (size_t)(data + SIZE - p);
  *p = 7 << 3 | 2; // the outermost is model.graph
  const char *file = files_path(mem, "nested.onnx");
  files_put(file, p, size);
  diag d = {0};
  network *net;
  assert_false(onnx_read(mem, file, &net, &d));
  assert_non_null(strstr(d.text.data, "nested too deeply"));
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_models), cmocka_unit_test(test_folding), cmocka_unit_test(test_quantised),
      cmocka_unit_test(test_errors), cmocka_unit_test(test_heads),   cmocka_unit_test(test_exact_pixels),
      cmocka_unit_test(test_told),   cmocka_unit_test(test_fuzz),    cmocka_unit_test(test_nesting)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
