// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/draw.h"
#include "compiler/explore/model.h"

#include <math.h>

// How far layers are from `daring`, either way.
static const double SPREAD = 0.3;

// The multipliers that a layer may have, dear ones first.
static int by_cost(const double *cost, int muls, int *order) {
  int count = 0;
  for (int k = 0; k < muls; k++) {
    if (!isfinite(cost[k]))
      continue;
    int at = count++;
    for (; at && cost[order[at - 1]] < cost[k]; at--)
      order[at] = order[at - 1];
    order[at] = k;
  }
  return count;
}

static assignment draw_layer(const draw_space *s, int node, double daring, rng *r, arena *mem) {
  const pricing_layer *l = &s->layers[node];
  int order[ASSIGNMENT_MULS] = {0}, count = by_cost(s->cost + node * s->mul_count, s->mul_count, order);
  assert(count > 0);
  double in_play = fmin(fmax(daring, 0), 1) * count; // the last one in part
  arena *own = arena_new();
  int64_t units = (int64_t)l->teams * l->parts;
  uint8_t *choice = arena_alloc(own, (size_t)units);
  for (int64_t u = 0; u < units; u++) {
    int at = (int)(rng_unit(r) * in_play);
    choice[u] = (uint8_t)order[at < count ? at : count - 1];
  }
  assignment a = model_assignment(s->net, l, choice, mem);
  arena_free(own);
  return a;
}

assignment *draw_assignment(const draw_space *s, double daring, rng *r, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, s->net->count);
  for (int i = 0; i < (int)s->net->count; i++)
    if (net_multiplies(&s->net->nodes[i])) {
      double of_layer = daring + SPREAD * (2 * rng_unit(r) - 1);
      a[i] = draw_layer(s, i, of_layer, r, mem);
    }
  return a;
}
