// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = 8, ROUNDS = 100 };

// One start.
typedef struct {
  const kmeans_point *points;
  size_t count, clusters;
  kmeans_point *centre; // [clusters]
  size_t *of, *size; // [count], [clusters]
  double *distance; // [count] squared, to the nearest centre
  double inertia;
} state;

static state state_new(arena *mem, const kmeans_point *points, size_t count, size_t clusters) {
  return (state){.points = points,
                 .count = count,
                 .centre = arena_new_array(mem, kmeans_point, clusters),
                 .of = arena_new_array(mem, size_t, count),
                 .size = arena_new_array(mem, size_t, clusters),
                 .distance = arena_new_array(mem, double, count)};
}

static double distance(kmeans_point a, kmeans_point b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

// k-means++: each next centre is a point, with a probability proportional to its squared distance to those before. Ends
// when every point is a centre.
static void seed_centres(state *s, size_t clusters, rng *r) {
  s->centre[0] = s->points[rng_below(r, (uint32_t)s->count)];
  for (size_t i = 0; i < s->count; i++)
    s->distance[i] = distance(s->points[i], s->centre[0]);
  for (s->clusters = 1; s->clusters < clusters; s->clusters++) {
    double sum = 0, upto = 0;
    for (size_t i = 0; i < s->count; i++)
      sum += s->distance[i];
    if (!(sum > 0))
      return;
    double at = rng_unit(r) * sum;
    size_t chosen = s->count;
    for (size_t i = 0; i < s->count && upto <= at; i++)
      if (s->distance[i] > 0)
        upto += s->distance[i], chosen = i;
    assert(chosen < s->count);
    s->centre[s->clusters] = s->points[chosen];
    for (size_t i = 0; i < s->count; i++)
      s->distance[i] = fmin(s->distance[i], distance(s->points[i], s->centre[s->clusters]));
  }
}

// Each point to its nearest centre, the first of several. Whether any changed.
static bool assign(state *s) {
  bool changed = false;
  s->inertia = 0;
  memset(s->size, 0, s->clusters * sizeof *s->size);
  for (size_t i = 0; i < s->count; i++) {
    size_t best = 0;
    s->distance[i] = distance(s->points[i], s->centre[0]);
    for (size_t k = 1; k < s->clusters; k++) {
      double d = distance(s->points[i], s->centre[k]);
      if (d < s->distance[i])
        s->distance[i] = d, best = k;
    }
    changed = changed || s->of[i] != best;
    s->of[i] = best;
    s->size[best]++;
    s->inertia += s->distance[i];
  }
  return changed;
}

// Each centre to the mean of its points; one without points stays.
static void move_centres(arena *mem, state *s) {
  kmeans_point *sum = arena_new_array(mem, kmeans_point, s->clusters);
  for (size_t i = 0; i < s->count; i++) {
    sum[s->of[i]].x += s->points[i].x;
    sum[s->of[i]].y += s->points[i].y;
  }
  for (size_t k = 0; k < s->clusters; k++)
    if (s->size[k])
      s->centre[k] = (kmeans_point){sum[k].x / (double)s->size[k], sum[k].y / (double)s->size[k]};
}

static void run(state *s, size_t clusters, rng *r) {
  seed_centres(s, clusters, r);
  memset(s->of, 0, s->count * sizeof *s->of);
  bool changed = assign(s) || s->clusters == 1;
  for (int round = 0; changed && round < ROUNDS; round++) {
    arena *mem = arena_new();
    move_centres(mem, s);
    arena_free(mem);
    changed = assign(s);
  }
}

// ---- the result ----

typedef struct {
  kmeans_cluster c;
  size_t was;
} ordered;

static int by_centre(const void *a, const void *b) {
  const ordered *p = a, *q = b;
  if (p->c.centre.x != q->c.centre.x)
    return p->c.centre.x < q->c.centre.x ? -1 : 1;
  return p->c.centre.y < q->c.centre.y ? -1 : p->c.centre.y > q->c.centre.y;
}

static kmeans_result result_of(arena *mem, const state *s) {
  kmeans_result out = {.cluster = arena_new_array(mem, kmeans_cluster, s->clusters),
                       .of = arena_new_array(mem, size_t, s->count),
                       .inertia = s->inertia};
  ordered *o = arena_new_array(mem, ordered, s->clusters);
  size_t *place = arena_new_array(mem, size_t, s->clusters);
  for (size_t k = 0; k < s->clusters; k++)
    if (s->size[k])
      o[out.count++] = (ordered){{s->centre[k], s->size[k], s->count}, k};
  qsort(o, out.count, sizeof *o, by_centre);
  for (size_t k = 0; k < out.count; k++) {
    out.cluster[k] = o[k].c;
    place[o[k].was] = k;
  }
  for (size_t i = 0; i < s->count; i++) {
    kmeans_cluster *c = &out.cluster[out.of[i] = place[s->of[i]]];
    if (c->nearest == s->count || s->distance[i] < s->distance[c->nearest])
      c->nearest = i;
  }
  return out;
}

kmeans_result kmeans(arena *mem, const kmeans_point *points, size_t count, size_t clusters, uint64_t seed) {
  assert(count > 0 && count <= UINT32_MAX && clusters > 0);
  clusters = clusters < count ? clusters : count;
  arena *own = arena_new();
  state now = state_new(own, points, count, clusters), best = state_new(own, points, count, clusters);
  rng r = rng_seed(seed);
  best.inertia = INFINITY;
  for (int start = 0; start < STARTS; start++) {
    run(&now, clusters, &r);
    if (now.inertia < best.inertia) {
      state worse = best;
      best = now;
      now = worse;
    }
  }
  kmeans_result out = result_of(mem, &best);
  arena_free(own);
  return out;
}
