// SPDX-License-Identifier: Apache-2.0
//
// classes: whether an assignment fits the multipliers of a folded layer. The multiplier at (PE, lane) serves nf
// filters, a lane's channels and taps. So what shares it must want the same: all taps of a lane; filters of one PE lane
// by lane (they are of one class), channels of one lane filter by filter (likewise). An assignment fits, in some order
// of filters and channels, exactly where taps agree and every class fills whole PEs or lanes.
#ifndef AXGEN_DATAFLOW_CLASSES_H
#define AXGEN_DATAFLOW_CLASSES_H

#include "compiler/target/dataflow/plan.h"

// A layer as the folding cuts it. Channels are those that a filter sees.
typedef struct {
  int filters, channels, kh, kw;
  bool in_place; // grouped: filters and channels stay in the order in which they come; but not of a depthwise layer,
                 // whose filters are its input's channels
  int pe, nf; // filters of a PE
  dataflow_block block;
  int taps; // lanes that a channel has: th * tw
  int each; // channels of a lane
} classes_layout;
// One filter for each channel.
bool classes_depthwise(const network *net, const net_node *n);
classes_layout classes_layout_of(const network *net, const net_node *n, int pe, int simd);
// Of taps 0 .. taps - 1: the one that a weight at (ky, kx) of its kernel comes to.
static inline int classes_tap(const classes_layout *l, int ky, int kx) {
  return ky % l->block.th * l->block.tw + kx % l->block.tw;
}

// Filters or channels by what they want: the first of each class in order.
typedef struct {
  int count;
  int *of; // [filters or channels] the class of each
  int *first, *size; // [count] the first member, how many
} classes_list;

typedef struct {
  classes_layout layout;
  bool taps_fit;
  int filter, channel, tap[2]; // where not: the first kernel and two of its weights, ky * kw + kx
  uint8_t *wanted; // [filters][channels][taps] multipliers; where taps do not fit the first weight's
  classes_list filters, channels;
} classes;
classes *classes_of(arena *mem, const network *net, const net_node *n, const assignment *a, int pe, int simd);

// The first class whose size is no multiple of `each`; -1: all fit.
int classes_unfit(const classes_list *l, int each);
bool classes_fit(const classes *c);
bool classes_fit_pe(const classes *c, int pe); // the same with another number of PEs
// The folding with fewest multipliers, of at least those of (pe, simd), in which an assignment fits.
void classes_next_folding(const network *net, const net_node *n, const assignment *a, int *pe, int *simd);

#endif
