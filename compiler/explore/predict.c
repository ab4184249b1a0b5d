// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/predict.h"
#include "compiler/base/isotonic.h"
#include "compiler/base/rank.h"

#include <math.h>
#include <string.h>

const double PREDICT_LEAST = 0.005, PREDICT_MOST = 0.2;

// ---- what predictions are worth ----

static bool in_range(const predict_point *p) {
  return p->measured->drop >= PREDICT_LEAST && p->measured->drop <= PREDICT_MOST;
}

// Values and measured drops of the points that are asked for: of every second one, from `from` on; or of all.
enum { EVERY_ONE = 1, EVERY_SECOND = 2 };
static size_t collect(const predict_result *r, int which, size_t from, size_t step, bool ranged, double *x, double *y) {
  size_t n = 0;
  for (size_t i = from; i < r->count; i += step)
    if (!ranged || in_range(&r->points[i])) {
      x[n] = r->points[i].predicted.value[which];
      y[n++] = r->points[i].measured->drop;
    }
  return n;
}

static void calibrate(predict_result *r, int which, double *x, double *y) {
  for (size_t half = 0; half < 2; half++) {
    arena *mem = arena_new();
    isotonic map = isotonic_fit(mem, x, y, collect(r, which, 1 - half, EVERY_SECOND, false, x, y));
    for (size_t i = half; i < r->count; i += 2)
      r->points[i].calibrated[which] = isotonic_at(&map, r->points[i].predicted.value[which]);
    arena_free(mem);
  }
}

static void add_error(double error, double count, double *mean, double *greatest) {
  *mean += fabs(error) / count;
  *greatest = fmax(*greatest, fabs(error));
}

// Variance of a measured drop: of the images that only one of the two networks has right, half an image added to each.
static double variance_of(const judged *m) {
  double n = (double)m->result.images + 1, b = (double)m->worse + 0.5, c = (double)m->better + 0.5, drop = (b - c) / n;
  return ((b + c) / n - drop * drop) / n;
}

static double ceiling_of(const predict_result *r) {
  double sum = 0, pairs = 0;
  for (size_t i = 0; i < r->count; i++)
    for (size_t k = 0; k < i; k++) {
      const judged *a = r->points[i].measured, *b = r->points[k].measured;
      if (!in_range(&r->points[i]) || !in_range(&r->points[k]))
        continue;
      sum += erf(fabs(a->drop - b->drop) / sqrt(2 * (variance_of(a) + variance_of(b))));
      pairs++;
    }
  return pairs ? sum / pairs : NAN;
}

void predict_compare(predict_result *r) {
  arena *mem = arena_new();
  double *x = arena_new_array(mem, double, r->count + 1), *y = arena_new_array(mem, double, r->count + 1);
  r->in_range = collect(r, 0, 0, EVERY_ONE, true, x, y);
  double count = (double)r->in_range;
  for (int w = 0; w < PREDICTORS; w++) {
    predict_score *s = &r->score[w];
    *s = (predict_score){0};
    calibrate(r, w, x, y);
    size_t n = collect(r, w, 0, EVERY_ONE, true, x, y);
    s->kendall = rank_kendall(x, y, n);
    s->spearman = rank_spearman(x, y, n);
    n = collect(r, w, 0, EVERY_ONE, false, x, y);
    s->kendall_all = rank_kendall(x, y, n);
    for (size_t i = 0; i < r->count; i++)
      if (in_range(&r->points[i]))
        add_error(r->points[i].calibrated[w] - r->points[i].measured->drop, count, &s->mean, &s->greatest);
    if (!r->in_range || isnan(s->mean))
      s->mean = s->greatest = NAN;
  }
  r->ceiling = ceiling_of(r);
  r->mean = r->greatest = 0;
  for (size_t i = 0; i < r->count; i++)
    if (in_range(&r->points[i]))
      add_error(r->points[i].predicted.drop - r->points[i].measured->drop, count, &r->mean, &r->greatest);
  if (!r->in_range)
    r->mean = r->greatest = NAN;
  arena_free(mem);
}

// ---- drawing and measuring ----

enum { HALVINGS = 6 };
static const double MOST_DARING = 1.3; // beyond 1 by as much as layers differ: the cheapest is in play everywhere

static double cost_of(const predict_options *o, const assignment *a) {
  const network *net = o->space.net;
  double sum = 0;
  for (int i = 0; i < (int)net->count; i++) {
    if (!net_multiplies(&net->nodes[i]))
      continue;
    int64_t weights = a[i].count * a[i].each;
    for (int64_t k = 0; k < a[i].count; k++)
      sum += o->space.cost[i * o->space.mul_count + a[i].mul[k]] * (double)a[i].each / (double)weights;
  }
  return sum;
}

static const judged *draw_and_measure(const predict_options *o, judge *j, double daring, rng *r, diag *d) {
  arena *mem = arena_new();
  const assignment *a = draw_assignment(&o->space, daring, r, mem);
  const judged *p = judge_ask(j, a, cost_of(o, a), d);
  arena_free(mem);
  return p;
}

// How daring a draw must be to lose so much, by halving; the random numbers stay the same. NAN: stopped.
static double daring_for(const predict_options *o, judge *j, double drop, progress *bar, diag *d) {
  double lo = 0, hi = MOST_DARING;
  for (int i = 0; i < HALVINGS; i++, progress_step(bar, 1)) {
    double middle = (lo + hi) / 2;
    rng r = rng_seed(o->seed ^ 0x64617265);
    const judged *p = draw_and_measure(o, j, middle, &r, d);
    if (!p)
      return NAN;
    if (p->drop > drop)
      hi = middle;
    else
      lo = middle;
  }
  return (lo + hi) / 2;
}

static bool draw_all(const predict_options *o, predictor *p, predict_result *out, diag *d) {
  judge *j = out->judge;
  progress bar = progress_begin("assignments", o->assignments + 2 * HALVINGS);
  double from = daring_for(o, j, PREDICT_LEAST, &bar, d);
  double to = isnan(from) ? NAN : daring_for(o, j, PREDICT_MOST, &bar, d);
  rng r = rng_seed(o->seed);
  while (!isnan(to) && out->count < o->assignments) {
    predict_point *point = &out->points[out->count];
    point->daring = from + (to - from) * rng_unit(&r);
    point->measured = draw_and_measure(o, j, point->daring, &r, d);
    if (!point->measured)
      break;
    predictor_ask(p, point->measured->assign, &point->predicted);
    out->count++;
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  return out->count == o->assignments;
}

bool predict_run(const predict_options *o, arena *mem, predict_result *out, diag *d) {
  double started = clock_seconds();
  diag_mark before = diag_marked(d);
  *out =
      (predict_result){.judge = judge_new(&o->judge, d), .points = arena_new_array(mem, predict_point, o->assignments)};
  if (!out->judge)
    return false;
  const judge_options *jo = &o->judge;
  model_task t = {.net = jo->net,
                  .muls = jo->muls,
                  .mul_count = jo->mul_count,
                  .calibration = jo->calibration,
                  .match = jo->match,
                  .layers = o->space.layers,
                  .cost = o->space.cost,
                  .seed = o->seed,
                  .scale = 1};
  predictor *p = predictor_new(&t, out->judge, jo->validation, o->level, d);
  if (!p)
    return false;
  bool ok = draw_all(o, p, out, d);
  out->probes = predictor_probes(p);
  predictor_free(p);
  out->interrupted = !ok && interrupted();
  if (!ok && !(out->interrupted && out->count))
    return d->errors ? false : diag_tool(d, "interrupted");
  if (out->interrupted) { // there are points all the same
    interrupt_heed();
    diag_unsay(d, before);
  }
  predict_compare(out);
  out->exact = *judge_exact(out->judge);
  out->evaluations = judge_evaluations(out->judge);
  out->remembered = judge_remembered(out->judge);
  out->seconds = clock_seconds() - started;
  return true;
}

void predict_free(predict_result *r) {
  judge_free(r->judge);
  r->judge = NULL;
}
