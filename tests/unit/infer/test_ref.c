// SPDX-License-Identifier: Apache-2.0
//
// The reference interpreter: results computed by hand, and random networks against a second, recursive evaluation
// that shares no code with it.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/infer/infer.h"

#include <omp.h>

// ---- a second definition: one output element at a time, in 128 bits -------------------------------------------------
typedef struct {
  const infer_model *m;
  int32_t **values; // of earlier nodes
} second;

static int32_t at(const second *s, int node, int c, int y, int x, int32_t outside) {
  net_shape sh = s->m->net->nodes[node].shape;
  bool in = c >= 0 && c < sh.c && y >= 0 && y < sh.h && x >= 0 && x < sh.w;
  return in ? s->values[node][(c * sh.h + y) * sh.w + x] : outside;
}

static int32_t rescale(const net_node *n, __int128 v) {
  __int128 divisor = (__int128)1 << n->shift, q = v + divisor / 2;
  __int128 floor = q / divisor - (q % divisor < 0);
  floor += n->quant.zero;
  return floor < n->lo ? n->lo : floor > n->hi ? n->hi : (int32_t)floor;
}

static int32_t element(const second *s, int node, int c, int y, int x) {
  const network *net = s->m->net;
  const net_node *n = &net->nodes[node];
  int in = n->inputs[0];
  int32_t za = net->nodes[in].quant.zero, zw = n->weight_zero, best = INT32_MIN, taps = 0;
  __int128 acc = 0;
  switch (n->op) {
  case NET_CONV:
  case NET_DENSE: {
    int per = net->nodes[in].shape.c / n->groups, group = c / (n->shape.c / n->groups);
    acc = n->bias[c];
    for (int kx = n->kw - 1; kx >= 0; kx--)
      for (int ky = 0; ky < n->kh; ky++)
        for (int k = 0; k < per; k++) {
          int32_t a = at(s, in, group * per + k, y * n->sh + ky - n->pt, x * n->sw + kx - n->pl, za);
          int index = ((c * per + k) * n->kh + ky) * n->kw + kx;
          int32_t w = n->weight[index];
          const assignment *by = s->m->assign ? &s->m->assign[node] : NULL;
          int which = by ? assignment_mul(by, index) : 0;
          const mul *m = by ? s->m->muls[which] : NULL;
          acc += (m ? m->function(m, a, w) : (int64_t)a * w) - (int64_t)zw * a - (int64_t)za * w + (int64_t)za * zw;
        }
    return net_is_raw(net, n) ? (int32_t)acc : rescale(n, acc * n->mult[c]);
  }
  case NET_MAXPOOL:
  case NET_AVGPOOL:
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++) {
        int yy = y * n->sh + ky - n->pt, xx = x * n->sw + kx - n->pl;
        acc += at(s, in, c, yy, xx, za) - za;
        int32_t v = at(s, in, c, yy, xx, INT32_MIN);
        best = v > best ? v : best;
        taps += v != INT32_MIN;
      }
    if (n->op == NET_MAXPOOL)
      return (int32_t)clamp64(best, n->lo, n->hi);
    return rescale(n, acc * n->mult[n->count_pad ? c : taps - 1]);
  case NET_ADD:
    for (int i = 0; i < 2; i++)
      acc += (__int128)(at(s, n->inputs[i], c, y, x, 0) - net->nodes[n->inputs[i]].quant.zero) * n->mult[i];
    return rescale(n, acc);
  case NET_CONCAT:
    for (int i = 0; i < n->input_count; c -= net->nodes[n->inputs[i++]].shape.c)
      if (c < net->nodes[n->inputs[i]].shape.c)
        return (int32_t)clamp64(at(s, n->inputs[i], c, y, x, 0), n->lo, n->hi);
    fail();
    return 0;
  default:
    return (int32_t)clamp64(at(s, in, c - n->pad_c0, y - n->pt, x - n->pl, n->quant.zero), n->lo, n->hi);
  }
}

static assignment *random_assignment(arena *mem, rng *r, const network *net, int muls) {
  assignment *a = arena_new_array(mem, assignment, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    bool by_weight = rng_below(r, 2);
    int count = n->shape.c * (net_input_shape(net, n).c / n->groups) * (by_weight ? n->kh * n->kw : 1);
    uint8_t *k = arena_alloc(mem, (size_t)count);
    for (int j = 0; j < count; j++)
      k[j] = (uint8_t)(rng_below(r, 2) && j ? k[j - 1] : rng_below(r, (uint32_t)muls));
    a[i] = assignment_make(mem, net, n, by_weight ? ASSIGN_WEIGHT : ASSIGN_KERNEL, k);
  }
  return a;
}

static uint8_t *random_pixels(arena *mem, rng *r, size_t n) {
  uint8_t *p = arena_alloc(mem, n);
  for (size_t i = 0; i < n; i++)
    p[i] = rng_below(r, 4) ? (uint8_t)rng_next(r) : (rng_below(r, 2) ? 255 : 0);
  return p;
}

// Every value of every node, and the ranges that infer_node_range and infer_code_range promise.
static void compare(arena *mem, rng *r, const infer_model *m, int images) {
  const network *net = m->net;
  int32_t **values = infer_buffers(mem, net);
  diag d = {0};
  if (!infer_check(m, &d))
    fail_msg("%s", d.text.data);
  infer_range *range = arena_new_array(mem, infer_range, net->count);
  for (size_t i = 0; i < net->count; i++)
    range[i] = infer_node_range(m, (int)i);
  for (int k = 0; k < images; k++) {
    ref_run(m, random_pixels(mem, r, (size_t)net_shape_size(net->nodes[0].shape)), values);
    second s = {m, values};
    for (size_t i = 1; i < net->count; i++) {
      const net_node *n = &net->nodes[i];
      infer_codes codes = infer_code_range(net, (int)i);
      const int32_t *v = values[i];
      for (int c = 0; c < n->shape.c; c++)
        for (int y = 0; y < n->shape.h; y++)
          for (int x = 0; x < n->shape.w; x++, v++) {
            assert_int_equal(*v, element(&s, (int)i, c, y, x));
            if (net_is_raw(net, n))
              assert_true(*v >= range[i].acc_lo && *v <= range[i].acc_hi);
            else
              assert_true(*v >= codes.lo && *v <= codes.hi);
          }
    }
  }
}

static void test_random_networks(void **state) {
  (void)state;
  rng r = rng_seed(11);
  for (int i = 0; i < 150; i++) {
    arena *mem = arena_new();
    sample_scheme scheme = (sample_scheme)(i % SAMPLE_SCHEMES);
    int a = i % 5 == 4 ? 10 : 3 + i % 6, b = i % 5 == 4 ? 9 : 2 + i % 7;
    network *net = sample_network(mem, &r, scheme, a, b, i % 10);
    sample_varying_means(net, &r);
    diag d = {0};
    if (!net_verify(net, &d))
      fail_msg("%s", d.text.data);
    const mul *muls[3];
    for (unsigned k = 0; k < 3; k++)
      muls[k] = sample_mul(mem, scheme, a, b, k);
    infer_model m = {.net = net, .muls = muls, .assign = i % 4 ? random_assignment(mem, &r, net, 3) : NULL};
    compare(mem, &r, &m, 3);
    arena_free(mem);
  }
}

// ---- by hand -------------------------------------------------------------------------------------------------------
static network *start(arena *mem, net_shape shape, net_quant q) {
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem, .name = "hand", .file = "hand", .quantised = true, .input_scale_255 = 1};
  sample s = {.net = net};
  net_node *in = sample_node(&s, NET_INPUT, 0);
  in->shape = shape;
  in->quant = q;
  in->lo = net_quant_lo(q);
  in->hi = net_quant_hi(q);
  return net;
}

static net_node *append(network *net, net_op op) {
  sample s = {.net = net};
  return sample_node(&s, op, (int)net->count - 1);
}

// The multiplier says 7 where an exact one says 0: padding must go through it.
static int64_t seven_for_zero(const mul *m, int32_t a, int32_t b) {
  (void)m;
  return a == 0 ? 7 : a * b;
}

static void test_padding_is_multiplied(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = start(mem, (net_shape){1, 2, 2}, (net_quant){8, true, 0, 1.0 / 127});
  net_node *n = append(net, NET_CONV);
  n->kh = n->kw = 3;
  n->pt = n->pb = n->pl = n->pr = 1;
  n->weight_bits = 8;
  n->weight_signed = true;
  n->weight = (int16_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9};
  n->bias = (int32_t[]){100};
  n->quant = (net_quant){0};
  mul m = {.name = "m", .sig = {8, 8, 16, true, true, true}, .function = seven_for_zero};
  const mul *muls[] = {&m};
  assignment assign[] = {{0}, assignment_uniform(mem, net, n, 0)};
  infer_model model = {.net = net, .muls = muls, .assign = assign};
  diag d = {0};
  assert_true(net_verify(net, &d));
  int32_t **v = infer_buffers(mem, net);
  ref_run(&model, (uint8_t[]){255, 0, 0, 255}, v);
  assert_int_equal(v[0][0], 127);
  // Output (0,0) sees pixels under weights 5, 6, 8, 9: 127*5 + 7 + 7 + 127*9, and 5 padded taps of 7.
  assert_int_equal(v[1][0], 100 + 127 * 5 + 7 + 7 + 127 * 9 + 5 * 7);
  assert_int_equal(v[1][3], 100 + 127 * 1 + 7 + 7 + 127 * 5 + 5 * 7);
  infer_range r = infer_node_range(&model, 1);
  assert_int_equal(r.prod_lo, -128 * 9);
  assert_int_equal(r.prod_hi, 127 * 9);
  assert_int_equal(r.acc_lo, 100 - 128 * 45);
  assert_int_equal(r.acc_hi, 100 + 127 * 45);
  model.assign = NULL;
  ref_run(&model, (uint8_t[]){255, 0, 0, 255}, v);
  assert_int_equal(v[1][0], 100 + 127 * 5 + 127 * 9);
  arena_free(mem);
}

// With exact products the zero points leave sum (a - z_a)(w - z_w).
static void test_zero_points(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = start(mem, (net_shape){1, 1, 2}, (net_quant){8, false, 10, 1.0 / 200});
  net_node *n = append(net, NET_CONV);
  n->kw = 3;
  n->pl = n->pr = 1;
  n->weight_bits = 8;
  n->weight_zero = 120;
  n->weight = (int16_t[]){0, 255, 130};
  n->bias = (int32_t[]){-5};
  n->mult = (uint16_t[]){1};
  n->shift = 5;
  n->quant = (net_quant){8, false, 30, 1};
  n->hi = 255;
  net_node *last = append(net, NET_DENSE);
  last->kw = 2;
  last->shape = (net_shape){1, 1, 1};
  last->weight_bits = 8;
  last->weight_zero = 1;
  last->weight = (int16_t[]){2, 0};
  last->bias = (int32_t[]){0};
  last->quant = (net_quant){0};
  diag d = {0};
  if (!net_verify(net, &d))
    fail_msg("%s", d.text.data);
  int32_t **v = infer_buffers(mem, net);
  infer_model model = {.net = net, .muls = NULL, .assign = NULL};
  ref_run(&model, (uint8_t[]){51, 102}, v); // 0.2 -> 40 + 10, 0.4 -> 80 + 10
  assert_int_equal(v[0][0], 50);
  assert_int_equal(v[0][1], 90);
  int acc0 = -5 + 40 * 135 + 80 * 10, acc1 = -5 + 40 * -120 + 80 * 135;
  assert_int_equal(v[1][0], ((acc0 + 16) >> 5) + 30);
  assert_int_equal(v[1][1], ((acc1 + 16) >> 5) + 30);
  assert_int_equal(v[2][0], (v[1][0] - 30) * 1 + (v[1][1] - 30) * -1);
  // Folded: -5 - 10 * (0 + 255 + 130) + 3 * 10 * 120; each tap adds a * (w - 120).
  assert_int_equal(infer_folded_bias(net, n, 0), -5 - 3850 + 3600);
  infer_range r = infer_node_range(&model, 1);
  assert_int_equal(r.acc_lo, -255 - 255 * 120);
  assert_int_equal(r.acc_hi, -255 + 255 * 145);
  assert_int_equal(r.prod_hi, 255 * 255);
  arena_free(mem);
}

static void test_requantise(void **state) {
  (void)state;
  net_node n = {.shift = 2, .lo = -128, .hi = 127};
  static const int cases[][2] = {{0, 0},  {1, 0},   {2, 1},   {5, 1},   {6, 2},      {-1, 0},
                                 {-2, 0}, {-3, -1}, {-6, -1}, {-7, -2}, {1000, 127}, {-1000, -128}};
  for (size_t i = 0; i < BASE_COUNT(cases); i++)
    assert_int_equal(net_requantise(&n, cases[i][0]), cases[i][1]);
  n.quant.zero = 5;
  n.lo = 5;
  assert_int_equal(net_requantise(&n, -40), 5);
  assert_int_equal(net_requantise(&n, 8), 7);
}

static void test_pools_and_add(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = start(mem, (net_shape){1, 2, 3}, (net_quant){8, false, 0, 1.0 / 255});
  net->nodes[0].quant.zero = 4;
  net_node *n = append(net, NET_MAXPOOL);
  n->kh = n->kw = 2;
  n->pl = n->pr = 1;
  n->shape = (net_shape){1, 1, 4};
  n->hi = 255;
  n = append(net, NET_AVGPOOL);
  n->count_pad = true;
  n->kw = 2;
  n->sw = 2;
  n->pl = n->pr = 1;
  n->shape = (net_shape){1, 1, 3};
  n->mult = (uint16_t[]){3};
  n->shift = 1;
  n->hi = 200;
  n = append(net, NET_ADD);
  n->inputs[n->input_count++] = 2;
  n->mult = (uint16_t[]){2, 1};
  n->shift = 3;
  n->hi = 255;
  diag d = {0};
  if (!net_verify(net, &d))
    fail_msg("%s", d.text.data);
  int32_t **v = infer_buffers(mem, net);
  infer_model model = {.net = net, .muls = NULL, .assign = NULL};
  ref_run(&model, (uint8_t[]){10, 20, 30, 40, 5, 6}, v); // codes: pixel + 4
  const int32_t most[] = {44, 44, 34, 34};
  assert_memory_equal(v[1], most, sizeof most);
  // Sums of code - 4 over [pad 40], [40 30], [30 pad]: 40, 70, 30; times 3/2, plus the zero 4.
  const int32_t mean[] = {64, 109, 49};
  assert_memory_equal(v[2], mean, sizeof mean);
  const int32_t sum[] = {(60 * 3 + 4) / 8 + 4, (105 * 3 + 4) / 8 + 4, (45 * 3 + 4) / 8 + 4};
  assert_memory_equal(v[3], sum, sizeof sum);
  arena_free(mem);
}

// Accumulators that do not fit are an error of the input, never an overflow.
static void test_check(void **state) {
  (void)state;
  arena *mem = arena_new();
  network *net = start(mem, (net_shape){1, 1, 2}, (net_quant){16, true, 0, 1});
  net_node *n = append(net, NET_DENSE);
  n->kw = 2;
  n->shape = (net_shape){1, 1, 1};
  n->weight_bits = 16;
  n->weight_signed = true;
  n->weight = (int16_t[]){-32768, -32768};
  n->bias = (int32_t[]){0};
  n->quant = (net_quant){0};
  infer_model m = {.net = net, .muls = NULL, .assign = NULL};
  diag d = {0};
  assert_false(infer_check(&m, &d));
  assert_non_null(strstr(d.text.data, "need 33 bits"));
  diag_free(&d);
  n->weight = (int16_t[]){-32767, 1};
  assert_true(infer_check(&m, &d));
  arena_free(mem);
}

static void test_evaluate(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(12);
  network *net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 4);
  dataset data = {.shape = net->nodes[0].shape, .count = 300, .classes = 2};
  data.pixels = random_pixels(mem, &r, data.count * (size_t)net_shape_size(data.shape));
  uint8_t *labels = arena_alloc(mem, data.count);
  infer_model m = {.net = net, .muls = NULL, .assign = NULL};
  int32_t **v = infer_buffers(mem, net);
  size_t want = 0;
  for (size_t i = 0; i < data.count; i++) {
    ref_run(&m, data.pixels + i * (size_t)net_shape_size(data.shape), v);
    labels[i] = (uint8_t)rng_below(&r, 2);
    want += i >= 50 && infer_argmax(v[net->count - 1], net_output(net)->shape.c) == labels[i];
  }
  data.labels = labels;
  diag d = {0};
  assert_true(infer_check_data(net, &data, &d));
  for (int threads = 1; threads <= 3; threads++) {
    omp_set_num_threads(threads);
    infer_accuracy a;
    assert_true(infer_evaluate(&m, &data, 50, 250, &a));
    assert_int_equal(a.images, 250);
    assert_int_equal(a.correct, want);
  }
  data.shape.h++;
  assert_false(infer_check_data(net, &data, &d));
  network list = *net, signals = *net; // what takes 12 numbers, or 3 signals of 4, takes them in other shapes too
  list.nodes = &(net_node){.shape = {12, 1, 1}};
  signals.nodes = &(net_node){.shape = {3, 1, 4}};
  data.shape = (net_shape){1, 3, 4};
  assert_true(infer_check_data(&list, &data, &d) && infer_check_data(&signals, &data, &d));
  data.shape = (net_shape){1, 4, 3};
  assert_true(infer_check_data(&list, &data, &d) && !infer_check_data(&signals, &data, &d));
  diag_free(&d);
  assert_int_equal(infer_argmax((int32_t[]){-3, 5, 5, 1}, 4), 1);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_requantise),      cmocka_unit_test(test_padding_is_multiplied),
      cmocka_unit_test(test_zero_points),     cmocka_unit_test(test_pools_and_add),
      cmocka_unit_test(test_check),           cmocka_unit_test(test_evaluate),
      cmocka_unit_test(test_random_networks),
  };
  return cmocka_run_group_tests_name("infer: reference", tests, NULL, NULL);
}
