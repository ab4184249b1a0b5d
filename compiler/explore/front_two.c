// SPDX-License-Identifier: Apache-2.0
//
// Fronts of two costs and a loss: which points are on them, and how much they dominate.
#include "compiler/explore/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  front_point_two at;
  size_t index;
} indexed;

static int order(double a, double b) { return (a > b) - (a < b); }

// By the first cost, the second, the loss, then as they were given: no point beats one before it.
static int by_costs(const void *a, const void *b) {
  const indexed *x = a, *y = b;
  int c = order(x->at.cost[0], y->at.cost[0]);
  c = c ? c : order(x->at.cost[1], y->at.cost[1]);
  c = c ? c : order(x->at.loss, y->at.loss);
  return c ? c : (x->index > y->index) - (x->index < y->index);
}

static int by_loss(const void *a, const void *b) {
  const indexed *x = a, *y = b;
  int c = order(x->at.loss, y->at.loss);
  return c ? c : (x->index > y->index) - (x->index < y->index);
}

static bool is_number(const front_point_two *p) { return !isnan(p->cost[0]) && !isnan(p->cost[1]) && !isnan(p->loss); }

void front_mark_two(const front_point_two *points, size_t count, bool *on_front) {
  arena *mem = arena_new();
  indexed *s = arena_new_array(mem, indexed, count);
  size_t numbers = 0, kept = 0; // s[0..kept): the front so far
  for (size_t i = 0; i < count; i++) {
    on_front[i] = false;
    if (is_number(&points[i]))
      s[numbers++] = (indexed){points[i], i};
  }
  if (numbers)
    qsort(s, numbers, sizeof *s, by_costs);
  for (size_t i = 0; i < numbers; i++) {
    bool beaten = false;
    for (size_t k = 0; k < kept && !beaten; k++)
      beaten = s[k].at.cost[1] <= s[i].at.cost[1] && s[k].at.loss <= s[i].at.loss;
    if (beaten)
      continue;
    on_front[s[i].index] = true;
    s[kept++] = s[i];
  }
  arena_free(mem);
}

// ---- hypervolume: from the least loss on, the area that costs dominate grows ----

typedef struct front_step {
  double x, y;
} step;
typedef struct {
  step *at; // from left to right, each lower than the one before
  size_t count;
  double x, y; // the corner
} stair;

// A point takes the place of what it beats; by how much the area grows.
static double stair_add(stair *s, double x, double y) {
  size_t at = 0, end;
  while (at < s->count && s->at[at].x < x)
    at++;
  double height = at ? s->at[at - 1].y : s->y, from = x, gain = 0;
  if (height <= y || (at < s->count && s->at[at].x == x && s->at[at].y <= y))
    return 0;
  for (end = at; end < s->count && s->at[end].y >= y; end++) {
    gain += (s->at[end].x - from) * (height - y);
    from = s->at[end].x, height = s->at[end].y;
  }
  gain += ((end < s->count ? s->at[end].x : s->x) - from) * (height - y);
  memmove(&s->at[at + 1], &s->at[end], (s->count - end) * sizeof *s->at);
  s->at[at] = (step){x, y};
  s->count = s->count + 1 - (end - at);
  return gain;
}

double front_hypervolume_two(const front_point_two *points, size_t count, front_point_two corner) {
  if (!(corner.cost[0] > 0) || !(corner.cost[1] > 0) || !(corner.loss > 0))
    return 0;
  arena *mem = arena_new();
  indexed *s = arena_new_array(mem, indexed, count);
  size_t inside = 0;
  for (size_t i = 0; i < count; i++) {
    const front_point_two *p = &points[i];
    if (p->cost[0] < corner.cost[0] && p->cost[1] < corner.cost[1] && p->loss < corner.loss)
      s[inside++] = (indexed){{{fmax(p->cost[0], 0), fmax(p->cost[1], 0)}, fmax(p->loss, 0)}, i};
  }
  if (inside)
    qsort(s, inside, sizeof *s, by_loss);
  stair costs = {arena_new_array(mem, step, inside + 1), 0, corner.cost[0], corner.cost[1]};
  double volume = 0, area = 0, loss = 0;
  for (size_t i = 0; i < inside; i++) {
    volume += area * (s[i].at.loss - loss);
    loss = s[i].at.loss;
    area += stair_add(&costs, s[i].at.cost[0], s[i].at.cost[1]);
  }
  volume += area * (corner.loss - loss);
  arena_free(mem);
  return volume / (corner.cost[0] * corner.cost[1] * corner.loss);
}

// ---- a front that grows ----

front_two front_two_new(arena *mem, size_t room, front_point_two corner) {
  return (front_two){arena_new_array(mem, front_point_two, room), 0, corner, arena_new_array(mem, step, room + 1)};
}

static bool no_worse(const front_point_two *a, const front_point_two *b) {
  return a->cost[0] <= b->cost[0] && a->cost[1] <= b->cost[1] && a->loss <= b->loss;
}

void front_two_add(front_two *f, front_point_two p) {
  size_t kept = 0, at = 0;
  for (size_t i = 0; i < f->count; i++)
    if (no_worse(&f->point[i], &p))
      return;
  for (size_t i = 0; i < f->count; i++)
    if (!no_worse(&p, &f->point[i]))
      f->point[kept++] = f->point[i];
  while (at < kept && f->point[at].loss <= p.loss)
    at++;
  memmove(&f->point[at + 1], &f->point[at], (kept - at) * sizeof *f->point);
  f->point[at] = p;
  f->count = kept + 1;
}

// Of the box from p to the corner what no point dominates: as above, with points moved into the box.
double front_two_gain(const front_two *f, front_point_two p) {
  const front_point_two *corner = &f->corner;
  p = (front_point_two){{fmax(p.cost[0], 0), fmax(p.cost[1], 0)}, fmax(p.loss, 0)};
  if (!(p.cost[0] < corner->cost[0] && p.cost[1] < corner->cost[1] && p.loss < corner->loss))
    return 0;
  double box = (corner->cost[0] - p.cost[0]) * (corner->cost[1] - p.cost[1]), gain = 0, area = 0, loss = p.loss;
  stair costs = {f->step, 0, corner->cost[0], corner->cost[1]};
  for (size_t i = 0; i < f->count && f->point[i].loss < corner->loss && area < box; i++) {
    const front_point_two *q = &f->point[i];
    if (!(q->cost[0] < corner->cost[0] && q->cost[1] < corner->cost[1]))
      continue;
    if (q->loss > loss) {
      gain += (box - area) * (q->loss - loss);
      loss = q->loss;
    }
    area += stair_add(&costs, fmax(q->cost[0], p.cost[0]), fmax(q->cost[1], p.cost[1]));
  }
  if (area < box)
    gain += (box - area) * (corner->loss - loss);
  return gain / (corner->cost[0] * corner->cost[1] * corner->loss);
}
