// SPDX-License-Identifier: Apache-2.0
//
// grouping: which filters share a processing element and which channels share a lane, where the hardware leaves both
// open: those that errors harm alike, so that what shares a multiplier wants the same one.
#ifndef AXGEN_GROUPING_H
#define AXGEN_GROUPING_H

#include "compiler/explore/model.h"

// What has one multiplier at a level in hardware with these places: all of a layer, the filters of a team, and for
// kernels and weights, which it cannot tell apart any further, the places. In `mem`.
pricing_layer grouping_units(arena *mem, const network *net, assignment_level level, const pricing_layer *places);

// Chooses a layer's filter[] and part[] in the place of those it has (pricing_layer: open; a layer that is not stays as
// it is). Minimised over a few prices on harm is the sum of what each place costs with its best multiplier, and of the
// harm that this does to the weights there, each by itself. Begins with the groups that it has, and with filters and
// channels sorted by harm; exchanges pairs until that helps no more. `sorted`: only sorts, so that the first teams are
// harmed most in every layer. In `mem`; deterministic. False with a message.
bool grouping_choose(const model_task *t, judge *j, const double *weight, bool sorted, pricing_layer *l, arena *mem,
                     diag *d);

#endif
