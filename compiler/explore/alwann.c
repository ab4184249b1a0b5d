// SPDX-License-Identifier: Apache-2.0
//
// ALWANN (Mrazek et al., 2019): a genome is a palette of T multipliers and, for each unit, which of them it takes;
// NSGA-II does the rest.
#include "compiler/explore/method_parts.h"

#include <string.h>

enum { FEW = 4 /* multipliers, where no limit is given and so few serve every part */ };

// A genome: [0, most) the palette, then an index into it for each unit.
static uint64_t palette_of(const search_space *s, const uint8_t *genome) {
  uint64_t palette = 0;
  for (int i = 0; i < s->most; i++)
    palette |= (uint64_t)1 << genome[i];
  return palette;
}

// Choices in the order of the palette, then the others.
static void palette_order(const search_space *s, const uint8_t *genome, int *order) {
  uint64_t seen = 0;
  int count = 0;
  for (int i = 0; i < s->most + s->p->choices; i++) {
    int c = i < s->most ? genome[i] : i - s->most;
    if (!(seen >> c & 1))
      order[count++] = c;
    seen |= (uint64_t)1 << c;
  }
}

// A palette that leaves some unit nothing gets what it lacks, in the place of repetitions or of what has to go.
static void repair_palette(const search_space *s, uint8_t *genome) {
  uint64_t whole = palette_complete(s, palette_of(s, genome));
  if (!whole) {
    int order[64] = {0};
    palette_order(s, genome, order);
    whole = palette_by(s, order);
  }
  uint64_t missing = whole & ~palette_of(s, genome), had = 0;
  for (int i = 0; i < s->most; i++) {
    uint64_t own = (uint64_t)1 << genome[i];
    if (missing && (!(whole & own) || (had & own))) {
      genome[i] = (uint8_t)__builtin_ctzll(missing);
      missing &= missing - 1;
    } else if (!(whole & own)) {
      genome[i] = (uint8_t)__builtin_ctzll(whole);
    }
    had |= (uint64_t)1 << genome[i];
  }
}

static void create(const nsga2 *n, int which, int population, uint8_t *genome) {
  const search_space *s = n->space;
  uint8_t *index = genome + s->most;
  int place[64] = {0};
  uint64_t palette;
  if (n->price)
    space_decide_by_price(s, n->price[which], index);
  else
    space_random(s, n->r, which < population / 2 ? 1 : random_odds(n->r), index);
  palette = space_used(s, index);
  for (int c = 0; c < s->p->choices && __builtin_popcountll(palette) < s->most; c++)
    palette |= (uint64_t)1 << rng_below(n->r, (uint32_t)s->p->choices); // spare ones
  for (int i = 0; i < s->most; i++) {
    genome[i] = (uint8_t)__builtin_ctzll(palette);
    place[genome[i]] = i;
    palette = palette & (palette - 1) ? palette & (palette - 1) : palette;
  }
  for (int64_t u = 0; u < s->p->units; u++)
    index[u] = (uint8_t)place[index[u]];
}

static void cross(const nsga2 *n, const uint8_t *a, const uint8_t *b, uint8_t *child) {
  const search_space *s = n->space;
  for (int i = 0; i < s->most; i++)
    child[i] = rng_below(n->r, 2) ? a[i] : b[i];
  nsga2_cross_genes(n->r, a + s->most, b + s->most, child + s->most, s->p->units);
  repair_palette(s, child);
}

static void mutate(const nsga2 *n, uint8_t *genome) {
  const search_space *s = n->space;
  uint8_t *index = genome + s->most;
  uint32_t kind = rng_below(n->r, 4), most = (uint32_t)s->most;
  int64_t from, to;
  if (!kind || most == 1) { // another multiplier in the palette
    genome[rng_below(n->r, most)] = (uint8_t)rng_below(n->r, (uint32_t)s->p->choices);
    repair_palette(s, genome);
  } else if (kind == 1) { // one multiplier for a block
    nsga2_block(n->r, s->p->units, &from, &to);
    memset(index + from, (int)rng_below(n->r, most), (size_t)(to - from));
  } else {
    for (int left = nsga2_changes(n->r); left; left--)
      index[(int64_t)(rng_unit(n->r) * (double)s->p->units)] = (uint8_t)rng_below(n->r, most);
  }
}

static void decode(const nsga2 *n, const uint8_t *genome, uint8_t *decisions) {
  const search_space *s = n->space;
  uint64_t palette = palette_of(s, genome);
  for (int64_t u = 0; u < s->p->units; u++)
    decisions[u] = (uint8_t)palette_nearest(s, palette, u, genome[genome[s->most + u]]);
}

bool search_alwann(const search_problem *p, const search_options *o, diag *d) {
  arena *mem = arena_new();
  search_space s;
  bool ok = space_begin(&s, mem, p, p->most_choices, d);
  if (ok) {
    if (p->most_choices <= 0)
      s.most = s.most < FEW ? s.most : FEW;
    while (!palette_complete(&s, 0)) // where no limit is given: all choices serve every part
      s.most++;
    nsga2_encoding e = {.create = create, .cross = cross, .mutate = mutate, .decode = decode};
    e.length = (size_t)p->units + (size_t)s.most;
    nsga2_run(&s, &e, o, mem);
  }
  arena_free(mem);
  return ok;
}
