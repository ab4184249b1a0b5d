// SPDX-License-Identifier: Apache-2.0
//
// Error figures. Exhaustive sums are kept per row of the table (or per stretch of vectors) and added up in order, so
// that the result does not depend on the number of threads.
#include "compiler/base/json.h"
#include "genlib/genlib.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  double weight, nonzero_weight; // of all pairs; of those with a nonzero exact product
  double abs, signed_sum, square, wrong, relative, relative_square;
  double worst_relative; // over the nonzero exact products
  int64_t worst, worst_at_zero, min, max; // min > max: no pair yet
} sums;

static const sums NOTHING = {.min = INT64_MAX, .max = INT64_MIN};

static int64_t exact_of(const mul *m, int32_t a, int32_t b) { return m->adds ? (int64_t)a + b : (int64_t)a * b; }

static void count_pair(sums *s, int64_t product, int64_t exact, double weight) {
  int64_t error = product - exact, size = error < 0 ? -error : error;
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
    if (weight > 0 && relative > s->worst_relative)
      s->worst_relative = relative;
  } else if (weight > 0 && size > s->worst_at_zero) {
    s->worst_at_zero = size;
  }
  if (weight > 0) {
    s->worst = size > s->worst ? size : s->worst;
    s->min = product < s->min ? product : s->min;
    s->max = product > s->max ? product : s->max;
  }
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
  to->worst_relative = fmax(to->worst_relative, s->worst_relative);
  to->worst = s->worst > to->worst ? s->worst : to->worst;
  to->worst_at_zero = s->worst_at_zero > to->worst_at_zero ? s->worst_at_zero : to->worst_at_zero;
  to->min = s->min < to->min ? s->min : to->min;
  to->max = s->max > to->max ? s->max : to->max;
}

static mul_errors figures_of(const sums *s) {
  mul_errors e = {.wce = s->worst, .wcre = s->worst_relative, .wce_at_zero = s->worst_at_zero};
  e.min = s->min, e.max = s->max;
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
  sums *row = malloc((size_t)rows * sizeof *row), total = NOTHING;
#pragma omp parallel for schedule(static)
  for (int i = 0; i < rows; i++) {
    int32_t a = mul_value((uint32_t)i, m->sig.a_bits, m->sig.a_signed);
    row[i] = NOTHING;
    for (int j = 0; j < columns; j++) {
      int32_t b = mul_value((uint32_t)j, m->sig.b_bits, m->sig.b_signed);
      double weight = 1;
      if (w && w->joint)
        weight = w->joint[(size_t)i * (size_t)columns + (size_t)j];
      else if (w)
        weight = (w->a ? w->a[i] : 1) * (w->b ? w->b[j] : 1);
      count_pair(&row[i], mul_apply(m, a, b), exact_of(m, a, b), weight);
    }
  }
  for (int i = 0; i < rows; i++)
    add_sums(&total, &row[i]);
  free(row);
  mul_errors e = figures_of(&total);
  e.exhaustive = e.wce_exact = true;
  e.pairs = (uint64_t)rows * (uint64_t)columns;
  return e;
}

// Half of a 95 % confidence interval of a mean over n samples with such a variance.
static double half_interval(double mean_square, double mean, double n) {
  return 1.959964 * sqrt(fmax(0, mean_square - mean * mean) / n);
}

static mul_errors sampled(const mul *m, uint64_t seed) {
  enum { CHUNKS = 64, CHUNK = 1 << 16, TOGETHER = 4096 };
  sums *part = malloc(CHUNKS * sizeof *part), total = NOTHING;
#pragma omp parallel for schedule(static)
  for (int k = 0; k < CHUNKS; k++) {
    rng r = rng_seed(seed * CHUNKS + (uint64_t)k);
    part[k] = NOTHING;
    for (int done = 0; done < CHUNK; done += TOGETHER) {
      uint32_t a[TOGETHER], b[TOGETHER];
      int64_t p[TOGETHER];
      for (int i = 0; i < TOGETHER; i++) {
        uint64_t bits = rng_next(&r);
        a[i] = (uint32_t)bits & ((1u << m->sig.a_bits) - 1);
        b[i] = (uint32_t)(bits >> 32) & ((1u << m->sig.b_bits) - 1);
      }
      mul_products(m, a, b, TOGETHER, p);
      for (int i = 0; i < TOGETHER; i++)
        count_pair(&part[k], p[i],
                   exact_of(m, mul_value(a[i], m->sig.a_bits, m->sig.a_signed),
                            mul_value(b[i], m->sig.b_bits, m->sig.b_signed)),
                   1);
    }
  }
  for (int k = 0; k < CHUNKS; k++)
    add_sums(&total, &part[k]);
  free(part);
  mul_errors e = figures_of(&total);
  e.pairs = (uint64_t)CHUNKS * CHUNK;
  e.wce_exact = m->wce >= 0; // known from the structure, or from all products
  e.wce = e.wce_exact ? m->wce : e.wce;
  e.ci_mae = half_interval(e.mse, e.mae, total.weight);
  e.ci_bias = half_interval(e.mse, e.bias, total.weight);
  e.ci_ep = half_interval(e.ep, e.ep, total.weight);
  if (total.nonzero_weight > 0)
    e.ci_mre = half_interval(total.relative_square / total.nonzero_weight, e.mre, total.nonzero_weight);
  return e;
}

// ---- all pairs of wide operands, by simulation -------------------------------------------------------------------
// Vectors whose sums are kept, and added up at once. The latter divides the block of every instruction set, so that all
// give the same sums.
enum { CHUNK = 1 << 16, STRETCH = 256 };

// Eight sums side by side whatever the instruction set, so that all of them give the same.
#define BITS(x) ((masks)(x))
#define WHERE(mask, x) ((lanes)((mask)&BITS(x)))
#define GREATER(x, y) ((lanes)((BITS(x) & (masks)((x) > (y))) | (BITS(y) & ~(masks)((x) > (y)))))

static double total_of(const double *x) {
  double sum = 0;
  for (int i = 0; i < 8; i++)
    sum += x[i];
  return sum;
}

static double greatest_of(const double *x) {
  double greatest = x[0];
  for (int i = 1; i < 8; i++)
    greatest = x[i] > greatest ? x[i] : greatest;
  return greatest;
}

typedef void count_stretch(sums *s, const int32_t *products, double wrap, double factor, double offset,
                           const double *b);
#define NAME stretch_plain
#define WIDTH 2
#define KERNEL_TARGET
#include "genlib/errors_kernel.h"
#if defined(__x86_64__)
#define NAME stretch_avx2
#define WIDTH 4
#define KERNEL_TARGET __attribute__((target("avx2")))
#include "genlib/errors_kernel.h"
#define NAME stretch_avx512
#define WIDTH 8
#define KERNEL_TARGET __attribute__((target("avx512f,avx512dq")))
#include "genlib/errors_kernel.h"
#endif

static count_stretch *choose_stretch(void) {
#if defined(__x86_64__)
  const char *isa = nl_sim_isa_choose()->name;
  if (!strcmp(isa, "avx512") && __builtin_cpu_supports("avx512dq"))
    return stretch_avx512;
  if (strcmp(isa, "scalar") != 0)
    return stretch_avx2;
#endif
  return stretch_plain;
}

static void count_chunk(count_stretch *count, sums *s, sim *sim, const mul *m, uint64_t first, const double *b) {
  int32_t values[64 * SIM_WORDS_MAX];
  int block = 64 * nl_sim_words(sim), row = 1 << m->sig.b_bits;
  double wrap = m->sig.p_signed ? 0 : 4294967296.0;
  *s = NOTHING;
  for (uint64_t at = first; at < first + CHUNK; at += (uint64_t)block) {
    nl_sim_enumerate(sim, at / (uint64_t)block);
    nl_sim_run(sim);
    nl_sim_values(sim, m->sig.p_signed, values);
    for (int i = 0; i < block; i += STRETCH) {
      uint64_t v = at + (uint64_t)i;
      int32_t a = mul_value((uint32_t)(v >> m->sig.b_bits), m->sig.a_bits, m->sig.a_signed);
      count(s, values + i, wrap, m->adds ? 1 : a, m->adds ? a : 0, b + (v & (uint64_t)(row - 1)));
    }
  }
}

static bool simulated(const mul *m, mul_errors *out) {
  assert(1 << m->sig.b_bits >= STRETCH);
  int64_t chunks = (int64_t)1 << (m->sig.a_bits + m->sig.b_bits - 16), done = 0;
  sums *part = malloc((size_t)chunks * sizeof *part), total = NOTHING;
  double *b = malloc(sizeof *b << m->sig.b_bits);
  for (uint32_t k = 0; k < 1u << m->sig.b_bits; k++)
    b[k] = mul_value(k, m->sig.b_bits, m->sig.b_signed);
  count_stretch *count = choose_stretch();
  progress p = progress_begin("error figures", (uint64_t)chunks * CHUNK);
#pragma omp parallel
  {
    arena *mem = arena_new();
    sim *sim = nl_sim_new(mem, m->net, NULL, false);
#pragma omp for schedule(dynamic)
    for (int64_t k = 0; k < chunks; k++) {
      if (interrupted())
        continue;
      count_chunk(count, &part[k], sim, m, (uint64_t)k * CHUNK, b);
#pragma omp critical(mul_error_figures)
      {
        done++;
        progress_step(&p, CHUNK);
      }
    }
    arena_free(mem);
  }
  progress_end(&p);
  for (int64_t k = 0; done == chunks && k < chunks; k++)
    add_sums(&total, &part[k]);
  free(part);
  free(b);
  *out = figures_of(&total);
  out->exhaustive = out->wce_exact = true;
  out->pairs = (uint64_t)chunks * CHUNK;
  return done == chunks;
}

bool mul_error_figures_all(const mul *m, mul_errors *out) {
  assert(m->net || m->table);
  if (m->sig.a_bits + m->sig.b_bits > 24)
    return simulated(m, out);
  *out = exhaustive(m, NULL);
  return true;
}

mul_errors mul_error_figures(const mul *m, const mul_weights *weights, uint64_t seed) {
  bool small = m->sig.a_bits <= 12 && m->sig.b_bits <= 12;
  assert(small || !weights);
  return small ? exhaustive(m, weights) : sampled(m, seed);
}

void mul_errors_json(cJSON *o, const mul_errors *e) {
  cJSON_AddNumberToObject(o, "mae", e->mae);
  cJSON_AddNumberToObject(o, "wce", (double)e->wce);
  cJSON_AddNumberToObject(o, "error_probability", e->ep);
  cJSON_AddNumberToObject(o, "mre", e->mre);
  cJSON_AddNumberToObject(o, "mse", e->mse);
  cJSON_AddNumberToObject(o, "bias", e->bias);
}
