// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_FGPU_SIM_INTERNAL_H
#define AXGEN_FGPU_SIM_INTERNAL_H

#include "compiler/target/fgpu/fgpu.h"

typedef struct {
  bool active;
  uint32_t pc, group[2];
  uint64_t exec; // one bit a lane
  int64_t ready; // cycle from which on it may issue
  uint32_t r[32][FGPU_LANES];
} wave;

// What the work-item instructions read.
typedef struct {
  uint32_t group[2], groups[2];
  const uint32_t *launch;
} grid;

typedef struct {
  wave *waves;
  int last; // slot that issued last
  uint8_t *local;
  uint8_t weight[FGPU_PES][FGPU_UNITS]; // of each multiplier's last product
  uint32_t *tags; // line number + 1 of each cache line; 0: none
  int64_t free; // cycle from which on the memory unit has nothing to do
  int64_t done[2]; // when the last two accesses were done
} cv_state;

typedef struct {
  const fgpu_sim *sim;
  size_t number; // of the launch
  const uint32_t *launch;
  uint32_t next[8][2]; // each queue's next group
  cv_state *cv;
  int64_t port; // cycle from which on the global memory port is free
  fgpu_stats stats;
} machine;

// The memory unit.
void fgpu_sim_begin(machine *m); // of a launch: caches are empty
// Whether the unit's queue takes the wavefront's next instruction (true for one that is no access).
bool fgpu_sim_has_room(const machine *m, int cv, const wave *w, int64_t now);
// Does an access and says when the wavefront can go on. Returns NULL or what is wrong.
const char *fgpu_sim_access(machine *m, int cv, wave *w, uint32_t word, int64_t now, int64_t *done);

#endif
