// SPDX-License-Identifier: Apache-2.0
//
// Random networks with random assignments, for the FGPU's tests.
#ifndef AXGEN_TEST_FGPU_MODELS_H
#define AXGEN_TEST_FGPU_MODELS_H

#include "compiler/target/fgpu/fgpu.h"
#include "tests/unit/net/sample.h"

enum { MODEL_MULS = 4 };

typedef enum { BY_LAYER, BY_FILTER, BY_KERNEL, BY_WEIGHT } model_level;

// A random assignment of mul_count multipliers. NULL: accumulators would be too wide.
static inline infer_model *model_of(arena *mem, network *net, rng *r, sample_scheme scheme, int act, int weight,
                                    model_level level, int mul_count) {
  const mul **muls = arena_new_array(mem, const mul *, MODEL_MULS);
  for (int i = 0; i < mul_count; i++)
    muls[i] = sample_mul(mem, scheme, act, weight, (unsigned)i);
  assignment *assign = arena_new_array(mem, assignment, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    int per = net_input_shape(net, n).c / n->groups, one = (int)rng_below(r, (uint32_t)mul_count);
    per *= level == BY_WEIGHT ? n->kh * n->kw : 1;
    uint8_t *mul = arena_new_array(mem, uint8_t, (size_t)n->shape.c * (size_t)per);
    for (int f = 0; f < n->shape.c; f++) {
      one = level == BY_FILTER ? (int)rng_below(r, (uint32_t)mul_count) : one;
      for (int c = 0; c < per; c++)
        mul[f * per + c] = (uint8_t)(level >= BY_KERNEL ? (int)rng_below(r, (uint32_t)mul_count) : one);
    }
    assign[i] = assignment_make(mem, net, n, level == BY_WEIGHT ? ASSIGN_WEIGHT : ASSIGN_KERNEL, mul);
  }
  infer_model *m = arena_new_object(mem, infer_model);
  *m = (infer_model){.net = net, .muls = muls, .assign = assign};
  diag d = {0};
  bool ok = infer_check(m, &d);
  diag_free(&d);
  return ok ? m : NULL;
}

// A network of at most 8 bits with up to MODEL_MULS multipliers. NULL: one that does not verify.
static inline infer_model *random_model(arena *mem, rng *r, model_level level, int mul_count, int layers) {
  sample_scheme scheme = (sample_scheme)rng_below(r, SAMPLE_SCHEMES);
  int act = rng_below(r, 3) ? 8 : sample_pick(r, 2, 8), weight = rng_below(r, 3) ? 8 : sample_pick(r, 2, 8);
  network *net = sample_network(mem, r, scheme, act, weight, layers);
  diag d = {0};
  bool ok = net_verify(net, &d);
  diag_free(&d);
  return ok ? model_of(mem, net, r, scheme, act, weight, level, mul_count) : NULL;
}

static inline uint8_t *random_pixels(arena *mem, rng *r, const network *net) {
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, size);
  for (size_t i = 0; i < size; i++)
    pixels[i] = (uint8_t)rng_next(r);
  return pixels;
}

// LIDs in which every multiplier occurs.
static inline void random_lids(rng *r, int cvs, int mul_count, uint8_t (*lids)[FGPU_PES]) {
  for (int i = 0; i < cvs * FGPU_PES; i++)
    lids[i / FGPU_PES][i % FGPU_PES] = (uint8_t)(i < mul_count ? i : (int)rng_below(r, (uint32_t)mul_count));
  for (int i = cvs * FGPU_PES - 1; i > 0; i--) {
    int j = (int)rng_below(r, (uint32_t)i + 1);
    uint8_t *a = &lids[i / FGPU_PES][i % FGPU_PES], *b = &lids[j / FGPU_PES][j % FGPU_PES], t = *a;
    *a = *b;
    *b = t;
  }
}

#endif
