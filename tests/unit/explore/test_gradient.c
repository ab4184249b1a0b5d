// SPDX-License-Identifier: Apache-2.0
//
// Gradients against finite differences, for every operator and scheme.
//
// What is differentiated is a network of real numbers, written here on its own: at the given image its values are the
// quantised network's, since each rounding is a constant added; away from it nothing is rounded. It bends only where a
// clamp or a maximum changes sides, which the small steps taken here do not reach.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/explore/gradient.h"

#include <omp.h>

// STEP: what values are changed by. SIDE: a clamp begins so much later, and of equal taps the first is greater by so
// much, that no step of a value which lies exactly there changes sides.
static const double STEP = 1e-7, SIDE = 1e-4;

typedef struct {
  const network *net;
  int32_t **base; // the quantised network's
  double **real;
  int label;
} surrogate;

static double clamped(const net_node *n, double v) { return fmin(fmax(v, n->lo - SIDE), n->hi + SIDE); }

// The value of tap (c, y, x) of `v`, or `outside`.
static double tap(const double *v, net_shape in, int c, int y, int x, double outside) {
  return y < 0 || y >= in.h || x < 0 || x >= in.w ? outside : v[((int64_t)c * in.h + y) * in.w + x];
}

static double conv_sum(const surrogate *s, const net_node *n, const double *v, int f, int y, int x) {
  net_shape in = net_input_shape(s->net, n);
  int32_t za = net_input_quant(s->net, n).zero;
  int channels = in.c / n->groups, c0 = f / (n->shape.c / n->groups) * channels;
  const int16_t *w = n->weight + f * net_reduction(s->net, n);
  double sum = n->bias[f];
  for (int c = 0; c < channels; c++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++)
        sum += (tap(v, in, c0 + c, y * n->sh - n->pt + ky, x * n->sw - n->pl + kx, za) - za) * (*w++ - n->weight_zero);
  return sum;
}

static double pool(const surrogate *s, const net_node *n, const double *v, int c, int y, int x, int *taps) {
  net_shape in = net_input_shape(s->net, n);
  int32_t za = net_input_quant(s->net, n).zero;
  double sum = 0, most = -INFINITY;
  *taps = 0;
  for (int ky = 0; ky < n->kh; ky++)
    for (int kx = 0; kx < n->kw; kx++) {
      double at = tap(v, in, c, y * n->sh - n->pt + ky, x * n->sw - n->pl + kx, NAN);
      if (isnan(at))
        continue;
      sum += at - za;
      most = fmax(most, at - SIDE * (*taps)++);
    }
  return n->op == NET_MAXPOOL ? most : sum;
}

static double requantised(const surrogate *s, const net_node *n, double sum, int which) {
  return net_is_raw(s->net, n) ? sum : clamped(n, sum * n->mult[which] / pow(2, n->shift) + n->quant.zero);
}

// Element i of a node, of real values; `more` is added to its accumulator or, where it has none, to its code.
static double element(const surrogate *s, int node, double *const *v, int64_t i, double more) {
  const net_node *n = &s->net->nodes[node];
  int x = (int)(i % n->shape.w), y = (int)(i / n->shape.w % n->shape.h), c = (int)(i / n->shape.w / n->shape.h), taps;
  const double *in = v[n->inputs[0]];
  switch (n->op) {
  case NET_CONV:
  case NET_DENSE:
    return requantised(s, n, conv_sum(s, n, in, c, y, x) + more, c);
  case NET_MAXPOOL:
    return clamped(n, pool(s, n, in, c, y, x, &taps)) + more;
  case NET_AVGPOOL: {
    double sum = pool(s, n, in, c, y, x, &taps);
    return requantised(s, n, sum, net_mean_varies(n) ? taps - 1 : c) + more;
  }
  case NET_ADD: {
    double sum = 0;
    for (int k = 0; k < 2; k++)
      sum += (v[n->inputs[k]][i] - s->net->nodes[n->inputs[k]].quant.zero) * n->mult[k] / pow(2, n->shift);
    return clamped(n, sum + n->quant.zero) + more;
  }
  case NET_CONCAT: {
    int k = 0;
    for (int64_t size; i >= (size = net_shape_size(s->net->nodes[n->inputs[k]].shape)); k++)
      i -= size;
    return clamped(n, v[n->inputs[k]][i]) + more;
  }
  case NET_PAD: {
    net_shape is = net_input_shape(s->net, n);
    int from = c - n->pad_c0;
    bool is_there = from >= 0 && from < is.c;
    return clamped(n, is_there ? tap(in, is, from, y - n->pt, x - n->pl, n->quant.zero) : n->quant.zero) + more;
  }
  default:
    fail_msg("no such operator");
    return 0;
  }
}

// The loss with `more` added to element `at` of a node.
static double loss_with(const surrogate *s, int changed, int64_t at, double more) {
  arena *mem = arena_new();
  double **v = arena_new_array(mem, double *, s->net->count), **base = arena_new_array(mem, double *, s->net->count);
  for (int i = 0; i < (int)s->net->count; i++) {
    int64_t size = net_shape_size(s->net->nodes[i].shape);
    v[i] = arena_new_array(mem, double, (size_t)size);
    base[i] = arena_new_array(mem, double, (size_t)size);
    for (int64_t k = 0; k < size; k++)
      v[i][k] = base[i][k] = s->base[i][k];
    if (i < changed)
      continue;
    for (int64_t k = 0; k < size; k++)
      if (i > 0)
        v[i][k] += element(s, i, v, k, i == changed && k == at ? more : 0) - element(s, i, base, k, 0);
      else
        v[i][k] += k == at ? more : 0;
  }
  const net_node *n = net_output(s->net);
  size_t outputs = (size_t)net_shape_size(n->shape);
  double *scale = arena_new_array(mem, double, outputs), most = -INFINITY, sum = 0;
  int32_t zero;
  assert_true(evaluator_scale(s->net, scale, &zero));
  const double *logits = v[s->net->count - 1];
  for (size_t i = 0; i < outputs; i++)
    most = fmax(most, scale[i] * (logits[i] - zero));
  for (size_t i = 0; i < outputs; i++)
    sum += exp(scale[i] * (logits[i] - zero) - most);
  double loss = log(sum) + most - scale[s->label] * (logits[s->label] - zero);
  arena_free(mem);
  return loss;
}

// Logits within a few units of one another, so that the loss says something.
static void moderate(network *net, const uint8_t *pixels, int32_t **values) {
  net_node *n = &net->nodes[net->count - 1];
  infer_model m = {.net = net};
  ref_run(&m, pixels, values);
  double most = 1;
  for (int64_t i = 0; i < net_shape_size(n->shape); i++)
    most = fmax(most, fabs((double)values[net->count - 1][i]));
  double scale = 3 / most;
  if (!net_is_raw(net, n)) {
    n->quant.scale = scale;
  } else if (n->op == NET_AVGPOOL) {
    net->nodes[n->inputs[0]].quant.scale = scale;
  } else {
    double *all = arena_new_array(net->mem, double, (size_t)n->shape.c);
    for (int f = 0; f < n->shape.c; f++)
      all[f] = scale / net_input_quant(net, n).scale;
    n->weight_scale = all;
  }
}

// How much of a code a step of 1 is: of an accumulator, less.
static double codes_of(const network *net, int node, int64_t at) {
  const net_node *n = &net->nodes[node];
  if (!net_multiplies(n) || net_is_raw(net, n))
    return 1;
  return n->mult[at / (n->shape.h * n->shape.w)] / pow(2, n->shift);
}

// Compares some elements of every node. nonzero[op]: gradients that were not 0, so far.
static void check(network *net, rng *r, int *nonzero) {
  arena *mem = arena_new();
  diag d = {0};
  if (!net_verify(net, &d))
    fail_msg("%s", d.text.data);
  size_t pixels = (size_t)net_shape_size(net->nodes[0].shape);
  uint8_t *image = arena_alloc(mem, pixels);
  for (size_t i = 0; i < pixels; i++)
    image[i] = (uint8_t)rng_next(r);
  int32_t **base = infer_buffers(mem, net);
  moderate(net, image, base);
  gradient *g = gradient_new(mem, net, &d);
  if (!g)
    fail_msg("%s", d.text.data);
  gradient_image *got = gradient_image_new(mem, g);
  surrogate s = {
      .net = net, .base = base, .label = (int)rng_below(r, (uint32_t)net_shape_size(net_output(net)->shape))};
  gradient_run(g, image, s.label, got);
  for (size_t i = 0; i < net->count; i++)
    assert_memory_equal(got->value[i], base[i], (size_t)net_shape_size(net->nodes[i].shape) * sizeof(int32_t));
  assert_float_equal(got->loss, loss_with(&s, 0, -1, 0), 1e-9);
  for (int i = 0; i < (int)net->count; i++)
    for (int k = 0; k < 6; k++) {
      int64_t at = rng_below(r, (uint32_t)net_shape_size(net->nodes[i].shape));
      double unit = codes_of(net, i, at), step = STEP / unit;
      double want = (loss_with(&s, i, at, step) - loss_with(&s, i, at, -step)) / (2 * step);
      if (fabs(got->of[i][at] - want) > 1e-5 * fmax(fabs(want), 1e-2 * unit))
        fail_msg("%s, element %lld: %.10g instead of %.10g", net->nodes[i].name, (long long)at, got->of[i][at], want);
      nonzero[net->nodes[i].op] += fabs(want) > 1e-5 * unit;
    }
  arena_free(mem);
}

static void test_operators(void **state) {
  (void)state;
  rng r = rng_seed(77);
  int nonzero[NET_OPS] = {0}, varying = 0;
  for (int i = 0; i < 400; i++) {
    arena *mem = arena_new();
    network *net = sample_network(mem, &r, (sample_scheme)(i % SAMPLE_SCHEMES), 4 + i % 5, 3 + i % 6, 1 + i % 5);
    varying += sample_varying_means(net, &r);
    check(net, &r, nonzero);
    arena_free(mem);
  }
  for (int op = 0; op < NET_OPS; op++)
    if (nonzero[op] < 20)
      fail_msg("only %d gradients of %s were not 0", nonzero[op], net_op_name((net_op)op));
  assert_true(varying > 5);
}

// An average of all taps as the output, with pads and without.
static void test_average_output(void **state) {
  (void)state;
  rng r = rng_seed(78);
  int nonzero[NET_OPS] = {0};
  for (int i = 0; i < 20; i++) {
    arena *mem = arena_new();
    network *net = sample_network(mem, &r, (sample_scheme)(i % SAMPLE_SCHEMES), 8, 8, 0);
    sample s = {net, &r, (sample_scheme)(i % SAMPLE_SCHEMES), 8, 8};
    net->count--; // the dense layer
    sample_layer(&s, 0);
    net_node *n = sample_node(&s, NET_AVGPOOL, (int)net->count - 1);
    net_shape in = n->shape;
    n->kh = in.h < 2 ? 1 : 2, n->kw = 1;
    n->pt = n->pb = i % 2 && n->kh > 1;
    n->count_pad = true;
    sample_output_size(n, in);
    n->quant = (net_quant){0};
    check(net, &r, nonzero);
    arena_free(mem);
  }
  assert_true(nonzero[NET_AVGPOOL] > 20);
}

// Larger than what conv does at once: several blocks of patches and of channels.
static void test_large(void **state) {
  (void)state;
  rng r = rng_seed(80);
  int nonzero[NET_OPS] = {0};
  for (int i = 0; i < 3; i++) {
    arena *mem = arena_new();
    sample_scheme scheme = (sample_scheme)i;
    network *net = sample_network(mem, &r, scheme, 6, 6, 0);
    net->nodes[0].shape = (net_shape){2, 23, 24};
    net->input_channels = NULL;
    net->count = 1;
    sample s = {net, &r, scheme, 6, 6};
    for (int k = 0; k < 3; k++) {
      net_node *n = sample_node(&s, NET_CONV, k);
      net_shape in = n->shape;
      n->kh = n->kw = 3;
      n->pt = n->pb = n->pl = n->pr = 1;
      n->groups = k == 1 && i == 1 ? 6 : 1;
      n->shape.c = k == 0 ? 42 : k == 1 ? 18 : 3;
      n->sh = n->sw = k == 2 ? 4 : 1;
      sample_output_size(n, in);
      sample_weights(&s, n, false);
      n->shift += 2; // few are clamped
    }
    net_node *last = sample_node(&s, NET_DENSE, 3);
    last->kh = last->shape.h, last->kw = last->shape.w;
    last->shape = (net_shape){5, 1, 1};
    sample_weights(&s, last, true);
    check(net, &r, nonzero);
    arena_free(mem);
  }
  if (nonzero[NET_CONV] <= 10)
    fail_msg("only %d gradients of conv were not 0", nonzero[NET_CONV]);
}

static void test_no_scale(void **state) {
  (void)state;
  rng r = rng_seed(79);
  arena *mem = arena_new();
  network *net;
  do
    net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 1);
  while (!net_is_raw(net, net_output(net)));
  net->nodes[net->count - 1].weight_scale = NULL;
  diag d = {0};
  assert_null(gradient_new(mem, net, &d));
  assert_non_null(strstr(d.text.data, "scale is not known"));
  net->quantised = false;
  assert_null(gradient_new(mem, net, &d));
  diag_free(&d);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators), cmocka_unit_test(test_average_output),
                                     cmocka_unit_test(test_large), cmocka_unit_test(test_no_scale)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
