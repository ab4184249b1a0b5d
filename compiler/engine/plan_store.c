// SPDX-License-Identifier: Apache-2.0
#include "compiler/engine/plan_store.h"

#include <stdlib.h>
#include <string.h>

typedef struct product_entry {
  struct product_entry *next;
  const mul *m;
  plan_products of;
  int64_t *table;
} product_entry;

typedef struct basis_entry {
  struct basis_entry *next;
  const mul **muls;
  int count, most;
  plan_products of;
  size_t origin;
  bool found;
  plan_basis basis;
} basis_entry;

struct plan_store {
  arena *products_mem, *bases_mem;
  product_entry *products;
  basis_entry *bases;
};

plan_store *plan_store_new(void) {
  plan_store *s = calloc(1, sizeof *s);
  assert(s);
  *s = (plan_store){.products_mem = arena_new(), .bases_mem = arena_new()};
  return s;
}

void plan_store_free(plan_store *s) {
  if (!s)
    return;
  arena_free(s->products_mem);
  arena_free(s->bases_mem);
  free(s);
}

// An empty arena in the place of one that holds more than so many bytes.
static bool trim(arena **mem, size_t bytes) {
  if (arena_bytes(*mem) <= bytes)
    return false;
  arena_free(*mem);
  *mem = arena_new();
  return true;
}

void plan_store_trim(plan_store *s, size_t bytes) {
  if (trim(&s->bases_mem, bytes))
    s->bases = NULL;
  if (trim(&s->products_mem, bytes))
    s->products = NULL;
}

size_t plan_store_bytes(const plan_store *s) { return arena_bytes(s->bases_mem) + arena_bytes(s->products_mem); }

static bool same(const plan_products *a, const plan_products *b) {
  return a->lo == b->lo && a->rows == b->rows && a->first == b->first && a->codes == b->codes && a->zero == b->zero;
}

static int64_t *make_products(arena *mem, const mul *m, const plan_products *of) {
  int64_t *table = arena_new_array(mem, int64_t, of->codes * of->rows);
  uint32_t a[256], w[256];
  assert(of->rows <= BASE_COUNT(a));
  for (size_t r = 0; r < of->rows; r++)
    a[r] = (uint32_t)of->lo + (uint32_t)r;
  for (size_t c = 0; c < of->codes; c++) {
    int64_t *column = table + c * of->rows, weight = of->first + (int64_t)c;
    for (size_t r = 0; r < of->rows; r++) {
      w[r] = (uint32_t)weight;
      column[r] = (of->lo + (int64_t)r) * weight;
    }
    if (m)
      mul_products(m, a, w, of->rows, column);
    for (size_t r = 0; r < of->rows; r++)
      column[r] -= of->zero * (of->lo + (int64_t)r);
  }
  return table;
}

static const int64_t *products(plan_store *s, const mul *m, const plan_products *of) {
  for (product_entry *p = s->products; p; p = p->next)
    if (p->m == m && same(&p->of, of))
      return p->table;
  product_entry *p = arena_new_object(s->products_mem, product_entry);
  *p = (product_entry){s->products, m, *of, make_products(s->products_mem, m, of)};
  s->products = p;
  return p->table;
}

static basis_entry *make_basis(plan_store *s, const mul *const *muls, int count, const plan_products *of, size_t origin,
                               int most) {
  basis_entry *b = arena_new_object(s->bases_mem, basis_entry);
  *b = (basis_entry){
      s->bases, arena_memdup(s->bases_mem, muls, (size_t)count * sizeof *muls), count, most, *of, origin, false, {0}};
  arena *scratch = arena_new();
  size_t each = of->codes * of->rows;
  int64_t *table = arena_new_array(scratch, int64_t, (size_t)count * each);
  for (int i = 0; i < count; i++)
    memcpy(table + (size_t)i * each, products(s, muls[i], of), each * sizeof *table);
  b->found = plan_basis_find(s->bases_mem, table, of->rows, (size_t)count * of->codes, 0, origin, most, &b->basis);
  arena_free(scratch);
  return s->bases = b;
}

const int64_t *plan_store_products(plan_store *s, const mul *m, const plan_products *of) {
  const int64_t *table;
#pragma omp critical(plan_store)
  table = products(s, m, of);
  return table;
}

const plan_basis *plan_store_basis(plan_store *s, const mul *const *muls, int count, const plan_products *of,
                                   size_t origin, int most) {
  basis_entry *b;
#pragma omp critical(plan_store)
  {
    for (b = s->bases; b; b = b->next)
      if (b->count == count && b->most == most && b->origin == origin && same(&b->of, of) &&
          memcmp(b->muls, muls, (size_t)count * sizeof *muls) == 0)
        break;
    if (!b)
      b = make_basis(s, muls, count, of, origin, most);
  }
  return b->found ? &b->basis : NULL;
}
