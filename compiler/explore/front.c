// SPDX-License-Identifier: Apache-2.0
//
// Fronts: which points are on them, and how much they dominate.
#include "compiler/explore/method.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  front_point at;
  size_t index;
} indexed;

static int order(double a, double b) { return (a > b) - (a < b); }

// By cost, then loss, then as they were given.
static int by_cost(const void *a, const void *b) {
  const indexed *x = a, *y = b;
  int c = order(x->at.cost, y->at.cost);
  c = c ? c : order(x->at.loss, y->at.loss);
  return c ? c : (x->index > y->index) - (x->index < y->index);
}

// Those that are numbers, sorted.
static indexed *sorted(arena *mem, const front_point *points, size_t count, size_t *kept) {
  indexed *s = arena_new_array(mem, indexed, count);
  *kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!isnan(points[i].cost) && !isnan(points[i].loss))
      s[(*kept)++] = (indexed){points[i], i};
  if (*kept)
    qsort(s, *kept, sizeof *s, by_cost);
  return s;
}

void front_mark(const front_point *points, size_t count, bool *on_front) {
  arena *mem = arena_new();
  size_t kept;
  indexed *s = sorted(mem, points, count, &kept);
  for (size_t i = 0; i < count; i++)
    on_front[i] = false;
  const indexed *last = NULL; // on the front so far
  for (size_t i = 0; i < kept; i++)
    if (!last || s[i].at.loss < last->at.loss) {
      on_front[s[i].index] = true;
      last = &s[i];
    }
  arena_free(mem);
}

double front_hypervolume(const front_point *points, size_t count, front_point corner) {
  if (!(corner.cost > 0) || !(corner.loss > 0))
    return 0;
  arena *mem = arena_new();
  size_t kept;
  indexed *s = sorted(mem, points, count, &kept);
  double area = 0, loss = corner.loss; // the least among the cheaper ones
  for (size_t i = 0; i < kept && s[i].at.cost < corner.cost; i++) {
    double l = fmax(s[i].at.loss, 0), c = fmax(s[i].at.cost, 0);
    if (l >= loss)
      continue;
    area += (corner.cost - c) * (loss - l);
    loss = l;
  }
  arena_free(mem);
  return area / (corner.cost * corner.loss);
}
