// SPDX-License-Identifier: Apache-2.0
//
// Shared by the files of compiler/quant only.
#ifndef AXGEN_QUANT_INTERNAL_H
#define AXGEN_QUANT_INTERNAL_H

#include "compiler/quant/quant.h"

// Nodes that only choose or move codes share one quantisation with their inputs: a group, named by its first node.
int *quant_groups(arena *mem, const network *net);

// What the calibration images show.
typedef struct {
  double lo, hi; // of the group's values
  double *mean; // [C][H][W] of this node's output, where a conv or dense node reads it; else NULL
  // Of the group, at its first node: how often values other than 0 fall into equal parts of lo..hi.
  uint64_t *histogram;
} quant_stats;
enum { QUANT_BINS = 4096 };
// NULL (reported) when interrupted, and when values are not finite.
quant_stats *quant_observe(arena *mem, const network *net, const dataset *data, const quant_options *opt,
                           const int *group, diag *d);

// The range of values that codes should cover; for symmetric codes lo = -hi.
typedef struct {
  double lo, hi;
} quant_range;
quant_range quant_choose_range(const quant_stats *s, const quant_options *opt, bool symmetric, int bits);

// Weights and bias of one conv or dense node; the quantisation of its input and output is known. `mean` is that of the
// input, NULL for no bias correction. all_stated: the model states all codes of activations.
void quant_weights(arena *mem, const network *net, net_node *n, const quant_options *opt, int bits, bool all_stated,
                   const double *mean);

// Adds a layer to opt->exactness: m / 2^shift for factor[i], and how far sums are off beside that, in codes.
void quant_note_exactness(const quant_options *opt, const net_node *n, const double *factor, int count, double off);

// Largest shift and multipliers with m[i] <= 65535 for factor[i] = m[i] / 2^shift. Where `up` is set m is rounded up.
int quant_multipliers(const double *factor, int count, bool up, uint16_t *m);

#endif
