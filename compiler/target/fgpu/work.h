// SPDX-License-Identifier: Apache-2.0
//
// How long a tile works for an image and how often its parts do, from a few wavefronts of each launch.
#ifndef AXGEN_FGPU_WORK_H
#define AXGEN_FGPU_WORK_H

#include "compiler/target/fgpu/fgpu.h"

typedef struct {
  double cycles, issued, lines; // an image: instructions of all wavefronts, lines that memory units serve
  double hits, bursts, stores, beats, local_reads, local_writes, results, masks; // as fgpu_stats
  double partials, thirds; // of all PEs
} fgpu_work;
bool fgpu_count_work(arena *mem, const fgpu_program *p, fgpu_work *out, diag *d);

#endif
