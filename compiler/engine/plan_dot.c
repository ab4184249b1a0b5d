// SPDX-License-Identifier: Apache-2.0
//
// Plans dot8 and dot16: the products as sums of terms 2^shift * g(a) * h(w).
#include "compiler/engine/cost.h"
#include "compiler/engine/plan.h"

#include <string.h>

// With codes themselves as factors, staging is no more than copying.
static void take_codes(const plan_context *c, plan_factors *f) {
  const plan_columns *p = c->columns;
  int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
  if (f->count != 1 || f->terms[0].shift)
    return;
  plan_term *t = &f->terms[0];
  int32_t more = p->lo - lowest - t->g[0];
  for (size_t r = 0; r < p->rows; r++)
    t->g[r] += more;
  for (size_t i = 0; i < p->count; i++)
    f->base[i] -= (int64_t)more * (t->h[i] + t->offset);
}

// From bases for all weights of the multipliers, and for all activations too where that gives fewer terms.
static bool stored_terms(arena *mem, const plan_context *c, int most, factor_limits limits, plan_factors *out) {
  const plan_columns *p = c->columns;
  const net_node *n = &c->model->net->nodes[c->node];
  size_t codes = (size_t)1 << n->weight_bits, skipped = (size_t)(p->lo - p->all_lo);
  int32_t first = n->weight_signed ? -(int32_t)(codes / 2) : 0;
  plan_products of = {p->lo, p->rows, first, codes, p->zero}, all = {p->all_lo, p->all_rows, first, codes, p->zero};
  const plan_basis *basis = plan_store_basis(p->store, p->set, p->set_count, &of, p->origin, most);
  bool found =
      basis && plan_basis_terms(mem, basis, 0, p->source, p->table, p->rows, p->count, p->origin, most, limits, out);
  if ((found && out->count < 3) || p->all_rows == p->rows)
    return found;
  plan_factors other = {0};
  basis = plan_store_basis(p->store, p->set, p->set_count, &all, p->origin + skipped, most);
  if (basis &&
      plan_basis_terms(mem, basis, skipped, p->source, p->table, p->rows, p->count, p->origin, most, limits, &other) &&
      (!found || other.count < out->count)) {
    *out = other;
    found = true;
  }
  return found;
}

bool plan_terms(arena *mem, const plan_context *c, const plan_slice *s, factor_limits limits, plan_factors *out) {
  const plan_columns *p = c->columns;
  if (p->exact || s->kind == PLAN_FIXED) {
    bool ok = plan_factorise_exact(mem, p->lo, p->rows, p->weight, p->count, p->zero, p->origin, limits, out);
    if (ok && (s->kind == PLAN_DOT8 || s->kind == PLAN_DEPTHWISE))
      take_codes(c, out);
    return ok;
  }
  int most = s->element == 1 ? c->kernels->terms_most : 6;
  if (!p->table)
    return false;
  if (p->store)
    return stored_terms(mem, c, most, limits, out);
  // The fewest terms of three attempts: bases for what occurs, for all weights, and for all activations too.
  bool found = plan_factorise(mem, p->table, p->rows, p->count, 0, p->origin, most, limits, out);
  plan_factors other = {0};
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

static bool same_codes(const int32_t *g, size_t rows, int32_t first) {
  for (size_t r = 0; r < rows; r++)
    if (g[r] != first + (int32_t)r)
      return false;
  return true;
}

// Maps that terms share are kept once.
void plan_term_maps(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s, int *map_of) {
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
    if (s->element == 1 && same_codes(f->terms[t].g, p->rows, (int32_t)first)) {
      s->map[s->maps] = NULL;
    } else if (s->element == 1) {
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
    s->bytes += s->map[s->maps] ? entries * (s->element == 1 ? 1 : 2) : 0;
    map_of[t] = s->maps++;
  }
}

static void put(const plan_slice *s, void *weights, size_t at, int lane, int32_t value) {
  if (s->element == 1)
    ((int8_t *)weights)[at * 4 + (size_t)lane] = (int8_t)value;
  else
    ((int16_t *)weights)[at * 2 + (size_t)lane] = (int16_t)value;
}

// The weights of `terms` terms from `first` on.
static plan_phase make_phase(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s, int first,
                             int terms, const int *map_of) {
  const plan_layout *l = &s->layout;
  int taps = l->in.c * l->kh * l->kw, lanes = UNIT_BYTES / s->element, shifts = plan_layout_shifts(l);
  int length = plan_layout_run(l) / shifts, runs = terms * l->kh * shifts * s->pieces;
  int *map = arena_memdup(mem, map_of + first, (size_t)terms * sizeof *map);
  size_t units = (size_t)runs * (size_t)s->run_units, bytes = units * (size_t)s->tiles * TILE * UNIT_BYTES;
  void *weights = arena_alloc(mem, bytes);
  s->bytes += bytes;
  for (size_t u = 0; u < units; u++) {
    int run = (int)u / s->run_units, piece = run % s->pieces, shift = run / s->pieces % shifts;
    int ky = run / s->pieces / shifts % l->kh;
    const plan_term *t = &f->terms[first + run / s->pieces / shifts / l->kh];
    for (int lane = 0; lane < lanes; lane++) {
      int e = (piece * s->run_units + (int)u % s->run_units) * lanes + lane;
      int tap = e < length ? plan_layout_tap(l, ky, shift * length + e) : -1;
      for (int i = 0; tap >= 0 && i < s->filters + s->common; i++)
        put(s, weights, ((size_t)(i / TILE) * units + u) * TILE + (size_t)(i % TILE), lane,
            i < s->filters ? t->h[c->columns->of[i * taps + tap]] : t->offset);
    }
  }
  return (plan_phase){.terms = terms, .runs = runs, .map = map, .weights = weights};
}

int plan_term_shift(const plan_factors *f, int t) {
  return t == 0 ? -1 : f->terms[t - 1].shift - (t < f->count ? f->terms[t].shift : 0);
}

void plan_term_starts(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s) {
  int taps = (s->depthwise ? 1 : s->layout.in.c) * s->layout.kh * s->layout.kw;
  int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
  for (int i = 0; i < s->filters; i++)
    for (int tap = 0; tap < taps; tap++)
      start[i] += f->base[c->columns->of[i * taps + tap]];
  s->start = start;
}

enum { PHASE_BYTES = 512 << 10 }; // of a phase's weights: they stay in the level 2 cache

static void pack_terms(arena *mem, const plan_context *c, const plan_factors *f, plan_slice *s) {
  int map_of[TERMS_MAX];
  plan_term_maps(mem, c, f, s, map_of);
  plan_phase *phase = arena_new_array(mem, plan_phase, (size_t)f->count + 1);
  for (int t = 0, end; t < f->count; t = end) {
    size_t bytes =
        (size_t)(s->layout.kh * plan_layout_shifts(&s->layout) * s->pieces * s->run_units * s->tiles * TILE) *
        UNIT_BYTES;
    for (end = t + 1;
         end < f->count && f->terms[end].shift == f->terms[t].shift && (size_t)(end + 1 - t) * bytes <= PHASE_BYTES;)
      end++;
    plan_phase *p = &phase[s->phases];
    *p = make_phase(mem, c, f, s, t, end - t, map_of);
    p->shift = s->wide ? f->terms[t].shift : plan_term_shift(f, t);
    s->phases++;
  }
  if (!s->wide && plan_term_shift(f, f->count)) // what remains to shift; without terms: zeros
    phase[s->phases++].shift = plan_term_shift(f, f->count);
  s->phase = phase;
  plan_term_starts(mem, c, f, s);
}

enum { WIDE_UNITS = 128 }; // of 64-bit sums: so long, 32 bits hold them (engine_limits_wide)

// Cuts runs into pieces that the kernel takes; multiplications for each output pixel, with those for nothing.
static double cut_runs(plan_slice *s, const dot_kernel *k, plan_layout l) {
  s->layout = l;
  int shifts = plan_layout_shifts(&l),
      units = (plan_layout_run(&l) / shifts * s->element + UNIT_BYTES - 1) / UNIT_BYTES;
  int most = s->wide && k->run_units > WIDE_UNITS ? WIDE_UNITS : k->run_units;
  s->pieces = (units + most - 1) / most;
  s->run_units = (units + s->pieces - 1) / s->pieces;
  int computed = k->whole_runs ? most : s->run_units; // a short run takes as long as a long one
  int lanes = UNIT_BYTES / s->element;
  double products = (double)s->tiles * TILE * l.kh * shifts * s->pieces * computed * lanes;
  double pixels = l.sh == 1 && l.sw == 1 && !l.shifted ? (double)plan_layout_grid(&l) : (double)l.out.h * l.out.w;
  return products * pixels / (l.out.h * l.out.w);
}

static bool dot(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  bool eight = s->element == 1;
  const dot_kernel *k = eight ? &c->kernels->dot8 : &c->kernels->dot16;
  if (!k->run || (eight && (s->wide || !c->narrow_in)))
    return false;
  arena *scratch = arena_new();
  plan_factors f = {0};
  if (!plan_terms(scratch, c, s, eight ? engine_limits_8 : s->wide ? engine_limits_wide : engine_limits_16, &f)) {
    arena_free(scratch);
    return false;
  }
  s->layout = plan_layout_make(c->model->net, &c->model->net->nodes[c->node]);
  s->terms = f.count;
  s->common = false;
  for (int t = 0; t < f.count; t++)
    s->common |= f.terms[t].offset != 0;
  s->tiles = (s->filters + s->common + TILE - 1) / TILE;
  double products = cut_runs(s, k, s->layout);
  if (s->kind != PLAN_FIXED && s->layout.sh == 1 && s->layout.sw == 1 && s->layout.kw > 1) {
    plan_slice other = *s;
    double instead = cut_runs(&other, k, plan_layout_shifted(s->layout));
    instead += k->rate * COST_DOT_COPY * s->layout.in.c * s->layout.kw;
    if (instead < products) {
      *s = other;
      products = instead;
    }
  }
  s->cost = COST_SLICE + COST_DOT_STORE * s->filters +
            f.count * (products / k->rate + COST_DOT_MAP * s->layout.in.c + COST_DOT_TERM);
  if (pack)
    pack_terms(mem, c, &f, s);
  arena_free(scratch);
  return true;
}

bool plan_dot8(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  s->element = 1;
  return dot(mem, c, s, pack);
}

bool plan_dot16(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  s->element = 2;
  return dot(mem, c, s, pack);
}

// ---- fixed ----

// How far apart a column's products are once those with a weight of `at` are taken away.
static int64_t span(const plan_columns *p, size_t c, int32_t at) {
  const int64_t *product = p->table + c * p->rows;
  int64_t lo = INT64_MAX, hi = INT64_MIN, linear = p->lo * (int64_t)(at - p->zero);
  for (size_t r = 0; r < p->rows; r++, linear += at - p->zero) {
    int64_t rest = product[r] - linear;
    lo = rest < lo ? rest : lo;
    hi = rest > hi ? rest : hi;
  }
  return hi - lo;
}

// For each column the weight whose exact products come nearest to it: errors that grow with the activation are the dot
// product's then, and rows have less to add up. A span is convex in the weight, so going downhill finds the least. The
// weights stay where they take no more terms.
static int32_t *nearest(arena *mem, const plan_columns *p) {
  int32_t *out = arena_memdup(mem, p->weight, p->count * sizeof *out), least = INT32_MAX, most = INT32_MIN;
  for (size_t c = 0; c < p->count; c++) {
    least = out[c] < least ? out[c] : least;
    most = out[c] > most ? out[c] : most;
  }
  if (least - p->zero >= INT8_MIN && most - p->zero <= INT8_MAX)
    least = p->zero + INT8_MIN, most = p->zero + INT8_MAX;
  for (size_t c = 0; c < p->count; c++)
    for (int32_t way = -1, moved = 0; p->mul[c] && way <= 1 && !moved; way += 2) {
      int64_t now = span(p, c, out[c]);
      for (int32_t next = out[c] + way; next >= least && next <= most; next += way) {
        int64_t then = span(p, c, next);
        if (then >= now)
          break;
        now = then, out[c] = next, moved = 1;
      }
    }
  return out;
}

static bool fixed(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  if (!dot(mem, c, s, pack))
    return false;
  plan_slice error = *s;
  error.kind = PLAN_ROWS;
  error.only_error = true;
  if (!plan_rows(mem, c, &error, pack))
    return false;
  s->cost += error.cost;
  s->expanding = error.expanding;
  if (pack) {
    s->start = error.start;
    s->bytes = error.bytes;
    s->error = arena_memdup(mem, &error, sizeof error);
  }
  return true;
}

bool plan_fixed(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  s->element = c->kernels->dot8.run ? 1 : 2;
  if (c->columns->exact || s->wide || !c->columns->table)
    return false;
  arena *scratch = arena_new();
  plan_columns columns = *c->columns;
  columns.weight = nearest(scratch, &columns);
  plan_context own = *c;
  own.columns = &columns;
  bool ok = fixed(mem, &own, s, pack);
  arena_free(scratch);
  return ok;
}
