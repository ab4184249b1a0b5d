// SPDX-License-Identifier: Apache-2.0
//
// Pricing: harms against a plain recomputation, choices against brute force, and what every price must keep.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/pricing.h"
#include "compiler/explore/samples.h"
#include "compiler/explore/vectors.h"

#include <omp.h>

enum { PRICES = 12, POSITIONS = 1024 }; // what layers as small as these are sampled at
static const double COST[SCENE_MULS] = {1, 0.8, 0.7, 0.5, 0.4};
enum { SEED = 7 };

typedef struct {
  scene s;
  matching *m;
  double price[PRICES], *weight; // [F] of any layer
  pricing_task task;
} bench;

static void bench_open(bench *b, arena *mem, rng *r, int i, matching_kind kind) {
  *b = (bench){.s = scene_of(mem, r, i, true)};
  diag d = {0};
  b->m = matching_new(b->s.net, b->s.muls, &b->s.data, 0, b->s.data.count, &d);
  if (!b->m)
    fail_msg("%s", d.text.data);
  int most = 1;
  for (int k = 0; k < b->s.layers; k++)
    most = b->s.net->nodes[b->s.layer[k]].shape.c > most ? b->s.net->nodes[b->s.layer[k]].shape.c : most;
  b->weight = arena_new_array(mem, double, (size_t)most);
  for (int f = 0; f < most; f++)
    b->weight[f] = 1e-6 * (1 + (double)rng_below(r, 100));
  for (int p = 0; p < PRICES; p++)
    b->price[p] = 1e9 * pow(1e-11, p / (PRICES - 1.0));
  b->task = (pricing_task){.muls = b->s.muls,
                           .mul_count = SCENE_MULS,
                           .cost = COST,
                           .weight = b->weight,
                           .price = b->price,
                           .prices = PRICES,
                           .matched = kind,
                           .seed = SEED};
}

static pricing_result solve(const bench *b, const pricing_layer *l, const pricing_task *task) {
  diag d = {0};
  pricing_result r;
  if (!pricing_solve(b->m, b->s.net, l, task, b->s.mem, &r, &d))
    fail_msg("%s", d.text.data);
  return r;
}

static double *harms(const bench *b, const pricing_layer *l, const pricing_task *task) {
  diag d = {0};
  double *harm = arena_new_array(b->s.mem, double, (size_t)(l->teams * l->parts * task->mul_count));
  if (!pricing_harms(b->m, b->s.net, l, task, harm, &d))
    fail_msg("%s", d.text.data);
  return harm;
}

static double units_cost(const bench *b, const pricing_layer *l, const pricing_task *task, const uint8_t *choice) {
  const net_node *n = &b->s.net->nodes[l->node];
  int64_t reduction = net_reduction(b->s.net, n);
  double sum = 0;
  for (int t = 0; t < l->teams; t++)
    for (int f = l->team[t]; f < l->team[t + 1]; f++)
      for (int64_t i = 0; i < reduction; i++)
        sum += task->cost[choice[t * l->parts + l->part[i]]] / ((double)reduction * n->shape.c);
  return sum;
}

// ---- harms, plainly ----

// The errors of the products of weights `part` of a filter under a multiplier, and its exact sum, at the output pixels
// that pricing samples: image p modulo the images, row and column by the seed.
static void errors_at(const bench *b, const infer_model *exact, const pricing_layer *l, int filter, int part, int mul,
                      int32_t **values, double *error, double *sum) {
  const network *net = b->s.net;
  const net_node *n = &net->nodes[l->node];
  net_shape in = net_input_shape(net, n);
  int32_t zero = net_input_quant(net, n).zero;
  int64_t reduction = net_reduction(net, n);
  size_t size = (size_t)net_shape_size(in);
  int32_t *codes = arena_new_array(b->s.mem, int32_t, b->s.data.count * size);
  for (size_t i = 0; i < b->s.data.count; i++) {
    ref_run(exact, b->s.data.pixels + i * (size_t)net_shape_size(b->s.data.shape), values);
    memcpy(codes + i * size, values[n->inputs[0]], size * sizeof *codes);
  }
  rng r = rng_seed(SEED + (uint64_t)l->node);
  for (int p = 0; p < POSITIONS; p++) {
    const int32_t *image = codes + (size_t)p % b->s.data.count * size;
    int y = (int)rng_below(&r, (uint32_t)n->shape.h), x = (int)rng_below(&r, (uint32_t)n->shape.w);
    error[p] = sum[p] = 0;
    for (int64_t i = 0; i < reduction; i++) {
      int taps = n->kh * n->kw, ky = (int)(i % taps) / n->kw, kx = (int)(i % n->kw);
      int c = filter / (n->shape.c / n->groups) * (in.c / n->groups) + (int)(i / taps);
      int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
      bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
      int32_t code = inside ? image[(c * in.h + iy) * in.w + ix] : zero, w = n->weight[filter * reduction + i];
      if (l->part[i] == part)
        error[p] += (double)(mul_apply(b->s.muls[mul], code, w) - (int64_t)code * w);
      sum[p] += (double)(code - zero) * (w - n->weight_zero);
    }
  }
}

static double mean(const double *x) {
  double sum = 0;
  for (int p = 0; p < POSITIONS; p++)
    sum += x[p];
  return sum / POSITIONS;
}

// What is left of the error's mean square once mean, or mean and gain, are taken back.
static double plain_harm(double *error, double *sum, matching_kind kind, bool raw) {
  double me = kind == MATCH_NOTHING ? 0 : mean(error), ms = mean(sum), ee = 0, es = 0, ss = 0;
  for (int p = 0; p < POSITIONS; p++) {
    double e = error[p] - me, s = sum[p] - ms;
    ee += e * e / POSITIONS, es += e * s / POSITIONS, ss += s * s / POSITIONS;
  }
  if (kind != MATCH_GAIN || raw || !(ss > 0))
    return ee;
  // error = slope * sum + rest; the sum becomes 1 + slope of itself, and the gain is its inverse within bounds.
  double slope = es / ss, rest = ee - es * es / ss, gain = slope > -1 ? 1 / (1 + slope) : MATCHING_GAIN;
  gain = fmin(fmax(gain, 1.0 / MATCHING_GAIN), MATCHING_GAIN);
  double missing = gain * (1 + slope) - 1;
  return gain * gain * fmax(rest, 0) + missing * missing * ss;
}

static void test_harms(void **state) {
  (void)state;
  rng r = rng_seed(61);
  for (int i = 0; i < 9; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, (matching_kind)(i % 3));
    infer_model exact = {.net = b.s.net, .muls = b.s.muls, .assign = NULL};
    int32_t **values = infer_buffers(mem, b.s.net);
    double *error = arena_new_array(mem, double, POSITIONS), *sum = arena_new_array(mem, double, POSITIONS);
    for (int k = 0; k < 6; k++) {
      int node = b.s.layer[rng_below(&r, (uint32_t)b.s.layers)];
      const net_node *n = &b.s.net->nodes[node];
      pricing_layer l = pricing_by_level(mem, b.s.net, node, (assignment_level)(ASSIGN_LAYER + k % 4));
      const double *harm = harms(&b, &l, &b.task);
      int team = (int)rng_below(&r, (uint32_t)l.teams), part = (int)rng_below(&r, (uint32_t)l.parts);
      int mul = (int)rng_below(&r, SCENE_MULS);
      double want = 0;
      for (int f = l.team[team]; f < l.team[team + 1]; f++) {
        errors_at(&b, &exact, &l, l.filter[f], part, mul, values, error, sum);
        want += b.weight[l.filter[f]] * plain_harm(error, sum, b.task.matched, net_is_raw(b.s.net, n));
      }
      double got = harm[(team * l.parts + part) * SCENE_MULS + mul];
      if (fabs(got - want) > 2e-3 * want + 1e-9)
        fail_msg("network %d, %s, team %d, part %d, multiplier %d: %g, plainly %g", i, n->name, team, part, mul, got,
                 want);
      assert_true(mul != 0 || got == 0);
    }
    matching_free(b.m);
    arena_free(mem);
  }
}

// ---- choices ----

// At every level: exact at the highest price; at each price no worse than the choice before it; the cost as claimed.
static void test_prices(void **state) {
  (void)state;
  rng r = rng_seed(62);
  int cheap = 0;
  for (int i = 0; i < 12; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, (matching_kind)(i % 3));
    int node = b.s.layer[i % b.s.layers];
    for (int level = ASSIGN_LAYER; level < ASSIGN_LEVELS; level++) {
      pricing_layer l = pricing_by_level(mem, b.s.net, node, (assignment_level)level);
      pricing_result q = solve(&b, &l, &b.task);
      // Without harm: exact, or a multiplier that is so with the part's weights (0, say).
      const double *harm = harms(&b, &l, &b.task);
      assert_true(q.harm[0] == 0 && q.cost[0] <= 1 + 1e-12);
      for (int u = 0; u < l.teams * l.parts; u++)
        assert_true(harm[u * SCENE_MULS + q.choice[0][u]] == 0);
      for (int p = 0; p < PRICES; p++) {
        assert_true(q.harm[p] >= 0);
        assert_true(fabs(q.cost[p] - units_cost(&b, &l, &b.task, q.choice[p])) < 1e-9);
        if (p == 0)
          continue;
        double now = q.cost[p] + b.price[p] * q.harm[p], before = q.cost[p - 1] + b.price[p] * q.harm[p - 1];
        assert_true(now <= before + 1e-4 * before);
        if (l.parts == 1) { // the least of each team: nothing depends on where the descent came from
          assert_true(q.cost[p] <= q.cost[p - 1] + 1e-12);
          assert_true(q.harm[p] >= q.harm[p - 1] - 1e-6 * q.harm[p]);
        }
      }
      assert_true(q.cost[PRICES - 1] <= 1);
      cheap += q.cost[PRICES - 1] < 0.45;
    }
    matching_free(b.m);
    arena_free(mem);
  }
  assert_true(cheap > 20);
}

static void test_least(void **state) {
  (void)state;
  rng r = rng_seed(63);
  for (int i = 0; i < 9; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, (matching_kind)(i % 3));
    for (int k = 0; k < b.s.layers; k++) {
      pricing_layer l = pricing_by_level(mem, b.s.net, b.s.layer[k], i % 2 ? ASSIGN_FILTER : ASSIGN_LAYER);
      const double *harm = harms(&b, &l, &b.task);
      pricing_result q = solve(&b, &l, &b.task);
      for (int p = 0; p < PRICES; p++)
        for (int t = 0; t < l.teams; t++) {
          double least = INFINITY, share = 1.0 / l.teams;
          for (int m = 0; m < SCENE_MULS; m++)
            least = fmin(least, COST[m] * share + b.price[p] * harm[t * SCENE_MULS + m]);
          int m = q.choice[p][t];
          double got = COST[m] * share + b.price[p] * harm[t * SCENE_MULS + m];
          if (got > least * (1 + 1e-6))
            fail_msg("network %d, layer %d, price %g, team %d: %g, the least is %g", i, k, b.price[p], t, got, least);
        }
    }
    matching_free(b.m);
    arena_free(mem);
  }
}

// What is not allowed has no harm that is finite, and is chosen at no price.
static void test_forbidden(void **state) {
  (void)state;
  rng r = rng_seed(64);
  static const double cost[SCENE_MULS] = {INFINITY, 0.8, 0.7, INFINITY, 0.4};
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, MATCH_GAIN);
    b.task.cost = cost;
    int node = b.s.layer[i % b.s.layers];
    for (int level = ASSIGN_LAYER; level < ASSIGN_LEVELS; level++) {
      pricing_layer l = pricing_by_level(mem, b.s.net, node, (assignment_level)level);
      pricing_result q = solve(&b, &l, &b.task);
      const double *harm = harms(&b, &l, &b.task);
      for (int u = 0; u < l.teams * l.parts; u++)
        for (int m = 0; m < SCENE_MULS; m++)
          assert_true(isinf(cost[m]) ? isinf(harm[u * SCENE_MULS + m]) : isfinite(harm[u * SCENE_MULS + m]));
      for (int p = 0; p < PRICES; p++) {
        assert_true(isfinite(q.cost[p]) && isfinite(q.harm[p]));
        for (int u = 0; u < l.teams * l.parts; u++)
          assert_true(isfinite(cost[q.choice[p][u]]));
      }
    }
    matching_free(b.m);
    arena_free(mem);
  }
}

static void test_threads(void **state) {
  (void)state;
  rng r = rng_seed(65);
  for (int i = 0; i < 4; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, MATCH_GAIN);
    pricing_layer l =
        pricing_by_level(mem, b.s.net, b.s.layer[b.s.layers - 1], (assignment_level)(ASSIGN_LAYER + i % 4));
    size_t units = (size_t)(l.teams * l.parts);
    pricing_result q[3];
    double *harm[3];
    for (int t = 0; t < 3; t++) {
      omp_set_num_threads(1 + t);
      q[t] = solve(&b, &l, &b.task);
      harm[t] = harms(&b, &l, &b.task);
    }
    omp_set_num_threads(1);
    for (int t = 1; t < 3; t++) {
      assert_memory_equal(harm[0], harm[t], units * SCENE_MULS * sizeof(double));
      assert_memory_equal(q[0].harm, q[t].harm, PRICES * sizeof(double));
      assert_memory_equal(q[0].cost, q[t].cost, PRICES * sizeof(double));
      for (int p = 0; p < PRICES; p++)
        assert_memory_equal(q[0].choice[p], q[t].choice[p], units);
    }
    matching_free(b.m);
    arena_free(mem);
  }
}

// ---- vectors ----

// Many dots at once are each one's; whole numbers less their mean are what plain sums give.
static void check_many(rng *r, const vector_set *sets, int count) {
  enum { MANY = 11, LONGEST = 9 * VECTOR_LANES, STRIDE = LONGEST + VECTOR_LANES };
  _Alignas(64) static float y[MANY * STRIDE], x[LONGEST], want[LONGEST], got[LONGEST];
  int n = VECTOR_LANES * (1 + (int)rng_below(r, LONGEST / VECTOR_LANES)), many = 1 + (int)rng_below(r, MANY);
  double sum = 0;
  for (int i = 0; i < MANY * STRIDE; i++)
    y[i] = (float)(rng_unit(r) - 0.5);
  for (int i = 0; i < n; i++)
    sum += x[i] = (float)((int)rng_below(r, 1 << 20) - 400000);
  for (int i = 0; i < n; i++)
    want[i] = x[i] - (float)(sum / n);
  for (int k = 0; k < count; k++) {
    float all[MANY + 1];
    all[many] = 1234;
    sets[k].dots(x, y, STRIDE, many, n, all);
    for (int i = 0; i < many; i++) {
      float one;
      sets[0].dots(x, y + i * STRIDE, 0, 1, n, &one);
      assert_memory_equal(&one, &all[i], sizeof one);
    }
    assert_true(all[many] == 1234);
    memcpy(got, x, sizeof got);
    sets[k].center(got, n);
    assert_memory_equal(got, want, (size_t)n * sizeof *got);
  }
}

static void test_vectors(void **state) {
  (void)state;
  vector_set sets[VECTOR_SETS];
  int count = vector_sets(sets);
  assert_string_equal(sets[0].isa, "scalar");
  rng r = rng_seed(66);
  enum { MOST = 40 * VECTOR_LANES };
  _Alignas(64) static float x[MOST], y[MOST], want[MOST], got[MOST];
  for (int round = 0; round < 200; round++) {
    int n = VECTOR_LANES * (1 + (int)rng_below(&r, MOST / VECTOR_LANES));
    for (int i = 0; i < n; i++) {
      x[i] = (float)((rng_unit(&r) - 0.5) * pow(2, rng_below(&r, 20)));
      y[i] = (float)((rng_unit(&r) - 0.5) * pow(2, rng_below(&r, 20)));
    }
    float factor = (float)(rng_unit(&r) - 0.5), dot;
    sets[0].dots(x, y, 0, 1, n, &dot);
    double plain = 0, size = 0;
    for (int i = 0; i < n; i++)
      plain += (double)x[i] * y[i], size += fabs((double)x[i] * y[i]);
    assert_true(fabs(dot - plain) <= 1e-5 * size);
    memcpy(want, x, sizeof want);
    sets[0].add(want, y, factor, n);
    for (int i = 0; i < n; i++) {
      volatile float product = y[i] * factor; // rounded before it is added
      volatile float sum = x[i] + product;
      assert_true(want[i] == sum);
    }
    for (int k = 1; k < count; k++) {
      float other;
      sets[k].dots(x, y, 0, 1, n, &other);
      assert_memory_equal(&dot, &other, sizeof dot);
      memcpy(got, x, sizeof got);
      sets[k].add(got, y, factor, n);
      assert_memory_equal(got, want, sizeof got);
    }
    float best = vector_dot(x, y, n);
    assert_memory_equal(&dot, &best, sizeof dot);
    check_many(&r, sets, count);
  }
}

// ---- samples ----

// Sums of any products under any multipliers, by each way of looking them up: those of plain loops.
static void check_sums(const bench *b, int node, const char *isa, rng *r) {
  const net_node *n = &b->s.net->nodes[node];
  net_quant q = net_input_quant(b->s.net, n);
  diag d = {0};
  const samples_options o = {.node = node,
                             .positions = VECTOR_LANES * (1 + (int)rng_below(r, 6)),
                             .muls = b->s.muls,
                             .cost = COST,
                             .mul_count = SCENE_MULS,
                             .seed = SEED,
                             .kernels = kernels_named(isa)};
  const samples *s = samples_new(b->s.mem, b->s.net, b->m, &o, &d);
  assert_non_null(s);
  int count = 2 * (int)s->reduction;
  int32_t *which = arena_new_array(b->s.mem, int32_t, (size_t)count);
  uint8_t *mul = arena_alloc(b->s.mem, (size_t)count);
  float *out = arena_alloc(b->s.mem, 8 * VECTOR_LANES * sizeof *out);
  int filter = (int)rng_below(r, (uint32_t)n->shape.c);
  int64_t first = filter / (n->shape.c / n->groups) * s->reduction;
  for (int k = 0; k < count; k++) {
    which[k] = (int32_t)rng_below(r, (uint32_t)s->reduction);
    mul[k] = (uint8_t)rng_below(r, SCENE_MULS + 1);
  }
  samples_sum(s, filter, which, mul, count, out);
  for (int p = 0; p < s->positions; p++) {
    int64_t sum = 0;
    for (int k = 0; k < count; k++) {
      size_t at = (size_t)(first + which[k]) * s->stride + (size_t)p;
      int32_t code = net_quant_lo(q) + (s->narrow ? s->narrow[at] : s->wide[at]);
      int32_t weight = n->weight[filter * s->reduction + which[k]];
      sum += mul[k] == SCENE_MULS ? (int64_t)(code - q.zero) * (weight - n->weight_zero)
                                  : mul_apply(b->s.muls[mul[k]], code, weight) - (int64_t)code * weight;
    }
    assert_true(fabs(out[p] - (double)sum) <= 1e-6 * fabs((double)sum));
  }
}

static void test_sums(void **state) {
  (void)state;
  static const char *const ISAS[] = {"scalar", "avx2", "avx512"};
  rng r = rng_seed(67);
  for (int i = 0; i < 20; i++) {
    arena *mem = arena_new();
    bench b;
    bench_open(&b, mem, &r, i, MATCH_MEAN);
    for (int k = 0; k < b.s.layers; k++)
      for (size_t isa = 0; isa < BASE_COUNT(ISAS); isa++)
        if (kernels_named(ISAS[isa])) // that this machine has
          check_sums(&b, b.s.layer[k], ISAS[isa], &r);
    matching_free(b.m);
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_harms),   cmocka_unit_test(test_prices),
                                     cmocka_unit_test(test_least),   cmocka_unit_test(test_forbidden),
                                     cmocka_unit_test(test_threads), cmocka_unit_test(test_vectors),
                                     cmocka_unit_test(test_sums)};
  omp_set_num_threads(1); // test_threads uses more
  return cmocka_run_group_tests_name("explore: pricing", tests, NULL, NULL);
}
