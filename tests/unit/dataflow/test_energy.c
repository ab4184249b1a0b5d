// SPDX-License-Identifier: Apache-2.0
//
// The order in which single multipliers see their operands: weights stay for the pixels of a block, and nothing is lost
// or doubled against the order of hold 1.
#include "compiler/target/dataflow/energy.h"
#include "compiler/target/dataflow/fold.h"
#include "tests/unit/net/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int any_of(rng *r, arena *mem, const network *net, const net_node *n, fold_number which) {
  int *list;
  size_t count = fold_values(mem, net, n, which, &list);
  return list[rng_below(r, (uint32_t)count)];
}

// A plan of a random network with a random folding; NULL: one that cannot be built.
static const dataflow_design *random_design(arena *mem, rng *r, config *cfg, infer_model *model) {
  network *net = sample_network(mem, r, SAMPLE_S8, 8, 8, 4);
  dataflow_options *o = arena_new_object(mem, dataflow_options);
  o->layers = arena_new_array(mem, folding, net->count);
  for (size_t i = 1; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (net_multiplies(n))
      o->layers[i] = (folding){.pe = any_of(r, mem, net, n, FOLD_PE),
                               .simd = any_of(r, mem, net, n, FOLD_SIMD),
                               .hold = 1 + (int)rng_below(r, (uint32_t)n->shape.w)};
  }
  *cfg = (config){.net = net,
                  .file = "test",
                  .target = &DATAFLOW_READER,
                  .clock_ns = 4,
                  .mul_count = 1,
                  .mul_keys = {"A"},
                  .assign = assignment_uniform_net(mem, net, 0),
                  .target_options = o};
  cfg->muls[0] = sample_mul(mem, SAMPLE_S8, 8, 8, 0);
  *model = (infer_model){.net = net, .muls = cfg->muls, .assign = cfg->assign};
  diag d = {0};
  dataflow_design *design = NULL;
  bool ok = dataflow_plan(mem, cfg, model, &design, &d);
  diag_free(&d);
  return ok ? design : NULL;
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// A multiplier's operands as sorted pairs.
static uint32_t *sorted(arena *mem, const uint16_t *a, const uint16_t *b, size_t n) {
  uint32_t *out = arena_new_array(mem, uint32_t, n);
  for (size_t i = 0; i < n; i++)
    out[i] = (uint32_t)a[i] << 16 | b[i];
  qsort(out, n, sizeof *out, by_value);
  return out;
}

static void check_stage(arena *mem, rng *r, const dataflow_design *design, const dataflow_stage *s) {
  size_t cycles = (size_t)s->cycles, size = (size_t)net_shape_size(s->in);
  int32_t *image = arena_new_array(mem, int32_t, size);
  for (size_t i = 0; i < size; i++)
    image[i] = (int32_t)rng_below(r, 255) - 127;
  dataflow_stage one = *s;
  one.hold = 1;
  dataflow_proxy_job j = {.design = design, .s = s, .node = &design->cfg->net->nodes[s->node]};
  dataflow_proxy_taps(mem, &j);
  uint16_t *a = arena_new_array(mem, uint16_t, cycles), *b = arena_new_array(mem, uint16_t, cycles),
           *a1 = arena_new_array(mem, uint16_t, cycles), *b1 = arena_new_array(mem, uint16_t, cycles);
  int pe = (int)rng_below(r, (uint32_t)s->pe), lane = (int)rng_below(r, (uint32_t)s->simd);
  assert_int_equal(dataflow_proxy_sequence(&j, image, pe, lane, 16, 16, a, b), cycles);
  j.s = &one;
  assert_int_equal(dataflow_proxy_sequence(&j, image, pe, lane, 16, 16, a1, b1), cycles);
  assert_memory_equal(sorted(mem, a, b, cycles), sorted(mem, a1, b1, cycles), cycles * sizeof(uint32_t));
  const uint16_t *at = b;
  for (int y = 0; y < s->out.h; y++)
    for (int x = 0; x < s->out.w; x += s->hold) {
      int pixels = s->out.w - x < s->hold ? s->out.w - x : s->hold;
      for (int word = 0; word < s->nf * s->sf; word++, at += pixels) {
        assert_int_equal(at[0], b1[word]); // as for any single pixel
        for (int h = 1; h < pixels; h++)
          assert_int_equal(at[h], at[0]);
      }
    }
  assert_true(at == b + cycles);
}

static void test_hold(void **state) {
  (void)state;
  rng r = rng_seed(7);
  int held = 0;
  for (int n = 0; n < 60; n++) {
    arena *mem = arena_new();
    config cfg;
    infer_model model;
    const dataflow_design *design = random_design(mem, &r, &cfg, &model);
    for (size_t i = 0; design && i < design->count; i++)
      if (design->stages[i].kind == DATAFLOW_MVU) {
        check_stage(mem, &r, design, &design->stages[i]);
        held += design->stages[i].hold > 1;
      }
    arena_free(mem);
  }
  assert_true(held >= 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hold)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
