// SPDX-License-Identifier: Apache-2.0
//
// samples: output pixels of a layer, drawn at random, and what its products are off by there under each multiplier.
// Everything is summed up in integers, so results do not depend on order, instruction set or threads.
#ifndef AXGEN_SAMPLES_H
#define AXGEN_SAMPLES_H

#include "compiler/engine/kernels/kernel.h"
#include "compiler/explore/matching.h"

enum { SAMPLES_MOST = 1024 }; // positions

// What is looked up for one multiplier: value(weight code, activation code).
typedef struct {
  bool any; // false: zero everywhere
  int32_t *value; // [weight codes][codes]
  uint8_t *column; // [weight codes][COLUMN_BYTES] the same above `least`, as kernels look it up; NULL: they are slow,
                   // or 16 bits do not hold it
  int32_t *least; // [weight codes]
} samples_table;

typedef struct {
  const network *net;
  const net_node *n;
  int64_t reduction;
  int positions; // a multiple of VECTOR_LANES, at most SAMPLES_MOST
  size_t stride; // the same in whole panels of look-ups
  size_t codes; // of an activation, from the least of its width on
  int first_weight;
  uint8_t *narrow; // [input channels x kh x kw][stride] codes less the least, of up to 8 bits
  uint16_t *wide; // the same of more
  int mul_count;
  samples_table *table; // [mul_count + 1] errors of each multiplier's products; last: the exact products
  int64_t terms; // of them fit into 32 bits
  const kernels *kernels;
} samples;

typedef struct {
  int node, positions; // as above
  const mul *const *muls;
  const double *cost; // [mul_count] INFINITY: not allowed, and not looked up
  int mul_count;
  uint64_t seed;
  const kernels *kernels; // NULL: the best of this machine
} samples_options;

// In `mem`: from the activations that `m` has (images in turn). At most 12 bits by 12: else NULL with a message.
samples *samples_new(arena *mem, const network *net, const matching *m, const samples_options *o, diag *d);

// out[p] = the sum over k < count of what product which[k] of a filter (of its reduction) is off by under multiplier
// mul[k]; mul_count: the exact product itself. [positions], aligned to 64 bytes. Sums beyond 24 bits are rounded.
void samples_sum(const samples *s, int filter, const int32_t *which, const uint8_t *mul, int count, float *out);

#endif
