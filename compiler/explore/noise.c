// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/noise.h"

#include <math.h>

// A table in steps of a factor of sqrt(2) in the variance; DRAWS of noise for each image, the same for all variances.
enum { STEPS = 81, DRAWS = 8, MOST_IMAGES = 2000 };
static const double LEAST = 0x1p-20;

struct noise {
  double variance[STEPS], divergence[STEPS], drop[STEPS];
};

static double gauss(rng *r) {
  double u = 1 - rng_unit(r), angle = 2 * M_PI * rng_unit(r);
  return sqrt(-2 * log(u)) * cos(angle);
}

static size_t argmax(const double *v, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; i++)
    best = v[i] > v[best] ? i : best;
  return best;
}

static double log_sum(const double *v, size_t count) {
  double most = v[argmax(v, count)], sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += exp(v[i] - most);
  return most + (sum > 0 ? log(sum) : 0); // at least 1
}

// Adds one image's divergence and answers that are right, of all variances.
static void add_image(const noise *n, const double *logits, size_t classes, size_t label, rng r, double *divergence,
                      double *right) {
  arena *mem = arena_new();
  double *e = arena_new_array(mem, double, classes), *z = arena_new_array(mem, double, classes),
         *p = arena_new_array(mem, double, classes);
  double all = log_sum(logits, classes);
  for (size_t c = 0; c < classes; c++)
    p[c] = exp(logits[c] - all);
  for (int draw = 0; draw < DRAWS; draw++) {
    for (size_t c = 0; c < classes; c++)
      e[c] = gauss(&r);
    for (int s = 0; s < STEPS; s++) {
      double deviation = sqrt(n->variance[s]), shift = 0;
      for (size_t c = 0; c < classes; c++) {
        z[c] = logits[c] + deviation * e[c];
        shift += p[c] * (logits[c] - z[c]);
      }
      divergence[s] += (shift + log_sum(z, classes) - all) / DRAWS;
      right[s] += argmax(z, classes) == label ? 1.0 / DRAWS : 0;
    }
  }
  arena_free(mem);
}

noise *noise_new(arena *mem, const double *logits, const uint8_t *labels, size_t images, size_t classes,
                 uint64_t seed) {
  noise *n = arena_new_object(mem, noise);
  size_t count = images < MOST_IMAGES ? images : MOST_IMAGES;
  for (int s = 0; s < STEPS; s++)
    n->variance[s] = LEAST * pow(2, s / 2.0);
  arena *own = arena_new();
  double *divergence = arena_new_array(own, double, count *STEPS), *right = arena_new_array(own, double, count *STEPS);
  double exact = 0;
#pragma omp parallel for schedule(dynamic, 8)
  for (size_t i = 0; i < count; i++) { // spread over all images, if there are more
    size_t at = i * images / count;
    const double *of = logits + at * classes;
    add_image(n, of, classes, labels ? labels[at] : argmax(of, classes), rng_seed(seed + at), divergence + i * STEPS,
              right + i * STEPS);
  }
  for (size_t i = 0; i < count; i++) {
    size_t at = i * images / count, best = argmax(logits + at * classes, classes);
    exact += (!labels || labels[at] == best ? 1.0 : 0) / (double)count;
    for (int s = 0; s < STEPS; s++) {
      n->divergence[s] += divergence[i * STEPS + (size_t)s] / (double)count;
      n->drop[s] -= right[i * STEPS + (size_t)s] / (double)count;
    }
  }
  for (int s = 0; s < STEPS; s++) { // more noise never helps: what chance says otherwise is left out
    n->drop[s] = fmax(n->drop[s] + exact, s ? n->drop[s - 1] : 0);
    n->divergence[s] = fmax(n->divergence[s], s ? n->divergence[s - 1] : 0);
  }
  arena_free(own);
  return n;
}

// Straight lines between the table's points; from 0 to its first one and beyond the last too.
static double between(const double *x, const double *y, double at) {
  if (!(at > 0))
    return 0;
  int s = 0;
  while (s < STEPS && x[s] < at)
    s++;
  if (s == 0)
    return x[0] > 0 ? y[0] * at / x[0] : y[0];
  if (s == STEPS)
    return y[STEPS - 1];
  return x[s] > x[s - 1] ? y[s - 1] + (y[s] - y[s - 1]) * (at - x[s - 1]) / (x[s] - x[s - 1]) : y[s];
}

double noise_divergence(const noise *n, double variance) { return between(n->variance, n->divergence, variance); }
double noise_drop(const noise *n, double variance) { return between(n->variance, n->drop, variance); }
double noise_variance(const noise *n, double divergence) { return between(n->divergence, n->variance, divergence); }
