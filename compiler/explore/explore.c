// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/explore.h"
#include "compiler/explore/decided.h"
#include "compiler/explore/figures.h"
#include "compiler/explore/grouping.h"
#include "compiler/explore/method.h"
#include "compiler/explore/palettes.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <string.h>

const double EXPLORE_CORNER = 0.1;
// Beyond so many times the corner or max_loss a drop is of no more interest: a little, so that curves reach the corner.
static const double EXPLORE_USELESS = 1.2;

const char *const *explore_methods(arena *mem) {
  const char **names = arena_new_array(mem, const char *, SEARCH_METHOD_COUNT + 2);
  names[0] = "model";
  for (size_t i = 0; i < SEARCH_METHOD_COUNT; i++)
    names[i + 1] = SEARCH_METHODS[i].name;
  return names;
}

// ---- what each multiplier costs in each layer ----

// [nodes][mul_count] in each figure; false where a layer has none that it may have.
static bool layer_costs(const explore_options *o, double *const cost[JUDGE_FIGURES], diag *d) {
  const judge_options *j = &o->judge;
  for (int i = 0; i < (int)j->net->count; i++) {
    const net_node *n = &j->net->nodes[i];
    bool any = !net_multiplies(n), takes = false;
    for (int k = 0; k < j->mul_count; k++) {
      bool fits =
          net_multiplies(n) && net_fits(j->net, n, j->muls[k]) && (!o->frozen || o->frozen[i] < 0 || o->frozen[i] == k);
      bool may = fits && o->allowed >> k & 1;
      for (int f = 0; f < o->figures; f++)
        cost[f][i * j->mul_count + k] = may ? o->figure[f].cost[i * j->mul_count + k] : INFINITY;
      any |= may;
      takes |= fits;
    }
    if (!any)
      return diag_at(d, n->pos, "layer `%s`: none of the multipliers%s takes its %d-bit activations and %d-bit weights",
                     n->name, takes ? " that the target has" : "", net_input_quant(j->net, n).bits, n->weight_bits);
  }
  return true;
}

// ---- all of it ----

static void weigh_layers(quest *q, double weight) {
  const explore_figure *figure = q->o->figure;
  figures_weigh(weight, q->figure, q->t.net->count * (size_t)q->t.mul_count, q->cost);
  q->t.scale = figures_sum(weight, figure[0].scale, figure[1].scale);
}

static bool look_by_model(void *context, int which, double weight, int64_t evaluations, diag *d) {
  (void)which;
  quest *q = context;
  weigh_layers(q, weight);
  return model_search(&q->t, q->j, q->weight, q->o->max_loss, EXPLORE_CORNER, evaluations, d);
}

// With two figures a third is left for neighbours of what was found for all weights.
static bool search_by_model(quest *q, const pool *choices, diag *d) {
  const explore_options *o = q->o;
  bool both = o->figures > 1;
  figures_plan plan = {both, !both ? 1 : o->spend ? FIGURES_FIRST : FIGURES_WEIGHTS, o->judge.most, o->judge.most};
  if (both && o->spend)
    plan.most = (plan.all * 2 + 2) / 3;
  if (!figures_run(q->j, &plan, look_by_model, q, d))
    return false;
  return !o->spend || interrupted() || refine_search(choices, q->j, o->max_loss, EXPLORE_CORNER, d);
}

// At most so many different multipliers in a design.
static bool limit(quest *q, arena *mem, diag *d) {
  const model_task *t = &q->t;
  double **harm = arena_new_array(mem, double *, t->net->count);
  for (int i = 0; i < (int)t->net->count; i++) {
    if (!q->weight[i])
      continue;
    pricing_layer l = pricing_by_level(mem, t->net, i, ASSIGN_LAYER);
    harm[i] = arena_new_array(mem, double, (size_t)t->mul_count);
    if (!model_harms(t, q->j, &l, q->weight[i], harm[i], d))
      return false;
  }
  q->t.few = arena_new_object(mem, palettes);
  return palettes_begin(q->t.few, mem, t->net, t->mul_count, q->cost, harm, q->o->most_multipliers, d);
}

static bool find(const explore_options *o, explore_result *out, diag *d) {
  judge *j = out->judge;
  arena *mem = arena_new();
  const judge_options *jo = &o->judge;
  size_t nodes = jo->net->count, entries = nodes * (size_t)jo->mul_count;
  quest q = {.o = o, .j = j, .corner = EXPLORE_CORNER, .cost = arena_new_array(mem, double, entries)};
  pricing_layer *layers = arena_memdup(mem, o->layers, nodes * sizeof *layers);
  pool choices = pool_new(mem, jo->net, o->figure[0].scale);
  choices.most = o->most_multipliers;
  for (int f = 0; f < o->figures; f++)
    q.figure[f] = arena_new_array(mem, double, entries);
  for (int f = 0; f < o->figures && o->figures > 1; f++)
    choices.figure[f] = q.figure[f], choices.mul_count = jo->mul_count;
  q.t = (model_task){jo->net, jo->muls, jo->mul_count, jo->calibration, jo->match, layers, q.cost, o->seed,
                     1,       NULL,     NULL};
  q.t.pool = o->spend ? &choices : NULL;
  q.weight = arena_new_array(mem, double *, nodes);
  bool model = !strcmp(o->method, "model") && !o->shared, ok = layer_costs(o, q.figure, d);
  if (ok)
    weigh_layers(&q, o->figures > 1 ? FIGURES_WEIGHT[0] : 1);
  ok = ok && model_weights(&q.t, j, mem, q.weight, d);
  for (size_t i = 0; ok && i < nodes; i++)
    if (q.weight[i])
      ok = grouping_choose(&q.t, j, q.weight[i], o->shared, &layers[i], mem, d);
  if (ok && model && o->most_multipliers)
    ok = limit(&q, mem, d);
  ok = ok && (model ? search_by_model(&q, &choices, d) : decided_search(&q, &out->to_boundary, d));
  arena_free(mem);
  return ok;
}

// Which of what was judged nothing else beats, the exact network among it; and the hypervolume.
static double mark_front(const explore_options *o, const judge *j, const judged *const *all, size_t count, arena *mem,
                         bool *on) {
  front_point *one = arena_new_array(mem, front_point, count + 1);
  front_point_two *two = arena_new_array(mem, front_point_two, count + 1);
  for (size_t i = 0; i < count; i++) {
    double drop = judge_complete(j, all[i]) ? all[i]->drop : NAN;
    one[i] = (front_point){all[i]->cost, drop};
    two[i] = (front_point_two){{all[i]->cost, all[i]->other}, drop};
  }
  one[count] = (front_point){1, 0};
  two[count] = (front_point_two){{1, 1}, 0};
  if (o->figures > 1) {
    front_mark_two(two, count + 1, on);
    return front_hypervolume_two(two, count + 1, (front_point_two){{1, 1}, EXPLORE_CORNER});
  }
  front_mark(one, count + 1, on);
  return front_hypervolume(one, count + 1, (front_point){1, EXPLORE_CORNER});
}

// The judged points that nothing else beats and that save something, dear ones first.
static void take_front(const explore_options *o, arena *mem, explore_result *out) {
  size_t count, n = 0;
  const judged *const *all = judge_all(out->judge, &count);
  arena *own = arena_new();
  bool *on = arena_new_array(own, bool, count + 1);
  out->hypervolume = mark_front(o, out->judge, all, count, own, on);
  out->points = arena_new_array(mem, explore_point, count);
  for (size_t i = 0; i < count; i++) {
    // Better than exact and dearer is nothing that anybody looks for.
    if (!on[i] || (all[i]->cost >= 1 && (o->figures < 2 || all[i]->other >= 1)))
      continue;
    size_t at = n++;
    for (; at && out->points[at - 1].found->cost < all[i]->cost; at--)
      out->points[at] = out->points[at - 1];
    out->points[at] = (explore_point){.found = all[i], .meets = all[i]->drop <= o->max_loss};
  }
  out->count = n;
  arena_free(own);
}

static bool measure(const explore_options *o, explore_result *out, diag *d) {
  progress bar = progress_begin("on the test images", out->count);
  bool ok = true;
  for (size_t i = 0; i < out->count; i++)
    judge_expect(out->judge, JUDGE_TEST, out->points[i].found->assign);
  for (size_t i = 0; ok && i < out->count; i++) {
    explore_point *p = &out->points[i];
    ok = judge_measure(out->judge, p->found->assign, &p->test, d);
    p->meets = ok && p->test.drop <= o->max_loss;
    out->exact_test = p->test.exact;
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  return ok;
}

// A search that was stopped has its front all the same: what was said of the stop is no error, and loops run again. Not
// where it had judged nothing yet.
static bool heed(const explore_result *r, diag_mark before, diag *d) {
  size_t judged;
  judge_all(r->judge, &judged);
  if (!judged)
    return false;
  interrupt_heed();
  diag_unsay(d, before);
  return true;
}

double explore_cost(const network *net, int mul_count, const double *cost, const assignment *assign) {
  double sum = 0;
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      sum += figures_of_layer(&assign[i], cost + i * (size_t)mul_count);
  return sum;
}

// What the hardware holds, and what that costs.
static const assignment *held(const void *options, arena *mem, const assignment *assign, double *cost) {
  const explore_options *o = options;
  const network *net = o->judge.net;
  assignment *out = arena_memdup(mem, assign, net->count * sizeof *out);
  for (int i = 0; o->nearest && i < (int)net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      o->nearest(o->hardware, mem, i, &assign[i], &out[i]);
  if (cost && o->cost_of)
    o->cost_of(o->hardware, out, cost);
  for (int f = 0; cost && !o->cost_of && f < o->figures; f++)
    cost[f] = explore_cost(net, o->judge.mul_count, o->figure[f].cost, out);
  return out;
}

judge *explore_judge(const explore_options *o, diag *d) {
  judge_options judge = o->judge;
  // With two figures the searches' costs are weighted sums, but where units of all layers are decided together.
  if (o->nearest || o->cost_of || (o->figures > 1 && !o->shared))
    judge.held = held, judge.hardware = o;
  judge.useless = EXPLORE_USELESS * fmax(o->max_loss, EXPLORE_CORNER);
  return judge_new(&judge, d);
}

bool explore_run(const explore_options *o, arena *mem, explore_result *out, diag *d) {
  double started = clock_seconds();
  *out = (explore_result){.judge = explore_judge(o, d)};
  if (!out->judge)
    return false;
  diag_mark before = diag_marked(d);
  bool ok = find(o, out, d);
  out->interrupted = interrupted();
  if (out->interrupted ? !heed(out, before, d) : !ok)
    return false;
  take_front(o, mem, out);
  if (o->judge.test && !out->interrupted) {
    ok = measure(o, out, d);
    out->interrupted = interrupted();
    if (out->interrupted ? !heed(out, before, d) : !ok)
      return false;
  }
  if (out->interrupted)
    for (size_t i = 0; i < out->count; i++)
      out->points[i].meets = out->points[i].found->drop <= o->max_loss && !o->judge.test;
  out->exact = *judge_exact(out->judge);
  out->evaluations = judge_evaluations(out->judge);
  out->remembered = judge_remembered(out->judge);
  out->seconds = clock_seconds() - started;
  return true;
}

void explore_free(explore_result *r) {
  judge_free(r->judge);
  r->judge = NULL;
}
