// SPDX-License-Identifier: Apache-2.0
//
// A network of one convolution with random weights.
#include "tests/bench/bench.h"

#include <math.h>
#include <stdlib.h>

double bench_gaussian(rng *r) {
  double s = -6;
  for (int i = 0; i < 12; i++)
    s += rng_unit(r);
  return s;
}

static const net_quant codes = {8, true, 0, 127.0 / 255 / 255 * 2};

typedef struct {
  network *net;
  rng *r;
} builder;

static builder begin(arena *mem, rng *r, const char *name, net_shape input) {
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem,
                   .name = name,
                   .file = "bench",
                   .nodes = arena_new_array(mem, net_node, 64),
                   .count = 1,
                   .cap = 64,
                   .quantised = true,
                   .input_scale_255 = 127.0 / 255};
  net->nodes[0] = (net_node){.name = "in", .op = NET_INPUT, .shape = input, .quant = codes, .hi = 127};
  return (builder){net, r};
}

static net_node *append(builder *b, net_op op, const char *name, int input, int *at) {
  net_node *n = &b->net->nodes[b->net->count];
  *n = (net_node){.name = name, .op = op, .inputs = {input}, .input_count = 1, .quant = codes, .hi = 127, .shift = 22};
  n->sh = n->sw = n->kh = n->kw = n->groups = 1;
  *at = (int)b->net->count++;
  return n;
}

// Convolution with a clamp to 0..127. Multipliers keep half of the codes at 0 and few at 127.
static int conv(builder *b, const char *name, int input, int filters, int kernel, int pad) {
  int at;
  net_node *n = append(b, NET_CONV, name, input, &at);
  net_shape in = b->net->nodes[input].shape;
  n->shape = (net_shape){filters, in.h + 2 * pad - kernel + 1, in.w + 2 * pad - kernel + 1};
  n->kh = n->kw = kernel;
  n->pt = n->pb = n->pl = n->pr = pad;
  n->weight_bits = 8;
  n->weight_signed = true;
  int taps = in.c * kernel * kernel;
  double *v = malloc((size_t)taps * sizeof *v);
  int16_t *w = arena_new_array(b->net->mem, int16_t, (size_t)(taps * filters));
  uint16_t *mult = arena_new_array(b->net->mem, uint16_t, (size_t)filters);
  for (int f = 0; f < filters; f++) {
    double most = 0, squares = 0;
    for (int i = 0; i < taps; i++) {
      v[i] = bench_gaussian(b->r);
      most = fabs(v[i]) > most ? fabs(v[i]) : most;
    }
    for (int i = 0; i < taps; i++) {
      w[f * taps + i] = (int16_t)lround(v[i] / most * 127);
      squares += (double)w[f * taps + i] * w[f * taps + i];
    }
    double m = ldexp(40 / (28 * sqrt(squares)), n->shift); // codes of 28, root of the mean square, to sums of 40
    mult[f] = (uint16_t)(m > 65535 ? 65535 : m < 1 ? 1 : m);
  }
  free(v);
  n->weight = w;
  n->mult = mult;
  n->bias = arena_new_array(b->net->mem, int32_t, (size_t)filters);
  return at;
}

network *bench_one_layer(arena *mem, rng *r, const bench_layer *l) {
  builder b = begin(mem, r, l->name, (net_shape){l->channels, l->height, l->width});
  int at = conv(&b, "conv", 0, l->filters, l->kernel, l->pad), last;
  net_node *n = append(&b, NET_MAXPOOL, "pool", at, &last);
  n->shape = (net_shape){l->filters, 1, 1};
  n->sh = b.net->nodes[at].shape.h;
  n->sw = b.net->nodes[at].shape.w;
  n->lo = -128;
  return b.net;
}
