// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/predictor.h"
#include "compiler/explore/noise.h"
#include "compiler/explore/representatives.h"
#include "compiler/explore/score.h"

#include <math.h>
#include <stdlib.h>

const char *const PREDICTOR_NAMES[PREDICTORS] = {[PREDICT_MODEL] = "model",
                                                 [PREDICT_HAWX] = "hawx",
                                                 [PREDICT_VARIANCE] = "variance",
                                                 [PREDICT_MAE] = "mae",
                                                 [PREDICT_MRED] = "mred"};

// Measurements in all; of each layer at least so many. What is not measured lies between what is.
enum { PROBES = 400, LEAST_PROBES = 4, REPRESENTATIVES = 32 };

struct predictor {
  arena *mem;
  const model_task *task;
  double **weight; // [nodes][F] Fisher weights
  pricing_errors **errors; // [nodes]
  double *slope; // [nodes][muls] noise at the outputs for harm (weights times variances)
  const noise *cost; // on the validation images
  scores scores; // layers 0: none
  mul_errors *mul; // [muls]
  uint64_t multiplications;
  size_t probes;
};

// ---- what noise costs ----

static noise *noise_of(arena *mem, const model_task *t, const dataset *data, diag *d) {
  size_t outputs = (size_t)net_shape_size(net_output(t->net)->shape);
  evaluator *e = evaluator_new(t->net, t->muls, t->mul_count, data, NULL, d);
  if (!e)
    return NULL;
  arena *own = arena_new();
  int32_t *codes = arena_new_array(own, int32_t, data->count * outputs), zero;
  double *logits = arena_new_array(own, double, data->count *outputs), *scale = arena_new_array(own, double, outputs);
  bool scaled = evaluator_scale(t->net, scale, &zero);
  evaluation_details details = {.logits = codes};
  evaluation ignored;
  bool ok = evaluator_accuracy(e, 0, data->count, &details, &ignored) || diag_tool(d, "interrupted");
  for (size_t i = 0; ok && i < data->count * outputs; i++)
    logits[i] = (scaled ? scale[i % outputs] : 1) * ((double)codes[i] - zero);
  bool labels = data->labels && (size_t)data->classes <= outputs;
  noise *n = ok ? noise_new(mem, logits, labels ? data->labels : NULL, data->count, outputs, t->seed) : NULL;
  arena_free(own);
  evaluator_free(e);
  return n;
}

// ---- how much noise each multiplier makes ----

typedef struct {
  int mul;
  double harm, noise; // NAN: not measured
} probe;

static int by_harm(const void *a, const void *b) {
  const probe *p = a, *q = b;
  return p->harm != q->harm ? (p->harm > q->harm) - (p->harm < q->harm) : p->mul - q->mul;
}

// The harm of a layer's errors, to be multiplied by a slope each filter: harm of filter f's errors is weight *
// variance.
static double harm_of(const predictor *p, int node, const double *variance) {
  double harm = 0;
  for (int f = 0; f < p->task->net->nodes[node].shape.c; f++)
    harm += p->weight[node][f] * variance[f];
  return harm;
}

// The whole layer's, with each multiplier that does it any harm; ascending.
static int harms_of(const predictor *p, int node, arena *mem, probe *out) {
  const model_task *t = p->task;
  const net_node *n = &t->net->nodes[node];
  double *variance = arena_new_array(mem, double, (size_t)n->shape.c);
  int count = 0;
  for (int k = 0; k < t->mul_count; k++) {
    if (!isfinite(t->cost[node * t->mul_count + k]) || t->muls[k]->exact)
      continue;
    assignment a = assignment_uniform(mem, t->net, n, (uint8_t)k);
    pricing_errors_of(p->errors[node], &a, variance);
    double harm = harm_of(p, node, variance);
    if (harm > 0)
      out[count++] = (probe){k, harm, NAN};
  }
  qsort(out, (size_t)count, sizeof *out, by_harm);
  return count;
}

static bool measure(const predictor *p, judge *j, const noise *probes, const assignment *exact, int node, probe *one,
                    diag *d) {
  const network *net = p->task->net;
  arena *mem = arena_new();
  assignment *a = arena_memdup(mem, exact, net->count * sizeof *a);
  a[node] = assignment_uniform(mem, net, &net->nodes[node], (uint8_t)one->mul);
  double divergence = 0;
  bool ok = judge_divergence(j, a, &divergence, d);
  one->noise = noise_variance(probes, fmax(divergence, 0));
  arena_free(mem);
  return ok;
}

// Those not measured lie between their neighbours, on straight lines of logarithms.
static void fill_in(probe *p, int count) {
  for (int i = 0, before = -1; i < count; i++) {
    if (!isnan(p[i].noise)) {
      before = i;
      continue;
    }
    int after = i;
    while (isnan(p[after].noise)) // the last one was measured
      after++;
    double lo = before < 0 ? 0 : p[before].noise, hi = p[after].noise;
    if (before < 0 || !(lo > 0 && hi > 0) || !(p[after].harm > p[before].harm))
      p[i].noise = hi * p[i].harm / p[after].harm;
    else
      p[i].noise = lo * pow(hi / lo, log(p[i].harm / p[before].harm) / log(p[after].harm / p[before].harm));
  }
}

static bool measure_layer(predictor *p, judge *j, const noise *probes, const assignment *exact, int node, int most,
                          progress *bar, diag *d) {
  const model_task *t = p->task;
  arena *mem = arena_new();
  probe *all = arena_new_array(mem, probe, (size_t)t->mul_count + 1);
  int count = harms_of(p, node, mem, all);
  int take = count < most ? count : most;
  bool ok = true;
  for (int i = 0; ok && i < take; i++, progress_step(bar, 1))
    ok = measure(p, j, probes, exact, node, &all[(i + 1) * count / take - 1], d); // the last one among them
  p->probes += (size_t)take;
  if (ok)
    fill_in(all, count);
  for (int i = 0; ok && i < count; i++)
    p->slope[node * t->mul_count + all[i].mul] = all[i].noise / all[i].harm;
  arena_free(mem);
  return ok;
}

static assignment *exact_everywhere(const model_task *t, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, t->net->count); // exact where there is none
  for (int i = 0; i < (int)t->net->count; i++) {
    const net_node *n = &t->net->nodes[i];
    for (int k = t->mul_count; net_multiplies(n) && k-- > 0;)
      if (t->muls[k]->exact && isfinite(t->cost[i * t->mul_count + k]))
        a[i] = assignment_uniform(mem, t->net, n, (uint8_t)k);
  }
  return a;
}

static bool measure_layers(predictor *p, judge *j, diag *d) {
  const model_task *t = p->task;
  noise *probes = noise_of(p->mem, t, judge_probes(j), d);
  if (!probes)
    return false;
  int layers = 0;
  for (size_t i = 0; i < t->net->count; i++)
    layers += p->weight[i] != NULL;
  int most = PROBES / (layers ? layers : 1);
  most = most > t->mul_count ? t->mul_count : most < LEAST_PROBES ? LEAST_PROBES : most;
  assignment *exact = exact_everywhere(t, p->mem);
  progress bar = progress_begin("sensitivities", (uint64_t)layers * (uint64_t)most);
  bool ok = true;
  for (int i = 0; ok && i < (int)t->net->count; i++)
    if (p->weight[i])
      ok = measure_layer(p, j, probes, exact, i, most, &bar, d);
  progress_end(&bar);
  return ok;
}

// ---- making ----

static bool score_it(predictor *p, const dataset *validation, assignment_level level, diag *d) {
  const model_task *t = p->task;
  const dataset *data = representatives_source(t->net, t->calibration, validation);
  diag none = {0};
  if (!gradient_new(p->mem, t->net, &none) || !infer_check_labels(t->net, data, &none)) {
    diag_free(&none); // no gradients or no labels: no scores
    return true;
  }
  representatives r;
  return representatives_choose(p->mem, t->net, data, 0, data->count, REPRESENTATIVES, t->seed, &r, d) &&
         score_run(p->mem, t->net, t->muls, t->mul_count, data, r.image, r.count,
                   level > ASSIGN_FILTER ? level : ASSIGN_FILTER, &p->scores, d);
}

static bool look_up_errors(predictor *p, judge *j, diag *d) {
  const model_task *t = p->task;
  for (int i = 0; i < (int)t->net->count; i++) {
    if (!p->weight[i])
      continue;
    pricing_task task = {t->muls, t->mul_count, t->cost + i * t->mul_count, p->weight[i], NULL, 0, t->match, t->seed};
    p->errors[i] = pricing_errors_new(judge_matching(j), t->net, i, &task, d);
    if (!p->errors[i])
      return false;
    p->multiplications += (uint64_t)net_multiplications(t->net, &t->net->nodes[i]);
  }
  return true;
}

predictor *predictor_new(const model_task *t, judge *j, const dataset *validation, assignment_level level, diag *d) {
  arena *mem = arena_new();
  predictor *p = arena_new_object(mem, predictor);
  size_t nodes = t->net->count, muls = (size_t)t->mul_count;
  *p = (predictor){.mem = mem,
                   .task = t,
                   .weight = arena_new_array(mem, double *, nodes),
                   .errors = arena_new_array(mem, pricing_errors *, nodes),
                   .slope = arena_new_array(mem, double, nodes *muls),
                   .mul = arena_new_array(mem, mul_errors, muls)};
  for (size_t k = 0; k < muls; k++)
    p->mul[k] = mul_error_figures(t->muls[k], NULL, 1);
  model_fisher(t, mem, p->weight);
  p->cost = noise_of(mem, t, validation, d);
  if (p->cost && look_up_errors(p, j, d) && score_it(p, validation, level, d) && measure_layers(p, j, d) &&
      !interrupted())
    return p;
  if (!d->errors)
    diag_tool(d, "interrupted");
  predictor_free(p);
  return NULL;
}

void predictor_free(predictor *p) {
  if (!p)
    return;
  for (size_t i = 0; i < p->task->net->count; i++)
    pricing_errors_free(p->errors[i]);
  arena_free(p->mem);
}

size_t predictor_probes(const predictor *p) { return p->probes; }

// ---- asking ----

// How many of a filter's weights have each multiplier.
static void count_muls(const assignment *a, int64_t first, int64_t count, double *of, int muls) {
  for (int k = 0; k < muls; k++)
    of[k] = 0;
  for (int64_t i = first; i < first + count;) {
    int64_t run = assignment_run(a, i);
    run = run < first + count - i ? run : first + count - i;
    of[assignment_mul(a, i)] += (double)run;
    i += run;
  }
}

static void add_layer(predictor *p, int node, const assignment *a, prediction *out) {
  const model_task *t = p->task;
  const net_node *n = &t->net->nodes[node];
  int64_t reduction = net_reduction(t->net, n);
  double pixels = (double)n->shape.h * n->shape.w, in_scale = net_input_quant(t->net, n).scale;
  arena *mem = arena_new();
  double *variance = arena_new_array(mem, double, (size_t)n->shape.c), of[ASSIGNMENT_MULS];
  pricing_errors_of(p->errors[node], a, variance);
  for (int f = 0; f < n->shape.c; f++) {
    count_muls(a, f * reduction, reduction, of, t->mul_count);
    double scale = in_scale * (n->weight_scale ? n->weight_scale[f] : 1), slope = 0, weights = 0;
    for (int k = 0; k < t->mul_count; k++) {
      out->value[PREDICT_MAE] += of[k] * pixels * p->mul[k].mae / (double)p->multiplications;
      out->value[PREDICT_MRED] += of[k] * pixels * p->mul[k].mre / (double)p->multiplications;
      if (of[k] > 0 && !t->muls[k]->exact) {
        slope += of[k] * p->slope[node * t->mul_count + k];
        weights += of[k];
      }
    }
    out->value[PREDICT_VARIANCE] += variance[f] * scale * scale * pixels;
    out->value[PREDICT_MODEL] += weights > 0 ? p->weight[node][f] * variance[f] * slope / weights : 0;
  }
  arena_free(mem);
}

void predictor_ask(predictor *p, const assignment *assign, prediction *out) {
  *out = (prediction){{0}, 0};
  for (int i = 0; i < (int)p->task->net->count; i++)
    if (p->weight[i] && assign[i].level)
      add_layer(p, i, &assign[i], out);
  out->value[PREDICT_HAWX] = p->scores.layers ? score_assignment(&p->scores, assign) : NAN;
  out->drop = noise_drop(p->cost, out->value[PREDICT_MODEL]);
}
