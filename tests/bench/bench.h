// SPDX-License-Identifier: Apache-2.0
//
// What the engine is measured against.
#ifndef AXGEN_BENCH_H
#define AXGEN_BENCH_H

#include "compiler/engine/engine_parts.h"

typedef struct {
  const char *name;
  int channels, filters, kernel, pad, height, width;
} bench_layer;

// Images [n][c][h][w] of codes 0..127 and int8 weights.
typedef struct {
  const bench_layer *layer;
  int images;
  const uint8_t *pixels;
  const int16_t *weights;
} bench_case;

// One table look-up at a time, as AdaPT's CPU kernel does: acc[n][f][y][x]. table: [256][256] by codes as bytes.
void bench_scalar(const bench_case *c, const int32_t *table, int32_t *acc);

// A layer with random weights: s8 codes after a ReLU (0..127) and weights as trained: normal, the largest of each
// filter 127. After the one layer comes a pool that keeps one pixel, so that the layer is an inner one: what it leaves
// is not converted to logits.
double bench_gaussian(rng *r);
network *bench_one_layer(arena *mem, rng *r, const bench_layer *l);

// Exact int8 convolution by oneDNN, requantised to int8. NULL: not built with oneDNN, or it refused.
typedef struct bench_dnnl bench_dnnl;
bench_dnnl *bench_dnnl_new(const bench_case *c);
void bench_dnnl_run(bench_dnnl *d);
const char *bench_dnnl_name(const bench_dnnl *d); // of the implementation it chose
void bench_dnnl_free(bench_dnnl *d);

#endif
