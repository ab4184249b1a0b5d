// SPDX-License-Identifier: Apache-2.0
//
// A network as a problem for methods that see decisions only.
#include "compiler/explore/decided.h"
#include "compiler/explore/figures.h"
#include "compiler/explore/method_parts.h"
#include "compiler/explore/representatives.h"
#include "compiler/explore/score.h"

#include <math.h>
#include <string.h>

static const int64_t MOST_ENTRIES = 100000000; // units x multipliers of a problem

typedef struct {
  const network *net;
  const pricing_layer *layers;
  judge *judge;
  const search_problem *problem;
  int64_t *const *unit;
  diag *d;
} asked;

static int64_t units_of(const pricing_layer *l) { return (int64_t)l->teams * l->parts; }

// Which unit of the problem each unit of a layer is, [nodes][units_of]: its own; where places are shared, those of all
// layers but frozen ones are the same, and a frozen one is a unit of its own. Returns how many there are.
static int64_t number_units(const explore_options *o, const pricing_layer *layers, arena *mem, int64_t **unit) {
  int64_t count = 0;
  bool any_shared = false;
  for (size_t i = 0; o->shared && i < o->judge.net->count; i++)
    if (net_multiplies(&o->judge.net->nodes[i]) && !any_shared && !(o->frozen && o->frozen[i] >= 0))
      count = units_of(&layers[i]), any_shared = true;
  for (size_t i = 0; i < o->judge.net->count; i++) {
    if (!net_multiplies(&o->judge.net->nodes[i]))
      continue;
    int64_t units = units_of(&layers[i]);
    bool frozen = o->frozen && o->frozen[i] >= 0;
    unit[i] = arena_new_array(mem, int64_t, (size_t)units);
    for (int64_t u = 0; u < units; u++)
      unit[i][u] = !o->shared ? count + u : frozen ? count : u;
    count += !o->shared ? units : frozen;
  }
  return count;
}

static assignment *assignments_of(const asked *a, const uint8_t *decisions, arena *mem) {
  const network *net = a->net;
  assignment *assign = arena_new_array(mem, assignment, net->count);
  arena *own = arena_new();
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i])) {
      uint8_t *choice = arena_alloc(own, (size_t)units_of(&a->layers[i]));
      for (int64_t u = 0; u < units_of(&a->layers[i]); u++)
        choice[u] = decisions[a->unit[i][u]];
      assign[i] = model_assignment(net, &a->layers[i], choice, mem);
    }
  arena_free(own);
  return assign;
}

static bool answer(void *context, const uint8_t *const *decisions, int count, double *loss) {
  const asked *a = context;
  int ahead = (int)judge_ahead(a->judge), expected = 0, c = 0;
  for (bool more = true; more && c < count; c += more) {
    arena *mem = arena_new();
    for (; expected < count && expected < c + ahead; expected++)
      judge_expect(a->judge, JUDGE_VALIDATION, assignments_of(a, decisions[expected], mem));
    double cost[JUDGE_FIGURES];
    search_costs(a->problem, decisions[c], cost);
    const judged *p = judge_ask_both(a->judge, assignments_of(a, decisions[c], mem), cost, a->d);
    arena_free(mem);
    more = p != NULL;
    loss[c] = p ? p->drop : NAN;
  }
  judge_expect_no_more(a->judge);
  return c == count;
}

// HAWX's scores in the place of harms: of one unit of a layer, its parts' or its team's mean.
enum { REPRESENTATIVES = 16 };
static bool scores_of(const explore_options *o, const model_task *t, arena *mem, scores *out, diag *d) {
  const dataset *data = representatives_source(t->net, t->calibration, o->judge.validation);
  representatives r;
  return representatives_choose(mem, t->net, data, 0, data->count, REPRESENTATIVES, o->seed, &r, d) &&
         score_run(mem, t->net, t->muls, t->mul_count, data, r.image, r.count, ASSIGN_WEIGHT, out, d);
}

static void score_units(const scores *s, const model_task *t, int node, double *harm) {
  const pricing_layer *l = &t->layers[node];
  int64_t reduction = net_reduction(t->net, &t->net->nodes[node]);
  int muls = t->mul_count, at = 0;
  while (s->layer[at].node != node)
    at++;
  arena *own = arena_new();
  int64_t *size = arena_new_array(own, int64_t, (size_t)l->parts);
  for (int64_t u = 0; u < units_of(l) * muls; u++)
    harm[u] = 0;
  for (int64_t i = 0; i < reduction; i++)
    size[l->part[i]]++;
  for (int team = 0; team < l->teams; team++) {
    int filters = l->team[team + 1] - l->team[team];
    for (int f = l->team[team]; f < l->team[team + 1]; f++)
      for (int64_t i = 0; i < reduction; i++)
        for (int k = 0; k < muls; k++)
          harm[((int64_t)team * l->parts + l->part[i]) * muls + k] +=
              s->layer[at].unit[(l->filter[f] * reduction + i) * muls + k] / ((double)size[l->part[i]] * filters);
  }
  arena_free(own);
}

// What each unit costs: its share of the layer's products, or of its units.
static void cost_units(const model_task *t, int node, const double *of, bool even, double *cost) {
  const pricing_layer *l = &t->layers[node];
  int64_t reduction = net_reduction(t->net, &t->net->nodes[node]);
  arena *own = arena_new();
  int64_t *size = arena_new_array(own, int64_t, (size_t)l->parts);
  for (int64_t i = 0; i < reduction; i++)
    size[l->part[i]]++;
  for (int64_t u = 0; u < units_of(l); u++) {
    int team = (int)(u / l->parts);
    double share = (double)size[u % l->parts] * (l->team[team + 1] - l->team[team]) /
                   ((double)reduction * t->net->nodes[node].shape.c);
    for (int k = 0; k < t->mul_count; k++) {
      double all = of[node * t->mul_count + k];
      cost[u * t->mul_count + k] = isfinite(all) ? all * (even ? 1.0 / (double)units_of(l) : share) : INFINITY;
    }
  }
  arena_free(own);
}

// A problem whose units are decided by a method that sees nothing else.
typedef struct {
  search_problem p;
  search_options options;
  const search_method *method; // NULL: `model` where places are shared
  double *cost, *figure[JUDGE_FIGURES], *harm; // [units][muls]
  int64_t *to_boundary;
} decided;

// Costs and harms of the problem's units: what those of the layers add up to. s: scores in the place of harms.
static bool fill_layer(const quest *q, const scores *s, const asked *a, int node, decided *out, diag *d) {
  const model_task *t = &q->t;
  arena *own = arena_new();
  int64_t muls = t->mul_count, count = units_of(&t->layers[node]) * muls;
  double *of = arena_new_array(own, double, (size_t)count);
  bool ok = true;
  for (int f = 0; f < q->o->figures; f++) {
    cost_units(t, node, q->figure[f], q->o->figure[f].even, of);
    for (int64_t at = 0; at < count; at++)
      out->figure[f][a->unit[node][at / muls] * muls + at % muls] += of[at];
  }
  if (s)
    score_units(s, t, node, of);
  else
    ok = model_harms(t, q->j, &t->layers[node], q->weight[node], of, d);
  for (int64_t at = 0; at < count; at++)
    out->harm[a->unit[node][at / muls] * muls + at % muls] += of[at];
  arena_free(own);
  return ok;
}

static bool fill_problem(const quest *q, const scores *s, const asked *a, arena *mem, decided *out, diag *d) {
  int64_t muls = q->t.mul_count, units = out->p.units;
  out->cost = arena_new_array(mem, double, (size_t)(units * muls));
  out->harm = arena_new_array(mem, double, (size_t)(units * muls));
  for (int f = 0; f < q->o->figures; f++)
    out->figure[f] = arena_new_array(mem, double, (size_t)(units * muls));
  bool ok = true;
  for (int i = 0; ok && i < (int)q->t.net->count; i++)
    ok = !q->weight[i] || fill_layer(q, s, a, i, out, d);
  for (int64_t u = 0; ok && u < units; u++) {
    bool any = false;
    for (int64_t k = 0; k < muls; k++)
      any |= isfinite(out->figure[0][u * muls + k]);
    if (!any)
      return diag_error(d,
                        "no multiplier fits all layers, which share the target's multipliers; freeze those that need "
                        "another one, or take another --level");
  }
  return ok;
}

static bool decide(void *context, int which, double weight, int64_t evaluations, diag *d) {
  decided *s = context;
  figures_weigh(weight, s->figure, (size_t)s->p.units * (size_t)s->p.choices, s->cost);
  s->options.evaluations = evaluations;
  s->options.to_boundary = which ? NULL : s->to_boundary;
  return (s->method ? s->method->run : search_by_harm)(&s->p, &s->options, d) && !d->errors;
}

static bool search_with(quest *q, decided *s, arena *mem, diag *d) {
  const explore_options *o = q->o;
  const model_task *t = &q->t;
  const search_method *method = s->method;
  int64_t **unit = arena_new_array(mem, int64_t *, t->net->count);
  s->options = (search_options){.seed = o->seed, .spend = o->spend};
  s->p = (search_problem){.units = number_units(o, t->layers, mem, unit),
                          .choices = t->mul_count,
                          .most_choices = o->most_multipliers,
                          .max_loss = !method || method->boundary ? o->max_loss : fmax(o->max_loss, q->corner),
                          .judge = answer};
  if (s->p.units > MOST_ENTRIES / t->mul_count)
    return diag_error(d,
                      "method %s: %lld units with %d multipliers each are more than it can hold; take --method model, "
                      "or a coarser --level",
                      o->method, (long long)s->p.units, t->mul_count);
  asked context = {t->net, t->layers, q->j, &s->p, unit, d};
  scores of;
  bool scored = method && method->boundary, both = o->figures > 1;
  if ((scored && !scores_of(o, t, mem, &of, d)) || !fill_problem(q, scored ? &of : NULL, &context, mem, s, d))
    return false;
  s->p.cost = s->cost, s->p.harm = s->harm, s->p.context = &context;
  for (int f = 0; both && f < JUDGE_FIGURES; f++)
    s->p.figure[f] = s->figure[f];
  figures_plan plan = {both, both && !(method && method->both) ? FIGURES_WEIGHTS : 1, o->judge.most, o->judge.most};
  return figures_run(q->j, &plan, decide, s, d);
}

bool decided_search(quest *q, int64_t *to_boundary, diag *d) {
  bool model = !strcmp(q->o->method, "model");
  decided s = {.method = model ? NULL : search_method_named(q->o->method, d), .to_boundary = to_boundary};
  if (!model && !s.method)
    return false;
  arena *mem = arena_new();
  bool ok = search_with(q, &s, mem, d);
  arena_free(mem);
  return ok;
}
