// SPDX-License-Identifier: Apache-2.0
//
// Vectors of floats, a multiple of VECTOR_LANES long and aligned to 64 bytes. Every instruction set adds in the same
// order and rounds after every operation, so all give the same bits.
#ifndef AXGEN_EXPLORE_VECTORS_H
#define AXGEN_EXPLORE_VECTORS_H

#include <stddef.h>

enum { VECTOR_LANES = 16 };

float vector_dot(const float *x, const float *y, int n);
// That of x and each of `count` vectors, `stride` floats apart, a multiple of VECTOR_LANES.
void vector_dots(const float *x, const float *y, size_t stride, int count, int n, float *out);
void vector_add(float *x, const float *y, float factor, int n); // x += factor * y
void vector_center(float *x, int n); // less its mean

// Those of each instruction set that this machine has, the plainest first; for tests.
typedef struct {
  const char *isa;
  void (*dots)(const float *x, const float *y, size_t stride, int count, int n, float *out);
  void (*add)(float *x, const float *y, float factor, int n);
  void (*center)(float *x, int n);
} vector_set;
enum { VECTOR_SETS = 3 };
int vector_sets(vector_set out[VECTOR_SETS]); // how many

#endif
