// SPDX-License-Identifier: Apache-2.0
//
// infer: running a quantised network. ref.c is the definition of the numerics: plain loops, one multiply at a time.
#ifndef AXGEN_INFER_H
#define AXGEN_INFER_H

#include "compiler/front/front.h"

// Multipliers of a run: for node n, kernel (f, c): muls[assign[n].kernel[f * (C/groups) + c]].
typedef struct {
  const network *net;
  const mul *const *muls;
  const assignment *assign; // NULL: every product exact
} infer_model;

// Codes of an image's pixels under the input node's quantisation: round(pixel / 255 / scale) + zero, clamped;
// out[c][h][w].
void infer_input_codes(const network *net, const uint8_t *pixels, int32_t *out);

// One image. values[n] points to node n's output as int32 [C][H][W] (codes; accumulators for the last node); the caller
// gives the buffers (infer_buffers makes them), so that every intermediate value can be looked at.
int32_t **infer_buffers(arena *mem, const network *net);
void ref_run(const infer_model *m, const uint8_t *pixels, int32_t **values);

// Index of the first maximum.
int infer_argmax(const int32_t *logits, int n);

// Top-1 over images [first, first + count) with OpenMP threads; result independent of the thread count.
// Returns false when interrupted.
typedef struct {
  size_t images, correct;
  double seconds;
} infer_accuracy;
bool infer_evaluate(const infer_model *m, const dataset *data, size_t first, size_t count, infer_accuracy *out);

// Smallest and largest value that node n's accumulator takes for ANY activation codes its input may carry, over all
// filters and all prefixes of the sum (bias first), with its actual weights and multipliers; and the range of single
// products. The hardware's widths come from these.
typedef struct {
  int64_t acc_lo, acc_hi, prod_lo, prod_hi;
} infer_range;
infer_range infer_node_range(const infer_model *m, int node);

#endif
