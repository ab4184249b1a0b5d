// SPDX-License-Identifier: Apache-2.0
//
// Sensitivities are what the reference finds with the same assignments, and of each layer and multiplier there is one.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/sensitivity.h"

#include <omp.h>

static sensitivity_options options_of(const scene *s, matching_kind match) {
  return (sensitivity_options){.judge = {.net = s->net,
                                         .muls = s->muls,
                                         .mul_count = SCENE_MULS,
                                         .validation = &s->data,
                                         .calibration = &s->data,
                                         .calibrate = s->data.count,
                                         .match = match}};
}

static size_t right_by_reference(const scene *s, const assignment *assign) {
  infer_model m = {.net = s->net, .muls = s->muls, .assign = assign};
  infer_accuracy a;
  assert_true(infer_evaluate(&m, &s->data, 0, s->data.count, &a));
  return a.correct;
}

// Multiplier `mul` in [layer, end) of the network's layers that multiply, `kept` in the frozen one.
static assignment *with(const scene *s, int layer, int end, int mul, int frozen, int kept) {
  assignment *a = arena_new_array(s->mem, assignment, s->net->count);
  for (int l = layer; l < end; l++)
    a[s->layer[l]] = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[l]], (uint8_t)mul);
  if (frozen >= 0)
    a[s->layer[frozen]] = assignment_uniform(s->mem, s->net, &s->net->nodes[s->layer[frozen]], (uint8_t)kept);
  return a;
}

static void check_values(const scene *s, const sensitivity *found, int frozen, int kept) {
  size_t exact = right_by_reference(s, NULL), at = 0;
  for (int l = 0; l < s->layers; l++) {
    if (l == frozen)
      continue;
    for (int m = 0; m < SCENE_MULS; m++)
      for (int scope = 0; scope < SENSITIVITY_SCOPES; scope++) {
        const sensitivity_value *v = sensitivity_at(found, (sensitivity_scope)scope, SENSITIVITY_AS_IS, (int)at, m);
        int end = scope == SENSITIVITY_ONWARD ? s->layers : l + 1;
        size_t right = right_by_reference(s, with(s, l, end, m, frozen, kept));
        assert_true(v->known && v->images == s->data.count);
        assert_int_equal(v->correct, right);
        assert_true(v->drop == ((double)exact - (double)right) / (double)s->data.count);
        assert_true(v->lo < v->drop && v->drop < v->hi);
      }
    at++;
  }
  assert_int_equal(at, found->layers);
}

static void test_reference(void **state) {
  (void)state;
  rng r = rng_seed(81);
  for (int i = 0; i < 4; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    sensitivity_options o = options_of(&s, MATCH_NOTHING);
    int *frozen = arena_new_array(mem, int, s.net->count), which = -1;
    for (size_t k = 0; k < s.net->count; k++)
      frozen[k] = -1;
    if (i % 2 && s.layers > 1) {
      which = (int)rng_below(&r, (uint32_t)s.layers);
      frozen[s.layer[which]] = 2;
      o.frozen = frozen;
    }
    sensitivity found;
    diag d = {0};
    if (!sensitivity_run(&o, mem, &found, &d))
      fail_msg("%s", d.text.data);
    assert_null(found.value[SENSITIVITY_LAYER][SENSITIVITY_MATCHED]);
    check_values(&s, &found, which, 2);
    arena_free(mem);
  }
}

// With nothing but exact multipliers nothing is lost; both ways, and one evaluation each.
static void test_exact(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(82);
  scene s = scene_of(mem, &r, 1, false);
  sensitivity_options o = options_of(&s, MATCH_GAIN);
  o.judge.mul_count = 1;
  sensitivity found;
  diag d = {0};
  assert_true(sensitivity_run(&o, mem, &found, &d));
  assert_int_equal(found.evaluations, 2);
  for (int scope = 0; scope < SENSITIVITY_SCOPES; scope++)
    for (int way = 0; way < SENSITIVITY_WAYS; way++)
      for (int l = 0; l < found.layers; l++)
        assert_true(sensitivity_at(&found, (sensitivity_scope)scope, (sensitivity_way)way, l, 0)->drop == 0);
  arena_free(mem);
}

// A layer that does not take a multiplier has no value of its own, and stays exact among those from another one on.
static void test_widths(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(83);
  scene s = scene_of(mem, &r, 1, false);
  sensitivity_options o = options_of(&s, MATCH_NOTHING);
  const mul *narrow[] = {s.muls[0], sample_mul(mem, SAMPLE_S8, 4, 4, 1)};
  o.judge.muls = narrow;
  o.judge.mul_count = 2;
  sensitivity found;
  diag d = {0};
  assert_true(sensitivity_run(&o, mem, &found, &d));
  for (int l = 0; l < found.layers; l++)
    for (int scope = 0; scope < SENSITIVITY_SCOPES; scope++) {
      assert_true(sensitivity_at(&found, (sensitivity_scope)scope, SENSITIVITY_AS_IS, l, 0)->known);
      assert_false(sensitivity_at(&found, (sensitivity_scope)scope, SENSITIVITY_AS_IS, l, 1)->known);
    }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference), cmocka_unit_test(test_exact),
                                     cmocka_unit_test(test_widths)};
  omp_set_num_threads(1);
  return cmocka_run_group_tests_name("explore: sensitivity", tests, NULL, NULL);
}
