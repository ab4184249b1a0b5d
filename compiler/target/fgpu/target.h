// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_FGPU_TARGET_H
#define AXGEN_FGPU_TARGET_H

#include "compiler/target/common/target.h"
#include "compiler/target/fgpu/fgpu.h"

// A plan of this target.
typedef struct {
  const config *cfg;
  fgpu_program *program;
} fgpu_build;

extern const target FGPU_TARGET;

// target.h's `limits` and `places`.
void fgpu_limits(const config *cfg, target_limits *out);
void fgpu_places(arena *mem, const config *cfg, int node, pricing_layer *out);

// target.h's `cost`.
bool fgpu_cost(arena *mem, const fgpu_build *b, cost_counts *out, diag *d);

// ---- the simulator in C -------------------------------------------------------------------------------------------
typedef struct {
  fgpu_stats *stats; // [launch_count], of the first image
  fgpu_stats sum; // of all launches
  size_t values_compared, correct;
} fgpu_counts;
// The first `count` of the images, every value of every layer compared with the reference.
bool fgpu_count(arena *mem, const fgpu_build *b, const target_images *in, size_t count, fgpu_counts *out, diag *d);
// All of the images, as `axgen fgpu run` tells it: a JSON object, and lines.
bool fgpu_count_report(arena *mem, const fgpu_build *b, const target_images *in, cJSON **json, str *text, diag *d);

// What CV number cv did in `cycles` cycles: shares of its issue slots and of its multipliers' cycles.
double fgpu_issue_share(const fgpu_stats *s, int cv, int64_t cycles);
double fgpu_busy_share(const fgpu_program *p, const fgpu_stats *s, int cv, int64_t cycles);
// `cvs` of a result: each CV's LIDs and these shares.
void fgpu_add_cvs(const fgpu_build *b, const fgpu_stats *stats, int64_t cycles, cJSON *json);

#endif
