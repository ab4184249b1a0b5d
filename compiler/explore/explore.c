// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/explore.h"
#include "compiler/explore/grouping.h"
#include "compiler/explore/method_parts.h"
#include "compiler/explore/model.h"
#include "compiler/explore/representatives.h"
#include "compiler/explore/score.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <string.h>

const double EXPLORE_CORNER = 0.1;
// Beyond so many times the corner or max_loss a drop is of no more interest: a little, so that curves reach the corner.
static const double EXPLORE_USELESS = 1.2;
static const int64_t MOST_ENTRIES = 100000000; // units x multipliers of a problem

const char *const *explore_methods(arena *mem) {
  const char **names = arena_new_array(mem, const char *, SEARCH_METHOD_COUNT + 2);
  names[0] = "model";
  for (size_t i = 0; i < SEARCH_METHOD_COUNT; i++)
    names[i + 1] = SEARCH_METHODS[i].name;
  return names;
}

// ---- what each multiplier costs in each layer ----

// [nodes][mul_count]; false where a layer has none that it may have.
static bool layer_costs(const explore_options *o, double *cost, diag *d) {
  const judge_options *j = &o->judge;
  for (int i = 0; i < (int)j->net->count; i++) {
    const net_node *n = &j->net->nodes[i];
    bool any = !net_multiplies(n), takes = false;
    for (int k = 0; k < j->mul_count; k++) {
      bool fits =
          net_multiplies(n) && net_fits(j->net, n, j->muls[k]) && (!o->frozen || o->frozen[i] < 0 || o->frozen[i] == k);
      bool may = fits && o->allowed >> k & 1;
      cost[i * j->mul_count + k] = may ? o->cost[i * j->mul_count + k] : INFINITY;
      any |= may;
      takes |= fits;
    }
    if (!any)
      return diag_at(d, n->pos, "layer `%s`: none of the multipliers%s takes its %d-bit activations and %d-bit weights",
                     n->name, takes ? " that the target has" : "", net_input_quant(j->net, n).bits, n->weight_bits);
  }
  return true;
}

// ---- at most so many different multipliers ----

// What a set of multipliers can do at a price on loss, were every layer one multiplier's.
static double value_of(const double *cost, const double *harm, int layers, int muls, uint64_t set, double price) {
  double sum = 0;
  for (int i = 0; i < layers; i++) {
    double least = INFINITY;
    for (int k = 0; k < muls; k++)
      if (set >> k & 1)
        least = fmin(least, cost[i * muls + k] + price * harm[i * muls + k]);
    sum += isfinite(least) ? least : 1e6; // a layer without any: as bad as can be
  }
  return sum;
}

// Takes from all layers' costs every multiplier but the `most` that together do best over a range of prices, each added
// where it helps most. False with a message where so few do not serve every layer.
static bool keep_few(const model_task *t, judge *j, double *const *weight, int most, double *cost, diag *d) {
  arena *mem = arena_new();
  int layers = 0, muls = t->mul_count;
  double *of = arena_new_array(mem, double, t->net->count *(size_t)muls),
         *harm = arena_new_array(mem, double, t->net->count *(size_t)muls);
  bool ok = true;
  for (int i = 0; ok && i < (int)t->net->count; i++) {
    if (!weight[i])
      continue;
    pricing_layer l = pricing_by_level(mem, t->net, i, ASSIGN_LAYER);
    ok = model_harms(t, j, &l, weight[i], harm + layers * muls, d);
    memcpy(of + layers * muls, cost + i * muls, (size_t)muls * sizeof *of);
    layers++;
  }
  static const double prices[] = {30, 10, 3, 1};
  search_problem p = {.units = layers, .choices = muls, .cost = of};
  search_space space;
  ok = ok && space_begin(&space, mem, &p, most, d);
  uint64_t set = 0;
  for (int n = 0; ok && n < most && n < muls; n++) {
    int best = -1;
    double least = INFINITY;
    for (int k = 0; k < muls; k++) {
      if (set >> k & 1 || !palette_complete(&space, set | 1ull << k))
        continue;
      double value = 0;
      for (size_t q = 0; q < BASE_COUNT(prices); q++)
        value += value_of(of, harm, layers, muls, set | 1ull << k, t->scale * prices[q]) / prices[q];
      if (value < least)
        least = value, best = k;
    }
    set |= best >= 0 ? 1ull << best : 0;
  }
  for (size_t i = 0; ok && i < t->net->count * (size_t)muls; i++)
    if (!(set >> i % (size_t)muls & 1))
      cost[i] = INFINITY;
  arena_free(mem);
  return ok;
}

// ---- methods that see decisions only ----

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
    const judged *p =
        judge_ask(a->judge, assignments_of(a, decisions[c], mem), search_cost(a->problem, decisions[c]), a->d);
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
static void cost_units(const model_task *t, int node, bool even, double *cost) {
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
      double all = t->cost[node * t->mul_count + k];
      cost[u * t->mul_count + k] = isfinite(all) ? all * (even ? 1.0 / (double)units_of(l) : share) : INFINITY;
    }
  }
  arena_free(own);
}

// Costs and harms of the problem's units, [units][muls]: what those of the layers add up to.
static bool fill_problem(const explore_options *o, const model_task *t, judge *j, double *const *weight,
                         const scores *s, const asked *a, int64_t units, double *cost, double *harm, diag *d) {
  int64_t muls = t->mul_count;
  bool ok = true;
  for (int64_t i = 0; i < units * muls; i++)
    cost[i] = harm[i] = 0;
  for (int i = 0; ok && i < (int)t->net->count; i++) {
    if (!weight[i])
      continue;
    arena *own = arena_new();
    int64_t count = units_of(&t->layers[i]) * muls;
    double *of_cost = arena_new_array(own, double, (size_t)count),
           *of_harm = arena_new_array(own, double, (size_t)count);
    cost_units(t, i, o->even, of_cost);
    if (s)
      score_units(s, t, i, of_harm);
    else
      ok = model_harms(t, j, &t->layers[i], weight[i], of_harm, d);
    for (int64_t at = 0; at < count; at++) {
      int64_t to = a->unit[i][at / muls] * muls + at % muls;
      cost[to] += of_cost[at];
      harm[to] += of_harm[at];
    }
    arena_free(own);
  }
  for (int64_t u = 0; ok && u < units; u++) {
    bool any = false;
    for (int64_t k = 0; k < muls; k++)
      any |= isfinite(cost[u * muls + k]);
    if (!any)
      return diag_error(d,
                        "no multiplier fits all layers, which share the target's multipliers; freeze those that need "
                        "another one, or take another --level");
  }
  return ok;
}

// The method of the table; NULL: `model` where places are shared.
static bool search_with(const search_method *method, const explore_options *o, const model_task *t, judge *j,
                        double *const *weight, int64_t *boundary, arena *mem, diag *d) {
  size_t muls = (size_t)t->mul_count;
  int64_t **unit = arena_new_array(mem, int64_t *, t->net->count);
  search_problem p = {.units = number_units(o, t->layers, mem, unit),
                      .choices = t->mul_count,
                      .most_choices = o->most_multipliers,
                      .max_loss = !method || method->boundary ? o->max_loss : fmax(o->max_loss, EXPLORE_CORNER),
                      .judge = answer};
  if (p.units > MOST_ENTRIES / t->mul_count)
    return diag_error(d,
                      "method %s: %lld units with %d multipliers each are more than it can hold; take --method model, "
                      "or a coarser --level",
                      o->method, (long long)p.units, t->mul_count);
  double *cost = arena_new_array(mem, double, (size_t)p.units *muls);
  double *harm = arena_new_array(mem, double, (size_t)p.units *muls);
  asked context = {t->net, t->layers, j, &p, unit, d};
  scores s;
  bool scored = method && method->boundary;
  if ((scored && !scores_of(o, t, mem, &s, d)) ||
      !fill_problem(o, t, j, weight, scored ? &s : NULL, &context, p.units, cost, harm, d))
    return false;
  p.cost = cost, p.harm = harm, p.context = &context;
  search_options options = {.seed = o->seed, .evaluations = o->judge.most, .spend = o->spend, .to_boundary = boundary};
  return (method ? method->run : search_by_harm)(&p, &options, d) && !d->errors;
}

// boundary: evaluations that it took to find one, where the method does.
static bool search(const explore_options *o, const model_task *t, judge *j, double *const *weight, int64_t *boundary,
                   diag *d) {
  bool model = !strcmp(o->method, "model");
  const search_method *method = model ? NULL : search_method_named(o->method, d);
  if (!model && !method)
    return false;
  arena *mem = arena_new();
  bool ok = search_with(method, o, t, j, weight, boundary, mem, d);
  arena_free(mem);
  return ok;
}

// ---- all of it ----

static bool find(const explore_options *o, explore_result *out, diag *d) {
  judge *j = out->judge;
  arena *mem = arena_new();
  const judge_options *jo = &o->judge;
  double *cost = arena_new_array(mem, double, jo->net->count *(size_t)jo->mul_count);
  pricing_layer *layers = arena_memdup(mem, o->layers, jo->net->count * sizeof *layers);
  model_task t = {jo->net, jo->muls, jo->mul_count, jo->calibration, jo->match, layers, cost, o->seed, o->scale, NULL};
  pool choices = pool_new(mem, jo->net, o->scale);
  t.pool = o->spend ? &choices : NULL;
  double **weight = arena_new_array(mem, double *, jo->net->count);
  bool model = !strcmp(o->method, "model") && !o->shared;
  bool ok = layer_costs(o, cost, d) && model_weights(&t, j, mem, weight, d);
  for (size_t i = 0; ok && i < jo->net->count; i++)
    if (weight[i])
      ok = grouping_choose(&t, j, weight[i], o->shared, &layers[i], mem, d);
  if (ok && model && o->most_multipliers)
    ok = keep_few(&t, j, weight, o->most_multipliers, cost, d);
  ok = ok && (model ? model_search(&t, j, weight, o->max_loss, EXPLORE_CORNER, jo->most, d)
                    : search(o, &t, j, weight, &out->to_boundary, d));
  if (ok && model && o->spend && !interrupted())
    ok = refine_search(&choices, j, o->max_loss, EXPLORE_CORNER, d);
  arena_free(mem);
  return ok;
}

// The judged points that nothing else beats and that save something, dear ones first.
static void take_front(const explore_options *o, arena *mem, explore_result *out) {
  size_t count, n = 0;
  const judged *const *all = judge_all(out->judge, &count);
  arena *own = arena_new();
  front_point *points = arena_new_array(own, front_point, count + 1);
  bool *on = arena_new_array(own, bool, count + 1);
  for (size_t i = 0; i < count; i++)
    points[i] = (front_point){all[i]->cost, judge_complete(out->judge, all[i]) ? all[i]->drop : NAN};
  points[count] = (front_point){1, 0}; // exact
  front_mark(points, count + 1, on);
  out->hypervolume = front_hypervolume(points, count + 1, (front_point){1, EXPLORE_CORNER});
  out->points = arena_new_array(mem, explore_point, count);
  for (size_t i = 0; i < count; i++) {
    // Better than exact and dearer is nothing that anybody looks for.
    if (!on[i] || all[i]->cost >= 1)
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
  for (size_t i = 0; i < net->count; i++) {
    double of_layer = 0;
    for (int64_t k = 0; net_multiplies(&net->nodes[i]) && k < assign[i].count; k++)
      of_layer += cost[i * (size_t)mul_count + assign[i].mul[k]];
    sum += of_layer > 0 ? of_layer / (double)assign[i].count : 0;
  }
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
  if (cost)
    *cost = o->cost_of ? o->cost_of(o->hardware, out) : explore_cost(net, o->judge.mul_count, o->cost, out);
  return out;
}

judge *explore_judge(const explore_options *o, diag *d) {
  judge_options judge = o->judge;
  if (o->nearest || o->cost_of)
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
