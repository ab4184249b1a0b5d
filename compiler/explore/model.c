// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/model.h"
#include "compiler/explore/gradient.h"

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

bool model_solve(const model_task *t, judge *j, double *const *weight, const double *price, int prices, arena *mem,
                 model_front *out, diag *d) {
  int nodes = (int)t->net->count;
  *out = (model_front){arena_new_array(mem, assignment *, (size_t)prices), arena_new_array(mem, double, (size_t)prices),
                       arena_new_array(mem, double, (size_t)prices)};
  for (int p = 0; p < prices; p++)
    out->assign[p] = arena_new_array(mem, assignment, t->net->count);
  progress bar = progress_begin("choosing", (uint64_t)nodes);
  bool ok = true;
  for (int i = 0; ok && i < nodes; i++) {
    if (weight[i]) {
      arena *own = arena_new();
      double *scaled = arena_new_array(own, double, (size_t)prices);
      for (int p = 0; p < prices; p++)
        scaled[p] = t->scale * price[p];
      pricing_task task = {t->muls,  t->mul_count, t->cost + i * t->mul_count, weight[i], scaled, prices,
                           t->match, t->seed};
      pricing_result r;
      ok = pricing_solve(judge_matching(j), t->net, &t->layers[i], &task, own, &r, d);
      for (int p = 0; ok && p < prices; p++) {
        out->assign[p][i] = model_assignment(t->net, &t->layers[i], r.choice[p], mem);
        if (t->pool)
          pool_add(t->pool, i, &out->assign[p][i], r.cost[p], r.harm[p]);
        out->harm[p] += r.harm[p];
        out->cost[p] += r.cost[p];
      }
      arena_free(own);
    }
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  return ok;
}

// ---- the search ----

// A first look: prices a factor of 1.4 apart from where hardly anything is saved to where nothing is left of accuracy.
enum { LOOKS = 26, REFINED = 8 };
static const double FIRST_PRICE = 150, LAST_PRICE = 0.03;
// Where the model is off by so much that this is not what they are: so many more beyond, a factor of 4 apart.
enum { BEYOND = 24, MOST_LOOKS = 2 * LOOKS + BEYOND };
// Beyond this drop, or so many times the allowed one, the front is of no more interest.
static const double ENOUGH = 0.12, ENOUGH_TIMES = 1.2;
// Below this divergence nobody can see a difference in accuracy.
static const double UNSEEN = 0.002;
static const double POINT = 0.01; // a drop of one point

typedef struct {
  double price, drop, harm;
} look;

// What was seen of the front that the model predicts.
typedef struct {
  const model_task *t;
  judge *j;
  double *const *weight;
  double enough, unseen; // a drop; a harm
  look look[MOST_LOOKS]; // from dear to cheap
  int seen;
} view;

static bool same_front(const model_front *f, int p, int q) {
  return f->cost[p] == f->cost[q] && f->harm[p] == f->harm[q];
}

static void add_look(view *v, look l) {
  int at = v->seen++;
  for (; at && v->look[at - 1].price < l.price; at--)
    v->look[at] = v->look[at - 1];
  v->look[at] = l;
}

// Judges a front in the order of its prices, up to a drop of v->enough. False after an error.
static bool judge_front(view *v, const model_front *f, const double *price, int prices, bool note, diag *d) {
  int which[LOOKS], count = 0, ahead = (int)judge_ahead(v->j), expected = 0, seen;
  for (int p = 0; p < prices; p++)
    if (p + 1 == prices || (!same_front(f, p, p + 1) && f->harm[p + 1] >= v->unseen)) // else the next one saves more
      which[count++] = p;
  const judged *point = NULL;
  for (seen = 0; seen < count && !(point && point->drop > v->enough); seen++) {
    int p = which[seen];
    for (; expected < count && expected < seen + ahead; expected++)
      judge_expect(v->j, JUDGE_VALIDATION, f->assign[which[expected]]);
    point = judge_ask(v->j, f->assign[p], f->cost[p], d);
    if (!point)
      break;
    if (note)
      add_look(v, (look){price[p], point->drop, f->harm[p]});
  }
  judge_expect_no_more(v->j);
  return count == 0 || point || (!d->errors && judge_over(v->j));
}

// Halves a front, dearer than it is known to lose little, cheaper to lose more, until neighbours enclose `drop`.
static bool halve(view *v, const model_front *f, const double *price, int prices, double drop, diag *d) {
  int which[LOOKS + BEYOND], count = 0;
  for (int p = 0; p < prices; p++)
    if (p + 1 == prices || !same_front(f, p, p + 1))
      which[count++] = p;
  for (int lo = -1, hi = count; hi - lo > 1;) {
    int mid = (lo + hi) / 2, p = which[mid];
    bool exact = f->harm[p] <= 0 && f->cost[p] >= 1 - 1e-9; // loses nothing, saves nothing
    const judged *point = exact ? NULL : judge_ask(v->j, f->assign[p], f->cost[p], d);
    if (!exact && !point)
      return !d->errors && judge_over(v->j);
    double lost = point ? point->drop : 0;
    add_look(v, (look){price[p], lost, f->harm[p]});
    *(lost <= drop ? &lo : &hi) = mid;
  }
  return true;
}

// The model may be off by much. Where the first look loses more than `drop` already, on towards exact, past prices
// whose harm should not have been seen; where the last loses not much, towards the cheapest there is.
static bool look_beyond(view *v, const double *price, double drop, arena *mem, diag *d) {
  double beyond[LOOKS + BEYOND];
  int count = 0;
  if (v->look[0].drop > drop) {
    for (int i = BEYOND; i > 0; i--)
      beyond[count++] = FIRST_PRICE * pow(4, i);
    for (int i = 0; i < LOOKS && price[i] > v->look[0].price; i++)
      beyond[count++] = price[i];
    v->unseen = 0;
  } else if (v->look[v->seen - 1].drop <= v->enough) {
    drop = v->look[v->seen - 1].drop <= drop ? drop : v->enough;
    for (int i = 1; i <= BEYOND; i++)
      beyond[count++] = LAST_PRICE * pow(4, -i);
  }
  model_front front;
  return !count || (model_solve(v->t, v->j, v->weight, beyond, count, mem, &front, d) &&
                    halve(v, &front, beyond, count, drop, d));
}

// The looks whose drops enclose `drop`: after is the second; 0: none do.
static int enclosing(const view *v, double drop) {
  int after = 0;
  while (after < v->seen && v->look[after].drop <= drop)
    after++;
  return after < v->seen ? after : 0;
}

// Prices between them, in equal ratios.
static int between(const view *v, double drop, double *price) {
  int after = enclosing(v, drop);
  if (!after)
    return 0;
  double hi = v->look[after - 1].price, lo = v->look[after].price;
  for (int i = 0; i < REFINED; i++)
    price[i] = hi * pow(lo / hi, (i + 1.0) / (REFINED + 1));
  return REFINED;
}

// ---- few units: between the points that prices find ----
// A price finds only assignments on the convex hull of cost and harm. With one multiplier a layer the others matter,
// and since harms add up they are found by going through the layers: for every harm (in steps) the least cost.

enum { STEPS = 4000 };
static const double MOST_HARM = 0.6; // of all steps, where the looks are about as far as that

typedef struct {
  double most; // the harm of all steps
  int layers;
  int *node; // [layers]
  double *harm; // [layers][muls]
  uint8_t *choice; // [layers][STEPS + 1] of the cheapest with at most so much harm in this layer and those before
  double *cost; // [layers + 1][STEPS + 1]
} ladder;

static int steps_of(const ladder *l, double harm) {
  return harm < l->most ? (int)ceil(harm / l->most * STEPS) : STEPS + 1;
}

static bool ladder_make(const view *v, double most, arena *mem, ladder *l, diag *d) {
  const model_task *t = v->t;
  size_t nodes = t->net->count, muls = (size_t)t->mul_count, row = STEPS + 1;
  *l = (ladder){
      .most = most, .node = arena_new_array(mem, int, nodes), .harm = arena_new_array(mem, double, nodes *muls)};
  for (int i = 0; i < (int)nodes; i++) {
    if (!v->weight[i])
      continue;
    if (!model_harms(t, v->j, &t->layers[i], v->weight[i], l->harm + (size_t)l->layers * muls, d))
      return false;
    for (int k = 0; t->pool && k < t->mul_count; k++)
      if (allowed(t, i, k)) {
        assignment a = assignment_uniform(mem, t->net, &t->net->nodes[i], (uint8_t)k);
        pool_add(t->pool, i, &a, t->cost[i * t->mul_count + k], l->harm[(size_t)l->layers * muls + (size_t)k]);
      }
    l->node[l->layers++] = i;
  }
  l->choice = arena_alloc(mem, (size_t)l->layers * row);
  l->cost = arena_new_array(mem, double, ((size_t)l->layers + 1) * row);
  for (size_t i = 0; i < (size_t)l->layers; i++)
    for (int b = 0; b <= STEPS; b++) {
      double *least = &l->cost[(i + 1) * row + (size_t)b];
      *least = INFINITY;
      l->choice[i * row + (size_t)b] = 0;
      for (size_t k = 0; k < muls; k++) {
        int rest = isfinite(l->harm[i * muls + k]) ? b - steps_of(l, l->harm[i * muls + k]) : -1;
        double cost = rest < 0 ? INFINITY : l->cost[i * row + (size_t)rest] + t->cost[(size_t)l->node[i] * muls + k];
        if (cost < *least)
          *least = cost, l->choice[i * row + (size_t)b] = (uint8_t)k;
      }
    }
  return true;
}

static assignment *ladder_take(const model_task *t, const ladder *l, int b, arena *mem) {
  assignment *a = arena_new_array(mem, assignment, t->net->count);
  for (int i = l->layers; i-- > 0;) {
    uint8_t k = l->choice[(size_t)i * (STEPS + 1) + (size_t)b];
    a[l->node[i]] = assignment_uniform(mem, t->net, &t->net->nodes[l->node[i]], k);
    b -= steps_of(l, l->harm[(size_t)i * (size_t)t->mul_count + k]);
  }
  return a;
}

// Judges what lies between the two looks whose drops enclose `drop`: at most REFINED of it, evenly.
static bool climb(const view *v, const ladder *l, double drop, diag *d) {
  int after = enclosing(v, drop);
  if (!after)
    return true;
  const double *cost = l->cost + (size_t)l->layers * (STEPS + 1);
  int from = steps_of(l, v->look[after - 1].harm), to = steps_of(l, v->look[after].harm), rungs[STEPS + 1], count = 0;
  to = to < STEPS ? to : STEPS;
  for (int b = from + 1; b <= to; b++)
    if (cost[b] < cost[b - 1])
      rungs[count++] = b;
  int take = count < REFINED ? count : REFINED;
  arena *mem = arena_new();
  assignment *assign[REFINED];
  for (int i = 0; i < take; i++) {
    assign[i] = ladder_take(v->t, l, rungs[(2 * i + 1) * count / (2 * take)], mem);
    judge_expect(v->j, JUDGE_VALIDATION, assign[i]);
  }
  bool more = true;
  for (int i = 0; more && i < take; i++)
    more = judge_ask(v->j, assign[i], cost[rungs[(2 * i + 1) * count / (2 * take)]], d) != NULL;
  judge_expect_no_more(v->j);
  arena_free(mem);
  return more || (!d->errors && judge_over(v->j));
}

static bool one_a_layer(const model_task *t, double *const *weight) {
  for (size_t i = 0; i < t->net->count; i++)
    if (weight[i] && (t->layers[i].teams != 1 || t->layers[i].parts != 1))
      return false;
  return true;
}

// Where the search is told to look and a little before (on other images it may be a little more), and where published
// results are compared: the looks around each drop, and what is between them.
static bool look_closely(view *v, double max_loss, arena *mem, diag *d) {
  const double targets[] = {max_loss, 0.6 * max_loss, 0.04, POINT};
  bool ladders = one_a_layer(v->t, v->weight), ok = true;
  ladder rungs = {0};
  if (ladders) {
    int far = enclosing(v, fmax(max_loss, 0.04));
    double most = v->look[far ? far : v->seen - 1].harm;
    if (most > MOST_HARM / 20 && most <= MOST_HARM)
      most = MOST_HARM;
    ok = ladder_make(v, most > 0 ? most * (1 + 1.0 / STEPS) : MOST_HARM, mem, &rungs, d);
  }
  for (size_t i = 0; ok && i < BASE_COUNT(targets) && !judge_over(v->j); i++) {
    if (i && targets[i] == max_loss)
      continue;
    if (ladders) {
      ok = climb(v, &rungs, targets[i], d);
      continue;
    }
    double price[REFINED];
    model_front front;
    int prices = between(v, targets[i], price);
    if (prices)
      ok = model_solve(v->t, v->j, v->weight, price, prices, mem, &front, d) &&
           judge_front(v, &front, price, prices, false, d);
  }
  return ok;
}

bool model_search(const model_task *t, judge *j, double *const *weight, double max_loss, diag *d) {
  arena *mem = arena_new();
  double price[LOOKS];
  for (int i = 0; i < LOOKS; i++)
    price[i] = FIRST_PRICE * pow(LAST_PRICE / FIRST_PRICE, i / (LOOKS - 1.0));
  model_front front;
  view v = {t, j, weight, .enough = fmax(ENOUGH, ENOUGH_TIMES * max_loss), .unseen = UNSEEN};
  bool ok = model_solve(t, j, weight, price, LOOKS, mem, &front, d) && judge_front(&v, &front, price, LOOKS, true, d) &&
            (!v.seen || (look_beyond(&v, price, fmin(max_loss, POINT), mem, d) && look_closely(&v, max_loss, mem, d)));
  arena_free(mem);
  return ok || (interrupted() && !d->errors);
}
