// SPDX-License-Identifier: Apache-2.0
//
// A random network with images, labels and multipliers, for the tests of compiler/explore.
#ifndef AXGEN_TEST_SCENE_H
#define AXGEN_TEST_SCENE_H

#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/explore/judge.h"

enum { SCENE_MULS = 5, SCENE_IMAGES = 32 };

typedef struct {
  arena *mem;
  rng *r;
  network *net;
  const mul *muls[SCENE_MULS]; // exact; two noisy ones; rounded down; rounded towards zero
  dataset data;
  int layers, layer[64]; // that multiply
} scene;

// Products without their last bits, rounded down (a mean error) or towards zero (a lost gain).
static inline int64_t scene_rounded(const mul *m, int32_t a, int32_t b) {
  int step = 1 << (m->sig.a_bits + m->sig.b_bits - 6);
  int64_t product = (int64_t)a * b, last = ((product % step) + step) % step;
  bool up = (uintptr_t)m->params == 2 && product < 0 && last;
  return product - last + (up ? step : 0);
}

static inline const mul *scene_rounding_mul(arena *mem, sample_scheme scheme, int a, int b, unsigned which) {
  mul *m = arena_memdup(mem, sample_mul(mem, scheme, a, b, 1), sizeof *m);
  m->name = m->ident = which == 1 ? "down" : "to_zero";
  m->params = (const void *)(uintptr_t)which;
  m->function = scene_rounded;
  m->table = NULL;
  return m;
}

// A network of a x b bits with so many layers.
static inline scene scene_make(arena *mem, rng *r, sample_scheme scheme, int a, int b, int depth) {
  scene s = {.mem = mem, .r = r, .net = sample_network(mem, r, scheme, a, b, depth)};
  for (unsigned k = 0; k < 3; k++)
    s.muls[k] = sample_mul(mem, scheme, a, b, k);
  for (unsigned k = 1; k <= 2; k++)
    s.muls[2 + k] = scene_rounding_mul(mem, scheme, a, b, k);
  diag d = {0};
  if (!net_verify(s.net, &d))
    fail_msg("%s", d.text.data);
  s.data = (dataset){.shape = s.net->nodes[0].shape, .count = SCENE_IMAGES, .classes = 1};
  size_t n = SCENE_IMAGES * (size_t)net_shape_size(s.data.shape);
  uint8_t *pixels = arena_alloc(mem, n), *labels = arena_alloc(mem, SCENE_IMAGES);
  for (size_t p = 0; p < n; p++)
    pixels[p] = rng_below(r, 4) ? (uint8_t)rng_next(r) : (rng_below(r, 2) ? 255 : 0);
  int outputs = (int)net_shape_size(net_output(s.net)->shape);
  for (int k = 0; k < SCENE_IMAGES; k++)
    labels[k] = (uint8_t)rng_below(r, (uint32_t)(outputs < 255 ? outputs : 255));
  s.data.pixels = pixels;
  s.data.labels = labels;
  for (int k = 0; k < (int)s.net->count && s.layers < 64; k++)
    if (net_multiplies(&s.net->nodes[k]))
      s.layer[s.layers++] = k;
  return s;
}

// `i` chooses scheme, widths and depth; every fifth is of 10 x 9 bits where wide is true.
static inline scene scene_of(arena *mem, rng *r, int i, bool wide) {
  wide = wide && i % 5 == 4;
  return scene_make(mem, r, (sample_scheme)(i % SAMPLE_SCHEMES), wide ? 10 : 8 - i % 3, wide ? 9 : 8 - i % 2,
                    2 + i % 4);
}

// Multiplier k in every layer, or one at random for each part of a random level (k < 0).
static inline assignment *scene_assign(const scene *s, int k) {
  assignment *a = arena_new_array(s->mem, assignment, s->net->count);
  for (int i = 0; i < s->layers; i++) {
    const net_node *n = &s->net->nodes[s->layer[i]];
    assignment_level level = (assignment_level)(ASSIGN_LAYER + rng_below(s->r, ASSIGN_LEVELS - ASSIGN_LAYER));
    size_t units = (size_t)assignment_units(s->net, n, level);
    uint8_t *mul = arena_alloc(s->mem, units);
    for (size_t u = 0; u < units; u++)
      mul[u] = k < 0 ? (uint8_t)rng_below(s->r, SCENE_MULS) : (uint8_t)k;
    a[s->layer[i]] =
        k < 0 ? assignment_make(s->mem, s->net, n, level, mul) : assignment_uniform(s->mem, s->net, n, (uint8_t)k);
  }
  return a;
}

// A judge of the scene's images, of at most so many assignments.
static inline judge_options scene_judge(const scene *s, int most) {
  return (judge_options){.net = s->net,
                         .muls = s->muls,
                         .mul_count = SCENE_MULS,
                         .validation = &s->data,
                         .calibration = &s->data,
                         .calibrate = s->data.count,
                         .match = MATCH_GAIN,
                         .most = most};
}

#endif
