// SPDX-License-Identifier: Apache-2.0
//
// tune: weight mapping (Mrazek et al., ALWANN, ICCAD 2019, section III-C): where a weight goes through an approximate
// multiplier, another weight may give products that are nearer to the exact ones. Nothing is trained; the network's
// weights change, the hardware does not.
#ifndef AXGEN_TUNE_H
#define AXGEN_TUNE_H

#include "compiler/data/dataset.h"
#include "compiler/explore/matching.h"

// For one multiplier.
typedef struct {
  const mul *as; // f(a, to(w)) as a multiplier of its own: what a search sees
  const int16_t *to; // [2^b_bits] of a weight's code pattern, the weight in its place; NULL: all stay
} tuned_mul;

// Of each multiplier, the weight w' for each w that makes f(a, w') - a w vary least (match: its mean is taken back) or
// its square least (MATCH_NOTHING), over the activations that the layers of those widths multiply on the images: the
// histograms of all of them added up. Of equal ones w itself, then the nearest. Exact multipliers and those above 16
// operand bits, that have no table, stay. In `mem`. False with a message when interrupted, or where inputs cannot be
// counted.
bool tune_muls(arena *mem, const network *net, const mul *const *muls, int mul_count, const dataset *data,
               size_t images, matching_kind match, tuned_mul *out, diag *d);

// The layer's weights, and its biases, as the network has to have them for the real multipliers to give what the tuned
// ones do: biases take back what the input's zero point makes of the difference. In `mem`. Biases may be NULL: the
// network's. False with a message where a bias does not fit 32 bits.
bool tune_layer(arena *mem, const network *net, const net_node *n, const assignment *a, const tuned_mul *tuned,
                const int32_t *bias, const int16_t **weight, const int32_t **new_bias, diag *d);

#endif
