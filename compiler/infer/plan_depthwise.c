// SPDX-License-Identifier: Apache-2.0
//
// Plan depthwise: a layer with a filter for each channel, all channels at once. Its products are sums of terms
// 2^shift * g(a) * h(w), as those of plan_dot.c; channels lie side by side, so weights are read as the input is.
#include "compiler/infer/plan.h"

static plan_phase make_phase(arena *mem, const plan_context *c, const plan_term *t, plan_slice *s, int taps) {
  size_t whole = (size_t)s->tiles * TILE, bytes = (size_t)(taps + 1) / 2 * whole * 2 * sizeof(int16_t);
  int16_t *weights = arena_alloc(mem, bytes);
  s->bytes += bytes;
  for (int tap = 0; tap < taps; tap++)
    for (int f = 0; f < s->filters; f++)
      weights[((size_t)(tap / 2) * whole + (size_t)f) * 2 + (size_t)(tap % 2)] =
          (int16_t)t->h[c->columns->of[f * taps + tap]];
  return (plan_phase){.terms = 1, .weights = weights};
}

bool plan_depthwise(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  if (!s->depthwise || s->wide || !c->narrow_in)
    return false;
  arena *scratch = arena_new();
  plan_factors f = {0};
  s->element = 1;
  bool ok = plan_terms(scratch, c, s, limits_depthwise, &f);
  for (int t = 0; ok && t < f.count; t++)
    ok = !f.terms[t].offset;
  if (ok)
    s->layout = plan_layout_depthwise(c->model->net, &c->model->net->nodes[c->node]);
  int taps = s->layout.kh * s->layout.kw;
  if (ok) {
    s->terms = f.count;
    s->tiles = (s->filters + TILE - 1) / TILE;
    s->cost = 20 + s->filters * (0.8 + f.count * (taps / c->kernels->depthwise_rate + 0.3));
  }
  if (ok && pack) {
    int map_of[TERMS_MAX];
    plan_term_maps(mem, c, &f, s, map_of);
    plan_phase *phase = arena_new_array(mem, plan_phase, (size_t)f.count + 1);
    for (int t = 0; t < f.count; t++) {
      phase[t] = make_phase(mem, c, &f.terms[t], s, taps);
      phase[t].map = arena_memdup(mem, &map_of[t], sizeof map_of[t]);
      phase[t].shift = plan_term_shift(&f, t);
    }
    s->phases = f.count;
    if (plan_term_shift(&f, f.count)) // what remains to shift; without terms: zeros
      phase[s->phases++].shift = plan_term_shift(&f, f.count);
    s->phase = phase;
    plan_term_starts(mem, c, &f, s);
  }
  arena_free(scratch);
  return ok;
}
