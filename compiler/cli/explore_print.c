// SPDX-License-Identifier: Apache-2.0
//
// What an exploration found, as JSON and as lines.
#include "compiler/base/json.h"
#include "compiler/cli/explore.h"

#include <math.h>

static double energy_of(const explore_job *j, const explore_point *p, const verb_point_cost *of) {
  const config *c = j->s.cfg;
  for (int f = 0; f < j->o.figures; f++)
    if (j->figure[f] == VERB_ENERGY)
      return verb_explore_figure(p->found, f);
  if (j->design)
    return of->design.figure[VERB_ENERGY] / j->exact.figure[VERB_ENERGY];
  return j->energy ? explore_cost(c->net, (int)c->mul_count, j->energy, p->found->assign) : NAN;
}

// Of each point of the front, with both prices. Planning takes time, which nobody has after Ctrl-C.
verb_point_cost *verb_explore_costs(const explore_job *j, const explore_result *r) {
  const config *c = j->s.cfg;
  verb_point_cost *out = arena_new_array(j->s.mem, verb_point_cost, r->count);
  for (size_t i = 0; i < r->count; i++) {
    const assignment *assign = r->points[i].found->assign;
    diag why = {0};
    out[i].multipliers = explore_cost(c->net, (int)c->mul_count, j->cost[0], assign);
    if (!c->target || r->interrupted || !verb_explore_design(&j->s, assign, &out[i].design, &why))
      out[i].design = VERB_DESIGN_UNKNOWN;
    out[i].energy = energy_of(j, &r->points[i], &out[i]);
    diag_free(&why);
  }
  return out;
}

static void add_figures(cJSON *to, int count, const double *is, const double *exact) {
  static const char *const KEYS[VERB_FIGURES] = {"nj_per_image", "area_um2", "delay_ns"};
  cJSON *saving = exact ? cJSON_AddObjectToObject(to, "saving") : NULL;
  for (int i = 0; i < count; i++) {
    json_add_known(to, KEYS[i], is[i]);
    if (exact)
      json_add_known(saving, VERB_FIGURE_NAMES[i], 1 - is[i] / exact[i]);
  }
}

static void add_design(cJSON *to, const verb_design_cost *is, const verb_design_cost *exact) {
  if (isnan(is->figure[0]))
    return;
  cJSON *o = cJSON_AddObjectToObject(to, "design");
  add_figures(o, VERB_FIGURES, is->figure, exact ? exact->figure : NULL);
  add_figures(cJSON_AddObjectToObject(o, "with_memories"), VERB_DELAY, is->with_memories,
              exact ? exact->with_memories : NULL);
}

static cJSON *counts_json(const evaluation *e, double drop) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "images", (double)e->images);
  cJSON_AddNumberToObject(o, "top1", (double)e->correct / (double)e->images);
  cJSON_AddNumberToObject(o, "loss", drop);
  if (isfinite(e->loss))
    cJSON_AddNumberToObject(o, "cross_entropy", e->loss);
  return o;
}

cJSON *verb_explore_json(const explore_job *j, const explore_result *r, const verb_point_cost *costs) {
  cJSON *json = cJSON_CreateObject(), *points = cJSON_CreateArray();
  cJSON_AddStringToObject(json, "network", j->s.cfg->net->name);
  cJSON_AddStringToObject(json, "level", j->level);
  cJSON_AddStringToObject(json, "method", j->o.method);
  cJSON_AddStringToObject(json, "objective", j->objective);
  cJSON_AddStringToObject(json, "price", verb_explore_priced(j));
  cJSON_AddNumberToObject(json, "max_loss", j->o.max_loss);
  cJSON_AddBoolToObject(json, "tuned", j->o.tuned != NULL);
  cJSON_AddNumberToObject(json, "seed", (double)j->o.seed);
  cJSON_AddNumberToObject(json, "evaluations", (double)(r->evaluations + r->remembered));
  if (r->to_boundary)
    cJSON_AddNumberToObject(json, "evaluations_to_boundary", (double)r->to_boundary);
  cJSON_AddNumberToObject(json, "hypervolume", r->hypervolume);
  cJSON *exact = counts_json(&r->exact, 0);
  add_design(exact, &j->exact, NULL);
  cJSON_AddItemToObject(json, "exact", exact);
  for (size_t i = 0; i < r->count; i++) {
    const explore_point *p = &r->points[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "config",
                            arena_printf(j->s.mem, "%s/%s/config.yaml", j->s.dir, verb_explore_folder(j->s.mem, i)));
    json_add_known(o, VERB_FIGURE_NAMES[VERB_ENERGY], costs[i].energy);
    for (int f = 0; f < j->o.figures; f++)
      if (j->figure[f] != VERB_ENERGY)
        cJSON_AddNumberToObject(o, VERB_FIGURE_NAMES[j->figure[f]], verb_explore_figure(p->found, f));
    cJSON_AddNumberToObject(o, "saving", 1 - p->found->cost);
    cJSON *savings = j->o.figures > 1 ? cJSON_AddObjectToObject(o, "savings") : NULL;
    for (int f = 0; savings && f < j->o.figures; f++)
      cJSON_AddNumberToObject(savings, VERB_FIGURE_NAMES[j->figure[f]], 1 - verb_explore_figure(p->found, f));
    cJSON_AddNumberToObject(o, "multipliers_saving", 1 - costs[i].multipliers);
    add_design(o, &costs[i].design, &j->exact);
    cJSON_AddItemToObject(o, "validation", counts_json(&p->found->result, p->found->drop));
    if (j->o.judge.test && !r->interrupted) {
      cJSON *test = counts_json(&p->test.result, p->test.drop);
      const double interval[] = {p->test.lo, p->test.hi};
      cJSON_AddItemToObject(test, "interval", cJSON_CreateDoubleArray(interval, 2));
      cJSON_AddItemToObject(o, "test", test);
    } else
      cJSON_AddNullToObject(o, "test");
    cJSON_AddBoolToObject(o, "meets", p->meets);
    cJSON_AddItemToArray(points, o);
  }
  cJSON_AddItemToObject(json, "points", points);
  return json;
}

// Why there is no front.
static const char *why_none(const explore_job *j, const explore_result *r) {
  size_t count;
  const judged *const *all = judge_all(r->judge, &count);
  bool cheaper = false;
  for (size_t i = 0; i < count; i++)
    cheaper |= all[i]->cost < 1 || (j->o.figures > 1 && all[i]->other < 1);
  return cheaper ? "all that was judged and costs less than exact loses so much that its evaluation was stopped"
                 : "nothing that was judged costs less than exact";
}

static const char *const PRICED[] = {"the multipliers alone", "the whole accelerator, predicted, without memories"};
// What is saved of all with memories; NAN: not known, or not told: of two figures explore.json has it.
static double with_memories(const explore_job *j, const verb_point_cost *of) {
  verb_figure f = j->figure[0];
  return j->o.figures == 1 && j->design && f != VERB_DELAY ? 1 - of->design.with_memories[f] / j->exact.with_memories[f]
                                                           : NAN;
}

// What is saved by the other price; as above.
static double beside(const explore_job *j, const verb_point_cost *of) {
  verb_figure f = j->figure[0];
  return j->o.figures > 1 ? NAN : j->design ? 1 - of->multipliers : 1 - of->design.figure[f] / j->exact.figure[f];
}

void verb_explore_text(const explore_job *j, const explore_result *r, const verb_point_cost *costs, str *out) {
  bool both = r->count && isfinite(beside(j, &costs[0])), kept = r->count && isfinite(with_memories(j, &costs[0]));
  str_printf(out, "%s: exact %.2f %% on %zu validation image%s\n", j->s.cfg->net->name,
             100 * (double)r->exact.correct / (double)r->exact.images, r->exact.images, plural(r->exact.images));
  str_printf(out, "%-10s", "point");
  for (int f = 0; f < j->o.figures; f++)
    str_printf(out, " %9s", VERB_FIGURE_NAMES[j->figure[f]]);
  if (kept)
    str_printf(out, " %13s", "with memories");
  if (both)
    str_printf(out, " %11s", j->design ? "multipliers" : "design");
  str_printf(out, " %11s   %s\n", "validation", j->o.judge.test ? "test, with 95 % interval" : "");
  for (size_t i = 0; i < r->count; i++) {
    const explore_point *p = &r->points[i];
    str_printf(out, "%-10s", verb_explore_folder(j->s.mem, i));
    for (int f = 0; f < j->o.figures; f++)
      str_printf(out, " %7.1f %%", 100 * (verb_explore_figure(p->found, f) - 1));
    if (kept)
      str_printf(out, "     %+6.1f %%", 0 - 100 * with_memories(j, &costs[i]));
    if (both)
      str_printf(out, "   %+6.1f %%", 0 - 100 * beside(j, &costs[i]));
    str_printf(out, "   %+6.2f     ", 0 - 100 * p->found->drop);
    if (j->o.judge.test && !r->interrupted)
      str_printf(out, "  %+6.2f (%+.2f to %+.2f)", 0 - 100 * p->test.drop, 0 - 100 * p->test.hi, 0 - 100 * p->test.lo);
    str_printf(out, "%s\n", p->meets ? "  meets the threshold" : "");
  }
  str_printf(
      out,
      "%zu evaluation%s (%zu more from explore.db), hypervolume %.3f, %.0f s; accuracies are in points against exact\n",
      r->evaluations, plural(r->evaluations), r->remembered, r->hypervolume, r->seconds);
  if (both)
    str_printf(out, "%s: of %s; %s: of %s\n", VERB_FIGURE_NAMES[j->figure[0]], PRICED[j->design],
               j->design ? "multipliers" : "design", PRICED[!j->design]);
  if (j->o.figures > 1)
    str_printf(out, "%s and %s: of %s\n", VERB_FIGURE_NAMES[j->figure[0]], VERB_FIGURE_NAMES[j->figure[1]],
               PRICED[j->design]);
  if (r->to_boundary)
    str_printf(out, "%lld evaluation%s to the boundary\n", (long long)r->to_boundary, plural((size_t)r->to_boundary));
  if (r->interrupted)
    str_add(out, "interrupted: the front so far; the same command goes on from explore.db\n");
  else if (!r->count)
    str_printf(out, "no points: %s\n", why_none(j, r));
  else
    str_printf(out, "%s/points/: a config for each, with the corrected network\n", j->s.dir);
}
