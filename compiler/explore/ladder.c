// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/ladder.h"

#include <math.h>

enum { ROW = LADDER_STEPS + 1 };

int ladder_steps(const ladder *l, double harm) {
  return harm < l->most ? (int)ceil(harm / l->most * LADDER_STEPS) : LADDER_STEPS + 1;
}

// What a unit can be, within a palette.
typedef struct {
  int choice, steps;
  double cost;
} option;

static int options_of(const ladder *l, int64_t unit, uint64_t palette, option *out) {
  int count = 0;
  for (int k = 0; k < l->choices; k++) {
    double harm = l->harm[unit * l->choices + k], cost = l->cost[unit * l->choices + k];
    if (palette >> k & 1 && isfinite(harm) && isfinite(cost))
      out[count++] = (option){k, ladder_steps(l, harm), cost};
  }
  return count;
}

// From the costs of the units before to those with one unit more; choice[ROW], or NULL.
static void add_unit(const option *o, int count, const double *before, double *now, uint8_t *choice) {
  for (int b = 0; b < ROW; b++) {
    now[b] = INFINITY;
    for (int i = 0; i < count; i++) {
      double cost = o[i].steps > b ? INFINITY : before[b - o[i].steps] + o[i].cost;
      if (cost < now[b]) {
        now[b] = cost;
        if (choice)
          choice[b] = (uint8_t)o[i].choice;
      }
    }
  }
}

// choice[units][ROW], or NULL. The costs of all units, in `mem`.
static double *climb(const ladder *l, uint64_t palette, uint8_t *choice, arena *mem) {
  double *before = arena_new_array(mem, double, ROW), *now = arena_new_array(mem, double, ROW);
  for (int64_t u = 0; u < l->units; u++) {
    option o[64];
    int count = options_of(l, u, palette, o);
    add_unit(o, count, before, now, choice ? choice + u * ROW : NULL);
    double *swap = before;
    before = now;
    now = swap;
  }
  return before;
}

bool ladder_climb(const ladder *l, const uint64_t *palettes, size_t count, double *cost, uint64_t *palette) {
  for (int b = 0; b < ROW; b++)
    cost[b] = INFINITY;
  for (size_t i = 0; i < count && !interrupted(); i++) {
    arena *own = arena_new();
    const double *of = climb(l, palettes[i], NULL, own);
    for (int b = 0; b < ROW; b++)
      if (of[b] < cost[b])
        cost[b] = of[b], palette[b] = palettes[i];
    arena_free(own);
  }
  return !interrupted();
}

void ladder_take(const ladder *l, uint64_t palette, int steps, uint8_t *choice) {
  arena *own = arena_new();
  uint8_t *all = arena_alloc(own, (size_t)l->units * ROW);
  climb(l, palette, all, own);
  for (int64_t u = l->units; u-- > 0;) {
    choice[u] = all[u * ROW + steps];
    steps -= ladder_steps(l, l->harm[u * l->choices + choice[u]]);
  }
  arena_free(own);
}
