// SPDX-License-Identifier: Apache-2.0
//
// A table of products as a sum of few outer products of small integers, so that exact dot product instructions compute
// it: table(a, w) = base(w) + sum over terms of 2^shift * g(a) * (h(w) + offset). Proven on all pairs when found.
#ifndef AXGEN_PLAN_FACTOR_H
#define AXGEN_PLAN_FACTOR_H

#include "compiler/base/base.h"

typedef struct {
  int shift;
  int32_t *g; // [rows]
  int32_t *h; // [columns]
  int32_t offset; // one for all columns: its share is the same for every filter
} plan_term;

enum { TERMS_MAX = 24 };
typedef struct {
  int count;
  plan_term terms[TERMS_MAX]; // from the largest shift to the smallest
  int64_t *base; // [columns]
} plan_factors;

// What the factors must fit: g in [g_lo, g_lo + g_width], h in [h_lo, h_lo + h_width].
typedef struct {
  int64_t g_lo, g_width, h_lo, h_width;
} factor_limits;
extern const factor_limits engine_limits_8, engine_limits_16, engine_limits_wide,
    engine_limits_depthwise; // u8 x s8; s16 x s16; s16 x s8; u8 x s16

// What the columns of a table are made of, as far as it does not depend on limits: column c less its value at the
// origin is the sum over i of coordinate[i][c] * v[i].
typedef struct {
  int rank;
  size_t rows, columns;
  int64_t *v; // [rank][rows]
  int64_t *coordinate; // [rank][columns]
} plan_basis;
// As plan_factorise says.
bool plan_basis_find(arena *mem, const int64_t *table, size_t rows, size_t columns, size_t generators, size_t origin,
                     int most, plan_basis *out);
// Terms for a table that is part of the basis's: its columns are source[c] there (NULL: c), its rows those from
// `skipped` on.
bool plan_basis_terms(arena *mem, const plan_basis *basis, size_t skipped, const int32_t *source, const int64_t *table,
                      size_t rows, size_t columns, size_t origin, int most, factor_limits limits, plan_factors *out);

// table: [columns][rows], and up to `generators` more columns that only guide the search (the basis is then one for all
// of them: sometimes with smaller factors, sometimes not). At most `most` terms. origin: the row whose products become
// base. false: not so few terms.
bool plan_factorise(arena *mem, const int64_t *table, size_t rows, size_t columns, size_t generators, size_t origin,
                    int most, factor_limits limits, plan_factors *out);
// The same for exact products: a * (w - zero), a from a_lo on; any widths. Always possible.
bool plan_factorise_exact(arena *mem, int32_t a_lo, size_t rows, const int32_t *weights, size_t columns, int32_t zero,
                          size_t origin, factor_limits limits, plan_factors *out);

#endif
