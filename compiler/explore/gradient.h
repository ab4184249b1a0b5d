// SPDX-License-Identifier: Apache-2.0
//
// gradient: how the loss of an image changes with the values inside a quantised network, by backpropagation.
//
// The values are those of ref_run with exact products. Rounding counts as the identity (straight-through); a clamp
// passes what it does not change, before rounding, and stops the rest; a maximum passes to the first tap that has it.
// So the gradient is exactly that of the network of real numbers that has these values: the one whose roundings are
// constants added. The loss is that of an evaluation: cross-entropy on the network's own scale.
#ifndef AXGEN_GRADIENT_H
#define AXGEN_GRADIENT_H

#include "compiler/explore/evaluator.h"

// What all images share. Nothing here changes: any number of threads may use it.
typedef struct gradient gradient;
// In `mem`; the network must outlive it. NULL with a message where the network has no integers, or does not
// know the scale of its outputs (evaluator_scale).
gradient *gradient_new(arena *mem, const network *net, diag *d);

// One image's; one thread's at a time.
typedef struct {
  int32_t **value; // [nodes] as ref_run leaves them
  // [nodes] the derivative of the loss with respect to a node's codes; of a node that multiplies: to its accumulators,
  // bias included, and so to each single product.
  double **of;
  double loss; // -ln softmax(logits)[label]
  struct gradient_work *work;
} gradient_image;
gradient_image *gradient_image_new(arena *mem, const gradient *g);
size_t gradient_image_bytes(const gradient *g); // about what it takes
// pixels as in a data set; label below the number of outputs.
void gradient_run(const gradient *g, const uint8_t *pixels, int label, gradient_image *image);

#endif
