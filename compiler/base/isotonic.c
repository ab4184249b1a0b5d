// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/isotonic.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double x, y;
} pair;

static int by_x(const void *a, const void *b) {
  const pair *p = a, *q = b;
  return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

// Pairs of equal x become one run each, at once.
isotonic isotonic_fit(arena *mem, const double *x, const double *y, size_t count) {
  isotonic f = {0, arena_new_array(mem, double, count), arena_new_array(mem, double, count)};
  arena *own = arena_new();
  pair *p = arena_new_array(own, pair, count + 1);
  double *size = arena_new_array(own, double, count);
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (isfinite(x[i]) && isfinite(y[i]))
      p[n++] = (pair){x[i], y[i]};
  qsort(p, n, sizeof *p, by_x);
  for (size_t i = 0; i < n; i++) {
    bool same = f.count && p[i].x == p[i - 1].x;
    size_t at = f.count++;
    f.x[at] = p[i].x, f.y[at] = p[i].y, size[at] = 1;
    while (at && (same || f.y[at - 1] >= f.y[at])) { // the last two runs become one
      double all = size[at - 1] + size[at];
      f.x[at - 1] = (f.x[at - 1] * size[at - 1] + f.x[at] * size[at]) / all;
      f.y[at - 1] = (f.y[at - 1] * size[at - 1] + f.y[at] * size[at]) / all;
      size[--at] = all;
      f.count--;
      same = false;
    }
  }
  arena_free(own);
  return f;
}

double isotonic_at(const isotonic *f, double x) {
  if (!f->count || isnan(x))
    return NAN;
  size_t at = 0;
  while (at < f->count && f->x[at] < x)
    at++;
  if (at == 0)
    return f->y[0];
  if (at == f->count)
    return f->y[at - 1];
  double part = (x - f->x[at - 1]) / (f->x[at] - f->x[at - 1]);
  return f->y[at - 1] + part * (f->y[at] - f->y[at - 1]);
}
