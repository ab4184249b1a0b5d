// SPDX-License-Identifier: Apache-2.0
//
// Search methods on problems whose fronts are known: by counting all decisions, or by dynamic programming.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/explore/method_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- problems: the loss is a sum over units, and of products of neighbours ------------------------------------------
typedef struct {
  search_problem p;
  search_options o;
  double *cost, *other, *harm, *loss; // [units][choices]; other: the second figure, NULL: there is none
  double between; // how much losses of neighbouring units add to or take from each other
  int fail_after; // batches until the judge refuses; negative: never
  // what the judge saw
  arena *mem;
  front_point *seen;
  front_point_two *seen_two; // the same, where there are two figures
  uint64_t *key; // of what was seen
  size_t count, room, two_room, key_room;
  uint64_t course; // a hash of all of it, in order
} problem;

static const front_point CORNER = {1, 0.1};

static double loss_of(const problem *t, const uint8_t *decisions) {
  double sum = 0, before = 0;
  for (int64_t u = 0; u < t->p.units; u++) {
    double own = t->loss[u * t->p.choices + decisions[u]];
    sum += own + t->between * (u % 2 ? 1 : -0.7) * sqrt(fabs(own * before));
    before = own;
  }
  return sum;
}

static double sum_of(const problem *t, const double *of, const uint8_t *decisions) {
  double sum = 0;
  for (int64_t u = 0; u < t->p.units; u++)
    sum += of[u * t->p.choices + decisions[u]];
  return sum;
}

static int choices_in(const problem *t, const uint8_t *decisions) {
  uint64_t used = 0;
  for (int64_t u = 0; u < t->p.units; u++)
    used |= (uint64_t)1 << decisions[u];
  return __builtin_popcountll(used);
}

// alwann has a limit of its own.
static int limit_of(const problem *t) { return t->p.most_choices ? t->p.most_choices : t->p.choices; }

static bool judge(void *context, const uint8_t *const *decisions, int count, double *loss) {
  problem *t = context;
  assert_true(count > 0);
  if (t->fail_after-- == 0) {
    for (int i = 0; i < count; i++)
      loss[i] = NAN;
    return false;
  }
  for (int i = 0; i < count; i++) {
    for (int64_t u = 0; u < t->p.units; u++) {
      assert_true(decisions[i][u] < t->p.choices);
      assert_true(isfinite(t->p.cost[u * t->p.choices + decisions[i][u]]));
    }
    assert_true(choices_in(t, decisions[i]) <= limit_of(t));
    uint64_t key = hash_64(7, decisions[i], (size_t)t->p.units);
    loss[i] = loss_of(t, decisions[i]);
    arena_grow(t->mem, t->seen, t->count, t->room);
    arena_grow(t->mem, t->key, t->count, t->key_room);
    t->seen[t->count] = (front_point){search_cost(&t->p, decisions[i]), loss[i]};
    arena_grow(t->mem, t->seen_two, t->count, t->two_room);
    t->seen_two[t->count].loss = loss[i];
    t->seen_two[t->count].cost[0] = sum_of(t, t->cost, decisions[i]);
    t->seen_two[t->count].cost[1] = t->other ? sum_of(t, t->other, decisions[i]) : 0;
    double both[2];
    search_costs(&t->p, decisions[i], both);
    assert_true(!t->p.figure[0] || !memcmp(both, t->seen_two[t->count].cost, sizeof both));
    t->key[t->count++] = key;
    t->course = hash_64(t->course, decisions[i], (size_t)t->p.units);
    if (t->o.evaluations > 0)
      assert_true(t->count <= (size_t)t->o.evaluations);
  }
  return true;
}

typedef enum { KNOWN, ROUGH, UNKNOWN } harm_kind;

// Choice 0 is exact; the further, the cheaper and the more harmful, roughly. Units differ in size and sensitivity.
static problem problem_new(arena *mem, uint64_t seed, int64_t units, int choices, harm_kind kind, double between) {
  rng r = rng_seed(seed);
  size_t n = (size_t)units * (size_t)choices;
  problem t = {.mem = mem, .between = between, .fail_after = -1};
  t.cost = arena_new_array(mem, double, n);
  t.harm = arena_new_array(mem, double, n);
  t.loss = arena_new_array(mem, double, n);
  double share = 0;
  for (int64_t u = 0; u < units; u++) {
    double size = 0.2 + rng_unit(&r), sensitivity = 0.1 + rng_unit(&r);
    share += size;
    for (int c = 0; c < choices; c++) {
      double *at = &t.cost[u * choices + c];
      *at = size * (1 - 0.8 * c / choices) * (c ? 0.9 + 0.2 * rng_unit(&r) : 1);
      t.loss[u * choices + c] = 0.3 / (double)units * sensitivity * c * c / choices / choices * (0.5 + rng_unit(&r));
      t.harm[u * choices + c] = t.loss[u * choices + c] * (kind == ROUGH ? 200 * (0.5 + rng_unit(&r)) : 1);
    }
  }
  for (size_t i = 0; i < n; i++)
    t.cost[i] /= share;
  t.p = (search_problem){.units = units, .choices = choices, .cost = t.cost, .judge = judge, .max_loss = INFINITY};
  t.p.harm = kind == UNKNOWN ? NULL : t.harm;
  return t;
}

// Forbids about one choice in `one_in`, never the first.
static void forbid(problem *t, uint64_t seed, uint32_t one_in) {
  rng r = rng_seed(seed);
  for (int64_t i = 0; i < t->p.units * t->p.choices; i++)
    if (i % t->p.choices && !rng_below(&r, one_in))
      t->cost[i] = INFINITY;
}

static int by_key(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void assert_none_twice(problem *t) {
  if (t->count)
    qsort(t->key, t->count, sizeof *t->key, by_key);
  for (size_t i = 1; i < t->count; i++)
    assert_true(t->key[i - 1] != t->key[i]);
}

static void run(problem *t, const char *name) {
  diag d = {0};
  t->p.context = t;
  t->count = 0;
  t->course = 0;
  if (!search_method_named(name, &d)->run(&t->p, &t->o, &d))
    fail_msg("%s: %s", name, d.text.data);
  assert_int_equal(d.errors, 0);
  assert_none_twice(t);
  diag_free(&d);
}

static double volume(const problem *t) { return front_hypervolume(t->seen, t->count, CORNER); }

static double run_with(problem *t, const char *name, int64_t evaluations, uint64_t seed) {
  t->o.evaluations = evaluations;
  t->o.seed = seed;
  run(t, name);
  return volume(t);
}

static bool refused(problem *t, const char *name, const char *says) {
  diag d = {0};
  t->p.context = t;
  t->count = 0;
  bool ok = search_method_named(name, &d)->run(&t->p, &t->o, &d);
  bool said = !ok && strstr(d.text.data, says) && t->count == 0;
  diag_free(&d);
  return said;
}

// ---- fronts ----
static void test_front_mark(void **state) {
  (void)state;
  const front_point points[] = {{0.5, 0.2}, {0.5, 0.1}, {0.3, 0.3}, {0.5, 0.1}, {0.9, 0.1},
                                {0.2, 0.3}, {NAN, 0},   {0.1, NAN}, {0.9, -1},  {1, -1}};
  const bool expected[] = {false, true, false, false, false, true, false, false, true, false};
  bool on[BASE_COUNT(points)];
  memset(on, 1, sizeof on);
  front_mark(points, BASE_COUNT(points), on);
  for (size_t i = 0; i < BASE_COUNT(points); i++)
    assert_int_equal(on[i], expected[i]);
  front_mark(points, 0, on);
}

static void test_front_mark_brute(void **state) {
  (void)state;
  rng r = rng_seed(5);
  for (int round = 0; round < 300; round++) {
    front_point p[40];
    bool on[40];
    size_t n = rng_below(&r, 41);
    for (size_t i = 0; i < n; i++)
      p[i] = (front_point){rng_below(&r, 12), (double)rng_below(&r, 12) - 3};
    front_mark(p, n, on);
    for (size_t i = 0; i < n; i++) {
      bool good = true;
      for (size_t j = 0; j < n; j++)
        good &= !(p[j].cost <= p[i].cost && p[j].loss <= p[i].loss &&
                  (p[j].cost < p[i].cost || p[j].loss < p[i].loss || j < i));
      assert_int_equal(on[i], good);
    }
  }
}

static void assert_near(double a, double b, double within) {
  if (!(fabs(a - b) <= within))
    fail_msg("%.9g, expected %.9g", a, b);
}

static void test_hypervolume(void **state) {
  (void)state;
  front_point corner = {2, 10};
  front_point p[] = {{1, 4}, {0.5, 8}, {1.5, 1}, {1.6, 3}, {3, 0}, {0, 11}, {0.5, 10}};
  assert_near(front_hypervolume(p, 0, corner), 0, 0);
  assert_near(front_hypervolume(p, 1, corner), 6.0 / 20, 1e-12);
  // 0.5 x 2 + 0.5 x 6 + 0.5 x 9
  assert_near(front_hypervolume(p, BASE_COUNT(p), corner), 8.5 / 20, 1e-12);
  front_point below[] = {{1, -5}, {NAN, 1}, {1, NAN}}; // as good as no loss
  assert_near(front_hypervolume(below, 3, corner), 0.5, 1e-12);
  front_point all[] = {{0, 0}};
  assert_near(front_hypervolume(all, 1, corner), 1, 1e-12);
  assert_near(front_hypervolume(all, 1, (front_point){0, 1}), 0, 0);
}

static void test_hypervolume_by_chance(void **state) {
  (void)state;
  rng r = rng_seed(11);
  enum { DARTS = 40000 };
  for (int round = 0; round < 8; round++) {
    front_point p[30], corner = {1 + rng_unit(&r), 0.1 + rng_unit(&r)};
    for (int i = 0; i < 30; i++)
      p[i] = (front_point){2 * rng_unit(&r), 1.5 * rng_unit(&r) - 0.1};
    int hits = 0;
    for (int i = 0; i < DARTS; i++) {
      front_point dart = {corner.cost * rng_unit(&r), corner.loss * rng_unit(&r)};
      bool hit = false;
      for (int k = 0; k < 30 && !hit; k++)
        hit = p[k].cost <= dart.cost && p[k].loss <= dart.loss;
      hits += hit;
    }
    assert_near(front_hypervolume(p, 30, corner), (double)hits / DARTS, 0.012);
  }
}

// ---- fronts of two costs and a loss ----

static bool beats(const front_point_two *a, const front_point_two *b) {
  return a->cost[0] <= b->cost[0] && a->cost[1] <= b->cost[1] && a->loss <= b->loss;
}

static bool equal(const front_point_two *a, const front_point_two *b) { return beats(a, b) && beats(b, a); }

static void test_front_mark_two(void **state) {
  (void)state;
  rng r = rng_seed(6);
  for (int round = 0; round < 300; round++) {
    front_point_two p[40];
    bool on[40];
    size_t n = rng_below(&r, 41);
    for (size_t i = 0; i < n; i++) {
      p[i] = (front_point_two){{rng_below(&r, 9), rng_below(&r, 9)}, (double)rng_below(&r, 9) - 3};
      if (!rng_below(&r, 20))
        p[i].loss = NAN;
    }
    front_mark_two(p, n, on);
    for (size_t i = 0; i < n; i++) {
      bool good = !isnan(p[i].loss);
      for (size_t j = 0; j < n; j++)
        good &= !(beats(&p[j], &p[i]) && (!equal(&p[j], &p[i]) || j < i));
      assert_int_equal(on[i], good);
    }
  }
}

// Against counting the cells of a grid on which all points lie, some of them beyond the corner, some below 0.
static void test_hypervolume_two(void **state) {
  (void)state;
  enum { X = 7, Y = 5, Z = 6 };
  rng r = rng_seed(12);
  for (int round = 0; round < 400; round++) {
    front_point_two p[24], corner = {{X, Y}, Z};
    size_t n = rng_below(&r, BASE_COUNT(p) + 1);
    int inside = 0;
    for (size_t i = 0; i < n; i++)
      p[i] = (front_point_two){{rng_below(&r, X + 2), rng_below(&r, Y + 2)}, (double)rng_below(&r, Z + 4) - 2};
    for (int cell = 0; cell < X * Y * Z; cell++) {
      front_point_two at = {{cell % X, cell / X % Y}, cell / (X * Y)};
      bool any = false;
      for (size_t i = 0; i < n; i++)
        any |= beats(&p[i], &at);
      inside += any;
    }
    assert_near(front_hypervolume_two(p, n, corner), (double)inside / (X * Y * Z), 1e-12);
  }
  front_point_two origin = {{0, 0}, 0}, no_number = {{NAN, 0}, 0}, flat = {{0, 1}, 1};
  assert_near(front_hypervolume_two(&origin, 1, (front_point_two){{1, 1}, 0.1}), 1, 1e-12);
  assert_near(front_hypervolume_two(&no_number, 1, (front_point_two){{1, 1}, 0.1}), 0, 0);
  assert_near(front_hypervolume_two(&origin, 1, flat), 0, 0);
}

// A front that grows: what a point adds is what the volume grows by, and the points are those that nothing beats.
static void test_front_grows(void **state) {
  (void)state;
  rng r = rng_seed(14);
  for (int round = 0; round < 100; round++) {
    arena *mem = arena_new();
    front_point_two p[40], corner = {{1, 1}, 0.1};
    front_two f = front_two_new(mem, BASE_COUNT(p), corner);
    for (size_t i = 0; i < BASE_COUNT(p); i++) {
      p[i] = (front_point_two){{0.1 * rng_below(&r, 13) - 0.1, 1.1 * rng_unit(&r)}, 0.01 * (rng_below(&r, 13) - 1.0)};
      double gain = front_two_gain(&f, p[i]), before = front_hypervolume_two(p, i, corner);
      assert_near(gain, front_hypervolume_two(p, i + 1, corner) - before, 1e-12);
      front_two_add(&f, p[i]);
      bool on[BASE_COUNT(p)];
      size_t count = 0;
      front_mark_two(p, i + 1, on);
      for (size_t k = 0; k <= i; k++)
        count += on[k];
      assert_int_equal(count, f.count);
      for (size_t k = 1; k < f.count; k++)
        assert_true(f.point[k - 1].loss <= f.point[k].loss);
    }
    arena_free(mem);
  }
}

// With a figure that is 0 everywhere: that of the other.
static void test_hypervolume_two_of_one(void **state) {
  (void)state;
  rng r = rng_seed(13);
  for (int round = 0; round < 50; round++) {
    front_point one[20];
    front_point_two two[20];
    for (int i = 0; i < 20; i++) {
      one[i] = (front_point){1.2 * rng_unit(&r), 0.12 * rng_unit(&r)};
      two[i] = (front_point_two){{0, one[i].cost}, one[i].loss};
    }
    assert_near(front_hypervolume_two(two, 20, (front_point_two){{1, 1}, 0.1}), front_hypervolume(one, 20, CORNER),
                1e-12);
  }
}

// ---- exhaustive ----

// The front of a separable problem: units one by one, the front kept of each prefix.
static size_t front_by_prefixes(arena *mem, const problem *t, front_point **out) {
  front_point *front = arena_new_object(mem, front_point);
  size_t count = 1;
  for (int64_t u = 0; u < t->p.units; u++) {
    size_t n = 0;
    front_point *all = arena_new_array(mem, front_point, count * (size_t)t->p.choices);
    bool *on = arena_new_array(mem, bool, count *(size_t)t->p.choices);
    for (size_t i = 0; i < count; i++)
      for (int c = 0; c < t->p.choices; c++)
        if (isfinite(t->cost[u * t->p.choices + c]))
          all[n++] = (front_point){front[i].cost + t->cost[u * t->p.choices + c],
                                   front[i].loss + t->loss[u * t->p.choices + c]};
    front_mark(all, n, on);
    count = 0;
    for (size_t i = 0; i < n; i++)
      if (on[i])
        all[count++] = all[i];
    front = all;
  }
  *out = front;
  return count;
}

static double best_volume(arena *mem, const problem *t) {
  front_point *front;
  size_t count = front_by_prefixes(mem, t, &front);
  return front_hypervolume(front, count, CORNER);
}

static void test_exhaustive_front(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t seed = 1; seed <= 4; seed++) {
    problem t = problem_new(mem, seed, 6, 4, UNKNOWN, 0);
    forbid(&t, seed, 5);
    double all = run_with(&t, "exhaustive", 4096, 1);
    front_point *front;
    size_t count = front_by_prefixes(mem, &t, &front);
    assert_true(count > 10);
    assert_near(all, front_hypervolume(front, count, CORNER), 1e-12);
  }
  arena_free(mem);
}

// Sets of `units` digits below `choices` with at most `most` different ones.
static size_t count_sets(const problem *t, int most) {
  uint8_t at[16] = {0};
  size_t count = 0;
  for (;;) {
    bool allowed = choices_in(t, at) <= most;
    for (int64_t u = 0; u < t->p.units; u++)
      allowed &= (bool)isfinite(t->cost[u * t->p.choices + at[u]]);
    count += allowed;
    int64_t u = t->p.units - 1;
    while (u >= 0 && ++at[u] == t->p.choices)
      at[u--] = 0;
    if (u < 0)
      return count;
  }
}

static void test_exhaustive_counts(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t seed = 0; seed < 12; seed++) {
    problem t = problem_new(mem, seed, 5, 4, UNKNOWN, 1);
    forbid(&t, seed + 3, 4);
    t.p.most_choices = (int)(seed % 5);
    size_t expected = count_sets(&t, limit_of(&t));
    run_with(&t, "exhaustive", (int64_t)expected, 1); // just enough
    assert_int_equal(t.count, expected);
    t.o.evaluations = (int64_t)expected - 1;
    char says[100];
    snprintf(says, sizeof says, t.p.most_choices && t.p.most_choices < 4 ? "more sets" : "there are %zu sets",
             expected);
    assert_true(refused(&t, "exhaustive", says));
  }
  problem t = problem_new(mem, 1, 5000, 60, UNKNOWN, 0);
  assert_true(refused(&t, "exhaustive", "more than 1e308 sets"));
  t.p.most_choices = 1;
  run(&t, "exhaustive");
  assert_int_equal(t.count, 60);
  arena_free(mem);
}

// ---- how good the others are ----
static void test_nsga2(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t which = 0; which < 3; which++) {
    problem t = problem_new(mem, 20 + which, 6, 4, ROUGH, which == 2 ? 0.4 : 0);
    if (which == 1)
      forbid(&t, 1, 5);
    double all = run_with(&t, "exhaustive", 4096, 1);
    for (uint64_t seed = 1; seed <= 6; seed++) {
      double random = run_with(&t, "random", 500, seed), plain = run_with(&t, "nsga2", 500, seed);
      t.o.seeded = true;
      double seeded = run_with(&t, "nsga2", 500, seed);
      t.o.seeded = false;
      if (plain < 0.98 * all || seeded < 0.98 * all || plain <= random || seeded <= random)
        fail_msg("problem %d, seed %d: %.4f, seeded %.4f of %.4f; random %.4f", (int)which, (int)seed, plain, seeded,
                 all, random);
    }
  }
  arena_free(mem);
}

static const front_point_two CORNER_TWO = {{1, 1}, 0.1};

// A second figure that wants other choices, and in which units have other sizes.
static void add_figure(arena *mem, problem *t, uint64_t seed) {
  rng r = rng_seed(seed);
  size_t n = (size_t)t->p.units * (size_t)t->p.choices;
  double share = 0, *sum = arena_new_array(mem, double, n);
  t->other = arena_new_array(mem, double, n);
  for (int64_t u = 0; u < t->p.units; u++) {
    double size = 0.2 + rng_unit(&r);
    share += size;
    for (int c = 0; c < t->p.choices; c++)
      t->other[u * t->p.choices + c] = size * (c ? 0.1 + 0.9 * rng_unit(&r) : 1);
  }
  for (size_t i = 0; i < n; i++) {
    t->other[i] /= share;
    sum[i] = (t->cost[i] + t->other[i]) / 2;
  }
  t->p.cost = sum;
  t->p.figure[0] = t->cost, t->p.figure[1] = t->other;
}

// All three objectives at once: nearly the whole front in all of them, and more of it than a search for the first
// figure or chance finds.
static void test_nsga2_two(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t which = 0; which < 3; which++) {
    problem t = problem_new(mem, 40 + which, 6, 4, UNKNOWN, which == 2 ? 0.4 : 0);
    add_figure(mem, &t, which);
    run_with(&t, "exhaustive", 4096, 1);
    double all = front_hypervolume_two(t.seen_two, t.count, CORNER_TWO), of_both = 0, of_first = 0, of_random = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
      run_with(&t, "random", 300, seed);
      of_random += front_hypervolume_two(t.seen_two, t.count, CORNER_TWO);
      run_with(&t, "nsga2", 300, seed);
      double both = front_hypervolume_two(t.seen_two, t.count, CORNER_TWO);
      if (both < 0.88 * all)
        fail_msg("problem %d, seed %d: %.4f of %.4f", (int)which, (int)seed, both, all);
      of_both += both;
      const double *sum = t.p.cost;
      t.p.figure[0] = NULL, t.p.cost = t.cost; // the search sees the first alone
      run_with(&t, "nsga2", 300, seed);
      of_first += front_hypervolume_two(t.seen_two, t.count, CORNER_TWO);
      t.p.figure[0] = t.cost, t.p.cost = sum;
    }
    if (of_both <= of_first || of_both <= of_random)
      fail_msg("problem %d: %.4f, of the first %.4f, random %.4f, of %.4f", (int)which, of_both, of_first, of_random,
               6 * all);
  }
  arena_free(mem);
}

// Where all cannot be counted: against dynamic programming, with more units than evaluations.
static void test_nsga2_large(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 3, 40, 8, ROUGH, 0);
  double best = best_volume(mem, &t);
  for (uint64_t seed = 1; seed <= 4; seed++) {
    double random = run_with(&t, "random", 300, seed), plain = run_with(&t, "nsga2", 300, seed);
    t.o.seeded = true;
    double seeded = run_with(&t, "nsga2", 300, seed);
    t.o.seeded = false;
    if (plain <= random || seeded <= plain || seeded < 0.93 * best)
      fail_msg("seed %d: %.4f, seeded %.4f of %.4f; random %.4f", (int)seed, plain, seeded, best, random);
  }
  arena_free(mem);
}

// Where most decisions lose too much: those within the bound are what counts.
static void test_nsga2_bound(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 8, 30, 6, UNKNOWN, 0);
  for (uint64_t seed = 1; seed <= 4; seed++) {
    int within[2] = {0};
    for (int bound = 0; bound < 2; bound++) {
      t.p.max_loss = bound ? 0.01 : INFINITY;
      run_with(&t, "nsga2", 300, seed);
      for (size_t i = 0; i < t.count; i++)
        within[bound] += t.seen[i].loss <= 0.01;
    }
    assert_true(within[1] > 2 * within[0]);
  }
  arena_free(mem);
}

static void test_alwann(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (int most = 1; most <= 3; most++) {
    problem t = problem_new(mem, 31 + (uint64_t)most, 6, 5, UNKNOWN, 0.3);
    t.p.most_choices = most;
    double all = run_with(&t, "exhaustive", 15625, 1);
    for (uint64_t seed = 1; seed <= 4; seed++) {
      double found = run_with(&t, "alwann", 600, seed);
      if (found < 0.96 * all)
        fail_msg("%d multipliers, seed %d: %.4f of %.4f", most, (int)seed, found, all);
    }
  }
  problem t = problem_new(mem, 2, 12, 9, UNKNOWN, 0);
  t.p.context = &t;
  t.p.most_choices = 4;
  run_with(&t, "alwann", 200, 1);
  uint64_t with_four = t.course;
  t.p.most_choices = 0; // four is what it takes by itself
  run_with(&t, "alwann", 200, 1);
  assert_true(t.course == with_four);
  arena_free(mem);
}

// Units that need choices of their own, more than alwann takes by itself: as many as it takes.
static void test_alwann_needs(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 3, 12, 12, UNKNOWN, 0);
  for (int64_t u = 0; u < 12; u++)
    for (int64_t c = 0; c < 12; c++)
      if (c / 2 != u / 2)
        t.cost[u * 12 + c] = INFINITY;
  run_with(&t, "alwann", 40, 1);
  assert_true(t.count > 1);
  t.p.most_choices = 5;
  assert_true(refused(&t, "alwann", "5 multipliers: so few cannot serve"));
  arena_free(mem);
}

// The cheapest that was judged within the bound.
static double cheapest_within(const problem *t) {
  double least = INFINITY;
  for (size_t i = 0; i < t->count; i++)
    if (t->seen[i].loss <= t->p.max_loss)
      least = fmin(least, t->seen[i].cost);
  return least;
}

static void test_greedy(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const double least[] = {[KNOWN] = 0.97, [ROUGH] = 0.96, [UNKNOWN] = 0.93};
  for (harm_kind kind = KNOWN; kind <= UNKNOWN; kind++)
    for (uint64_t seed = 1; seed <= 4; seed++) {
      problem t = problem_new(mem, seed, 20, 6, kind, 0);
      forbid(&t, seed, 6);
      front_point *front;
      size_t count = front_by_prefixes(mem, &t, &front);
      double best = front_hypervolume(front, count, CORNER), found = run_with(&t, "greedy", 300, seed);
      if (found < least[kind] * best)
        fail_msg("harm %d, seed %d: %.4f of %.4f", (int)kind, (int)seed, found, best);
      t.p.max_loss = 0.02;
      run_with(&t, "greedy", 300, seed);
      double possible = 1;
      for (size_t i = 0; i < count; i++)
        possible = front[i].loss <= 0.02 ? fmin(possible, front[i].cost) : possible;
      assert_true(cheapest_within(&t) < possible + 0.05);
      for (size_t i = 0; i < t.count; i++) // one change beyond, but never on from there
        assert_true(t.seen[i].loss < 0.06);
    }
  arena_free(mem);
}

// Separable problems: of the decisions that some price on loss makes best, the cheapest within the bound.
static front_point cheapest_by_price(const problem *t) {
  front_point best = {INFINITY, 0};
  for (double price = 1e-3; price < 1e3; price *= 1.05) {
    front_point now = {0, 0};
    for (int64_t u = 0; u < t->p.units; u++) {
      int64_t at = u * t->p.choices, take = at;
      for (int64_t i = at + 1; i < at + t->p.choices; i++)
        if (t->cost[i] + price * t->loss[i] < t->cost[take] + price * t->loss[take])
          take = i;
      now.cost += t->cost[take];
      now.loss += t->loss[take];
    }
    if (now.loss <= t->p.max_loss && now.cost < best.cost)
      best = now;
  }
  return best;
}

// Far more units than evaluations: many change at once, and fewer near the bound.
static void test_greedy_leaps(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 12, 1500, 6, KNOWN, 0);
  for (int bound = 1; bound <= 9; bound += 4) {
    t.p.max_loss = 0.01 * bound;
    run_with(&t, "greedy", 40, 1);
    double found = cheapest_within(&t), most = 0;
    for (size_t i = 0; i < t.count; i++)
      most = t.seen[i].loss <= t.p.max_loss ? fmax(most, t.seen[i].loss) : most;
    for (size_t i = 0; i < t.count; i++)
      assert_true(t.seen[i].loss < t.p.max_loss + 0.025);
    front_point best = cheapest_by_price(&t);
    if (most < 0.95 * t.p.max_loss || found > best.cost + 0.01)
      fail_msg("bound %d points: came to %g, cost %g; %g is possible", bound, most, found, best.cost);
  }
  arena_free(mem);
}

static void test_hawx(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t seed = 1; seed <= 6; seed++) {
    problem t = problem_new(mem, seed, 50, 7, KNOWN, 0.1);
    t.o.evaluations = 0;
    uint8_t zero[50] = {0};
    double exact = search_cost(&t.p, zero), before = exact + 1e-9;
    static const double bounds[] = {0.002, 0.01, 0.03, 0.06};
    for (size_t i = 0; i < BASE_COUNT(bounds); i++) {
      t.p.max_loss = bounds[i];
      run(&t, "hawx");
      double few = cheapest_within(&t);
      assert_true(t.count <= 5 && few < before); // looser bounds save more
      before = few;
      t.o.evaluations = 60;
      run(&t, "hawx");
      double many = cheapest_within(&t);
      assert_true(t.count > 20 && many <= few && many > few - 0.12); // five come near what sixty find
      t.o.evaluations = 0;
    }
    t.p.max_loss = 10; // all may be as harmful as they like: seen at once
    for (int64_t u = 0; u < t.p.units; u++)
      for (int c = 0; c < t.p.choices; c++) // and the more harmful, the cheaper
        t.cost[u * t.p.choices + c] = t.p.cost[u * t.p.choices] - t.harm[u * t.p.choices + c];
    run(&t, "hawx");
    assert_int_equal(t.count, 1);
    t.p.max_loss = -1; // not even the least harmful
    run(&t, "hawx");
    assert_true(t.count >= 3 && t.count <= 5 && isinf(cheapest_within(&t)));
  }
  problem t = problem_new(mem, 1, 5, 3, UNKNOWN, 0);
  assert_true(refused(&t, "hawx", "scores"));
  arena_free(mem);
}

// ---- what holds for all ----
static problem any_problem(arena *mem, rng *r) {
  int64_t units = 1 + rng_below(r, rng_below(r, 2) ? 8 : 60);
  problem t = problem_new(mem, rng_next(r), units, 1 + (int)rng_below(r, 9), (harm_kind)rng_below(r, 3), 0.2);
  if (rng_below(r, 3))
    forbid(&t, rng_next(r), 2 + rng_below(r, 4));
  t.p.most_choices = rng_below(r, 2) ? (int)rng_below(r, 5) : 0;
  t.p.max_loss = rng_below(r, 2) ? 0.05 * rng_unit(r) : INFINITY;
  t.o = (search_options){.seed = rng_next(r), .evaluations = 1 + rng_below(r, 150), .seeded = rng_below(r, 2)};
  // Some unit that may have only its last choice, as where a layer was fixed.
  if (rng_below(r, 2) && t.p.most_choices != 1) {
    int64_t u = rng_below(r, (uint32_t)units);
    t.cost[u * t.p.choices + t.p.choices - 1] = 0.01;
    for (int c = 0; c < t.p.choices - 1; c++)
      t.cost[u * t.p.choices + c] = INFINITY;
  }
  return t;
}

// The judge asserts that decisions are allowed, new and within the budget.
static void test_rules(void **state) {
  (void)state;
  rng r = rng_seed(99);
  for (int round = 0; round < 150; round++) {
    arena *mem = arena_new();
    problem t = any_problem(mem, &r);
    for (size_t m = 0; m < SEARCH_METHOD_COUNT; m++) {
      const char *name = SEARCH_METHODS[m].name;
      if (!strcmp(name, "exhaustive") || (!strcmp(name, "hawx") && !t.p.harm))
        continue;
      t.fail_after = -1;
      run(&t, name);
      assert_true(t.count > 0);
      uint64_t course = t.course;
      size_t count = t.count;
      run(&t, name);
      assert_true(t.course == course && t.count == count); // the same again
      t.fail_after = (int)rng_below(&r, 6);
      run(&t, name);
      assert_true(t.count <= count && t.fail_after >= -1); // never asked again
    }
    arena_free(mem);
  }
}

static void test_seeds(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 6, 30, 6, UNKNOWN, 0);
  static const char *const names[] = {"nsga2", "alwann", "random", "greedy"};
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    run_with(&t, names[i], 60, 1);
    uint64_t course = t.course;
    run_with(&t, names[i], 60, 2);
    assert_true(t.course != course);
  }
  arena_free(mem);
}

// Where there is less than the budget, all of it is found, and the search ends.
static void test_small(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 4, 3, 3, KNOWN, 0.2);
  static const char *const names[] = {"nsga2", "alwann", "random"};
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    run_with(&t, names[i], 5000, 1);
    assert_int_equal(t.count, 27);
  }
  run_with(&t, "greedy", 5000, 1);
  run_with(&t, "hawx", 5000, 1);
  arena_free(mem);
}

static void test_many_units(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 4, 30000, 5, ROUGH, 0);
  for (int64_t u = 0; u < t.p.units; u += 7)
    t.cost[u * t.p.choices + 2] = INFINITY;
  t.p.max_loss = CORNER.loss;
  t.o.seeded = true;
  static const char *const names[] = {"nsga2", "alwann", "greedy", "hawx"};
  for (t.p.most_choices = 0; t.p.most_choices <= 3; t.p.most_choices += 3) {
    double random = run_with(&t, "random", 40, 1);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
      double found = run_with(&t, names[i], 40, 1);
      if (found <= random)
        fail_msg("at most %d, %s: %.4f, random %.4f", t.p.most_choices, names[i], found, random);
    }
  }
  arena_free(mem);
}

// Two units that have nothing in common need two multipliers.
static void test_too_few(void **state) {
  (void)state;
  arena *mem = arena_new();
  problem t = problem_new(mem, 4, 2, 2, KNOWN, 0);
  t.cost[0] = t.cost[3] = INFINITY;
  t.p.most_choices = 1;
  for (size_t m = 0; m < SEARCH_METHOD_COUNT; m++)
    assert_true(refused(&t, SEARCH_METHODS[m].name, "so few cannot serve"));
  t.p.most_choices = 2;
  for (size_t m = 0; m < SEARCH_METHOD_COUNT; m++) {
    run(&t, SEARCH_METHODS[m].name);
    assert_int_equal(t.count, 1);
  }
  diag d = {0};
  assert_null(search_method_named("luck", &d));
  assert_non_null(strstr(d.text.data, "`luck'"));
  assert_non_null(strstr(d.text.data, "hawx, nsga2, alwann, greedy, random, exhaustive"));
  diag_free(&d);
  arena_free(mem);
}

// ---- by harm ----

static void run_by_harm(problem *t) {
  diag d = {0};
  t->p.context = t;
  t->count = 0;
  if (!search_by_harm(&t->p, &t->o, &d))
    fail_msg("%s", d.text.data);
  assert_none_twice(t);
  diag_free(&d);
}

// Harms that say what is lost: with many evaluations nearly the whole front, with few most of it; forbidden choices and
// palettes are kept to (judge), where harms are rough it is still far better than chance.
static void test_by_harm(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (uint64_t seed = 1; seed <= 12; seed++) {
    problem t = problem_new(mem, seed, 8, 9, seed % 3 == 2 ? ROUGH : KNOWN, 0);
    if (seed % 3 == 2) // rough ones are told in another unit
      for (int64_t i = 0; i < t.p.units * t.p.choices; i++)
        t.harm[i] /= 200;
    forbid(&t, seed, 5);
    double best = best_volume(mem, &t);
    t.p.max_loss = 0.02;
    t.o = (search_options){.evaluations = 150, .spend = true};
    run_by_harm(&t);
    assert_true(t.count > 60 && t.count <= 150);
    assert_true(volume(&t) > (seed % 3 == 2 ? 0.93 : 0.98) * best);
    t.o = (search_options){.evaluations = 30};
    run_by_harm(&t);
    assert_true(t.count <= 30 && volume(&t) > (seed % 3 == 2 ? 0.88 : 0.95) * best);
    t.o = (search_options){.evaluations = 8, .spend = true};
    run_by_harm(&t);
    assert_true(t.count == 8 && volume(&t) > 0.75 * best);
    t.o = (search_options){.evaluations = 30};
    t.p.most_choices = 3; // choice 0 is allowed everywhere
    run_by_harm(&t);
    assert_true(t.count > 0 && t.count <= 30);
    t.fail_after = 3;
    run_by_harm(&t);
    t.fail_after = -1;
    for (int64_t i = 0; i < t.p.units * t.p.choices; i++)
      t.harm[i] = 0.7;
    run_by_harm(&t); // whatever is done there harms beyond measure
    assert_int_equal(t.count, 1);
  }
  arena_free(mem);
}

// ---- palettes ----

// The least value of all palettes of three choices that do for all units.
static double least_value(const search_space *s, double price) {
  double least = INFINITY;
  for (uint64_t set = 0; set < (uint64_t)1 << s->p->choices; set++)
    if (__builtin_popcountll(set) == s->most && palette_complete(s, set) == set)
      least = fmin(least, palette_value(s, set, price));
  return least;
}

// As many choices as may be, which do for all units; no exchange does better, and seldom anything else.
static void test_palettes(void **state) {
  (void)state;
  int found = 0, of = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    arena *mem = arena_new();
    problem t = problem_new(mem, seed, 7, 9, KNOWN, 0);
    forbid(&t, seed, 4);
    search_space s;
    diag d = {0};
    assert_true(space_begin(&s, mem, &t.p, 3, &d));
    uint64_t before = 0;
    int different = 0;
    for (double price = 0.1; price < 200; price *= 2, of++) {
      uint64_t palette = palette_by_price(&s, price);
      double value = palette_value(&s, palette, price);
      assert_int_equal(__builtin_popcountll(palette), 3);
      assert_true(palette_complete(&s, palette) == palette);
      double least = least_value(&s, price);
      assert_true(isfinite(value) && value >= least * (1 - 1e-12));
      for (uint64_t in = palette; in; in &= in - 1) // no exchange does better
        for (int c = 0; c < t.p.choices; c++) {
          uint64_t with = (palette & ~(in & -in)) | (uint64_t)1 << c;
          if (palette_complete(&s, with) == with)
            assert_true(palette_value(&s, with, price) >= value * (1 - 1e-9));
        }
      found += value <= least * (1 + 1e-12);
      different += palette != before;
      before = palette;
    }
    assert_true(different > 1); // no palette does best at all prices
    arena_free(mem);
  }
  assert_true(found > of * 9 / 10);
}

// A choice that loses all though its harm is told as little is found to blame, and the rest of the front without it.
static void test_by_harm_ruined(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    arena *mem = arena_new();
    problem t = problem_new(mem, seed, 8, 9, KNOWN, 0);
    for (int64_t u = 0; u < t.p.units; u++)
      t.loss[u * t.p.choices + 6] = 0.15;
    double best = best_volume(mem, &t);
    t.p.max_loss = 0.02;
    t.o = (search_options){.evaluations = 50, .spend = true};
    run_by_harm(&t);
    assert_true(volume(&t) > 0.9 * best);
    arena_free(mem);
  }
}

// Few choices in a set of decisions, but others in another one: most of the front that all sets have.
static void test_by_harm_few(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 8; seed++)
    for (int most = 1; most <= 3; most++) {
      arena *mem = arena_new();
      problem t = problem_new(mem, seed, 4, 7, KNOWN, 0);
      t.p.most_choices = most;
      t.o = (search_options){.evaluations = 100000};
      run(&t, "exhaustive");
      double best = volume(&t);
      t.o = (search_options){.evaluations = 60, .spend = true};
      run_by_harm(&t);
      assert_true(volume(&t) > 0.99 * best);
      arena_free(mem);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_front_mark),
                                     cmocka_unit_test(test_front_mark_brute),
                                     cmocka_unit_test(test_hypervolume),
                                     cmocka_unit_test(test_hypervolume_by_chance),
                                     cmocka_unit_test(test_front_mark_two),
                                     cmocka_unit_test(test_hypervolume_two),
                                     cmocka_unit_test(test_front_grows),
                                     cmocka_unit_test(test_hypervolume_two_of_one),
                                     cmocka_unit_test(test_exhaustive_front),
                                     cmocka_unit_test(test_exhaustive_counts),
                                     cmocka_unit_test(test_nsga2),
                                     cmocka_unit_test(test_nsga2_two),
                                     cmocka_unit_test(test_nsga2_large),
                                     cmocka_unit_test(test_nsga2_bound),
                                     cmocka_unit_test(test_alwann),
                                     cmocka_unit_test(test_alwann_needs),
                                     cmocka_unit_test(test_greedy),
                                     cmocka_unit_test(test_greedy_leaps),
                                     cmocka_unit_test(test_hawx),
                                     cmocka_unit_test(test_by_harm),
                                     cmocka_unit_test(test_by_harm_few),
                                     cmocka_unit_test(test_by_harm_ruined),
                                     cmocka_unit_test(test_palettes),
                                     cmocka_unit_test(test_rules),
                                     cmocka_unit_test(test_seeds),
                                     cmocka_unit_test(test_small),
                                     cmocka_unit_test(test_many_units),
                                     cmocka_unit_test(test_too_few)};
  return cmocka_run_group_tests_name("explore: methods", tests, NULL, NULL);
}
