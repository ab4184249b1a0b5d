// SPDX-License-Identifier: Apache-2.0
//
// Running the depthwise plan: stage a few images, then some pixels of all channels at a time, term by term.
#include "compiler/infer/engine_run.h"

enum { SUMS_BYTES = 16 << 10 };

void run_depthwise(slice_run *r) {
  const plan_slice *s = r->s;
  const plan_layout *l = &s->layout;
  size_t map_bytes = stage_bytes(l, 1, r->count), channels = (size_t)l->channels, whole = (size_t)s->tiles * TILE;
  uint8_t *staged = worker_buffer(r->w, BUFFER_STAGED, map_bytes * (size_t)s->maps);
  for (int m = 0; m < s->maps; m++) {
    stage_args a = slice_stage(r, s->map[m], 1);
    stage(r->w, &a, staged + (size_t)m * map_bytes);
  }
  int taps = l->kh * l->kw;
  size_t *tap = worker_buffer(r->w, BUFFER_RUNS, (size_t)(taps + 1) * sizeof *tap);
  for (int t = 0; t < taps; t++)
    tap[t] = (size_t)(t / l->kw * l->columns + t % l->kw) * channels;
  tap[taps] = 0; // of an odd number: its partner, whose weights are 0
  int most = (int)(SUMS_BYTES / (whole * sizeof(int32_t))), group = most < 4 ? 4 : most;
  int32_t *sums = worker_buffer(r->w, BUFFER_SUMS, (size_t)group * whole * sizeof *sums);
  dot_span span = {.number = -1};
  while (dot_next(r, &span))
    for (int done = 0; done < span.pixels; done += group) {
      int pixels = span.pixels - done < group ? span.pixels - done : group;
      for (int i = 0; i < s->phases; i++) {
        const plan_phase *p = &s->phase[i];
        size_t from = (span.from + (size_t)(done * l->sw)) * channels + (p->terms ? (size_t)p->map[0] * map_bytes : 0);
        depthwise_args a = {.in = staged + from,
                            .step = channels * (size_t)l->sw,
                            .pixels = pixels,
                            .channels = l->channels,
                            .tap = tap,
                            .taps = p->terms ? (taps + 1) / 2 * 2 : 0,
                            .shift = p->shift,
                            .weights = p->weights,
                            .sums = sums};
        r->w->e->kernels->depthwise(&a);
      }
      sums_args a = {.sums = sums, .stride = whole, .grid = span.grid + done, .pixels = pixels, .filters = s->filters};
      store_sums(r, &a);
    }
}
