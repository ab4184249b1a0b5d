// SPDX-License-Identifier: Apache-2.0
//
// Inside gradient: what an operator's forward and backward step find.
#ifndef AXGEN_GRADIENT_PARTS_H
#define AXGEN_GRADIENT_PARTS_H

#include "compiler/explore/gradient.h"
#include "compiler/explore/product.h"

struct gradient {
  const network *net;
  double *scale; // [outputs] of the logits
  int32_t zero;
  product_fn *product;
  // Of gradient_work's buffers, in doubles.
  size_t patches, slopes, block, weights;
};

typedef struct gradient_work {
  const uint8_t *pixels;
  uint8_t **passes; // [nodes][outputs] whether the clamp let it pass
  double *patches; // the inputs under the windows of some output pixels, in panels of columns
  double *slopes; // gradients of a group's accumulators, in panels of columns
  double *block; // gradients of the inputs under the windows, of some channels
  double *weights; // a panel of rows
} gradient_work;

// One node of one image. forward: value[node] and passes[node] from the values of its inputs. backward: adds to the
// gradients of its inputs what of[node] gives them.
typedef void gradient_step(const gradient *g, int node, gradient_image *image);
gradient_step gradient_conv_forward, gradient_conv_backward; // gradient_conv.c
void gradient_conv_size(gradient *g, int node); // makes the buffers large enough

// From accumulator times multiplier to the code that is stored, as net_requantise, and whether its clamp lets it pass.
static inline int32_t gradient_store(const net_node *n, int64_t acc_times_m, uint8_t *passes) {
  int64_t floor = acc_times_m >> n->shift, ceiling = -(-acc_times_m >> n->shift);
  *passes = floor >= n->lo - n->quant.zero && ceiling <= n->hi - n->quant.zero;
  return net_requantise(n, acc_times_m);
}
// What a step of the accumulator is in codes.
static inline double gradient_slope(const net_node *n, int multiplier) {
  return (double)n->mult[multiplier] / (double)((int64_t)1 << n->shift);
}

#endif
