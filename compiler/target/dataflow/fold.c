// SPDX-License-Identifier: Apache-2.0
//
// Chooses the folding that a wish asks for. The rate of a pipeline is that of its slowest stage and its cost the sum of
// its stages', so for a number of cycles each stage's cheapest folding that keeps up is the best there is, and what
// that costs falls as the cycles rise: the fewest cycles within a budget are found by bisection.
#include "compiler/target/dataflow/classes.h"
#include "compiler/target/dataflow/fold.h"
#include "compiler/target/dataflow/stage.h"

#include <math.h>
#include <stdlib.h>

const char *const fold_budget_key[FOLD_COSTS] = {"max_multipliers", "max_area_um2", "max_luts"};
static const char *const UNIT[FOLD_COSTS] = {"multipliers", "um2", "LUTs"};

static size_t divisors(arena *mem, int whole, int **out) {
  size_t count = 0;
  int *list = arena_new_array(mem, int, 2 * (size_t)sqrt((double)whole) + 2);
  for (int i = 1; i <= whole / i; i++)
    if (whole % i == 0)
      list[count++] = i;
  for (size_t i = count; i-- > 0;)
    if (list[i] != whole / list[i])
      list[count++] = whole / list[i];
  *out = list;
  return count;
}

size_t fold_values(arena *mem, const network *net, const net_node *n, fold_number which, int **out) {
  int reduction = (int)net_reduction(net, n);
  if (which == FOLD_SIMD)
    return divisors(mem, reduction, out);
  size_t all = divisors(mem, n->shape.c, out), count = 0;
  for (size_t i = 0; i < all; i++)
    if (dataflow_side(net, n, (*out)[i], reduction))
      (*out)[count++] = (*out)[i];
  return count;
}

// One way to fold a layer.
typedef struct {
  int pe, simd;
  int64_t cycles;
} option;

typedef struct {
  int node;
  const fold_layer *costs;
  option *options;
  size_t count;
} layer;

typedef struct {
  const config *cfg;
  const fold_wish *wish;
  fold_measure measure; // what is to be small
  layer *layers;
  size_t count;
  int64_t floor; // cycles below which no folding helps, because streams carry a beat a cycle ...
  const char *floor_layer; // ... into this layer
} search;

// Cycles an image of the poolings behind each node, up to the next layer that multiplies, were one channel to pass at a
// time: with `lanes` channels a beat they take that many times less.
static int64_t *drains(arena *mem, const network *net) {
  int64_t *drain = arena_new_array(mem, int64_t, net->count);
  for (size_t i = net->count; i-- > 1;) {
    const net_node *n = &net->nodes[i];
    if (net_multiplies(n))
      continue;
    bool overlaps = net_has(n, NET_KERNEL) && (n->kh != n->sh || n->kw != n->sw || net_has_pads(n));
    int64_t own = overlaps ? net_shape_size(n->shape) * n->kh * n->kw : 0;
    own = own > drain[i] ? own : drain[i];
    for (int k = 0; k < n->input_count; k++)
      if (own > drain[n->inputs[k]])
        drain[n->inputs[k]] = own;
  }
  return drain;
}

// The cycles of an option: its own, or those in which what it gives is pooled.
static int64_t option_cycles(const fold_layer *l, int pe, int simd, int64_t drain) {
  int64_t own = fold_cycles(l, pe, simd);
  int lanes = l->stage.has_requant ? requant_lanes(pe, l->reduction / simd) : pe;
  return own > drain / lanes ? own : drain / lanes;
}

static size_t values(arena *mem, const config *c, int node, fold_number which, int given, int **list) {
  if (!given)
    return fold_values(mem, c->net, &c->net->nodes[node], which, list);
  *list = arena_new_array(mem, int, 1);
  **list = given;
  return 1;
}

// All ways to fold a layer in which its filters find their multipliers; where none does, all, and the plan says why.
static void add_layer(arena *mem, search *s, const fold_layer *costs, const folding *fold, int node, int64_t drain) {
  int *pe, *simd;
  size_t pes = values(mem, s->cfg, node, FOLD_PE, fold->pe, &pe),
         simds = values(mem, s->cfg, node, FOLD_SIMD, fold->simd, &simd);
  layer *l = &s->layers[s->count++];
  *l = (layer){.node = node, .costs = costs, .options = arena_new_array(mem, option, pes * simds)};
  const net_node *n = &s->cfg->net->nodes[node];
  const assignment *a = s->cfg->assign ? &s->cfg->assign[node] : NULL;
  bool one = !a || a->level <= ASSIGN_LAYER, by_filter = a && a->level == ASSIGN_FILTER; // then any simd is as good
  const classes *c = by_filter ? classes_of(mem, s->cfg->net, n, a, n->shape.c, 1) : NULL;
  for (int all = one; all < 2 && !l->count; all++)
    for (size_t k = 0; k < simds; k++) {
      if (!all && !by_filter)
        c = classes_of(mem, s->cfg->net, n, a, n->shape.c, simd[k]);
      for (size_t i = 0; i < pes; i++)
        if (dataflow_side(s->cfg->net, n, pe[i], simd[k]) && (all || classes_fit_pe(c, pe[i])))
          l->options[l->count++] = (option){pe[i], simd[k], option_cycles(costs, pe[i], simd[k], drain)};
    }
}

// The cheapest option with which the layer takes at most `cycles`; NULL: there is none. Ties go to the smaller area.
static const option *cheapest(const search *s, const layer *l, int64_t cycles, fold_cost *cost) {
  const option *best = NULL;
  *cost = (fold_cost){{0}};
  for (size_t i = 0; i < l->count; i++) {
    const option *o = &l->options[i];
    if (o->cycles > cycles || (best && s->measure == FOLD_MULTIPLIERS && o->pe * o->simd > cost->of[FOLD_MULTIPLIERS]))
      continue;
    fold_cost c = fold_cost_of(l->costs, o->pe, o->simd, cycles);
    double more = c.of[s->measure] - cost->of[s->measure];
    if (!best || more < 0 || (more == 0 && c.of[FOLD_AREA] < cost->of[FOLD_AREA]))
      best = o, *cost = c;
  }
  return best;
}

// The whole accelerator; false where a layer cannot be that fast.
static bool cost_at(const search *s, int64_t cycles, fold_cost *out) {
  *out = (fold_cost){{0}};
  for (size_t i = 0; i < s->count; i++) {
    fold_cost c;
    if (!cheapest(s, &s->layers[i], cycles, &c))
      return false;
    for (int k = 0; k < FOLD_COSTS; k++)
      out->of[k] += c.of[k];
  }
  return true;
}

static int64_t layer_fastest(const layer *l) {
  int64_t least = INT64_MAX;
  for (size_t k = 0; k < l->count; k++)
    least = l->options[k].cycles < least ? l->options[k].cycles : least;
  return least;
}

// The fewest cycles that any folding reaches, and which layer sets them.
static int64_t fastest(const search *s, const char **why) {
  int64_t cycles = s->floor;
  *why = s->floor_layer;
  for (size_t i = 0; i < s->count; i++) {
    int64_t least = layer_fastest(&s->layers[i]);
    if (least > cycles)
      cycles = least, *why = s->cfg->net->nodes[s->layers[i].node].name;
  }
  return cycles;
}

static int ascending(const void *x, const void *y) {
  int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
  return (a > b) - (a < b);
}

// All numbers of cycles that the accelerator can take, ascending.
static size_t all_cycles(arena *mem, const search *s, int64_t **out) {
  const char *why;
  int64_t least = fastest(s, &why);
  size_t most = 1, n = 0;
  for (size_t i = 0; i < s->count; i++)
    most += s->layers[i].count;
  int64_t *list = arena_new_array(mem, int64_t, most);
  list[n++] = least;
  for (size_t i = 0; i < s->count; i++)
    for (size_t k = 0; k < s->layers[i].count; k++)
      if (s->layers[i].options[k].cycles > least)
        list[n++] = s->layers[i].options[k].cycles;
  qsort(list, n, sizeof *list, ascending);
  size_t kept = 1;
  for (size_t i = 1; i < n; i++)
    if (list[i] != list[kept - 1])
      list[kept++] = list[i];
  *out = list;
  return kept;
}

static bool within(const search *s, int64_t cycles) {
  fold_cost c;
  return cost_at(s, cycles, &c) && c.of[s->measure] <= s->wish->most[s->measure];
}

// The fewest cycles within the budget; -1: even the smallest folding is beyond it.
static int64_t fewest_within(arena *mem, const search *s) {
  int64_t *list;
  size_t low = 0, high = all_cycles(mem, s, &list);
  size_t count = high;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (within(s, list[middle]))
      high = middle;
    else
      low = middle + 1;
  }
  return low < count ? list[low] : -1;
}

static double rate(const config *c, int64_t cycles) { return 1e9 / (c->clock_ns * (double)cycles); }

static bool too_fast(const search *s, int64_t asked, diag *d) {
  const char *why;
  int64_t least = fastest(s, &why);
  return diag_at(d, s->wish->fps_pos,
                 "fps: %.10g images a second leave %lld cycle%s an image of %g ns each; the fewest possible are %lld "
                 "(layer %s%s), %.10g images a second",
                 s->wish->fps, (long long)asked, plural((size_t)asked), s->cfg->clock_ns, (long long)least, why,
                 least == s->floor ? ", whose input comes one pixel a cycle" : "", floor(rate(s->cfg, least)));
}

static bool too_small(const search *s, diag *d) {
  fold_cost least;
  cost_at(s, INT64_MAX / 16, &least); // any; word_channels has to multiply it
  return diag_at(d, s->wish->most_pos[s->measure], "%s: the smallest folding takes %.0f %s%s; expected that at least",
                 fold_budget_key[s->measure], ceil(least.of[s->measure]), s->measure ? "(estimated) " : "",
                 UNIT[s->measure]);
}

static bool both_impossible(const search *s, int64_t asked, int64_t best, diag *d) {
  fold_cost c;
  cost_at(s, asked, &c);
  return diag_at(d, s->wish->fps_pos,
                 "fps: %.10g images a second take %.0f %s; with %s: %.0f the most are %.10g images a second (%lld "
                 "cycles an image)",
                 s->wish->fps, ceil(c.of[s->measure]), UNIT[s->measure], fold_budget_key[s->measure],
                 s->wish->most[s->measure], floor(rate(s->cfg, best)), (long long)best);
}

// The cycles an image that the wish allows; -1 after an error.
static int64_t wished_cycles(arena *mem, const search *s, diag *d) {
  bool limited = s->wish->most[s->measure] > 0;
  int64_t best = limited ? fewest_within(mem, s) : 0;
  if (best < 0)
    return too_small(s, d), -1;
  if (!(s->wish->fps > 0))
    return best;
  const char *why;
  double cycles = floor(1e9 / (s->cfg->clock_ns * s->wish->fps) * (1 + 1e-12));
  int64_t asked = cycles < 1e18 ? (int64_t)cycles : (int64_t)1e18;
  if (asked < fastest(s, &why))
    return too_fast(s, asked, d), -1;
  if (limited && asked < best)
    return both_impossible(s, asked, best, d), -1;
  return asked;
}

static search new_search(arena *mem, const config *c, const fold_wish *wish, const folding *fold) {
  search s = {.cfg = c, .wish = wish, .layers = arena_new_array(mem, layer, c->net->count)};
  for (int k = 0; k < FOLD_COSTS; k++)
    if (wish->most[k] > 0)
      s.measure = (fold_measure)k;
  const fold_layer *costs = fold_layers(mem, c, fold);
  const int64_t *drain = drains(mem, c->net);
  s.floor = drain[0] / c->net->nodes[0].shape.c; // poolings of the image, a pixel a beat
  s.floor_layer = c->net->nodes[1].name;
  for (size_t i = 1; i < c->net->count; i++) {
    net_shape in = net_input_shape(c->net, &c->net->nodes[i]);
    if ((int64_t)in.h * in.w > s.floor)
      s.floor = (int64_t)in.h * in.w, s.floor_layer = c->net->nodes[i].name;
    if (net_multiplies(&c->net->nodes[i]))
      add_layer(mem, &s, &costs[i], &fold[i], (int)i, drain[i]);
  }
  return s;
}

bool fold_choose(const config *c, const fold_wish *wish, folding *fold, fold_choice *out, diag *d) {
  arena *scratch = arena_new();
  search s = new_search(scratch, c, wish, fold);
  int64_t cycles = wished_cycles(scratch, &s, d);
  *out = (fold_choice){.cycles = s.floor};
  for (size_t i = 0; cycles >= 0 && i < s.count; i++) {
    fold_cost cost;
    const option *o = cheapest(&s, &s.layers[i], cycles, &cost);
    assert(o); // wished_cycles saw to it
    fold[s.layers[i].node].pe = o->pe;
    fold[s.layers[i].node].simd = o->simd;
    out->cycles = o->cycles > out->cycles ? o->cycles : out->cycles;
    for (int k = 0; k < FOLD_COSTS; k++)
      out->cost.of[k] += cost.of[k];
  }
  arena_free(scratch);
  return cycles >= 0;
}
