// SPDX-License-Identifier: Apache-2.0
//
// The rank of a table and integer factors of it. Elimination modulo a prime gives a lower bound of the rank; the
// factors, checked exactly, show that it is no higher. Where none are found the bound stands alone; it is wrong only if
// the prime divides every minor of the true rank.
#include "genlib/genlib.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t prime = ((uint64_t)1 << 61) - 1;

static uint64_t mul_mod(uint64_t x, uint64_t y) {
  unsigned __int128 p = (unsigned __int128)x * y;
  uint64_t r = (uint64_t)(p & prime) + (uint64_t)(p >> 61);
  return r >= prime ? r - prime : r;
}

static uint64_t inverse_mod(uint64_t x) {
  uint64_t r = 1;
  for (uint64_t e = prime - 2; e; e >>= 1, x = mul_mod(x, x))
    if (e & 1)
      r = mul_mod(r, x);
  return r;
}

static int rank_mod_prime(const int64_t *table, int rows, int columns) {
  size_t cells = (size_t)rows * (size_t)columns;
  uint64_t *m = malloc(cells * sizeof *m);
  for (size_t i = 0; i < cells; i++)
    m[i] = table[i] < 0 ? prime - (uint64_t)-table[i] : (uint64_t)table[i];
  int rank = 0;
  for (int c = 0; c < columns && rank < rows; c++) {
    uint64_t *top = m + (size_t)rank * (size_t)columns;
    int pivot = rank;
    while (pivot < rows && !m[(size_t)pivot * (size_t)columns + (size_t)c])
      pivot++;
    if (pivot == rows)
      continue;
    for (int k = c; k < columns && pivot != rank; k++) {
      uint64_t t = top[k];
      top[k] = m[(size_t)pivot * (size_t)columns + (size_t)k];
      m[(size_t)pivot * (size_t)columns + (size_t)k] = t;
    }
    uint64_t inverse = inverse_mod(top[c]);
    for (int r = rank + 1; r < rows; r++) {
      uint64_t *row = m + (size_t)r * (size_t)columns;
      if (!row[c])
        continue;
      uint64_t factor = mul_mod(row[c], inverse);
      for (int k = c; k < columns; k++) {
        uint64_t take = mul_mod(factor, top[k]);
        row[k] = row[k] >= take ? row[k] - take : row[k] + prime - take;
      }
    }
    rank++;
  }
  free(m);
  return rank;
}

// An echelon basis of the integer combinations of the rows seen so far: basis[k] begins in column first[k].
typedef struct {
  int rank, limit, columns;
  int64_t *basis;
  int first[64];
} lattice;

enum { ENTRY_BITS = 40 }; // larger entries are of no use to anybody

static bool subtract(int64_t *row, const int64_t *from, int64_t factor, int columns) {
  for (int k = 0; k < columns && factor; k++) {
    __int128 v = (__int128)row[k] - (__int128)factor * from[k];
    if (v > (int64_t)1 << ENTRY_BITS || v < -((int64_t)1 << ENTRY_BITS))
      return false;
    row[k] = (int64_t)v;
  }
  return true;
}

// Euclid's algorithm on whole rows; `row` is used up. False: too many rows, or too large numbers.
static bool insert(lattice *l, int64_t *row) {
  for (int k = 0;; k++) {
    int c = 0;
    while (c < l->columns && !row[c])
      c++;
    if (c == l->columns)
      return true;
    while (k < l->rank && l->first[k] < c)
      k++;
    if (k == l->rank || l->first[k] > c) {
      if (l->rank == l->limit)
        return false;
      size_t width = (size_t)l->columns * sizeof *row;
      memmove(l->basis + (size_t)(k + 1) * (size_t)l->columns, l->basis + (size_t)k * (size_t)l->columns,
              (size_t)(l->rank - k) * width);
      memmove(l->first + k + 1, l->first + k, (size_t)(l->rank - k) * sizeof *l->first);
      memcpy(l->basis + (size_t)k * (size_t)l->columns, row, width);
      l->first[k] = c;
      l->rank++;
      return true;
    }
    int64_t *base = l->basis + (size_t)k * (size_t)l->columns;
    while (row[c]) { // the greatest common divisor stays in the basis
      if (!subtract(base, row, base[c] / row[c], l->columns))
        return false;
      for (int i = 0; i < l->columns; i++) {
        int64_t t = base[i];
        base[i] = row[i];
        row[i] = t;
      }
    }
  }
}

// row = sum over k of left[k] * basis[k], read off column by column.
static bool express(const lattice *l, int64_t *row, int64_t *left) {
  for (int k = 0; k < l->rank; k++) {
    const int64_t *base = l->basis + (size_t)k * (size_t)l->columns;
    left[k] = row[l->first[k]] / base[l->first[k]];
    if (!subtract(row, base, left[k], l->columns))
      return false;
  }
  for (int k = 0; k < l->columns; k++)
    if (row[k])
      return false;
  return true;
}

static void factor(arena *mem, const int64_t *table, int rows, int columns, mul_factors *f) {
  lattice l = {.limit = f->rank, .columns = columns};
  size_t width = (size_t)columns * sizeof(int64_t);
  l.basis = arena_alloc(mem, (size_t)(f->rank + 1) * width);
  int64_t *row = malloc(width), *left = arena_new_array(mem, int64_t, (size_t)rows * (size_t)f->rank);
  bool good = true;
  for (int r = 0; r < rows && good; r++) {
    memcpy(row, table + (size_t)r * (size_t)columns, width);
    good = insert(&l, row);
  }
  for (int r = 0; r < rows && good; r++) {
    memcpy(row, table + (size_t)r * (size_t)columns, width);
    good = l.rank == f->rank && express(&l, row, left + (size_t)r * (size_t)f->rank);
  }
  free(row);
  if (good) {
    f->left = left;
    f->right = l.basis;
  }
}

mul_factors mul_factor(arena *mem, const mul *m, bool of_error, int limit) {
  assert(m->table && limit <= 64);
  int rows = 1 << m->sig.a_bits, columns = 1 << m->sig.b_bits;
  int64_t *table = calloc((size_t)rows * (size_t)columns, sizeof *table);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) {
      int64_t a = mul_value((uint32_t)i, m->sig.a_bits, m->sig.a_signed),
              b = mul_value((uint32_t)j, m->sig.b_bits, m->sig.b_signed);
      table[i * columns + j] = m->table[i * columns + j] - (of_error ? a * b : 0);
    }
  mul_factors f = {.rank = rank_mod_prime(table, rows, columns)};
  if (f.rank > 0 && f.rank <= limit)
    factor(mem, table, rows, columns, &f);
  free(table);
  return f;
}
