// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/rank.h"
#include "compiler/base/base.h"

#include <math.h>
#include <stdlib.h>

// The pairs that are both finite.
typedef struct {
  double *x, *y;
  size_t count;
} pairs;

static pairs finite_pairs(arena *mem, const double *x, const double *y, size_t count) {
  pairs p = {arena_new_array(mem, double, count + 1), arena_new_array(mem, double, count + 1), 0};
  for (size_t i = 0; i < count; i++)
    if (isfinite(x[i]) && isfinite(y[i])) {
      p.x[p.count] = x[i];
      p.y[p.count++] = y[i];
    }
  return p;
}

static int order(double a, double b) { return (a > b) - (a < b); }

double rank_kendall(const double *x, const double *y, size_t count) {
  arena *mem = arena_new();
  pairs p = finite_pairs(mem, x, y, count);
  double same = 0, in_x = 0, in_y = 0; // concordant less discordant; pairs that are no ties in x, in y
  for (size_t i = 0; i < p.count; i++)
    for (size_t k = 0; k < i; k++) {
      int a = order(p.x[i], p.x[k]), b = order(p.y[i], p.y[k]);
      same += a * b;
      in_x += a != 0;
      in_y += b != 0;
    }
  arena_free(mem);
  return in_x > 0 && in_y > 0 ? same / sqrt(in_x * in_y) : NAN;
}

static double pearson(const pairs *p) {
  double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < p->count; i++)
    mx += p->x[i] / (double)p->count, my += p->y[i] / (double)p->count;
  for (size_t i = 0; i < p->count; i++) {
    double dx = p->x[i] - mx, dy = p->y[i] - my;
    xy += dx * dy, xx += dx * dx, yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : NAN;
}

double rank_pearson(const double *x, const double *y, size_t count) {
  arena *mem = arena_new();
  pairs p = finite_pairs(mem, x, y, count);
  double r = pearson(&p);
  arena_free(mem);
  return r;
}

typedef struct {
  double value;
  size_t at;
} ranked;

static int by_value(const void *a, const void *b) {
  return order(((const ranked *)a)->value, ((const ranked *)b)->value);
}

// Each value becomes its rank; equal ones their mean rank.
static void to_ranks(arena *mem, double *v, size_t count) {
  ranked *r = arena_new_array(mem, ranked, count + 1);
  for (size_t i = 0; i < count; i++)
    r[i] = (ranked){v[i], i};
  qsort(r, count, sizeof *r, by_value);
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && r[end].value == r[i].value;)
      end++;
    for (size_t k = i; k < end; k++)
      v[r[k].at] = (double)(i + end - 1) / 2;
  }
}

double rank_spearman(const double *x, const double *y, size_t count) {
  arena *mem = arena_new();
  pairs p = finite_pairs(mem, x, y, count);
  to_ranks(mem, p.x, p.count);
  to_ranks(mem, p.y, p.count);
  double r = pearson(&p);
  arena_free(mem);
  return r;
}
