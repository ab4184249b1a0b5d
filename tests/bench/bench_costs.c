// SPDX-License-Identifier: Apache-2.0
//
// bench_costs [ROUNDS]: the constants of compiler/engine/cost.h against what plans take. Layers of many shapes run with
// each plan that can; printed are the estimated and the measured cycles an output pixel, by kind the mean ratio, and
// for each constant the value with which the estimates of its kind come nearest to the measurements. A constant that
// these layers do not tell from others stays near what it is. One thread; medians of its processor time.
#include "compiler/engine/cost.h"
#include "tests/bench/bench.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 16, ROUNDS_MAX = 101, MOST_CASES = 128, MOST_COSTS = 8 };

static const bench_layer layers[] = {
    {"1>8 5x5 20x20", 1, 8, 5, 0, 20, 20},     {"4>16 1x1 16x16", 4, 16, 1, 0, 16, 16},
    {"4>64 3x3 16x16", 4, 64, 3, 1, 16, 16},   {"6>16 5x5 14x14", 6, 16, 5, 0, 14, 14},
    {"16>16 3x3 16x16", 16, 16, 3, 1, 16, 16}, {"16>128 1x1 16x16", 16, 128, 1, 0, 16, 16},
    {"64>16 1x1 16x16", 64, 16, 1, 0, 16, 16}, {"64>64 3x3 8x8", 64, 64, 3, 1, 8, 8},
    {"128>16 3x3 8x8", 128, 16, 3, 1, 8, 8},   {"256>64 1x1 8x8", 256, 64, 1, 0, 8, 8},
};
static const char *const multipliers[] = {"exact8s", "bam8s_h3_v0_t0", "roup8s_p0_r5.5.0.0", "mul8s_1L2N"};

// How often a plan pays a constant, a pixel.
typedef double uses(const plan_slice *s);
static double once(const plan_slice *s) { return (void)s, 1; }
static double filters(const plan_slice *s) { return s->filters; }
static double terms(const plan_slice *s) { return s->terms; }
static double channels(const plan_slice *s) { return s->layout.in.c; }
static double mapped(const plan_slice *s) { return (double)s->terms * s->layout.in.c; }
static double copied(const plan_slice *s) {
  return s->layout.shifted ? (double)s->terms * s->layout.in.c * s->layout.kw : 0;
}
static double lists(const plan_slice *s) { return s->lists; }
static double passes(const plan_slice *s) { return (double)s->lane_blocks * s->positions * s->lists; }
static double taps(const plan_slice *s) { return (double)s->layout.in.c * s->layout.kh * s->layout.kw; }
static double products(const plan_slice *s) { return s->filters * taps(s); }
static bool by_row(const plan_slice *s) { return s->layout.in.c == 1 && s->layout.sh == 1 && s->layout.sw == 1; }
static double panels(const plan_slice *s) { return by_row(s) ? 0 : taps(s); }
static double panel_rows(const plan_slice *s) { return by_row(s) ? taps(s) : 0; }

typedef struct {
  const char *name;
  double value;
  uses *uses;
} constant;
#define CONSTANT(NAME, uses)                                                                                           \
  { #NAME, NAME, uses }
// The rest of an estimate is what the kernels' rates say.
static const struct {
  plan_kind kind;
  constant constants[MOST_COSTS];
} kinds[] = {
    {PLAN_DOT8,
     {CONSTANT(COST_SLICE, once), CONSTANT(COST_DOT_STORE, filters), CONSTANT(COST_DOT_MAP, mapped),
      CONSTANT(COST_DOT_TERM, terms), CONSTANT(COST_DOT_COPY, copied)}},
    {PLAN_ROWS,
     {CONSTANT(COST_SLICE, once), CONSTANT(COST_ROWS_STORE, filters), CONSTANT(COST_ROWS_STAGE, channels),
      CONSTANT(COST_ROWS_LIST, lists), CONSTANT(COST_ROWS_PASS, passes)}},
    {PLAN_COLUMNS,
     {CONSTANT(COST_SLICE, once), CONSTANT(COST_LOOKUP_STORE, filters), CONSTANT(COST_LOOKUP_PANEL, panels),
      CONSTANT(COST_LOOKUP_PANEL_ROW, panel_rows)}},
    {PLAN_DIRECT, {CONSTANT(COST_DIRECT, products)}},
};

typedef struct {
  double estimated, measured, uses[MOST_COSTS];
} sample;

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, compare_doubles);
  return v[n / 2];
}

// A chain of additions of one cycle each tells the clock.
static double cycles_a_second(void) {
  enum { CHAIN = 20000000, TRIES = 5 };
  double best = 0;
  for (int i = 0; i < TRIES; i++) {
    volatile uint64_t start = 1;
    uint64_t x = start;
    double t = engine_cpu_seconds();
    for (int k = 0; k < CHAIN; k++)
      __asm__ volatile("add $1, %0" : "+r"(x));
    t = engine_cpu_seconds() - t;
    best = fmax(best, CHAIN / t);
  }
  return best;
}

// One layer with one plan; false where it is not possible.
static bool measure(const bench_layer *l, const mul *m, plan_kind kind, int rounds, double clock, sample *out,
                    const plan_slice **slice, arena *mem) {
  diag d = {0};
  rng r = rng_seed(3);
  network *net = bench_one_layer(mem, &r, l);
  const mul **muls = arena_memdup(mem, &m, sizeof m);
  infer_model model = {.net = net, .muls = muls, .assign = assignment_uniform_net(mem, net, 0)};
  engine *e = engine_new_with(mem, &model, kernels_choose(), kind, &d);
  diag_free(&d);
  if (!e || e->plans[1].slices != 1 || e->plans[1].slice->kind != kind)
    return false;
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, IMAGES * size);
  for (size_t i = 0; i < IMAGES * size; i++) // half of them 0, as after a ReLU
    pixels[i] = (uint8_t)(rng_below(&r, 2) ? rng_below(&r, 128) : 0);
  int32_t *logits = arena_new_array(mem, int32_t, IMAGES * (size_t)l->filters);
  double seconds[ROUNDS_MAX];
  e->seconds = arena_new_array(mem, double, net->count);
  for (int i = -1; i < rounds; i++) { // the first round warms up
    e->seconds[1] = 0;
    engine_run(e, pixels, IMAGES, logits);
    if (i >= 0)
      seconds[i] = e->seconds[1];
  }
  *slice = e->plans[1].slice;
  net_shape shape = net->nodes[1].shape;
  out->estimated = (*slice)->cost;
  out->measured = median(seconds, rounds) * clock / (IMAGES * (double)shape.h * shape.w);
  return true;
}

// Changes x to what minimises the squared relative errors of sum(x * uses) + rest against the measurements; a little
// pull towards what x was keeps what the samples do not tell.
static void fit(const sample *s, int count, const constant *c, int constants, double *x) {
  enum { SWEEPS = 2000 };
  const double pull = 0.02 * count;
  for (int sweep = 0; sweep < SWEEPS; sweep++)
    for (int i = 0; i < constants; i++) { // one after the other: the sum is quadratic in each
      double above = pull / c[i].value, below = pull / (c[i].value * c[i].value);
      for (int k = 0; k < count; k++) {
        double rest = s[k].estimated, u = s[k].uses[i] / s[k].measured;
        for (int j = 0; j < constants; j++)
          rest += ((j == i ? 0 : x[j]) - c[j].value) * s[k].uses[j];
        above += u * (1 - rest / s[k].measured);
        below += u * u;
      }
      x[i] = fmax(above / below, 0);
    }
}

static double error(const sample *s, int count, const constant *c, int constants, const double *x) {
  double sum = 0;
  for (int k = 0; k < count; k++) {
    double now = s[k].estimated;
    for (int j = 0; j < constants; j++)
      now += (x[j] - c[j].value) * s[k].uses[j];
    sum += fabs(log(now / s[k].measured));
  }
  return exp(sum / count);
}

static int measure_kind(plan_kind kind, const constant *c, int constants, int rounds, double clock, sample *s) {
  int count = 0;
  for (size_t i = 0; i < BASE_COUNT(layers); i++)
    for (size_t m = 0; m < BASE_COUNT(multipliers) && count < MOST_CASES; m++) {
      arena *mem = arena_new();
      diag d = {0};
      const mul *multiplier = mul_make(mem, multipliers[m], &d);
      const plan_slice *slice;
      sample *now = &s[count];
      if (multiplier && measure(&layers[i], multiplier, kind, rounds, clock, now, &slice, mem)) {
        printf("%-8s %-18s %-20s %10.1f %10.1f %8.2f\n", plan_kinds[kind].name, layers[i].name, multipliers[m],
               now->estimated, now->measured, now->estimated / now->measured);
        for (int j = 0; j < constants; j++)
          now->uses[j] = c[j].uses(slice);
        count++;
      }
      arena_free(mem);
    }
  return count;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 15;
  rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
  omp_set_num_threads(1);
  double clock = cycles_a_second();
  printf("%s kernels, %.2f GHz\n%-8s %-18s %-20s %10s %10s %8s\n", kernels_choose()->name, clock / 1e9, "plan", "layer",
         "multiplier", "estimated", "measured", "ratio");
  str summary = {0};
  for (size_t k = 0; k < BASE_COUNT(kinds); k++) {
    static sample s[MOST_CASES];
    const constant *c = kinds[k].constants;
    double x[MOST_COSTS], was[MOST_COSTS];
    int constants = 0;
    for (; constants < MOST_COSTS && c[constants].name; constants++)
      was[constants] = x[constants] = c[constants].value;
    int count = measure_kind(kinds[k].kind, c, constants, rounds, clock, s);
    if (!count)
      continue;
    fit(s, count, c, constants, x);
    str_printf(&summary, "%s: estimates are off by a factor of %.2f in the mean, with what fits best of %.2f\n",
               plan_kinds[kinds[k].kind].name, error(s, count, c, constants, was), error(s, count, c, constants, x));
    for (int j = 0; j < constants; j++)
      str_printf(&summary, "  %-24s %7.2f %7.2f\n", c[j].name, c[j].value, x[j]);
  }
  printf("\n%-26s %7s %7s\n%s", "constant", "is", "fits", summary.data);
  str_free(&summary);
  return 0;
}
