// SPDX-License-Identifier: Apache-2.0
//
// The search around a front: it asks for what is new, from the pool only, as often as it may, in the same order each
// time, and ends where there is nothing more to ask.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/method.h"
#include "compiler/explore/refine.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { ASKED = 24 };
static const double CORNER = 1; // labels are random: drops are anything

static double cost_of(const scene *s, int k) { return (1 - 0.15 * k) / s->layers; }

// Every layer may have every multiplier; harms as if each were worse by the same step.
static pool all_choices(const scene *s) {
  pool p = pool_new(s->mem, s->net, 1);
  for (int i = 0; i < s->layers; i++)
    for (int k = 0; k < SCENE_MULS; k++) {
      assignment a = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[i]], (uint8_t)k);
      pool_add(&p, s->layer[i], &a, cost_of(s, k), 0.01 * k * k * (i + 1));
      pool_add(&p, s->layer[i], &a, 7, 7); // there already
    }
  return p;
}

static double volume(const judge *j, arena *mem) {
  size_t count;
  const judged *const *all = judge_all(j, &count);
  front_point *points = arena_new_array(mem, front_point, count + 1);
  for (size_t i = 0; i < count; i++)
    points[i] = (front_point){all[i]->cost, all[i]->drop};
  points[count] = (front_point){1, 0};
  return front_hypervolume(points, count + 1, (front_point){1, CORNER});
}

// The first two points are what a search would have found: all of one multiplier.
static judge *refined(const scene *s, const pool *p, int most, double *before) {
  judge_options o = scene_judge(s, most);
  diag d = {0};
  judge *j = judge_new(&o, &d);
  assert_non_null(j);
  for (int k = 1; k < 4; k += 2) {
    double cost[2] = {cost_of(s, k) * s->layers, p->figure[0] ? cost_of(s, k * k % SCENE_MULS) * s->layers : 0};
    assert_non_null(judge_ask_both(j, scene_assign(s, k), cost, &d));
  }
  *before = volume(j, s->mem);
  if (!refine_search(p, j, 0.05, CORNER, &d))
    fail_msg("%s", d.text.data);
  return j;
}

static void check_points(const scene *s, const pool *p, const judge *j) {
  size_t count;
  const judged *const *all = judge_all(j, &count);
  for (size_t i = 0; i < count; i++) {
    double cost = 0;
    for (int k = 0; k < s->layers; k++) {
      const pool_layer *l = &p->layer[s->layer[k]];
      int at = 0;
      while (at < l->count && !assignment_equal(&l->choice[at].assign, &all[i]->assign[s->layer[k]]))
        at++;
      assert_true(at < l->count);
      cost += l->choice[at].cost;
    }
    assert_true(cost - all[i]->cost < 1e-9 && all[i]->cost - cost < 1e-9);
  }
}

static void test_refined(void **state) {
  (void)state;
  rng r = rng_seed(91);
  int threads = omp_get_max_threads();
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, false);
    pool p = all_choices(&s);
    for (int k = 0; k < s.layers; k++)
      assert_int_equal(p.layer[s.layer[k]].count, SCENE_MULS);
    double before, again;
    judge *j = refined(&s, &p, ASKED, &before);
    assert_true(volume(j, mem) >= before);
    assert_in_range(judge_evaluations(j), 3, ASKED);
    check_points(&s, &p, j);
    omp_set_num_threads(1);
    judge *one = refined(&s, &p, ASKED, &again);
    omp_set_num_threads(threads);
    size_t count, counted;
    const judged *const *a = judge_all(j, &count), *const *b = judge_all(one, &counted);
    assert_int_equal(count, counted);
    for (size_t k = 0; k < count; k++) {
      assert_true(a[k]->cost == b[k]->cost && a[k]->drop == b[k]->drop);
      for (int l = 0; l < s.layers; l++)
        assert_true(assignment_equal(&a[k]->assign[s.layer[l]], &b[k]->assign[s.layer[l]]));
    }
    judge_free(j);
    judge_free(one);
    arena_free(mem);
  }
}

// Designs of few multipliers have no more of them, and others come in the place of those that were there.
static void test_few(void **state) {
  (void)state;
  rng r = rng_seed(93);
  for (int i = 0; i < 4; i++)
    for (int most = 1; most <= 2; most++) {
      arena *mem = arena_new();
      scene s = scene_of(mem, &r, i, false);
      pool p = all_choices(&s);
      p.most = most;
      double before;
      judge *j = refined(&s, &p, ASKED, &before);
      check_points(&s, &p, j);
      size_t count;
      const judged *const *all = judge_all(j, &count);
      uint64_t new = 0;
      for (size_t k = 0; k < count; k++) {
        uint64_t used = 0;
        for (int l = 0; l < s.layers; l++)
          used |= (uint64_t)1 << all[k]->assign[s.layer[l]].mul[0];
        assert_in_range(__builtin_popcountll(used), 1, most);
        new |= used;
      }
      assert_true(new & ~((uint64_t)1 << 1 | (uint64_t)1 << 3)); // those that the first two points have
      judge_free(j);
      arena_free(mem);
    }
}

// Two figures: points cost what their choices add up to in both.
static size_t refine_two(arena *mem, rng *r, int which) {
  scene s = scene_of(mem, r, which, false);
  double *figure[2];
  for (int f = 0; f < 2; f++) {
    figure[f] = arena_new_array(mem, double, s.net->count *SCENE_MULS);
    for (int i = 0; i < s.layers; i++)
      for (int k = 0; k < SCENE_MULS; k++)
        figure[f][s.layer[i] * SCENE_MULS + k] = cost_of(&s, f ? k * k % SCENE_MULS : k);
  }
  pool p = pool_new(mem, s.net, 1);
  p.figure[0] = figure[0], p.figure[1] = figure[1], p.mul_count = SCENE_MULS;
  for (int i = 0; i < s.layers; i++)
    for (int k = 0; k < SCENE_MULS; k++) {
      assignment a = assignment_uniform(s.mem, s.net, &s.net->nodes[s.layer[i]], (uint8_t)k);
      pool_add(&p, s.layer[i], &a, 7, 0.01 * k * k * (i + 1)); // 7: nobody reads it
    }
  double before;
  judge *j = refined(&s, &p, ASKED, &before);
  size_t count;
  const judged *const *all = judge_all(j, &count);
  for (size_t i = 2; i < count; i++) {
    double cost[2] = {0, 0};
    for (int f = 0; f < 2; f++)
      for (int k = 0; k < s.layers; k++)
        cost[f] += figure[f][s.layer[k] * SCENE_MULS + all[i]->assign[s.layer[k]].mul[0]];
    assert_true(fabs(cost[0] - all[i]->cost) < 1e-8 && fabs(cost[1] - all[i]->other) < 1e-8);
  }
  judge_free(j);
  return count - 2;
}

static void test_two_figures(void **state) {
  (void)state;
  rng r = rng_seed(93);
  size_t asked = 0;
  for (int i = 0; i < 6; i++) {
    arena *mem = arena_new();
    asked += refine_two(mem, &r, i);
    arena_free(mem);
  }
  assert_true(asked >= 6); // labels are random: one or two neighbours of each promise anything
}

// Two choices a layer: all there is was asked soon, and the search ends before its evaluations do.
static void test_ends(void **state) {
  (void)state;
  rng r = rng_seed(92);
  arena *mem = arena_new();
  scene s = scene_of(mem, &r, 0, false);
  pool all = all_choices(&s), few = pool_new(mem, s.net, 1);
  for (int i = 0; i < s.layers; i++)
    for (int k = 1; k < 4; k += 2) {
      const pool_choice *c = &all.layer[s.layer[i]].choice[k];
      pool_add(&few, s.layer[i], &c->assign, c->cost, c->harm);
    }
  double before;
  judge *j = refined(&s, &few, 1000, &before);
  assert_true(judge_evaluations(j) <= (size_t)1 << s.layers);
  check_points(&s, &few, j);
  judge_free(j);
  arena_free(mem);
}

// ---- who is to blame ----

static int64_t negated(const mul *m, int32_t a, int32_t b) {
  (void)m;
  return -(int64_t)a * b;
}

// Labels are what the exact network says, so that it loses nothing; the last multiplier ruins whatever it is in.
static scene ruined_scene(arena *mem, rng *r, int i) {
  scene s = scene_of(mem, r, i, false);
  mul *m = arena_memdup(mem, s.muls[SCENE_MULS - 1], sizeof *m);
  m->name = m->ident = "negated";
  m->function = negated;
  s.muls[SCENE_MULS - 1] = m;
  infer_model exact = {.net = s.net, .muls = s.muls};
  int32_t **values = infer_buffers(mem, s.net);
  uint8_t *labels = arena_alloc(mem, s.data.count);
  int outputs = (int)net_shape_size(net_output(s.net)->shape);
  for (size_t i = 0; i < s.data.count; i++) {
    ref_run(&exact, s.data.pixels + i * (size_t)net_shape_size(s.data.shape), values);
    labels[i] = (uint8_t)infer_argmax(values[s.net->count - 1], outputs);
  }
  s.data.labels = labels;
  return s;
}

enum { MILD = 3, RUIN = SCENE_MULS - 1 };
static const double BOUND = 0.3;

// Of a ruinous choice the pool knows that it is cheap and does next to nothing.
static pool deceived(const scene *s) {
  static const struct {
    int mul;
    double cost, harm;
  } choices[] = {{0, 1, 0}, {MILD, 0.5, 0.01}, {RUIN, 0.1, 0.001}};
  pool p = pool_new(s->mem, s->net, 1);
  for (int i = 0; i < s->layers; i++)
    for (size_t k = 0; k < BASE_COUNT(choices); k++) {
      assignment a = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[i]], (uint8_t)choices[k].mul);
      pool_add(&p, s->layer[i], &a, choices[k].cost / s->layers, choices[k].harm);
    }
  return p;
}

// A point with a ruinous choice was judged: what it loses says nothing of the other choices, and the search goes on
// with them. Returns whether the choice is ruinous; found: good points beside those two, counted on.
static bool check_blame(const scene *s, size_t *found) {
  pool p = deceived(s);
  judge_options o = scene_judge(s, ASKED);
  o.whole = true;
  diag d = {0};
  judge *j = judge_new(&o, &d);
  assert_non_null(j);
  assignment *ruin = scene_assign(s, 0), *mild = scene_assign(s, 0);
  ruin[s->layer[0]] = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[0]], RUIN);
  mild[s->layer[1]] = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[1]], MILD);
  bool is = judge_ask(j, ruin, 1 - 0.9 / s->layers, &d)->drop > 2 * BOUND &&
            judge_ask(j, mild, 1 - 0.5 / s->layers, &d)->drop < BOUND / 2;
  assert_true(refine_search(&p, j, 0.05, BOUND, &d));
  size_t count, good = 0;
  const judged *const *all = judge_all(j, &count);
  for (size_t i = 2; i < count; i++)
    good += all[i]->drop <= BOUND;
  judge_free(j);
  if (is)
    assert_true(count > 2);
  *found += is ? good : 0;
  return is;
}

static void test_blame(void **state) {
  (void)state;
  rng r = rng_seed(93);
  size_t found = 0;
  int ruined = 0;
  for (int i = 0; i < 40; i++) {
    arena *mem = arena_new();
    scene s = ruined_scene(mem, &r, i);
    ruined += s.layers > 1 && check_blame(&s, &found);
    arena_free(mem);
  }
  assert_true(ruined > 2 && found > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refined), cmocka_unit_test(test_few),   cmocka_unit_test(test_two_figures),
      cmocka_unit_test(test_ends),    cmocka_unit_test(test_blame),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
