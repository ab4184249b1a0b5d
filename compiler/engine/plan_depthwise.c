// SPDX-License-Identifier: Apache-2.0
//
// Plan depthwise: a layer with a filter for each channel, all channels at once. Its products are sums of terms
// 2^shift * g(a) * h(w), as those of plan_dot.c; channels lie side by side, so weights are read as the input is. Exact
// products of codes of more than 8 bits are taken as they are.
#include "compiler/engine/cost.h"
#include "compiler/engine/plan.h"

// weight[i]: of column i.
static const int16_t *pack_weights(arena *mem, const plan_context *c, const int32_t *weight, plan_slice *s, int taps) {
  size_t whole = (size_t)s->tiles * TILE, bytes = (size_t)(taps + 1) / 2 * whole * 2 * sizeof(int16_t);
  int16_t *weights = arena_alloc(mem, bytes);
  s->bytes += bytes;
  for (int tap = 0; tap < taps; tap++)
    for (int f = 0; f < s->filters; f++)
      weights[((size_t)(tap / 2) * whole + (size_t)f) * 2 + (size_t)(tap % 2)] =
          (int16_t)weight[c->columns->of[f * taps + tap]];
  return weights;
}

static bool plan_terms_depthwise(arena *mem, const plan_context *c, plan_slice *s, int taps, bool pack) {
  arena *scratch = arena_new();
  plan_factors f = {0};
  s->element = 1;
  bool ok = plan_terms(scratch, c, s, engine_limits_depthwise, &f);
  for (int t = 0; ok && t < f.count; t++)
    ok = !f.terms[t].offset;
  if (ok) {
    s->terms = f.count;
    s->cost = COST_SLICE +
              s->filters * (COST_DEPTHWISE_STORE + f.count * (taps / c->kernels->depthwise_rate + COST_DEPTHWISE_TERM));
  }
  if (ok && pack) {
    int map_of[TERMS_MAX];
    plan_term_maps(mem, c, &f, s, map_of);
    plan_phase *phase = arena_new_array(mem, plan_phase, (size_t)f.count + 1);
    for (int t = 0; t < f.count; t++)
      phase[t] = (plan_phase){.terms = 1,
                              .weights = pack_weights(mem, c, f.terms[t].h, s, taps),
                              .map = arena_memdup(mem, &map_of[t], sizeof map_of[t]),
                              .shift = plan_term_shift(&f, t)};
    s->phases = f.count;
    if (plan_term_shift(&f, f.count)) // what remains to shift; without terms: zeros
      phase[s->phases++].shift = plan_term_shift(&f, f.count);
    s->phase = phase;
    plan_term_starts(mem, c, &f, s);
  }
  arena_free(scratch);
  return ok;
}

// Codes lie as int16_t, unsigned ones less 32768. Weights are w - z_w; without -32768 two products fit 32 bits.
static bool plan_wide_depthwise(arena *mem, const plan_context *c, plan_slice *s, int taps, bool pack) {
  const plan_columns *p = c->columns;
  int32_t highest = p->lo + (int32_t)p->rows - 1, middle = highest > INT16_MAX ? 32768 : 0;
  arena *scratch = arena_new();
  int32_t *weight = arena_new_array(scratch, int32_t, p->count);
  bool ok = p->exact;
  for (size_t i = 0; i < p->count; i++) {
    weight[i] = p->weight[i] - p->zero;
    ok &= weight[i] > INT16_MIN && weight[i] <= INT16_MAX;
  }
  s->element = 2;
  s->terms = s->maps = s->phases = 1;
  s->wide = true;
  s->cost = COST_SLICE + s->filters * (COST_DEPTHWISE_WIDE + 2 * taps / c->kernels->depthwise_rate);
  if (ok && pack) {
    enum { CODES = 65536 };
    uint16_t *map = arena_new_array(mem, uint16_t, CODES);
    int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
    for (size_t r = 0; r < p->rows; r++)
      map[(size_t)(p->lo - lowest) + r] = (uint16_t)(p->lo + (int32_t)r - middle);
    const void **maps = arena_new_array(mem, const void *, 1);
    maps[0] = map;
    s->map = maps;
    s->bytes += CODES * sizeof *map;
    plan_phase phase = {.terms = 1, .weights = pack_weights(mem, c, weight, s, taps)};
    s->phase = arena_memdup(mem, &phase, sizeof phase);
    int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
    for (int i = 0; i < s->filters * taps; i++)
      start[i / taps] += (int64_t)middle * weight[p->of[i]];
    s->start = start;
  }
  arena_free(scratch);
  return ok;
}

bool plan_depthwise(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  if (!s->depthwise || (s->wide && c->narrow_in))
    return false;
  s->layout = plan_layout_depthwise(c->model->net, &c->model->net->nodes[c->node]);
  s->tiles = (s->filters + TILE - 1) / TILE;
  int taps = s->layout.kh * s->layout.kw;
  return (c->narrow_in ? plan_terms_depthwise : plan_wide_depthwise)(mem, c, s, taps, pack);
}
