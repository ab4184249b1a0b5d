// SPDX-License-Identifier: Apache-2.0
//
// isotonic: the best map from one series of numbers to another that never falls (least squares).
#ifndef AXGEN_ISOTONIC_H
#define AXGEN_ISOTONIC_H

#include "compiler/base/base.h"

typedef struct {
  size_t count; // of its points: the mean x and y of runs of pairs
  double *x, *y; // [count] ascending, y not falling
} isotonic;
// By pooling neighbours that would fall. Pairs that are not both finite are left out. In `mem`.
isotonic isotonic_fit(arena *mem, const double *x, const double *y, size_t count);
// Straight lines between the points, level beyond them. NAN where there are none, or x is no number.
double isotonic_at(const isotonic *f, double x);

#endif
