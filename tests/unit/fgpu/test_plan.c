// SPDX-License-Identifier: Apache-2.0
//
// The FGPU's compiler: random networks, assignments and LIDs give the reference's integers in the simulator.
#include "tests/unit/fgpu/models.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

// What a watcher sees of the last layer: the sum of its products and how many there are, by multiplier.
typedef struct {
  const fgpu_program *p;
  int64_t sum, count;
  bool odd; // a multiplier beyond those that a PE has
} seen;

static void see(void *user, size_t launch, int cv, int pe, int unit, uint8_t a, uint8_t b) {
  seen *s = user;
  const mul *f = s->p->hw.mul[cv][pe];
  s->odd |= unit >= fgpu_units(&s->p->hw);
  if (s->p->launches[launch].node + 1 != (int)s->p->model->net->count)
    return;
  s->sum += mul_apply(f, mul_value(a & ((1u << f->sig.a_bits) - 1), f->sig.a_bits, f->sig.a_signed),
                      mul_value(b & ((1u << f->sig.b_bits) - 1), f->sig.b_bits, f->sig.b_signed));
  s->count++;
}

// The products that were seen, with the biases, are the last layer's accumulators.
static void check_seen(const infer_model *m, const seen *s, const int32_t *logits) {
  const net_node *n = net_output(m->net);
  int64_t pixels = (int64_t)n->shape.h * n->shape.w, sum = 0;
  assert_false(s->odd);
  if (!net_multiplies(n) || n->weight_zero)
    return;
  for (int64_t i = 0; i < net_shape_size(n->shape); i++)
    sum += logits[i];
  for (int f = 0; f < n->shape.c; f++)
    sum -= pixels * infer_folded_bias(m->net, n, f);
  assert_int_equal(s->count, net_multiplications(m->net, n));
  if (net_is_raw(m->net, n))
    assert_int_equal(s->sum, sum);
}

static void compare(const infer_model *m, const fgpu_program *p, const uint8_t *pixels, arena *mem) {
  int32_t **want = infer_buffers(mem, m->net), **got = infer_buffers(mem, m->net);
  ref_run(m, pixels, want);
  infer_input_codes(m->net, pixels, got[0]);
  diag d = {0};
  fgpu_stats *stats = arena_new_array(mem, fgpu_stats, p->launch_count);
  seen s = {.p = p};
  if (!fgpu_run(p, got, stats, &(fgpu_watch){.macc = see, .user = &s}, &d))
    fail_msg("%s", d.text.data);
  check_seen(m, &s, got[m->net->count - 1]);
  for (size_t i = 0; i < m->net->count; i++)
    for (int64_t k = 0; k < net_shape_size(m->net->nodes[i].shape); k++)
      if (want[i][k] != got[i][k]) {
        net_print(m->net, stderr);
        fail_msg("%s element %lld: %d, expected %d", m->net->nodes[i].name, (long long)k, got[i][k], want[i][k]);
      }
  if (getenv("AXGEN_FGPU_PRINT")) {
    static const char *const KEYS[MODEL_MULS] = {"A", "B", "C", "D"};
    str text = {0};
    fgpu_print(p, KEYS, stats, &text);
    puts(text.data);
    str_free(&text);
  }
  for (size_t i = 0; i < p->launch_count; i++) {
    int64_t macs = 0;
    for (int cv = 0; cv < p->hw.cvs; cv++)
      macs += stats[i].macs[cv];
    assert_int_equal(macs, p->launches[i].macs);
  }
}

static void networks(model_level level, int count) {
  int done = 0;
  for (uint64_t seed = 1; done < count; seed++) {
    arena *mem = arena_new();
    rng r = rng_seed(seed * 3 + (uint64_t)level);
    int muls = sample_pick(&r, 1, MODEL_MULS);
    infer_model *m = random_model(mem, &r, level, muls, sample_pick(&r, 1, 6));
    if (m) {
      done++;
      uint8_t lids[FGPU_MAX_CVS][FGPU_PES] = {{0}};
      fgpu_options o = {
          .cvs = sample_pick(&r, 1, 8), .slots = 2 << rng_below(&r, 4), .cache_lines = 8 << rng_below(&r, 6)};
      o.dot4 = rng_below(&r, 2);
      if (rng_below(&r, 2)) {
        random_lids(&r, o.cvs, muls, lids);
        o.lids = (const uint8_t(*)[FGPU_PES])lids;
      }
      fgpu_program *p;
      diag d = {0};
      if (!fgpu_plan(mem, m, (size_t)muls, &o, &p, &d))
        fail_msg("seed %llu: %s", (unsigned long long)seed, d.text.data);
      compare(m, p, random_pixels(mem, &r, m->net), mem);
      static const char *const KEYS[MODEL_MULS] = {"A", "B", "C", "D"};
      str text = {0};
      fgpu_print(p, KEYS, NULL, &text);
      assert_non_null(strstr(text.data, "launch"));
      str_free(&text);
      diag_free(&d);
    }
    arena_free(mem);
  }
}

// Shapes that the random networks do not have: long channels, rows and windows, which need each kind of loop.
static void large_windows(void **state) {
  (void)state;
  static const struct {
    int c, h, w, filters, kh, kw, stride, groups;
  } SHAPES[] = {
      {300, 3, 4, 5, 3, 2, 1, 1}, // a tap is more than one body, with a rest
      {512, 2, 2, 3, 2, 2, 1, 1}, // without
      {40, 9, 9, 9, 5, 7, 1, 1}, // a row is too long for a body
      {12, 9, 9, 3, 3, 7, 2, 1}, // a body is a row
      {1, 40, 40, 2, 17, 19, 3, 1}, // one channel, bytes
      {24, 7, 7, 24, 3, 3, 1, 24}, // depthwise
      {24, 7, 7, 12, 3, 3, 1, 3}, // groups of 8, by words
      {30, 5, 5, 10, 3, 3, 1, 5}, // groups of 6, by bytes
      {2052, 1, 9, 4, 1, 5, 1, 1}, // offsets beyond a load's reach
      {259, 3, 3, 4, 2, 2, 1, 1}, // a rest of fewer than four channels
      {6, 9, 9, 5, 5, 5, 1, 1}, // a word and a half a pixel
      {85, 3, 3, 5, 1, 3, 1, 1}, // with dot4 a row is too long for a body
      {3, 60, 61, 10, 3, 3, 1, 1}, // many pixels
  };
  for (size_t i = 0; i < BASE_COUNT(SHAPES); i++)
    for (int kind = 0; kind < 3; kind++) {
      model_level level = kind == 2 ? BY_KERNEL : BY_FILTER;
      arena *mem = arena_new();
      rng r = rng_seed(i);
      network *net = arena_new_object(mem, network);
      *net = (network){.mem = mem, .name = "large", .file = "large", .quantised = true, .input_scale_255 = 1};
      sample s = {net, &r, i % 3 ? SAMPLE_S8 : SAMPLE_U8, 8, 8};
      net_node *in = sample_node(&s, NET_INPUT, 0);
      in->shape = (net_shape){SHAPES[i].c, SHAPES[i].h, SHAPES[i].w};
      sample_codes(&s, in);
      net_node *n = sample_node(&s, NET_CONV, 0);
      n->kh = SHAPES[i].kh, n->kw = SHAPES[i].kw, n->sh = n->sw = SHAPES[i].stride, n->groups = SHAPES[i].groups;
      n->pt = n->pl = 1, n->pr = (int)i % 2;
      sample_output_size(n, in->shape);
      n->shape.c = SHAPES[i].filters;
      sample_weights(&s, n, false);
      n = sample_node(&s, NET_AVGPOOL, 1);
      n->kh = n->shape.h, n->kw = n->shape.w, n->sh = n->sw = 1, n->shape.h = n->shape.w = 1;
      sample_codes(&s, n);
      sample_requantise(&s, n, n->shape.c, 12);
      diag d = {0};
      if (!net_verify(net, &d))
        fail_msg("%s", d.text.data);
      infer_model *m = model_of(mem, net, &r, s.scheme, 8, 8, level, 3);
      assert_non_null(m);
      fgpu_options o = {.cvs = 2, .cache_lines = 64, .dot4 = kind == 1};
      fgpu_program *p;
      if (!fgpu_plan(mem, m, 3, &o, &p, &d))
        fail_msg("%s", d.text.data);
      compare(m, p, random_pixels(mem, &r, net), mem);
      arena_free(mem);
    }
}

// ---- the shapes of ResNet-8, with random weights ------------------------------------------------------------------
static int conv(sample *s, int from, int filters, int stride) {
  net_node *n = sample_node(s, NET_CONV, from);
  net_shape in = n->shape;
  n->kh = n->kw = 3, n->sh = n->sw = stride, n->pt = n->pl = stride == 1, n->pb = n->pr = 1;
  sample_output_size(n, in);
  n->shape.c = filters;
  sample_weights(s, n, false);
  return (int)s->net->count - 1;
}

static int stack(sample *s, int from, int filters, int stride) {
  int shortcut = from, b = conv(s, conv(s, from, filters, stride), filters, 1);
  if (stride == 2) { // a smaller image with more channels: pool and pad
    net_node *n = sample_node(s, NET_AVGPOOL, from);
    n->kh = n->kw = n->sh = n->sw = 2;
    n->shape.h /= 2, n->shape.w /= 2;
    sample_codes(s, n);
    sample_requantise(s, n, n->shape.c, 9);
    n = sample_node(s, NET_PAD, (int)s->net->count - 1);
    n->lo = -128, n->hi = 127;
    n->pad_c1 = filters - n->shape.c;
    n->shape.c = filters;
    shortcut = (int)s->net->count - 1;
  }
  net_node *n = sample_node(s, NET_ADD, b);
  n->inputs[n->input_count++] = shortcut;
  sample_codes(s, n);
  sample_requantise(s, n, 2, 9);
  return (int)s->net->count - 1;
}

static void resnet8(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(8);
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem, .name = "resnet8", .file = "resnet8", .quantised = true, .input_scale_255 = 1};
  sample s = {net, &r, SAMPLE_S8, 8, 8};
  net_node *in = sample_node(&s, NET_INPUT, 0);
  in->shape = (net_shape){3, 32, 32};
  sample_codes(&s, in);
  int at = stack(&s, stack(&s, stack(&s, conv(&s, 0, 16, 1), 16, 1), 32, 2), 64, 2);
  net_node *n = sample_node(&s, NET_AVGPOOL, at);
  n->kh = n->kw = 8, n->sh = n->sw = 1, n->shape.h = n->shape.w = 1;
  sample_codes(&s, n);
  sample_requantise(&s, n, n->shape.c, 12);
  n = sample_node(&s, NET_DENSE, (int)net->count - 1);
  n->kh = n->kw = 1, n->shape.c = 10;
  sample_weights(&s, n, true);
  diag d = {0};
  if (!net_verify(net, &d))
    fail_msg("%s", d.text.data);
  infer_model *m = model_of(mem, net, &r, SAMPLE_S8, 8, 8, BY_FILTER, 2);
  fgpu_program *p;
  if (!fgpu_plan(mem, m, 2, &(fgpu_options){.cvs = 2}, &p, &d))
    fail_msg("%s", d.text.data);
  assert_true(p->activation_bytes < p->unshared_bytes);
  compare(m, p, random_pixels(mem, &r, net), mem);
  arena_free(mem);
}

// A tile whose PEs have one multiplier does not run a dot4.
static void dot4_refused(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  fgpu_code code = {0};
  const mul *m = mul_make(mem, "exact8s", &d);
  assert_non_null(m);
  assert_true(fgpu_assemble(mem, "a", "li r2, 0\nli r1, 0x01020304\ndot4 r2, r1, r1\nsw r2, 0(r0)\nret\n", &code, &d));
  fgpu_descriptor launch = {[FGPU_D_GROUPS0] = 1, [FGPU_D_GROUPS1] = 1, [FGPU_D_QUEUES] = 1 << 16};
  fgpu_hw hw = {.cvs = 1, .slots = 2, .cache_lines = 8, .local_bytes = 128};
  for (int pe = 0; pe < FGPU_PES; pe++)
    hw.mul[0][pe] = m;
  uint8_t memory[FGPU_LINE] = {0};
  fgpu_sim sim = {.hw = &hw, .code = &code, .launches = (const fgpu_descriptor *)&launch, .launch_count = 1};
  sim.memory = memory;
  sim.memory_bytes = sizeof memory;
  assert_false(fgpu_sim_run(&sim, 0, 1, NULL, &d));
  assert_non_null(strstr(d.text.data, "instruction 3: dot4 on a tile whose PEs have one multiplier"));
  diag_free(&d);
  hw.dot4 = true;
  fgpu_stats stats = {0};
  assert_true(fgpu_sim_run(&sim, 0, 1, &stats, &d));
  assert_int_equal(memory[0] | memory[1] << 8, 1 + 4 + 9 + 16);
  assert_int_equal(stats.macs[0], 4 * FGPU_LANES);
  arena_free(mem);
}

// Accumulators of more than one pixel as the network's output.
static void raw_outputs(void **state) {
  (void)state;
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    rng r = rng_seed((uint64_t)i);
    network *net = arena_new_object(mem, network);
    *net = (network){.mem = mem, .name = "raw", .file = "raw", .quantised = true, .input_scale_255 = 1};
    sample s = {net, &r, i % 2 ? SAMPLE_S8 : SAMPLE_U8, 8, 8};
    net_node *in = sample_node(&s, NET_INPUT, 0);
    in->shape = (net_shape){1 + i, 7, 9};
    sample_codes(&s, in);
    net_node *n = sample_node(&s, i < 2 ? NET_AVGPOOL : NET_CONV, 0);
    n->kh = 3, n->kw = 2, n->pt = 1, n->sw = 2, n->count_pad = true;
    sample_output_size(n, in->shape);
    n->quant = (net_quant){0};
    if (i >= 2) {
      n->shape.c = 11;
      sample_weights(&s, n, true);
    }
    diag d = {0};
    if (!net_verify(net, &d))
      fail_msg("%s", d.text.data);
    infer_model *m = model_of(mem, net, &r, s.scheme, 8, 8, i % 3 ? BY_KERNEL : BY_FILTER, 2);
    fgpu_program *p;
    if (!fgpu_plan(mem, m, 2, &(fgpu_options){.cvs = 3}, &p, &d))
      fail_msg("%s", d.text.data);
    compare(m, p, random_pixels(mem, &r, net), mem);
    arena_free(mem);
  }
}

static void refused(infer_model *m, int muls, const fgpu_options *o, const char *why) {
  fgpu_program *p;
  diag d = {0};
  assert_false(fgpu_plan(m->net->mem, m, (size_t)muls, o, &p, &d));
  if (!strstr(d.text.data, why))
    fail_msg("%s", d.text.data);
  diag_free(&d);
}

static void refusals(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(5);
  infer_model *m = NULL;
  while (!m)
    m = random_model(mem, &r, BY_FILTER, 2, 3);
  static const uint8_t ONE[1][FGPU_PES] = {{0}}, NONE[1][FGPU_PES] = {{9}};
  refused(m, 2, &(fgpu_options){.cvs = 1, .lids = ONE}, "was assigned multiplier sample1, which no PE has");
  refused(m, 2, &(fgpu_options){.cvs = 1, .lids = NONE}, "no multiplier 9");
  refused(m, 2, &(fgpu_options){.cvs = 9}, "expected 1 to 8");
  refused(m, 2, &(fgpu_options){.slots = 3}, "expected 2, 4, 8 or 16");
  refused(m, 2, &(fgpu_options){.cache_lines = 100}, "expected a power of two");
  refused(m, 2, &(fgpu_options){.local_bytes = 256}, "expected a power of two, 512 to 65536");
  m = NULL;
  while (!m)
    m = random_model(mem, &r, BY_WEIGHT, 2, 3);
  refused(m, 2, &(fgpu_options){.cvs = 1}, "its kernels mix multipliers (weight-level assignment)");
  ((net_node *)net_output(m->net))->weight_bits = 9;
  refused(m, 2, &(fgpu_options){.cvs = 1}, "weights of 9 bits");
  arena_free(mem);
}

static void by_layer(void **state) { (void)state, networks(BY_LAYER, 150); }
static void by_filter(void **state) { (void)state, networks(BY_FILTER, 150); }
static void by_kernel(void **state) { (void)state, networks(BY_KERNEL, 100); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_layer),     cmocka_unit_test(by_filter),
                                     cmocka_unit_test(by_kernel),    cmocka_unit_test(large_windows),
                                     cmocka_unit_test(resnet8),      cmocka_unit_test(raw_outputs),
                                     cmocka_unit_test(dot4_refused), cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
