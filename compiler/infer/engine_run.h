// SPDX-License-Identifier: Apache-2.0
//
// How each kind of plan runs a slice on some images.
#ifndef AXGEN_ENGINE_RUN_H
#define AXGEN_ENGINE_RUN_H

#include "compiler/infer/engine_parts.h"

enum { STAGED_BYTES = 256 << 10 }; // what is aimed at

void run_dot(slice_run *r);
void run_rows(slice_run *r);
void add_all_rows(slice_run *r, const plan_slice *s);
// The sums that it left, of `n` pixels: panel[filters][PANEL].
void rows_panel(const slice_run *r, const plan_slice *s, int64_t pixel, int n, bool add, int32_t *panel);
void run_lookup(slice_run *r);
void run_direct(slice_run *r);
// How many images each takes at once.
int dot_images(const plan_slice *s);
int rows_images(const plan_slice *s);
int lookup_images(const plan_slice *s);

#endif
