// SPDX-License-Identifier: Apache-2.0
#include "compiler/engine/plan_lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };
static const int64_t LARGE = (int64_t)1 << 40;

lattice plan_lattice_new(arena *mem, size_t n, int most) {
  assert(most <= MOST);
  lattice l = {.most = most, .n = n};
  l.v = arena_new_array(mem, int64_t *, (size_t)most + 1);
  l.pivot = arena_new_array(mem, size_t, (size_t)most + 1);
  l.inverse = arena_new_array(mem, double, (size_t)most *(size_t)most);
  for (int i = 0; i < most; i++)
    l.v[i] = arena_new_array(mem, int64_t, n);
  return l;
}

static int64_t rounded_quotient(int64_t a, int64_t b) {
  int64_t q = a / b, r = a % b;
  return 2 * llabs(r) > llabs(b) ? q + ((a < 0) == (b < 0) ? 1 : -1) : q;
}

// x -= q * y; false: too large.
static bool subtract(int64_t *x, const int64_t *y, int64_t q, size_t n) {
  int64_t large = 0, product;
  for (size_t i = 0; i < n; i++) {
    if (__builtin_mul_overflow(q, y[i], &product) || __builtin_sub_overflow(x[i], product, &x[i]))
      return false;
    large |= llabs(x[i]);
  }
  return large < LARGE;
}

// The basis is kept in echelon form: vector i is 0 at the pivots of the vectors before it.
bool plan_lattice_include(lattice *l, int64_t *x) {
  for (int i = 0; i < l->rank; i++) {
    size_t p = l->pivot[i];
    while (x[p]) { // Euclid's algorithm
      int64_t *b = l->v[i];
      if (!subtract(x, b, rounded_quotient(x[p], b[p]), l->n))
        return false;
      for (size_t j = 0; x[p] && j < l->n; j++) {
        int64_t t = x[j];
        x[j] = b[j];
        b[j] = t;
      }
    }
  }
  size_t pivot = l->n;
  for (size_t j = 0; j < l->n; j++)
    if (x[j] && (pivot == l->n || llabs(x[j]) < llabs(x[pivot])))
      pivot = j;
  if (pivot == l->n)
    return true;
  if (l->rank == l->most)
    return false;
  memcpy(l->v[l->rank], x, l->n * sizeof *x);
  l->pivot[l->rank++] = pivot;
  return true;
}

static double dot(const int64_t *x, const int64_t *y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (double)x[i] * (double)y[i];
  return sum;
}

// Gram-Schmidt coefficients and squared lengths from the inner products.
static void orthogonalise(int rank, double (*gram)[MOST], double (*mu)[MOST], double *length) {
  double r[MOST][MOST];
  for (int i = 0; i < rank; i++)
    for (int j = 0; j <= i; j++) {
      double s = gram[i][j];
      for (int k = 0; k < j; k++)
        s -= mu[j][k] * r[i][k];
      r[i][j] = s;
      mu[i][j] = j < i && length[j] > 0 ? s / length[j] : 0;
      if (j == i)
        length[i] = s;
    }
}

static void inner_products(const lattice *l, int i, double (*gram)[MOST]) {
  for (int j = 0; j < l->rank; j++)
    gram[i][j] = gram[j][i] = dot(l->v[i], l->v[j], l->n);
}

void plan_lattice_reduce(lattice *l) {
  double gram[MOST][MOST] = {{0}}, mu[MOST][MOST], length[MOST] = {0};
  for (int i = 0; i < l->rank; i++)
    inner_products(l, i, gram);
  int steps = 0;
  for (int k = 1; k < l->rank && steps < 10000; steps++) {
    orthogonalise(k + 1, gram, mu, length);
    for (int j = k - 1; j >= 0; j--)
      if (fabs(mu[k][j]) > 0.5) {
        int64_t q = llround(mu[k][j]);
        if (llabs(q) > LARGE || !subtract(l->v[k], l->v[j], q, l->n))
          return;
        inner_products(l, k, gram);
        orthogonalise(k + 1, gram, mu, length);
      }
    if (length[k] >= (0.99 - mu[k][k - 1] * mu[k][k - 1]) * length[k - 1]) {
      k++;
      continue;
    }
    int64_t *t = l->v[k];
    l->v[k] = l->v[k - 1];
    l->v[k - 1] = t;
    inner_products(l, k, gram);
    inner_products(l, k - 1, gram);
    k = k > 1 ? k - 1 : 1;
  }
}

void plan_lattice_finish(lattice *l) {
  int r = l->rank;
  double m[MOST][2 * MOST] = {{0}};
  for (int i = 0; i < r; i++) {
    for (int j = 0; j < r; j++)
      m[i][j] = dot(l->v[i], l->v[j], l->n);
    m[i][r + i] = 1;
  }
  for (int i = 0; i < r; i++) // Gauss-Jordan; the matrix is positive definite
    for (int j = 0; j < r; j++) {
      double q = j == i ? 0 : m[j][i] / m[i][i];
      for (int k = i; q != 0 && k < 2 * r; k++)
        m[j][k] -= q * m[i][k];
    }
  for (int i = 0; i < r; i++)
    for (int j = 0; j < r; j++)
      l->inverse[i * l->most + j] = m[i][r + j] / m[i][i];
}

bool plan_lattice_coordinates(const lattice *l, const int64_t *x, int64_t *coordinates) {
  double along[MOST];
  for (int i = 0; i < l->rank; i++)
    along[i] = dot(l->v[i], x, l->n);
  for (int i = 0; i < l->rank; i++) {
    double c = 0;
    for (int j = 0; j < l->rank; j++)
      c += l->inverse[i * l->most + j] * along[j];
    if (!(fabs(c) < (double)LARGE))
      return false;
    coordinates[i] = llround(c);
  }
  for (size_t j = 0; j < l->n; j++) {
    int64_t sum = 0, product;
    for (int i = 0; i < l->rank; i++)
      if (__builtin_mul_overflow(coordinates[i], l->v[i][j], &product) || __builtin_add_overflow(sum, product, &sum))
        return false;
    if (sum != x[j])
      return false;
  }
  return true;
}
