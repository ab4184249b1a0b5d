// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/palettes.h"
#include "compiler/explore/method_parts.h"

#include <math.h>
#include <string.h>

// The layers as decisions.
static search_problem problem_of(const palettes *p) {
  size_t muls = (size_t)p->muls;
  for (int i = 0; i < p->layers; i++)
    memcpy(p->cost + (size_t)i * muls, p->all_costs + (size_t)p->node[i] * muls, muls * sizeof *p->cost);
  return (search_problem){.units = p->layers, .choices = p->muls, .cost = p->cost, .harm = p->harm};
}

bool palettes_begin(palettes *p, arena *mem, const network *net, int muls, const double *cost, double *const *harm,
                    int most, diag *d) {
  size_t entries = net->count * (size_t)muls;
  *p = (palettes){.muls = muls,
                  .most = most,
                  .all_costs = cost,
                  .known = arena_new_array(mem, uint64_t, PALETTES_ROOM),
                  .node = arena_new_array(mem, int, net->count),
                  .harm = arena_new_array(mem, double, entries),
                  .cost = arena_new_array(mem, double, entries)};
  for (int i = 0; i < (int)net->count; i++)
    if (harm[i]) {
      memcpy(p->harm + (size_t)p->layers * (size_t)muls, harm[i], (size_t)muls * sizeof *p->harm);
      p->node[p->layers++] = i;
    }
  search_problem problem = problem_of(p);
  search_space space;
  if (!space_begin(&space, mem, &problem, most, d))
    return false;
  p->count = palettes_all(&space, PALETTES_ROOM, p->known);
  p->all = p->count > 0;
  return true;
}

static void learn(palettes *p, uint64_t palette) {
  for (size_t i = 0; i < p->count; i++)
    if (p->known[i] == palette)
      return;
  if (p->count < PALETTES_ROOM)
    p->known[p->count++] = palette;
}

void palettes_fill(const palettes *p, pool *choices) {
  for (int i = 0; i < p->layers; i++)
    pool_add_whole(choices, p->node[i], p->muls, p->all_costs + p->node[i] * p->muls, p->harm + i * p->muls);
}

void palettes_choose(palettes *p, const double *price, int prices, uint64_t *out) {
  arena *mem = arena_new();
  search_problem problem = problem_of(p);
  search_space space;
  diag none = {0};
  bool ok = space_begin(&space, mem, &problem, p->most, &none);
  assert(ok); // as palettes_begin has found
  (void)ok;
  for (int i = 0; i < prices && !p->all; i++)
    learn(p, palette_by_price(&space, price[i]));
  for (int i = 0; i < prices; i++) {
    double least = INFINITY;
    for (size_t k = 0; k < p->count; k++) {
      double value = palette_value(&space, p->known[k], price[i]);
      if (value < least)
        least = value, out[i] = p->known[k];
    }
  }
  arena_free(mem);
}
