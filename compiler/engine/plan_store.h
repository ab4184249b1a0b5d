// SPDX-License-Identifier: Apache-2.0
//
// What plans of changing assignments have in common: the products of a multiplier with every weight code, and what the
// tables of a set of multipliers are made of. For codes of at most 8 bits; safe from several threads.
#ifndef AXGEN_PLAN_STORE_H
#define AXGEN_PLAN_STORE_H

#include "compiler/engine/plan_factor.h"
#include "genlib/genlib.h"

typedef struct plan_store plan_store;
plan_store *plan_store_new(void);
void plan_store_free(plan_store *s); // NULL is fine
// Gives bases back where they take more than so many bytes, and products; no plan may be in the making. Plans that were
// made have copies.
void plan_store_trim(plan_store *s, size_t bytes);
size_t plan_store_bytes(const plan_store *s); // that it holds

// Which products: activations from lo on, `rows` of them, by weight codes from `first` on, `codes` of them; f(a, w) -
// zero * a.
typedef struct {
  int32_t lo;
  size_t rows;
  int32_t first;
  size_t codes;
  int32_t zero;
} plan_products;
// [codes][rows]; m NULL: exact.
const int64_t *plan_store_products(plan_store *s, const mul *m, const plan_products *of);
// The basis of all their columns, [multiplier][code]; NULL: none of at most `most` vectors.
const plan_basis *plan_store_basis(plan_store *s, const mul *const *muls, int count, const plan_products *of,
                                   size_t origin, int most);

#endif
