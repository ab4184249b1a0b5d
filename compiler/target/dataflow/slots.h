// SPDX-License-Identifier: Apache-2.0
//
// slots: in which order channels pass. Slot i of a stream comes to lane i mod g of who takes it and comes from PE
// i mod pe of who sends it; channels that share a lane or PE must be of one class. A set of channels whose order may be
// chosen is a space, a demand on it a ring. Spaces side by side are one stream where layers are concatenated.
#ifndef AXGEN_DATAFLOW_SLOTS_H
#define AXGEN_DATAFLOW_SLOTS_H

#include "compiler/base/base.h"

typedef struct {
  int size; // channels, and so slots
  const int *fixed; // [size] slot i is channel fixed[i]; NULL: any order
} slots_space;

// A space in a stream, whose slots and channels there begin at `from`.
typedef struct {
  int space, from;
} slots_part;

// All slots of equal number mod `modulus` have channels of one class.
typedef struct {
  int modulus;
  const int *class; // [channels of the stream]
  const slots_part *parts;
  int part_count;
} slots_ring;

// Orders for which every ring holds: order[space][slot] is a channel. Slots keep their own channels where that fits.
// False where there is none, or none was found within a bounded number of steps. Spaces that no ring names stay as
// they are.
bool slots_solve(arena *mem, const slots_space *spaces, int space_count, const slots_ring *rings, int ring_count,
                 int **order);

#endif
