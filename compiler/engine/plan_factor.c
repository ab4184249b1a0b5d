// SPDX-License-Identifier: Apache-2.0
#include "compiler/engine/plan_factor.h"
#include "compiler/engine/plan_lattice.h"

#include <stdlib.h>
#include <string.h>

const factor_limits engine_limits_8 = {0, 255, -128, 255};
const factor_limits engine_limits_16 = {-32768, 65535, -32768, 65535};
const factor_limits engine_limits_wide = {-32768, 65535, -128, 255};
const factor_limits engine_limits_depthwise = {0, 255, -32768, 65535};

typedef struct {
  int64_t lo, hi;
} span;

static span span_of(const int64_t *x, size_t n) {
  span s = {x[0], x[0]};
  for (size_t i = 1; i < n; i++) {
    s.lo = x[i] < s.lo ? x[i] : s.lo;
    s.hi = x[i] > s.hi ? x[i] : s.hi;
  }
  return s;
}

// How far x can be shifted right without loss.
static int common_shift(const int64_t *x, size_t n) {
  uint64_t all = 0;
  for (size_t i = 0; i < n; i++)
    all |= (uint64_t)x[i];
  return all ? __builtin_ctzll(all) : 0;
}

typedef struct {
  arena *mem;
  size_t rows, columns;
  int most;
  factor_limits limits;
  plan_factors *out;
} builder;

// Adds 2^shift * g * h, in several terms where a factor has too many bits.
static bool add_term(builder *b, int shift, const int64_t *g, const int64_t *h) {
  span gs = span_of(g, b->rows), hs = span_of(h, b->columns);
  factor_limits m = b->limits;
  if ((gs.lo == 0 && gs.hi == 0) || (hs.lo == 0 && hs.hi == 0))
    return true;
  bool split_g = gs.hi - gs.lo > m.g_width;
  // An offset itself must be a weight factor.
  bool split_h = hs.hi - hs.lo > m.h_width || hs.lo < 2 * m.h_lo || hs.hi > 2 * (m.h_lo + m.h_width);
  if (split_g || split_h) {
    size_t n = split_g ? b->rows : b->columns;
    int64_t width = split_g ? m.g_width : m.h_width;
    const int64_t *x = split_g ? g : h;
    span s = split_g ? gs : hs;
    int drop = 1;
    while ((s.hi >> drop) - (s.lo >> drop) > width || (s.lo >> drop) < m.h_lo * 2)
      drop++;
    int low = 0; // bits of the lower part: as many as fit
    while (((int64_t)2 << low) - 1 <= width)
      low++;
    drop = drop > low ? low : drop;
    int64_t *high = arena_new_array(b->mem, int64_t, n), *rest = arena_new_array(b->mem, int64_t, n);
    for (size_t i = 0; i < n; i++) {
      high[i] = x[i] >> drop;
      rest[i] = x[i] & (((int64_t)1 << drop) - 1);
    }
    return split_g ? add_term(b, shift + drop, high, h) && add_term(b, shift, rest, h)
                   : add_term(b, shift + drop, g, high) && add_term(b, shift, g, rest);
  }
  if (b->out->count == b->most)
    return false;
  plan_term *t = &b->out->terms[b->out->count++];
  t->shift = shift;
  t->g = arena_new_array(b->mem, int32_t, b->rows);
  t->h = arena_new_array(b->mem, int32_t, b->columns);
  int64_t g_offset = gs.lo - m.g_lo;
  if (m.g_lo < 0) // around 0 where that is possible
    g_offset = gs.lo >= m.g_lo && gs.hi <= m.g_lo + m.g_width ? 0 : g_offset;
  if (hs.lo < m.h_lo || hs.hi > m.h_lo + m.h_width)
    t->offset = (int32_t)(hs.lo < m.h_lo ? hs.lo - m.h_lo : hs.hi - m.h_lo - m.h_width);
  for (size_t r = 0; r < b->rows; r++)
    t->g[r] = (int32_t)(g[r] - g_offset);
  for (size_t c = 0; c < b->columns; c++) {
    t->h[c] = (int32_t)(h[c] - t->offset);
    b->out->base[c] += g_offset * h[c] * ((int64_t)1 << shift);
  }
  return true;
}

static bool proven(const builder *b, const int64_t *table) {
  const plan_factors *f = b->out;
  for (size_t c = 0; c < b->columns; c++)
    for (size_t r = 0; r < b->rows; r++) {
      int64_t sum = f->base[c];
      for (int t = 0; t < f->count; t++) {
        const plan_term *term = &f->terms[t];
        sum += (int64_t)term->g[r] * (term->h[c] + term->offset) * ((int64_t)1 << term->shift);
      }
      if (sum != table[c * b->rows + r])
        return false;
    }
  return true;
}

static int by_shift(const void *x, const void *y) {
  const plan_term *a = x, *b = y;
  return b->shift - a->shift;
}

static int at_most(int most) { return most < TERMS_MAX ? most : TERMS_MAX; }

bool plan_basis_find(arena *mem, const int64_t *table, size_t rows, size_t columns, size_t generators, size_t origin,
                     int most, plan_basis *out) {
  arena *scratch = arena_new();
  lattice l = plan_lattice_new(scratch, rows, at_most(most));
  int64_t *x = arena_new_array(scratch, int64_t, rows), coordinates[TERMS_MAX + 1];
  bool ok = true;
  for (size_t c = 0; ok && c < columns + generators; c++) {
    for (size_t r = 0; r < rows; r++)
      x[r] = table[c * rows + r] - table[c * rows + origin];
    ok = plan_lattice_include(&l, x);
  }
  if (ok) {
    plan_lattice_reduce(&l);
    plan_lattice_finish(&l);
  }
  *out = (plan_basis){.rank = l.rank, .rows = rows, .columns = columns};
  out->v = arena_new_array(mem, int64_t, (size_t)(l.rank + 1) * rows);
  out->coordinate = arena_new_array(mem, int64_t, (size_t)(l.rank + 1) * columns);
  for (int i = 0; i < l.rank; i++)
    memcpy(out->v + (size_t)i * rows, l.v[i], rows * sizeof *x);
  for (size_t c = 0; ok && c < columns; c++) {
    for (size_t r = 0; r < rows; r++)
      x[r] = table[c * rows + r] - table[c * rows + origin];
    ok = plan_lattice_coordinates(&l, x, coordinates);
    for (int i = 0; ok && i < l.rank; i++)
      out->coordinate[(size_t)i * columns + c] = coordinates[i];
  }
  arena_free(scratch);
  return ok;
}

bool plan_basis_terms(arena *mem, const plan_basis *basis, size_t skipped, const int32_t *source, const int64_t *table,
                      size_t rows, size_t columns, size_t origin, int most, factor_limits limits, plan_factors *out) {
  arena *scratch = arena_new();
  builder b = {mem, rows, columns, at_most(most), limits, out};
  *out = (plan_factors){.base = arena_new_array(mem, int64_t, columns)};
  for (size_t c = 0; c < columns; c++)
    out->base[c] = table[c * rows + origin];
  int64_t *g = arena_new_array(scratch, int64_t, rows), *h = arena_new_array(scratch, int64_t, columns);
  bool ok = true;
  for (int i = 0; ok && i < basis->rank; i++) {
    int64_t at_origin = basis->v[(size_t)i * basis->rows + skipped + origin];
    assert(!at_origin); // so it is in all columns
    (void)at_origin;
    memcpy(g, basis->v + (size_t)i * basis->rows + skipped, rows * sizeof *g);
    for (size_t c = 0; c < columns; c++)
      h[c] = basis->coordinate[(size_t)i * basis->columns + (source ? (size_t)source[c] : c)];
    int g_shift = common_shift(g, rows), h_shift = common_shift(h, columns);
    for (size_t r = 0; r < rows; r++)
      g[r] >>= g_shift;
    for (size_t c = 0; c < columns; c++)
      h[c] >>= h_shift;
    ok = g_shift + h_shift < 32 && add_term(&b, g_shift + h_shift, g, h);
  }
  if (ok)
    qsort(out->terms, (size_t)out->count, sizeof *out->terms, by_shift);
  ok = ok && proven(&b, table);
  arena_free(scratch);
  return ok;
}

bool plan_factorise(arena *mem, const int64_t *table, size_t rows, size_t columns, size_t generators, size_t origin,
                    int most, factor_limits limits, plan_factors *out) {
  arena *scratch = arena_new();
  plan_basis basis;
  bool ok = plan_basis_find(scratch, table, rows, columns, generators, origin, most, &basis) &&
            plan_basis_terms(mem, &basis, 0, NULL, table, rows, columns, origin, most, limits, out);
  arena_free(scratch);
  return ok;
}

bool plan_factorise_exact(arena *mem, int32_t a_lo, size_t rows, const int32_t *weights, size_t columns, int32_t zero,
                          size_t origin, factor_limits limits, plan_factors *out) {
  builder b = {mem, rows, columns, TERMS_MAX, limits, out};
  *out = (plan_factors){.base = arena_new_array(mem, int64_t, columns)};
  int64_t *g = arena_new_array(mem, int64_t, rows), *h = arena_new_array(mem, int64_t, columns);
  for (size_t r = 0; r < rows; r++)
    g[r] = (int64_t)r - (int64_t)origin;
  for (size_t c = 0; c < columns; c++) {
    h[c] = weights[c] - zero;
    out->base[c] = (a_lo + (int64_t)origin) * h[c];
  }
  bool ok = add_term(&b, 0, g, h);
  qsort(out->terms, (size_t)out->count, sizeof *out->terms, by_shift);
  return ok;
}
