// SPDX-License-Identifier: Apache-2.0
//
// What an exploration's assignments cost as whole accelerators, by the model of `axgen cost`.
#include "compiler/cli/explore.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <string.h>

const verb_design_cost VERB_DESIGN_UNKNOWN = {{NAN, NAN, NAN}, {NAN, NAN, NAN}};

// ---- one design ----

// Plans it and counts its blocks; `mem` takes them.
static bool count(const session *s, const assignment *assign, arena *mem, cost_counts *out, diag *d) {
  config *c = arena_memdup(mem, s->cfg, sizeof *c);
  c->assign = arena_memdup(mem, assign, c->net->count * sizeof *assign);
  c->has_assignment = true;
  const infer_model model = {.net = c->net, .muls = c->muls, .assign = c->assign};
  const target *t = target_of(c, d);
  void *plan;
  return t && t->plan(mem, c, &model, &plan, d) && t->cost(mem, plan, out, d);
}

static verb_design_cost cost_of(const cost_counts *counts, const cost_multiplier *muls, double clock_ns) {
  cost_row row = cost_of_logic(counts, muls, clock_ns);
  verb_design_cost out = {.figure = {row.total_energy, row.total_area, 0}};
  for (size_t i = 0; i < counts->count; i++)
    out.figure[VERB_DELAY] = fmax(out.figure[VERB_DELAY], cost_delay(&counts->parts[i], muls));
  return out;
}

bool verb_explore_design(const session *s, const assignment *assign, verb_design_cost *out, diag *d) {
  const config *c = s->cfg;
  cost_counts counts;
  arena *mem = arena_new();
  const memory_model *memories = c->memories ? c->memories : config_memories(mem, NULL, d);
  bool ok = memories && count(s, assign, mem, &counts, d);
  if (ok) {
    cost_estimate e;
    cost_predict(mem, c, &counts, memories, &e);
    *out = (verb_design_cost){
        .figure = {e.total.total_energy, e.total.total_area, e.delay},
        .with_memories = {e.with_memories, e.total.total_area + memories_area(&e.memories.total), e.delay}};
  }
  arena_free(mem);
  return ok;
}

// ---- the exact one ----

bool verb_explore_exact(const session *s, uint64_t allowed, const double *price, assignment *out, diag *d) {
  const config *c = s->cfg;
  for (size_t i = 0; i < c->net->count; i++) {
    const net_node *n = &c->net->nodes[i];
    int best = -1;
    if (!net_multiplies(n))
      continue;
    for (int k = 0; k < (int)c->mul_count; k++)
      if (allowed >> k & 1 && c->muls[k]->exact && net_fits(c->net, n, c->muls[k]) &&
          (best < 0 || price[k] < price[best]))
        best = k;
    if (best < 0)
      return diag_error(d,
                        "%s: none of the multipliers that the target has for layer `%s` is exact, so there is no exact "
                        "accelerator to compare with: add one to `multipliers`",
                        c->file, n->name);
    uint8_t mul = (uint8_t)best;
    out[i] = assignment_make(s->mem, c->net, n, ASSIGN_LAYER, &mul);
  }
  return true;
}

// ---- the fastest one ----

// For each part of the design, the least delay that it has with one of the multipliers, [mul_count + 1] designs: the
// exact one, and those with one multiplier wherever it may be. Widths, and so paths, may depend on it.
static bool least_delays(const session *s, uint64_t allowed, const assignment *exact, arena *mem, cost_counts *out,
                         double **least, diag *d) {
  const config *c = s->cfg;
  cost_multiplier muls[CONFIG_MAX_MULS] = {{0}};
  cost_multipliers(mem, c, muls);
  if (!count(s, exact, mem, out, d))
    return false;
  *least = arena_new_array(mem, double, out->count);
  for (size_t p = 0; p < out->count; p++)
    (*least)[p] = cost_delay(&out->parts[p], muls);
  for (size_t k = 0; k < c->mul_count; k++) {
    assignment *assign = arena_memdup(mem, exact, c->net->count * sizeof *assign);
    uint8_t mul = (uint8_t)k;
    for (size_t i = 0; i < c->net->count && allowed >> k & 1; i++)
      if (net_multiplies(&c->net->nodes[i]) && net_fits(c->net, &c->net->nodes[i], c->muls[k]))
        assign[i] = assignment_make(mem, c->net, &c->net->nodes[i], ASSIGN_LAYER, &mul);
    cost_counts counts;
    diag why = {0}; // what cannot be built is no faster
    if (allowed >> k & 1 && count(s, assign, mem, &counts, &why))
      for (size_t p = 0; p < counts.count && p < out->count; p++)
        (*least)[p] = fmin((*least)[p], cost_delay(&counts.parts[p], muls));
    diag_free(&why);
  }
  return true;
}

bool verb_explore_faster(const session *s, uint64_t allowed, const assignment *exact, diag *d) {
  arena *mem = arena_new();
  cost_counts counts;
  cost_multiplier muls[CONFIG_MAX_MULS] = {{0}};
  double *least, is = 0, bound = 0;
  bool ok = least_delays(s, allowed, exact, mem, &counts, &least, d);
  const char *slowest = "";
  if (ok)
    cost_multipliers(mem, s->cfg, muls);
  for (size_t p = 0; ok && p < counts.count; p++) {
    is = fmax(is, cost_delay(&counts.parts[p], muls));
    if (least[p] > bound)
      bound = least[p], slowest = counts.parts[p].name ? counts.parts[p].name : "what is between layers";
  }
  if (ok && bound >= is) {
    ok =
        diag_error(d,
                   "%s: --objective delay: with any of the multipliers the slowest path is %.2f ns, in `%s`, as in the "
                   "exact accelerator: all assignments are as fast",
                   s->cfg->file, is, slowest);
    for (size_t k = 0; k < s->cfg->mul_count; k++)
      if (allowed >> k & 1)
        diag_note(d, "`%s` takes %.2f ns with what is before and behind it", s->cfg->mul_keys[k],
                  muls[k].delay + cost_around_multiplier());
  }
  arena_free(mem);
  return ok;
}

// ---- what a layer's multipliers add to it ----

// The counts with multiplier k in the place of those of a node (-1: of those that are of no node), in `mem`.
static cost_counts with(arena *mem, const cost_counts *counts, int node, int k) {
  cost_counts out = *counts;
  out.parts = arena_memdup(mem, counts->parts, counts->count * sizeof *out.parts);
  for (size_t i = 0; i < out.count; i++) {
    cost_part *p = &out.parts[i];
    if (!p->mul_count)
      continue;
    p->muls = arena_memdup(mem, p->muls, p->mul_count * sizeof *p->muls);
    for (size_t m = 0; m < p->mul_count; m++)
      if (p->muls[m].node == node)
        p->muls[m].mul = k;
  }
  return out;
}

static double cost_with(const cost_counts *counts, const cost_multiplier *muls, double clock_ns, verb_figure figure,
                        int node, int k) {
  arena *mem = arena_new();
  cost_counts changed = with(mem, counts, node, k);
  double out = cost_of(&changed, muls, clock_ns).figure[figure];
  arena_free(mem);
  return out;
}

// The longest path of the parts in which the node's multipliers are.
static double path(const cost_counts *counts, const cost_multiplier *muls, int node, int k) {
  arena *mem = arena_new();
  cost_counts there = with(mem, counts, node, k);
  double out = 0;
  for (size_t i = 0; i < there.count; i++)
    for (size_t m = 0; m < there.parts[i].mul_count; m++)
      if (there.parts[i].muls[m].node == node)
        out = fmax(out, cost_delay(&there.parts[i], muls));
  arena_free(mem);
  return out;
}

// Of delays, the longest counts: layers by their paths.
static void fill_delays(const session *s, const cost_counts *counts, const cost_multiplier *muls,
                        const assignment *assign, double *cost) {
  const config *c = s->cfg;
  double all = 0;
  for (size_t i = 0; i < c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]))
      all += path(counts, muls, (int)i, assign[i].mul[0]);
  for (size_t i = 0; i < c->net->count; i++)
    for (int k = 0; net_multiplies(&c->net->nodes[i]) && k < (int)c->mul_count; k++)
      cost[i * c->mul_count + (size_t)k] = path(counts, muls, (int)i, k) / all;
}

// Energies and areas add up: a layer's own part of the exact design, and what another multiplier changes. The rest goes
// to the layers in proportion, so that exact ones make 1. Multipliers of no node serve all layers alike.
static void fill_sums(const session *s, const cost_counts *counts, const cost_multiplier *muls, verb_figure figure,
                      double *cost, double *scale) {
  const config *c = s->cfg;
  double exact = cost_of(counts, muls, c->clock_ns).figure[figure], all = 0, common[CONFIG_MAX_MULS + 1] = {0};
  double *own = arena_new_array(s->mem, double, c->net->count);
  int layers = 0, nothing = (int)c->mul_count; // a multiplier that costs nothing, behind the config's
  for (size_t i = 0; i < c->net->count; i++)
    layers += net_multiplies(&c->net->nodes[i]);
  for (int k = 0; k <= nothing; k++)
    common[k] = (cost_with(counts, muls, c->clock_ns, figure, -1, k) - exact) / layers;
  for (size_t i = 0; i < c->net->count; i++) {
    if (net_multiplies(&c->net->nodes[i]))
      own[i] = exact - cost_with(counts, muls, c->clock_ns, figure, (int)i, nothing) - common[nothing];
    all += own[i];
  }
  *scale = all / exact;
  for (size_t i = 0; i < c->net->count; i++)
    for (int k = 0; net_multiplies(&c->net->nodes[i]) && k < (int)c->mul_count; k++)
      cost[i * c->mul_count + (size_t)k] =
          own[i] / all + (cost_with(counts, muls, c->clock_ns, figure, (int)i, k) - exact + common[k]) / exact;
}

bool verb_explore_design_costs(const session *s, const assignment *exact, verb_figure figure, double *cost,
                               double *scale, diag *d) {
  cost_counts counts;
  cost_multiplier muls[CONFIG_MAX_MULS + 1] = {{0}};
  if (!count(s, exact, s->mem, &counts, d))
    return false;
  cost_multipliers(s->mem, s->cfg, muls);
  muls[s->cfg->mul_count].activity = 1; // sums work as before
  *scale = 1;
  if (figure == VERB_DELAY)
    fill_delays(s, &counts, muls, exact, cost);
  else
    fill_sums(s, &counts, muls, figure, cost, scale);
  return true;
}
