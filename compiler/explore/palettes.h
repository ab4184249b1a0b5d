// SPDX-License-Identifier: Apache-2.0
//
// palettes: which multipliers a design may have where it may have only so many different ones. Each price on loss has
// the palette of its own that does best, were every layer one multiplier's.
#ifndef AXGEN_PALETTES_H
#define AXGEN_PALETTES_H

#include "compiler/explore/refine.h"

typedef struct palettes {
  int muls, most; // multipliers, and how many of them in each
  const double *all_costs; // [nodes][muls]
  int layers, *node; // [layers]
  double *harm, *cost; // [layers][muls]; cost: when it was last looked at
  bool all; // all there are are known
  uint64_t *known; // [count] sets of multipliers, a bit each; PALETTES_ROOM at most
  size_t count;
} palettes;

// In `mem`. cost[nodes][muls]: of each layer, were all of it that multiplier's, INFINITY: not allowed; it may change
// later. harm[nodes]: what that harms, [muls]; NULL where a node does not multiply. False with a message where so few
// multipliers do not serve every layer.
bool palettes_begin(palettes *p, arena *mem, const network *net, int muls, const double *cost, double *const *harm,
                    int most, diag *d);
// For each price on harm the best palette there is, or where they are many, of those that were best at
// any price asked about so far: dearer prices never get one of more harm. By the costs as they are now.
// out[prices].
void palettes_choose(palettes *p, const double *price, int prices, uint64_t *out);
// One multiplier in all of a layer is a choice too, though no price may ask for it.
void palettes_fill(const palettes *p, pool *choices);

#endif
