// SPDX-License-Identifier: Apache-2.0
//
// The engine against the reference: every instruction set and kind of plan on random networks and layers.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/engine/engine_parts.h"

#include <omp.h>

static const char *const isas[] = {"scalar", "avx2", "avx512", "amx"};

static const assignment_level LEVELS[] = {ASSIGN_FILTER, ASSIGN_KERNEL, ASSIGN_WEIGHT};

static assignment *random_assignment(arena *mem, rng *r, const network *net, int muls, assignment_level level) {
  assignment *a = arena_new_array(mem, assignment, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    int per = net_input_shape(net, n).c / n->groups * (level == ASSIGN_WEIGHT ? n->kh * n->kw : 1);
    uint8_t *k = arena_alloc(mem, (size_t)(n->shape.c * per));
    for (int j = 0; j < n->shape.c * per; j++) {
      bool same = j && (level == ASSIGN_FILTER ? j % per : (int)rng_below(r, 2));
      k[j] = same ? k[j - 1] : (uint8_t)rng_below(r, (uint32_t)muls);
    }
    a[i] = assignment_make(mem, net, n, level == ASSIGN_WEIGHT ? ASSIGN_WEIGHT : ASSIGN_KERNEL, k);
  }
  return a;
}

static uint8_t *random_pixels(arena *mem, rng *r, size_t n) {
  uint8_t *p = arena_alloc(mem, n);
  for (size_t i = 0; i < n; i++)
    p[i] = rng_below(r, 4) ? (uint8_t)rng_next(r) : (rng_below(r, 2) ? 255 : 0);
  return p;
}

static int plans_seen[PLAN_KINDS], wide_depthwise_seen;

// Every instruction set, with every plan forced where it is possible, and the engine's own choice.
static void compare(arena *mem, rng *r, const infer_model *m, size_t images, const char *what) {
  const network *net = m->net;
  size_t pixels = (size_t)net_shape_size(net->nodes[0].shape), outputs = (size_t)net_shape_size(net_output(net)->shape);
  uint8_t *in = random_pixels(mem, r, pixels * images);
  int32_t *want = arena_new_array(mem, int32_t, outputs * images), **values = infer_buffers(mem, net);
  for (size_t i = 0; i < images; i++) {
    ref_run(m, in + i * pixels, values);
    memcpy(want + i * outputs, values[net->count - 1], outputs * sizeof *want);
  }
  for (size_t isa = 0; isa < BASE_COUNT(isas); isa++) {
    const kernels *k = kernels_named(isas[isa]);
    for (int only = 0; k && only <= PLAN_KINDS; only++) {
      diag d = {0};
      arena *own = arena_new();
      engine *e = engine_new_with(own, m, k, (plan_kind)only, &d);
      if (!e)
        fail_msg("%s", d.text.data);
      for (size_t i = 0; i < net->count; i++)
        for (int s = 0; s < e->plans[i].slices; s++) {
          const plan_slice *slice = &e->plans[i].slice[s];
          plans_seen[slice->kind]++;
          wide_depthwise_seen += slice->kind == PLAN_DEPTHWISE && slice->wide;
        }
      int32_t *got = arena_new_array(own, int32_t, outputs * images);
      assert_true(engine_run(e, in, images, got));
      for (size_t i = 0; i < outputs * images; i++)
        if (got[i] != want[i]) {
          engine_explain(e, stderr);
          fail_msg("%s, %s, plan %s: image %zu output %zu is %d, not %d", what, k->name,
                   only < PLAN_KINDS ? plan_kinds[only].name : "(own choice)", i / outputs, i % outputs, got[i],
                   want[i]);
        }
      assert_true(engine_memory(e) > 0);
      arena_free(own);
    }
  }
}

// Approximate adders in some layers, in any order of taps, on widths that may wrap.
static const infer_accumulation *random_accumulations(arena *mem, rng *r, const infer_model *m) {
  static const char *const names[] = {"loa_k3", "trunc_k2", "cut_s5", "cut_s3_p4"};
  const network *net = m->net;
  infer_accumulation *all = arena_new_array(mem, infer_accumulation, net->count);
  for (int i = 0; i < (int)net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n) || !rng_below(r, 4))
      continue;
    int reduction = (int)net_reduction(net, n), lanes = sample_pick(r, 1, reduction);
    while (reduction % lanes)
      lanes--;
    infer_range range = infer_node_range(m, i);
    int bits = bits_signed(range.acc_lo, range.acc_hi), in = sample_pick(r, 1, 3);
    int32_t *tap = arena_new_array(mem, int32_t, (size_t)(n->groups * reduction));
    for (int g = 0; g < n->groups; g++)
      for (int k = 0; k < reduction; k++) {
        int other = sample_pick(r, 0, k);
        tap[g * reduction + k] = tap[g * reduction + other];
        tap[g * reduction + other] = k;
      }
    diag d = {0};
    all[i] = (infer_accumulation){.adder = adder_make(mem, names[rng_below(r, 4)], (src_pos){0}, &d),
                                  .in_tree = in & 1,
                                  .in_sum = in & 2,
                                  .bits = bits > 8 ? bits - sample_pick(r, 0, 2) : 8,
                                  .lanes = lanes,
                                  .tap = tap};
  }
  return all;
}

static void test_random_networks(void **state) {
  (void)state;
  rng r = rng_seed(21);
  int varying_means = 0;
  for (int i = 0; i < 42; i++) {
    arena *mem = arena_new();
    sample_scheme scheme = (sample_scheme)(i % SAMPLE_SCHEMES);
    int a = i % 5 == 4 ? 10 : i % 7 == 1 ? 16 : 3 + i % 6, b = i % 5 == 4 ? 9 : i % 7 == 1 ? 14 : 2 + i % 7;
    network *net = sample_network(mem, &r, scheme, a, b, i % 10);
    varying_means += sample_varying_means(net, &r);
    const mul *muls[3];
    for (unsigned k = 0; k < 3; k++)
      muls[k] = sample_mul(mem, scheme, a, b, a == 16 ? 0 : k);
    assignment_level level = LEVELS[i / SAMPLE_SCHEMES % (int)BASE_COUNT(LEVELS)];
    infer_model m = {.net = net, .muls = muls, .assign = i % 4 ? random_assignment(mem, &r, net, 3, level) : NULL};
    compare(mem, &r, &m, (size_t)sample_pick(&r, 1, 40), arena_printf(mem, "network %d", i));
    if (i % 3 == 0) {
      rng own = rng_seed((uint64_t)i);
      m.accumulate = random_accumulations(mem, &own, &m);
      compare(mem, &own, &m, (size_t)sample_pick(&own, 1, 3), arena_printf(mem, "network %d, approximate adders", i));
    }
    arena_free(mem);
  }
  assert_true(varying_means > 2);
}

// An input and one convolution.
static network *layer(arena *mem, rng *r, sample_scheme scheme, bool raw) {
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem, .name = "layer", .file = "layer", .quantised = true, .input_scale_255 = 1};
  sample s = {net, r, scheme, 8, 8};
  net_node *in = sample_node(&s, NET_INPUT, 0);
  in->shape = (net_shape){sample_pick(r, 1, 3), sample_pick(r, 1, 12), sample_pick(r, 1, 20)};
  in->quant = sample_quant(&s);
  in->quant.scale = 1.0 / net_quant_hi(in->quant);
  in->lo = rng_below(r, 2) ? net_quant_lo(in->quant) : in->quant.zero;
  in->hi = net_quant_hi(in->quant);
  if (rng_below(r, 2)) // many channels
    in->shape = (net_shape){sample_pick(r, 4, 40), sample_pick(r, 1, 6), sample_pick(r, 1, 9)};
  net_node *n = sample_node(&s, NET_CONV, 0);
  net_shape is = n->shape;
  n->kh = sample_pick(r, 1, is.h < 5 ? is.h : 5);
  n->kw = sample_pick(r, 1, is.w < 5 ? is.w : 5);
  n->sh = sample_pick(r, 1, 3);
  n->sw = sample_pick(r, 1, 3);
  if (rng_below(r, 2)) {
    n->pt = sample_pick(r, 0, 3);
    n->pb = sample_pick(r, 0, 3);
    n->pl = sample_pick(r, 0, 3);
    n->pr = sample_pick(r, 0, 3);
  }
  sample_output_size(n, is);
  n->groups = rng_below(r, 3) ? 1 : is.c;
  n->shape.c = n->groups * sample_pick(r, 1, n->groups > 1 ? 3 : 70);
  sample_weights(&s, n, raw);
  if (rng_below(r, 2)) { // as trained: small weights
    int16_t *w = (int16_t *)(uintptr_t)n->weight;
    for (int64_t i = 0; i < n->shape.c * net_reduction(net, n); i++)
      w[i] = (int16_t)(w[i] / 8);
  }
  return net;
}

static const mul *any_table(arena *mem, rng *r, mul_sig sig) {
  mul *m = arena_new_object(mem, mul);
  int32_t *t = arena_new_array(mem, int32_t, 65536);
  for (int i = 0; i < 65536; i++)
    t[i] = rng_below(r, 8) ? (int16_t)rng_next(r) : rng_below(r, 2) ? INT16_MAX : INT16_MIN;
  *m = (mul){.name = "any", .ident = "any", .sig = sig, .table = t, .min = INT16_MIN, .max = INT16_MAX};
  return m;
}

static void test_layers(void **state) {
  (void)state;
  static const char *const names_s[] = {"exact8s", "roup8s_p0_c4", "roup8s_p1_r0.7.5.3", "bam8s_h0_v5_t0",
                                        "bam8s_h2_v4_t1"};
  static const char *const names_u[] = {"exact8u", "bam8u_h1_v6_t0", "bam8u_h0_v3_t1"};
  rng r = rng_seed(22);
  for (int i = 0; i < 45; i++) {
    arena *mem = arena_new();
    diag d = {0};
    sample_scheme scheme = (sample_scheme)(i % SAMPLE_SCHEMES);
    const mul *muls[8];
    int count = 0;
    if (scheme == SAMPLE_S8)
      for (size_t k = 0; k < BASE_COUNT(names_s); k++)
        muls[count++] = mul_make(mem, names_s[k], &d);
    if (scheme == SAMPLE_U8)
      for (size_t k = 0; k < BASE_COUNT(names_u); k++)
        muls[count++] = mul_make(mem, names_u[k], &d);
    if (d.errors)
      fail_msg("%s", d.text.data);
    if (scheme == SAMPLE_U8S8)
      for (unsigned k = 0; k < 3; k++)
        muls[count++] = sample_mul(mem, scheme, 8, 8, k);
    mul_sig sig = {8, 8, 16, scheme == SAMPLE_S8, scheme != SAMPLE_U8, true};
    if (i % 4 == 0)
      muls[count++] = any_table(mem, &r, sig);
    network *net = layer(mem, &r, scheme, rng_below(&r, 3) == 0);
    int used = rng_below(&r, 2) ? 1 : count;
    const mul *const *list = muls + (used == 1 ? rng_below(&r, (uint32_t)count) : 0);
    infer_model m = {.net = net,
                     .muls = list,
                     .assign =
                         random_assignment(mem, &r, net, used, LEVELS[i / SAMPLE_SCHEMES % (int)BASE_COUNT(LEVELS)])};
    compare(mem, &r, &m, (size_t)sample_pick(&r, 1, 9), arena_printf(mem, "layer %d", i));
    arena_free(mem);
  }
  for (int k = 0; k < PLAN_KINDS; k++)
    assert_true(plans_seen[k] > 0);
  assert_true(wide_depthwise_seen > 0);
}

static void test_threads(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(23);
  network *net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 4);
  const mul *muls[] = {sample_mul(mem, SAMPLE_S8, 8, 8, 3)};
  infer_model m = {.net = net, .muls = muls, .assign = random_assignment(mem, &r, net, 1, ASSIGN_FILTER)};
  dataset data = {.shape = net->nodes[0].shape, .count = 300, .classes = 2};
  data.pixels = random_pixels(mem, &r, data.count * (size_t)net_shape_size(data.shape));
  uint8_t *labels = arena_alloc(mem, data.count);
  for (size_t i = 0; i < data.count; i++)
    labels[i] = (uint8_t)rng_below(&r, 2);
  data.labels = labels;
  infer_accuracy want, got;
  assert_true(infer_evaluate(&m, &data, 30, 250, &want));
  diag d = {0};
  engine *e = engine_new(mem, &m, &d);
  assert_non_null(e);
  for (int threads = 1; threads <= 3; threads++) {
    omp_set_num_threads(threads);
    assert_true(engine_evaluate(e, &data, 30, 250, &got));
    assert_int_equal(got.correct, want.correct);
    assert_int_equal(got.images, 250);
    assert_true(engine_evaluate(e, &data, 3, 0, &got));
  }
  arena_free(mem);
}

static void test_lenet(void **state) {
  (void)state;
  const char *path = "models/lenet5-fashion/net.yaml";
  if (!file_exists(path))
    skip();
  arena *mem = arena_new();
  diag d = {0};
  network *net;
  if (!net_read(mem, path, &net, &d))
    fail_msg("%s", d.text.data);
  rng r = rng_seed(24);
  const mul *muls[] = {mul_make(mem, "exact8s", &d), mul_make(mem, "roup8s_p1_c7", &d),
                       mul_make(mem, "bam8s_h0_v6_t0", &d)};
  for (int i = 0; i <= (int)BASE_COUNT(LEVELS); i++) {
    infer_model m = {.net = net, .muls = muls, .assign = i ? random_assignment(mem, &r, net, 3, LEVELS[i - 1]) : NULL};
    compare(mem, &r, &m, 70, "lenet5");
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_networks),
      cmocka_unit_test(test_layers),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_lenet),
  };
  omp_set_num_threads(1); // test_threads uses more
  return cmocka_run_group_tests_name("infer: engine", tests, NULL, NULL);
}
