// SPDX-License-Identifier: Apache-2.0
//
// Error figures. Exhaustive sums are kept per row of the table and added up in order, so that the result does not
// depend on the number of threads.
#include "genlib/genlib.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double weight, nonzero_weight; // of all pairs; of those with a nonzero exact product
  double abs, signed_sum, square, wrong, relative, relative_square;
  int64_t worst;
} sums;

static void count_pair(sums *s, const mul *m, int32_t a, int32_t b, double weight) {
  int64_t exact = (int64_t)a * b, error = mul_apply(m, a, b) - exact, size = error < 0 ? -error : error;
  s->weight += weight;
  s->abs += weight * (double)size;
  s->signed_sum += weight * (double)error;
  s->square += weight * (double)error * (double)error;
  s->wrong += error ? weight : 0;
  if (exact) {
    double relative = (double)size / fabs((double)exact);
    s->nonzero_weight += weight;
    s->relative += weight * relative;
    s->relative_square += weight * relative * relative;
  }
  if (weight > 0 && size > s->worst)
    s->worst = size;
}

static void add_sums(sums *to, const sums *s) {
  to->weight += s->weight;
  to->nonzero_weight += s->nonzero_weight;
  to->abs += s->abs;
  to->signed_sum += s->signed_sum;
  to->square += s->square;
  to->wrong += s->wrong;
  to->relative += s->relative;
  to->relative_square += s->relative_square;
  to->worst = s->worst > to->worst ? s->worst : to->worst;
}

static mul_errors figures_of(const sums *s) {
  mul_errors e = {.wce = s->worst};
  if (s->weight > 0) {
    e.mae = s->abs / s->weight;
    e.bias = s->signed_sum / s->weight;
    e.mse = s->square / s->weight;
    e.variance = fmax(0, e.mse - e.bias * e.bias);
    e.ep = s->wrong / s->weight;
  }
  if (s->nonzero_weight > 0)
    e.mre = s->relative / s->nonzero_weight;
  return e;
}

static mul_errors exhaustive(const mul *m, const mul_weights *w) {
  int rows = 1 << m->sig.a_bits, columns = 1 << m->sig.b_bits;
  sums *row = calloc((size_t)rows, sizeof *row), total = {0};
#pragma omp parallel for schedule(static)
  for (int i = 0; i < rows; i++) {
    int32_t a = mul_value((uint32_t)i, m->sig.a_bits, m->sig.a_signed);
    for (int j = 0; j < columns; j++) {
      double weight = 1;
      if (w && w->joint)
        weight = w->joint[(size_t)i * (size_t)columns + (size_t)j];
      else if (w)
        weight = (w->a ? w->a[i] : 1) * (w->b ? w->b[j] : 1);
      count_pair(&row[i], m, a, mul_value((uint32_t)j, m->sig.b_bits, m->sig.b_signed), weight);
    }
  }
  for (int i = 0; i < rows; i++)
    add_sums(&total, &row[i]);
  free(row);
  mul_errors e = figures_of(&total);
  e.exhaustive = true;
  e.pairs = (uint64_t)rows * (uint64_t)columns;
  return e;
}

// Half of a 95 % confidence interval of a mean over n samples with such a variance.
static double half_interval(double mean_square, double mean, double n) {
  return 1.959964 * sqrt(fmax(0, mean_square - mean * mean) / n);
}

static mul_errors sampled(const mul *m, uint64_t seed) {
  enum { CHUNKS = 64, CHUNK = 1 << 16 };
  sums *part = calloc(CHUNKS, sizeof *part), total = {0};
#pragma omp parallel for schedule(static)
  for (int k = 0; k < CHUNKS; k++) {
    rng r = rng_seed(seed * CHUNKS + (uint64_t)k);
    for (int i = 0; i < CHUNK; i++) {
      uint64_t bits = rng_next(&r);
      uint32_t a = (uint32_t)bits & ((1u << m->sig.a_bits) - 1),
               b = (uint32_t)(bits >> 32) & ((1u << m->sig.b_bits) - 1);
      count_pair(&part[k], m, mul_value(a, m->sig.a_bits, m->sig.a_signed),
                 mul_value(b, m->sig.b_bits, m->sig.b_signed), 1);
    }
  }
  for (int k = 0; k < CHUNKS; k++)
    add_sums(&total, &part[k]);
  free(part);
  mul_errors e = figures_of(&total);
  e.pairs = (uint64_t)CHUNKS * CHUNK;
  e.wce = m->wce; // known from the structure
  e.ci_mae = half_interval(e.mse, e.mae, total.weight);
  e.ci_bias = half_interval(e.mse, e.bias, total.weight);
  e.ci_ep = half_interval(e.ep, e.ep, total.weight);
  if (total.nonzero_weight > 0)
    e.ci_mre = half_interval(total.relative_square / total.nonzero_weight, e.mre, total.nonzero_weight);
  return e;
}

mul_errors mul_error_figures(const mul *m, const mul_weights *weights, uint64_t seed) {
  bool small = m->sig.a_bits <= 12 && m->sig.b_bits <= 12;
  assert(small || !weights);
  return small ? exhaustive(m, weights) : sampled(m, seed);
}
