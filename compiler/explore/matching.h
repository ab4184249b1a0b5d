// SPDX-License-Identifier: Apache-2.0
//
// matching: what approximate multipliers do to a network, taken back without training. Layer by layer, behind the
// layers that were matched before, each filter's sums over some images are compared with those of the exact network,
// and the filter's bias and the multiplier of its requantisation become those that give its sums the exact ones' mean
// and gain. No hardware is added: only integers that the network has anyway change.
//
// The mean is what folding mean errors into the bias takes back, seen through all layers before; the gain is what a
// multiplier that rounds towards zero takes off every product.
#ifndef AXGEN_MATCHING_H
#define AXGEN_MATCHING_H

#include "compiler/infer/infer.h"

typedef struct matching matching;

// On images [first, first + count) of the data set, fewer where their sums in the exact network would take more than
// MATCHING_BYTES. The network, the multipliers and the data set must outlive it. NULL with a message: what
// evaluator_new refuses.
enum { MATCHING_BYTES = 1 << 30 };
matching *matching_new(const network *net, const mul *const *muls, const dataset *data, size_t first, size_t count,
                       diag *d);
void matching_free(matching *m); // NULL is fine
size_t matching_images(const matching *m); // that it uses

// The integers of a corrected network, by node: NULL where they are the network's own.
typedef struct {
  int32_t **bias; // [nodes][F]
  uint16_t **mult; // [nodes][F]
} correction;
// How much is taken back; the gain by a factor of at most MATCHING_GAIN either way.
enum { MATCHING_GAIN = 2 };
typedef enum { MATCH_NOTHING, MATCH_MEAN, MATCH_GAIN } matching_kind;
// The correction for one assignment a node, in `mem`. It does not depend on the number of threads. False with a
// message: sums that are too wide, or interrupted.
bool matching_run(matching *m, const assignment *assign, matching_kind kind, arena *mem, correction *out, diag *d);
// The network with these integers; what does not change is shared with `net` and `c`.
network matching_corrected(arena *mem, const network *net, const correction *c);

// The exact network's output of a node as codes less the least code of its width, [image][h][w][c], one byte up to 8
// bits, two above.
const void *matching_codes(const matching *m, int node);

#endif
