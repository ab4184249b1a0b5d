// SPDX-License-Identifier: Apache-2.0
//
// noise: what a network's answers become when its outputs carry noise. Small errors all over a network arrive at its
// outputs as many independent contributions: as Gaussian noise, whose variance is the sum of theirs. From the exact
// network's outputs alone follows how much noise of a variance changes its answers, and how many of them it makes
// wrong.
#ifndef AXGEN_NOISE_H
#define AXGEN_NOISE_H

#include "compiler/base/base.h"

typedef struct noise noise;
// logits [images][classes] in the scale of which softmax is taken; labels [images] or NULL: the greatest logit's. A
// table over variances is made at once, from seeded random numbers; the same for any number of threads. In `mem`.
noise *noise_new(arena *mem, const double *logits, const uint8_t *labels, size_t images, size_t classes, uint64_t seed);

// With noise of this variance on each output, means over the images:
double noise_divergence(const noise *n, double variance); // of the answers from those without noise, in nats
double noise_drop(const noise *n, double variance); // in accuracy, 0.01: one point
// The variance that gives a divergence: the inverse of noise_divergence, within the table.
double noise_variance(const noise *n, double divergence);

#endif
