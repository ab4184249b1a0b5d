// SPDX-License-Identifier: Apache-2.0
//
// Random small float networks with every operator, and random images for them.
#ifndef AXGEN_TEST_RANDOM_NET_H
#define AXGEN_TEST_RANDOM_NET_H

#include <math.h>

#include "compiler/quant/quant.h"

typedef struct {
  arena *mem;
  rng r;
  network *net;
  bool varying_means; // averages over the taps inside the image too
} random_net;

static inline double normal_ish(rng *r) { return (rng_unit(r) + rng_unit(r) + rng_unit(r) + rng_unit(r) - 2) * 1.7; }

static inline net_node *add_node(random_net *g, net_op op, int a, int b, net_shape shape) {
  network *net = g->net;
  arena_grow(g->mem, net->nodes, net->count, net->cap);
  net_node *n = &net->nodes[net->count];
  *n = (net_node){.name = arena_printf(g->mem, "n%zu", net->count), .op = op, .inputs = {a, b}, .shape = shape};
  n->input_count = op == NET_INPUT ? 0 : b >= 0 ? 2 : 1;
  n->kh = n->kw = n->sh = n->sw = n->groups = 1;
  n->clamp_lo = -INFINITY, n->clamp_hi = INFINITY;
  net->count++;
  return n;
}

static inline int last_node(const random_net *g) { return (int)g->net->count - 1; }

// Convolution of node `from` to `filters` channels; dense where `dense` is set.
static inline int add_conv(random_net *g, int from, int filters, bool dense, bool keep_size) {
  rng *r = &g->r;
  net_shape in = g->net->nodes[from].shape;
  net_node *n = add_node(g, dense ? NET_DENSE : NET_CONV, from, -1, in);
  if (dense) {
    n->kh = in.h, n->kw = in.w;
  } else if (keep_size) {
    n->kh = n->kw = 3, n->pt = n->pb = n->pl = n->pr = 1;
  } else {
    n->kh = 1 + (int)rng_below(r, in.h < 3 ? 1 : 3), n->kw = 1 + (int)rng_below(r, in.w < 3 ? 1 : 3);
    n->sh = 1 + (int)rng_below(r, 2), n->sw = 1 + (int)rng_below(r, 2);
    n->pt = (int)rng_below(r, 2), n->pb = (int)rng_below(r, 2), n->pl = (int)rng_below(r, 2),
    n->pr = (int)rng_below(r, 2);
  }
  n->groups = !dense && filters == in.c && rng_below(r, 2) ? in.c : 1;
  n->shape =
      (net_shape){filters, (in.h + n->pt + n->pb - n->kh) / n->sh + 1, (in.w + n->pl + n->pr - n->kw) / n->sw + 1};
  int64_t reduction = net_reduction(g->net, n), count = reduction * filters;
  float *w = arena_new_array(g->mem, float, (size_t)count), *b = arena_new_array(g->mem, float, (size_t)filters);
  for (int f = 0; f < filters; f++) { // filters of different size
    double size = exp(0.7 * normal_ish(r)) / sqrt((double)reduction);
    for (int64_t i = 0; i < reduction; i++)
      w[f * reduction + i] = (float)(size * normal_ish(r));
    b[f] = (float)(0.3 * normal_ish(r));
  }
  n->weight_f = w;
  n->bias_f = rng_below(r, 4) ? b : NULL;
  switch (rng_below(r, 3)) {
  case 0:
    n->clamp_lo = 0;
    break;
  case 1:
    n->clamp_lo = 0, n->clamp_hi = 6;
    break;
  }
  return last_node(g);
}

static inline void add_step(random_net *g) {
  rng *r = &g->r;
  int from = last_node(g);
  net_shape in = g->net->nodes[from].shape, s = in;
  net_node *n;
  switch (rng_below(r, 7)) {
  case 0:
  case 1:
    s.h = s.h > 2 ? s.h - 2 : 1;
    n = add_node(g, rng_below(r, 2) ? NET_MAXPOOL : NET_AVGPOOL, from, -1, s);
    n->kh = in.h > 2 ? 3 : in.h;
    n->count_pad = n->op == NET_AVGPOOL;
    if (n->count_pad && g->varying_means) {
      n->count_pad = false;
      n->pt = n->pb = n->pl = n->pr = 1;
      n->kh = n->kw = 3;
      n->shape = in;
    }
    break;
  case 2:
    n = add_node(g, NET_ADD, from, add_conv(g, from, in.c, false, true), in);
    n->clamp_lo = rng_below(r, 2) ? 0 : -INFINITY;
    break;
  case 3: {
    int a = add_conv(g, from, 2, false, true), b = add_conv(g, from, 3, false, true);
    s.c = 5;
    add_node(g, NET_CONCAT, a, b, s);
    break;
  }
  case 4:
    s.c += 1, s.w += 2, s.h += 1;
    n = add_node(g, NET_PAD, from, -1, s);
    n->pad_c1 = n->pl = n->pr = n->pt = 1;
    break;
  default:
    add_conv(g, from, rng_below(r, 2) ? in.c : 1 + (int)rng_below(r, 6), false, false);
  }
}

enum { VARYING_MEANS = 5000 }; // seeds from there on have averages over the taps inside the image only

static inline network *random_network(arena *mem, uint64_t seed) {
  random_net g = {.mem = mem, .r = rng_seed(seed), .net = arena_new_object(mem, network)};
  g.varying_means = seed >= VARYING_MEANS;
  *g.net = (network){.mem = mem, .name = "random", .input_scale_255 = rng_below(&g.r, 4) ? 1 : 255};
  rng *r = &g.r;
  add_node(&g, NET_INPUT, 0, 0,
           (net_shape){1 + (int)rng_below(r, 4), 5 + (int)rng_below(r, 6), 5 + (int)rng_below(r, 6)});
  int steps = 2 + (int)rng_below(r, 5);
  for (int i = 0; i < steps; i++)
    add_step(&g);
  if (rng_below(r, 4)) {
    add_conv(&g, last_node(&g), 4, true, false);
    net_node *n = &g.net->nodes[last_node(&g)];
    if (rng_below(r, 4))
      n->clamp_lo = -INFINITY, n->clamp_hi = INFINITY;
  }
  net_pixels *own = arena_new_array(mem, net_pixels, (size_t)g.net->nodes[0].shape.c);
  for (int c = 0; c < g.net->nodes[0].shape.c; c++)
    own[c] = (net_pixels){0.5 + c, -0.25 * rng_below(r, 8)};
  switch (rng_below(r, 4)) { // what pixels stand for
  case 0:
    g.net->input_offset = -g.net->input_scale_255 * rng_below(r, 256) / 255;
    break;
  case 1:
    g.net->input_channels = own;
    break;
  }
  return g.net;
}

static inline dataset random_images(arena *mem, const network *net, size_t count, uint64_t seed) {
  rng r = rng_seed(seed);
  net_shape s = net->nodes[0].shape;
  size_t size = count * (size_t)net_shape_size(s);
  uint8_t *pixels = arena_alloc(mem, size), *labels = arena_alloc(mem, count);
  for (size_t i = 0; i < size; i++)
    pixels[i] = (uint8_t)rng_next(&r);
  return (dataset){.shape = s, .count = count, .pixels = pixels, .labels = labels, .classes = 1};
}

#endif
