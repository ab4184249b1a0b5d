// SPDX-License-Identifier: Apache-2.0
//
// Plans dot8 and dot16: the products as sums of terms 2^shift * g(a) * h(w).
#include "compiler/infer/plan.h"

#include <string.h>

static bool factorise(arena *mem, const plan_context *c, const plan_slice *s, factor_limits limits, plan_factors *out) {
  const plan_columns *p = c->columns;
  if (p->exact || s->kind == PLAN_FIXED)
    return plan_factorise_exact(mem, p->lo, p->rows, p->weight, p->count, p->zero, p->origin, limits, out);
  int most = s->element == 1 ? c->kernels->terms_most : 6;
  if (!p->table)
    return false;
  // The fewest terms of three attempts: bases for what occurs, for all weights, and for all activations too.
  bool found = plan_factorise(mem, p->table, p->rows, p->count, 0, p->origin, most, limits, out);
  plan_factors other;
  if (found && out->count < 3)
    return true;
  if (plan_factorise(mem, p->table, p->rows, p->count, p->others, p->origin, most, limits, &other) &&
      (!found || other.count < out->count)) {
    *out = other;
    found = true;
  }
  size_t skipped = (size_t)(p->lo - p->all_lo);
  if (p->all_table &&
      plan_factorise(mem, p->all_table, p->all_rows, p->count, p->others, p->origin + skipped, most, limits, &other) &&
      (!found || other.count < out->count)) {
    *out = other;
    found = true;
    for (int t = 0; t < out->count; t++)
      out->terms[t].g += skipped;
  }
  return found;
}

static int block_of(const dot_kernel *k, int filters) {
  int blocks = (filters + k->block - 1) / k->block, block = (filters + blocks - 1) / blocks;
  return (block + k->block_step - 1) / k->block_step * k->block_step;
}

// Maps that terms share are kept once.
static void make_maps(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s, int *map_of) {
  const plan_columns *p = c->columns;
  int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
  size_t first = (size_t)(p->lo - lowest), entries = c->narrow_in ? 256 : 65536;
  s->map = arena_new_array(mem, const void *, (size_t)f->count);
  for (int t = 0; t < f->count; t++) {
    map_of[t] = -1;
    for (int u = 0; u < t && map_of[t] < 0; u++)
      if (!memcmp(f->terms[t].g, f->terms[u].g, p->rows * sizeof(int32_t)))
        map_of[t] = map_of[u];
    if (map_of[t] >= 0)
      continue;
    if (s->element == 1) {
      uint8_t *map = arena_new_array(mem, uint8_t, entries);
      for (size_t r = 0; r < p->rows; r++)
        map[first + r] = (uint8_t)f->terms[t].g[r];
      s->map[s->maps] = map;
    } else {
      uint16_t *map = arena_new_array(mem, uint16_t, entries);
      for (size_t r = 0; r < p->rows; r++)
        map[first + r] = (uint16_t)f->terms[t].g[r];
      s->map[s->maps] = map;
    }
    s->bytes += entries * (s->element == 1 ? 1 : 2);
    map_of[t] = s->maps++;
  }
}

static void put(const plan_slice *s, void *weights, size_t at, int lane, int32_t value) {
  if (s->element == 1)
    ((int8_t *)weights)[at * 4 + (size_t)lane] = (int8_t)value;
  else
    ((int16_t *)weights)[at * 2 + (size_t)lane] = (int16_t)value;
}

// The weights of `terms` terms from `first` on; unit u of the phase belongs to term u / steps.
static plan_phase make_phase(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s, int first,
                             int terms, const int *map_of) {
  const dot_kernel *k = s->element == 1 ? &c->kernels->dot8 : &c->kernels->dot16;
  const plan_layout *l = &s->layout;
  int taps = l->in.c * l->kh * l->kw, units = (terms * l->steps + k->group - 1) / k->group * k->group;
  int *map = arena_memdup(mem, map_of + first, (size_t)terms * sizeof *map);
  size_t bytes = (size_t)units * (size_t)(s->block * s->blocks) * UNIT_BYTES;
  void *weights = arena_alloc(mem, bytes);
  s->bytes += bytes;
  for (int u = 0; u < terms * l->steps; u++)
    for (int lane = 0; lane < l->lanes; lane++) {
      int tap = plan_layout_tap(l, u % l->steps, lane);
      const plan_term *t = &f->terms[first + u / l->steps];
      for (int i = 0; tap >= 0 && i < s->filters + s->common; i++) {
        size_t block = (size_t)(i / s->block), in_block = (size_t)(i % s->block), group = (size_t)k->group;
        size_t at = ((block * (size_t)units / group + (size_t)u / group) * (size_t)s->block + in_block) * group +
                    (size_t)u % group;
        put(s, weights, at, lane, i < s->filters ? t->h[c->columns->of[i * taps + tap]] : t->offset);
      }
    }
  return (plan_phase){.terms = terms, .units = units, .map = map, .weights = weights};
}

enum { PHASE_BYTES = 512 << 10 }; // of a phase's weights: they stay in the level 2 cache

static void pack_terms(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s) {
  int map_of[TERMS_MAX], taps = s->layout.in.c * s->layout.kh * s->layout.kw;
  make_maps(mem, c, f, s, map_of);
  plan_phase *phase = arena_new_array(mem, plan_phase, (size_t)f->count + 1);
  for (int t = 0, end; t < f->count; t = end) {
    size_t bytes = (size_t)s->layout.steps * (size_t)(s->block * s->blocks) * UNIT_BYTES;
    for (end = t + 1;
         end < f->count && f->terms[end].shift == f->terms[t].shift && (size_t)(end + 1 - t) * bytes <= PHASE_BYTES;)
      end++;
    plan_phase *p = &phase[s->phases];
    *p = make_phase(mem, c, f, s, t, end - t, map_of);
    p->shift = s->wide ? f->terms[t].shift : t == 0 ? -1 : f->terms[t - 1].shift - f->terms[t].shift;
    s->phases++;
  }
  if (!s->wide && (!f->count || f->terms[f->count - 1].shift)) // what remains to shift; without terms: zeros
    phase[s->phases++].shift = f->count ? f->terms[f->count - 1].shift : -1;
  s->phase = phase;
  int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
  for (int i = 0; i < s->filters; i++)
    for (int tap = 0; tap < taps; tap++)
      start[i] += f->base[c->columns->of[i * taps + tap]];
  s->start = start;
}

static bool dot(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  bool eight = s->element == 1;
  const dot_kernel *k = eight ? &c->kernels->dot8 : &c->kernels->dot16;
  if (!k->run || (eight && (s->wide || !c->narrow_in)))
    return false;
  arena *scratch = arena_new();
  plan_factors f;
  if (!factorise(scratch, c, s, eight ? limits_8 : s->wide ? limits_wide : limits_16, &f)) {
    arena_free(scratch);
    return false;
  }
  s->layout = plan_layout_make(c->model->net, &c->model->net->nodes[c->node], eight ? 4 : 2);
  s->terms = f.count;
  s->common = false;
  for (int t = 0; t < f.count; t++)
    s->common |= f.terms[t].offset != 0;
  s->block = block_of(k, s->filters + s->common);
  s->blocks = (s->filters + s->common + s->block - 1) / s->block;
  double products = (double)s->block * s->blocks * s->layout.steps * s->layout.lanes;
  s->cost = 20 + 1.5 * s->filters + f.count * (products / k->rate + s->layout.steps + 8);
  if (pack)
    pack_terms(mem, c, &f, s);
  arena_free(scratch);
  return true;
}

bool plan_dot(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  s->element = s->kind == PLAN_DOT8 ? 1 : 2;
  return dot(mem, c, s, pack);
}

bool plan_fixed(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  s->element = c->kernels->dot8.run ? 1 : 2;
  if (c->columns->exact || s->wide || !dot(mem, c, s, pack))
    return false;
  plan_slice error = *s;
  error.kind = PLAN_ROWS;
  error.only_error = true;
  if (!plan_rows(mem, c, &error, pack))
    return false;
  s->cost += error.cost;
  if (pack) {
    s->start = error.start;
    s->bytes = error.bytes;
    s->error = arena_memdup(mem, &error, sizeof error);
  }
  return true;
}
