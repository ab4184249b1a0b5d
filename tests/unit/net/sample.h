// SPDX-License-Identifier: Apache-2.0
//
// Networks and multipliers for tests: seeded, small, with every operator, scheme and odd shape.
#ifndef AXGEN_TEST_SAMPLE_H
#define AXGEN_TEST_SAMPLE_H

#include "compiler/net/net.h"
#include "genlib/genlib.h"

#include <math.h>

typedef enum { SAMPLE_S8, SAMPLE_U8, SAMPLE_U8S8, SAMPLE_SCHEMES } sample_scheme;

typedef struct {
  network *net;
  rng *r;
  sample_scheme scheme;
  int act_bits, weight_bits;
} sample;

static inline int sample_pick(rng *r, int lo, int hi) { return lo + (int)rng_below(r, (uint32_t)(hi - lo + 1)); }

static inline net_quant sample_quant(sample *s) {
  net_quant q = {.bits = s->act_bits, .is_signed = s->scheme == SAMPLE_S8, .scale = 0.001 + rng_unit(s->r)};
  if (s->scheme == SAMPLE_U8)
    q.zero = sample_pick(s->r, 0, net_quant_hi(q));
  return q;
}

static inline net_node *sample_node(sample *s, net_op op, int input) {
  network *net = s->net;
  arena_grow(net->mem, net->nodes, net->count, net->cap);
  net_node *n = &net->nodes[net->count];
  *n = (net_node){.name = arena_printf(net->mem, "%s%zu", net_op_name(op), net->count), .op = op, .groups = 1};
  n->clamp_lo = -INFINITY;
  n->clamp_hi = INFINITY;
  n->kh = n->kw = n->sh = n->sw = 1;
  if (op != NET_INPUT) {
    n->inputs[n->input_count++] = input;
    n->shape = net->nodes[input].shape;
    n->quant = net->nodes[input].quant;
  }
  net->count++;
  return n;
}

static inline void sample_codes(sample *s, net_node *n) {
  n->quant = sample_quant(s);
  n->lo = net_quant_lo(n->quant);
  n->hi = net_quant_hi(n->quant);
  if (rng_below(s->r, 2)) { // like ReLU
    n->lo = n->quant.zero;
    n->clamp_lo = 0;
    if (rng_below(s->r, 3) == 0) {
      n->clamp_hi = rng_below(s->r, 2) ? 6 : 2.5;
      n->hi = sample_pick(s->r, n->lo, n->hi);
    }
  }
}

static inline void sample_requantise(sample *s, net_node *n, int count, int acc_bits) {
  uint16_t *m = arena_new_array(s->net->mem, uint16_t, (size_t)count);
  for (int i = 0; i < count; i++)
    m[i] = (uint16_t)sample_pick(s->r, 20000, 65535);
  n->mult = m;
  n->shift = (int)clamp64(acc_bits + 16 - s->act_bits + sample_pick(s->r, -2, 2), 1, 47);
}

static inline void sample_output_size(net_node *n, net_shape in) {
  n->shape.h = (in.h + n->pt + n->pb - n->kh) / n->sh + 1;
  n->shape.w = (in.w + n->pl + n->pr - n->kw) / n->sw + 1;
}

static inline void sample_weights(sample *s, net_node *n, bool raw) {
  network *net = s->net;
  n->weight_bits = s->weight_bits;
  n->weight_signed = s->scheme != SAMPLE_U8;
  net_quant q = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int lo = net_quant_lo(q), hi = net_quant_hi(q);
  n->weight_zero = s->scheme == SAMPLE_U8 ? sample_pick(s->r, lo, hi) : 0;
  int64_t reduction = net_reduction(net, n);
  int16_t *w = arena_new_array(net->mem, int16_t, (size_t)(n->shape.c * reduction));
  int32_t *b = arena_new_array(net->mem, int32_t, (size_t)n->shape.c);
  double *scale = arena_new_array(net->mem, double, (size_t)n->shape.c), one = 0.01 + rng_unit(s->r);
  for (int64_t i = 0; i < n->shape.c * reduction; i++)
    w[i] = (int16_t)sample_pick(s->r, lo, hi);
  w[0] = (int16_t)lo; // -128 included
  for (int f = 0; f < n->shape.c; f++) {
    b[f] = sample_pick(s->r, -1000, 1000);
    scale[f] = raw ? one : 0.01 + rng_unit(s->r);
  }
  n->weight = w;
  n->bias = b;
  n->weight_scale = scale;
  if (raw) {
    n->quant = (net_quant){0};
    return;
  }
  sample_codes(s, n);
  sample_requantise(s, n, n->shape.c, s->act_bits + s->weight_bits - 3 + bits_unsigned((uint64_t)reduction) / 2);
}

static inline void sample_window(sample *s, net_node *n, net_shape in) {
  n->kh = sample_pick(s->r, 1, in.h < 3 ? in.h : 3);
  n->kw = sample_pick(s->r, 1, in.w < 3 ? in.w : 3);
  n->sh = sample_pick(s->r, 1, 2);
  n->sw = sample_pick(s->r, 1, 2);
  if (rng_below(s->r, 2)) {
    n->pt = sample_pick(s->r, 0, n->kh - 1);
    n->pb = sample_pick(s->r, 0, n->kh - 1);
    n->pl = sample_pick(s->r, 0, n->kw - 1);
    n->pr = sample_pick(s->r, 0, n->kw - 1);
  }
  sample_output_size(n, in);
}

// One more layer behind node `in`.
static inline void sample_layer(sample *s, int in) {
  net_op op =
      (net_op[]){NET_CONV, NET_CONV, NET_MAXPOOL, NET_AVGPOOL, NET_ADD, NET_CONCAT, NET_PAD}[rng_below(s->r, 7)];
  net_node *n = sample_node(s, op, in);
  net_shape is = n->shape;
  if (op == NET_CONV) {
    sample_window(s, n, is);
    n->groups = rng_below(s->r, 3) == 0 ? is.c : 1;
    n->shape.c = n->groups * sample_pick(s->r, 1, n->groups > 1 ? 2 : 5);
    sample_weights(s, n, false);
    return;
  }
  if (op == NET_MAXPOOL || op == NET_AVGPOOL)
    sample_window(s, n, is);
  if (op == NET_PAD) {
    n->pt = sample_pick(s->r, 0, 2);
    n->pr = sample_pick(s->r, 0, 2);
    n->pad_c0 = sample_pick(s->r, 0, 1);
    n->pad_c1 = sample_pick(s->r, 0, 2);
    n->shape = (net_shape){is.c + n->pad_c0 + n->pad_c1, is.h + n->pt, is.w + n->pr};
  }
  if (op == NET_ADD || op == NET_CONCAT) {
    int other = in; // itself, or an earlier one that fits
    for (int i = 0; i < in; i++) {
      const net_node *o = &s->net->nodes[i];
      bool same =
          o->shape.h == is.h && o->shape.w == is.w &&
          (op == NET_ADD ? o->shape.c == is.c : o->quant.zero == n->quant.zero && o->quant.scale == n->quant.scale);
      if (same && rng_below(s->r, 2))
        other = i;
    }
    n->inputs[n->input_count++] = other;
    if (op == NET_CONCAT)
      n->shape.c += s->net->nodes[other].shape.c;
  }
  n->count_pad = op == NET_AVGPOOL;
  if (op == NET_ADD || op == NET_AVGPOOL) {
    sample_codes(s, n);
    sample_requantise(s, n, op == NET_ADD ? 2 : n->shape.c, s->act_bits + (op == NET_ADD ? 1 : 3));
  } else {
    n->lo = net_quant_lo(n->quant);
    n->hi = net_quant_hi(n->quant);
  }
}

// What pixels stand for: in some networks with an offset, in some each channel its own.
static inline void sample_pixels(network *net, int which) {
  net_pixels *own = arena_new_array(net->mem, net_pixels, (size_t)net->nodes[0].shape.c);
  for (int c = 0; c < net->nodes[0].shape.c; c++)
    own[c] = (net_pixels){2.0 / (1 + c), -0.75 * c};
  net->input_offset = which == 1 ? -0.4 : 0;
  net->input_channels = which == 2 ? own : NULL;
}

// A random network of `layers` layers between its input and a dense layer.
static inline network *sample_network(arena *mem, rng *r, sample_scheme scheme, int act_bits, int weight_bits,
                                      int layers) {
  network *net = arena_new_object(mem, network);
  net->mem = mem;
  net->name = "sample";
  net->file = "sample";
  net->quantised = true;
  net->input_scale_255 = 1;
  sample s = {net, r, scheme, act_bits, weight_bits};
  net_node *in = sample_node(&s, NET_INPUT, 0);
  in->shape = (net_shape){sample_pick(r, 1, 3), sample_pick(r, 3, 9), sample_pick(r, 3, 9)};
  in->quant = sample_quant(&s);
  in->quant.scale = 1.0 / net_quant_hi(in->quant);
  in->lo = net_quant_lo(in->quant);
  in->hi = net_quant_hi(in->quant);
  for (int i = 0; i < layers; i++)
    if (net_shape_size(net_output(net)->shape) < 2000)
      sample_layer(&s, (int)net->count - 1);
  net_node *last = sample_node(&s, NET_DENSE, (int)net->count - 1);
  last->kh = last->shape.h;
  last->kw = last->shape.w;
  last->shape = (net_shape){sample_pick(r, 2, 6), 1, 1};
  bool raw = act_bits + weight_bits <= 16 && rng_below(r, 4);
  sample_weights(&s, last, raw);
  sample_pixels(net, last->shape.c % 3);
  return net;
}

// Half of the averages with pads become averages over the taps inside the image only. false: there was none.
static inline bool sample_varying_means(network *net, rng *r) {
  bool any = false;
  for (size_t i = 0; i < net->count; i++) {
    net_node *n = &net->nodes[i];
    if (n->op != NET_AVGPOOL || !net_has_pads(n) || rng_below(r, 2))
      continue;
    n->count_pad = false;
    uint16_t *m = arena_new_array(net->mem, uint16_t, (size_t)net_multipliers(n));
    for (int k = 0; k < net_multipliers(n); k++)
      m[k] = (uint16_t)sample_pick(r, 20000, 65535);
    n->mult = m;
    any = true;
  }
  return any;
}

static inline int64_t sample_mul_function(const mul *m, int32_t a, int32_t b) {
  uint64_t seed = (uint64_t)(uintptr_t)m->params;
  uint64_t h = ((uint64_t)(uint32_t)a << 32 | (uint32_t)b) * 0x9e3779b97f4a7c15u + seed;
  h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
  return (int64_t)a * b + (seed ? (int64_t)(h >> 59) - 11 : 0); // f(0, w) is seldom 0, and there is a bias
}

// A multiplier for such a network; seed 0: exact, else a*b plus noise. A table up to 16 bits.
static inline const mul *sample_mul(arena *mem, sample_scheme scheme, int a_bits, int b_bits, unsigned seed) {
  mul *m = arena_new_object(mem, mul);
  m->name = m->ident = arena_printf(mem, "sample%u", seed);
  m->sig = (mul_sig){a_bits, b_bits, 32, scheme == SAMPLE_S8, scheme != SAMPLE_U8, true};
  m->params = (const void *)(uintptr_t)seed;
  m->function = sample_mul_function;
  m->exact = seed == 0;
  if (a_bits + b_bits > 16)
    return m;
  int32_t *table = arena_new_array(mem, int32_t, (size_t)1 << (a_bits + b_bits));
  for (int32_t a = 0; a < 1 << a_bits; a++)
    for (int32_t b = 0; b < 1 << b_bits; b++) {
      int32_t av = m->sig.a_signed && a >> (a_bits - 1) ? a - (1 << a_bits) : a;
      int32_t bv = m->sig.b_signed && b >> (b_bits - 1) ? b - (1 << b_bits) : b;
      table[a << b_bits | b] = (int32_t)sample_mul_function(m, av, bv);
    }
  m->table = table;
  return m;
}

#endif
