// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/model.h"
#include "compiler/explore/gradient.h"
#include "compiler/explore/palettes.h"

#include <math.h>
#include <string.h>

enum { GRADIENT_IMAGES = 128, PROBED = 3 };
// Of the mean weight of a layer: what every filter has at least, however small its gradients were on the images.
static const double LEAST_WEIGHT = 0.05;

// ---- gradients ----

static void add_squares(const net_node *n, const double *of, double *sum) {
  int64_t pixels = (int64_t)n->shape.h * n->shape.w;
  for (int f = 0; f < n->shape.c; f++)
    for (int64_t p = 0; p < pixels; p++)
      sum[f] += of[f * pixels + p] * of[f * pixels + p];
}

// The labels of images where the data set has them; else what the exact network says.
static int label_of(const model_task *t, const gradient *g, gradient_image *image, const uint8_t *pixels, size_t i) {
  if (t->calibration->labels && t->calibration->classes <= net_shape_size(net_output(t->net)->shape))
    return t->calibration->labels[i];
  gradient_run(g, pixels, 0, image);
  return infer_argmax(image->value[t->net->count - 1], (int)net_shape_size(net_output(t->net)->shape));
}

// Half of the mean over images of the sum over output pixels of squared gradients, image by image and then added up in
// their order. False where the network has no gradients.
static bool squared_gradients(const model_task *t, double **weight) {
  arena *mem = arena_new();
  diag ignored = {0};
  const gradient *g = gradient_new(mem, t->net, &ignored);
  diag_free(&ignored);
  size_t images = t->calibration->count < GRADIENT_IMAGES ? t->calibration->count : GRADIENT_IMAGES;
  size_t nodes = t->net->count;
  double **each = arena_new_array(mem, double *, images *nodes);
  for (size_t i = 0; g && i < images * nodes; i++)
    if (net_multiplies(&t->net->nodes[i % nodes]))
      each[i] = arena_new_array(mem, double, (size_t)t->net->nodes[i % nodes].shape.c);
  progress bar = progress_begin("gradients", images);
#pragma omp parallel if (g != NULL)
  {
    arena *own = arena_new();
    gradient_image *image = g ? gradient_image_new(own, g) : NULL;
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < images; i++) {
      if (!g || interrupted())
        continue;
      const uint8_t *pixels = t->calibration->pixels + i * (size_t)net_shape_size(t->calibration->shape);
      gradient_run(g, pixels, label_of(t, g, image, pixels, i), image);
      for (size_t k = 0; k < nodes; k++)
        if (each[i * nodes + k])
          add_squares(&t->net->nodes[k], image->of[k], each[i * nodes + k]);
#pragma omp critical(model_progress)
      progress_step(&bar, 1);
    }
    arena_free(own);
  }
  progress_end(&bar);
  for (size_t i = 0; g && i < images * nodes; i++)
    for (int f = 0; each[i] && weight[i % nodes] && f < t->net->nodes[i % nodes].shape.c; f++)
      weight[i % nodes][f] += each[i][f] / (2 * (double)images);
  bool have = g != NULL;
  arena_free(mem);
  return have;
}

// Without gradients: the squares of what a filter's sums count in real numbers.
static void squared_scales(const network *net, int node, double *weight) {
  const net_node *n = &net->nodes[node];
  for (int f = 0; f < n->shape.c; f++) {
    double scale = n->weight_scale ? n->weight_scale[f] : n->mult ? n->mult[f] : 1;
    weight[f] = scale * scale;
  }
}

static void bound_below(double *weight, int filters) {
  double sum = 0;
  for (int f = 0; f < filters; f++)
    sum += weight[f];
  for (int f = 0; f < filters; f++)
    weight[f] = sum > 0 ? weight[f] + LEAST_WEIGHT * sum / filters : 1;
}

// ---- slopes ----

static bool allowed(const model_task *t, int node, int k) { return isfinite(t->cost[node * t->mul_count + k]); }

bool model_harms(const model_task *t, judge *j, const pricing_layer *l, const double *weight, double *harm, diag *d) {
  pricing_task task = {t->muls, t->mul_count, t->cost + l->node * t->mul_count, weight, NULL, 0, t->match, t->seed};
  return pricing_harms(judge_matching(j), t->net, l, &task, harm, d);
}

static int exact_of(const model_task *t, int node) {
  int best = -1;
  for (int k = 0; k < t->mul_count; k++)
    if (allowed(t, node, k) && (best < 0 || (t->muls[k]->exact && !t->muls[best]->exact)))
      best = k;
  return best;
}

static assignment *exact_everywhere(const model_task *t, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, t->net->count);
  for (int i = 0; i < (int)t->net->count; i++)
    if (net_multiplies(&t->net->nodes[i]))
      a[i] = assignment_uniform(mem, t->net, &t->net->nodes[i], (uint8_t)exact_of(t, i));
  return a;
}

// Up to PROBED of the layer's multipliers, spread over their harms.
static int choose_probes(const double *harm, int count, int *out) {
  int order[ASSIGNMENT_MULS], n = 0;
  for (int k = 0; k < count; k++) {
    if (!(harm[k] > 0))
      continue;
    int at = n++;
    for (; at && harm[order[at - 1]] > harm[k]; at--)
      order[at] = order[at - 1];
    order[at] = k;
  }
  int probes = n < PROBED ? n : PROBED;
  for (int i = 0; i < probes; i++) // at 3/6, 4/6, 5/6 of them: small harms are lost in the noise of the last bit
    out[i] = order[n < PROBED ? i : n * (PROBED + i) / (2 * PROBED)];
  return probes;
}

static bool fit_slope(const model_task *t, judge *j, int node, double *weight, diag *d) {
  arena *mem = arena_new();
  const net_node *n = &t->net->nodes[node];
  double harm[ASSIGNMENT_MULS] = {0}, ratios = 0;
  pricing_layer whole = pricing_by_level(mem, t->net, node, ASSIGN_LAYER);
  bool ok = model_harms(t, j, &whole, weight, harm, d);
  for (int k = 0; k < t->mul_count; k++)
    if (!allowed(t, node, k) || t->muls[k]->exact)
      harm[k] = 0; // not to be probed
  int probe[PROBED], probes = choose_probes(harm, t->mul_count, probe);
  assignment *probed[PROBED];
  for (int i = 0; ok && i < probes; i++) {
    probed[i] = exact_everywhere(t, mem);
    probed[i][node] = assignment_uniform(mem, t->net, n, (uint8_t)probe[i]);
    judge_expect(j, JUDGE_DIVERGENCE, probed[i]);
  }
  for (int i = 0; ok && i < probes; i++) {
    double divergence;
    ok = judge_divergence(j, probed[i], &divergence, d);
    // Divergences saturate, harms do not: each counts by its inverse.
    ratios += ok ? divergence / harm[probe[i]] : 0;
  }
  double slope = ratios > 0 ? ratios / probes : 1;
  for (int f = 0; f < n->shape.c; f++)
    weight[f] *= slope;
  arena_free(mem);
  return ok;
}

void model_fisher(const model_task *t, arena *mem, double **weight) {
  int nodes = (int)t->net->count;
  for (int i = 0; i < nodes; i++)
    weight[i] =
        net_multiplies(&t->net->nodes[i]) ? arena_new_array(mem, double, (size_t)t->net->nodes[i].shape.c) : NULL;
  bool gradients = squared_gradients(t, weight);
  for (int i = 0; i < nodes; i++) {
    if (!weight[i])
      continue;
    if (!gradients)
      squared_scales(t->net, i, weight[i]);
    bound_below(weight[i], t->net->nodes[i].shape.c);
  }
}

bool model_weights(const model_task *t, judge *j, arena *mem, double **weight, diag *d) {
  int nodes = (int)t->net->count;
  bool ok = true;
  model_fisher(t, mem, weight);
  progress bar = progress_begin("sensitivities", (uint64_t)nodes);
  for (int i = 0; ok && i < nodes; i++) {
    if (weight[i])
      ok = fit_slope(t, j, i, weight[i], d);
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  return ok;
}

// ---- the front ----

assignment model_assignment(const network *net, const pricing_layer *l, const uint8_t *choice, arena *mem) {
  const net_node *n = &net->nodes[l->node];
  int64_t reduction = net_reduction(net, n);
  arena *own = arena_new();
  uint8_t *mul = arena_alloc(own, (size_t)(reduction * n->shape.c));
  for (int team = 0; team < l->teams; team++)
    for (int at = l->team[team]; at < l->team[team + 1]; at++)
      for (int64_t i = 0; i < reduction; i++)
        mul[l->filter[at] * reduction + i] = choice[(int64_t)team * l->parts + l->part[i]];
  assignment a = assignment_by_weight(mem, net, n, mul);
  arena_free(own);
  return a;
}

// One layer for some prices (of the task's scale) that have the same palette; out is of the first of them.
static bool solve_layer(const model_task *t, judge *j, int node, const double *weight, const double *price, int prices,
                        uint64_t palette, arena *mem, const model_front *out, diag *d) {
  arena *own = arena_new();
  double *cost = arena_memdup(own, t->cost + node * t->mul_count, (size_t)t->mul_count * sizeof *cost);
  for (int k = 0; k < t->mul_count; k++)
    cost[k] = palette >> k & 1 ? cost[k] : INFINITY;
  pricing_task task = {t->muls, t->mul_count, cost, weight, price, prices, t->match, t->seed};
  pricing_result r;
  bool ok = pricing_solve(judge_matching(j), t->net, &t->layers[node], &task, own, &r, d);
  for (int p = 0; ok && p < prices; p++) {
    out->assign[p][node] = model_assignment(t->net, &t->layers[node], r.choice[p], mem);
    if (t->pool)
      pool_add(t->pool, node, &out->assign[p][node], r.cost[p], r.harm[p]);
    out->harm[p] += r.harm[p];
    out->cost[p] += r.cost[p];
  }
  arena_free(own);
  return ok;
}

bool model_solve(const model_task *t, judge *j, double *const *weight, const double *price, int prices, arena *mem,
                 model_front *out, diag *d) {
  int nodes = (int)t->net->count;
  double *scaled = arena_new_array(mem, double, (size_t)prices);
  uint64_t *palette = arena_new_array(mem, uint64_t, (size_t)prices);
  for (int p = 0; p < prices; p++) {
    scaled[p] = t->scale * price[p];
    palette[p] = UINT64_MAX;
  }
  if (t->few)
    palettes_choose(t->few, scaled, prices, palette);
  *out = (model_front){arena_new_array(mem, assignment *, (size_t)prices), arena_new_array(mem, double, (size_t)prices),
                       arena_new_array(mem, double, (size_t)prices)};
  for (int p = 0; p < prices; p++)
    out->assign[p] = arena_new_array(mem, assignment, t->net->count);
  progress bar = progress_begin("choosing", (uint64_t)nodes);
  bool ok = true;
  for (int i = 0; ok && i < nodes; i++) {
    for (int from = 0, to; weight[i] && ok && from < prices; from = to) {
      for (to = from + 1; to < prices && palette[to] == palette[from];)
        to++;
      model_front rest = {out->assign + from, out->harm + from, out->cost + from};
      ok = solve_layer(t, j, i, weight[i], scaled + from, to - from, palette[from], mem, &rest, d);
    }
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  return ok;
}
