// SPDX-License-Identifier: Apache-2.0
//
// moments: sums of accumulators and of their products, filter by filter. Every instruction set adds pixel after pixel
// and rounds after every operation, so all give the same bits.
#ifndef AXGEN_EXPLORE_MOMENTS_H
#define AXGEN_EXPLORE_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

// Adds to sum[f] all x, and to product[f] all x * y, of pixels [pixels][filters].
typedef void moments_fn(const int32_t *x, const int32_t *y, size_t pixels, size_t filters, double *sum,
                        double *product);
moments_fn moments_add;

// Those of each instruction set that this machine has, the plainest first; for tests.
enum { MOMENTS_SETS = 3 };
int moments_sets(moments_fn *out[MOMENTS_SETS]); // how many

#endif
