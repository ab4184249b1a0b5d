// SPDX-License-Identifier: Apache-2.0
//
// Foldings chosen from wishes, against all foldings there are: each is planned, and the best of them is what counts.
#include "compiler/target/dataflow/fold.h"
#include "tests/unit/net/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MULS = 2, LAYERS = 8, MOST = 4000 };

typedef struct {
  arena *mem;
  config cfg;
  dataflow_options options;
  infer_model model;
  int node[LAYERS]; // those that multiply
  size_t count;
} scene;

// A plan with the options' folding; false: refused.
static bool planned(scene *s, const dataflow_design **out) {
  diag d = {0};
  dataflow_design *design = NULL;
  bool ok = dataflow_plan(s->mem, &s->cfg, &s->model, &design, &d);
  *out = design;
  diag_free(&d);
  return ok;
}

static void open_folding(scene *s) {
  for (size_t i = 0; i < s->cfg.net->count; i++)
    s->options.layers[i] = (folding){0};
}

// Whether its layers follow one another. Where streams meet, what they carry a beat can hold up all stages, of which
// the choice knows nothing (the plan warns).
static bool is_chain(const network *net) {
  for (size_t i = 1; i < net->count; i++)
    if (net->nodes[i].input_count != 1 || net->nodes[i].inputs[0] != (int)i - 1 || net->nodes[i].op == NET_PAD)
      return false;
  return true;
}

// A random chain of layers with multipliers by filter; false where it has too few or too many foldings, or cannot be
// built.
static bool make_scene(arena *mem, rng *r, scene *s) {
  network *net = sample_network(mem, r, SAMPLE_S8, 8, 8, 4);
  *s = (scene){.mem = mem};
  s->cfg = (config){.net = net,
                    .file = "test",
                    .target = &DATAFLOW_READER,
                    .clock_ns = 4,
                    .mul_count = MULS,
                    .assign = assignment_uniform_net(mem, net, 0)};
  for (unsigned i = 0; i < MULS; i++) {
    s->cfg.muls[i] = sample_mul(mem, SAMPLE_S8, 8, 8, i);
    s->cfg.mul_keys[i] = i ? "B" : "A";
  }
  int64_t foldings = 1;
  for (size_t i = 1; i < net->count; i++) {
    net_node *n = &net->nodes[i];
    if (!net_multiplies(n) || s->count == LAYERS)
      continue;
    s->node[s->count++] = (int)i;
    int *list;
    foldings *= (int64_t)(fold_values(mem, net, n, FOLD_PE, &list) * fold_values(mem, net, n, FOLD_SIMD, &list));
    if (rng_below(r, 2)) {
      uint8_t *mul = arena_new_array(mem, uint8_t, (size_t)n->shape.c);
      for (int f = 0; f < n->shape.c; f++)
        mul[f] = (uint8_t)(2 * f < n->shape.c);
      s->cfg.assign[i] = assignment_by_filter(mem, net, n, mul);
    }
  }
  s->options.layers = arena_new_array(mem, folding, net->count);
  s->cfg.target_options = &s->options;
  s->model = (infer_model){.net = net, .muls = s->cfg.muls, .assign = s->cfg.assign};
  for (size_t i = 0; i < s->count; i++) // all filters at once always find their multipliers
    s->options.layers[s->node[i]] = (folding){.pe = net->nodes[s->node[i]].shape.c, .simd = 1};
  const dataflow_design *design;
  return is_chain(net) && s->count >= 2 && foldings >= 20 && foldings <= MOST && planned(s, &design);
}

// A scene whose folding is open.
static void open_scene(arena *mem, uint64_t seed, scene *s) {
  rng r = rng_seed(seed);
  while (!make_scene(mem, &r, s))
    ;
  open_folding(s);
}

typedef struct {
  int64_t cycles;
  double cost[FOLD_COSTS];
} point;

static point measure(scene *s, const dataflow_design *design, const fold_layer *costs) {
  point p = {.cycles = design->predicted_cycles};
  for (size_t i = 0; i < s->count; i++) {
    const folding *f = &s->options.layers[s->node[i]];
    fold_cost c = fold_cost_of(&costs[s->node[i]], f->pe, f->simd, design->formula_cycles);
    for (int k = 0; k < FOLD_COSTS; k++)
      p.cost[k] += c.of[k];
  }
  assert_true(p.cost[FOLD_MULTIPLIERS] == (double)design->multipliers);
  return p;
}

// Every folding that can be built.
static size_t all_foldings(scene *s, size_t layer, const fold_layer *costs, point *out) {
  const dataflow_design *design;
  if (layer == s->count) {
    if (!planned(s, &design))
      return 0;
    *out = measure(s, design, costs);
    return 1;
  }
  const net_node *n = &s->cfg.net->nodes[s->node[layer]];
  int *pe, *simd;
  size_t pes = fold_values(s->mem, s->cfg.net, n, FOLD_PE, &pe),
         simds = fold_values(s->mem, s->cfg.net, n, FOLD_SIMD, &simd), count = 0;
  for (size_t i = 0; i < pes; i++)
    for (size_t k = 0; k < simds; k++) {
      s->options.layers[s->node[layer]] = (folding){.pe = pe[i], .simd = simd[k]};
      count += all_foldings(s, layer + 1, costs, out + count);
    }
  return count;
}

static point chosen(scene *s, const fold_wish *wish, const fold_layer *costs) {
  diag d = {0};
  const dataflow_design *design = NULL;
  open_folding(s);
  if (!fold_choose(&s->cfg, wish, s->options.layers, &s->options.choice, &d) || !planned(s, &design))
    fail_msg("%s", d.text.data);
  assert_int_equal(design->predicted_cycles, s->options.choice.cycles);
  return measure(s, design, costs);
}

static void budget(scene *s, fold_measure m, double most, const fold_layer *costs, const point *all, size_t count) {
  int64_t best = INT64_MAX;
  for (size_t i = 0; i < count; i++)
    if (all[i].cost[m] <= most && all[i].cycles < best)
      best = all[i].cycles;
  fold_wish wish = {0};
  wish.most[m] = most;
  point p = chosen(s, &wish, costs);
  assert_true(p.cost[m] <= most * 1.02); // words are chosen by the cycles that come out
  assert_true((double)p.cycles <= 1.1 * (double)best);
}

static void fast_enough(scene *s, int64_t cycles, const fold_layer *costs, const point *all, size_t count) {
  double least = INFINITY;
  for (size_t i = 0; i < count; i++)
    if (all[i].cycles <= cycles && all[i].cost[FOLD_MULTIPLIERS] < least)
      least = all[i].cost[FOLD_MULTIPLIERS];
  point p = chosen(s, &(fold_wish){.fps = 1e9 / (4 * (double)cycles)}, costs);
  assert_true(p.cycles <= cycles);
  assert_true(p.cost[FOLD_MULTIPLIERS] <= 1.1 * least);
}

static void near_the_best(void **state) {
  (void)state;
  rng r = rng_seed(5);
  point *all = malloc(MOST * sizeof *all);
  assert_non_null(all);
  int done = 0;
  for (int tries = 0; done < 12; tries++) {
    assert_true(tries < 2000);
    arena *mem = arena_new();
    scene s;
    if (make_scene(mem, &r, &s)) {
      const fold_layer *costs = fold_layers(mem, &s.cfg, s.options.layers);
      size_t count = all_foldings(&s, 0, costs, all);
      assert_true(count > 0);
      for (int k = 0; k < 12; k++) {
        const point *p = &all[rng_below(&r, (uint32_t)count)];
        budget(&s, (fold_measure)(k % FOLD_COSTS), p->cost[k % FOLD_COSTS], costs, all, count);
        fast_enough(&s, p->cycles, costs, all, count);
      }
      done++;
    }
    arena_free(mem);
  }
  free(all);
}

static void by_hand(void **state) {
  (void)state;
  arena *mem = arena_new();
  scene s;
  diag d = {0};
  fold_choice c;
  open_scene(mem, 9, &s);
  s.options.layers[s.node[1]].simd = (int)net_reduction(s.cfg.net, &s.cfg.net->nodes[s.node[1]]);
  assert_true(fold_choose(&s.cfg, &(fold_wish){.fps = 1}, s.options.layers, &c, &d));
  assert_int_equal(s.options.layers[s.node[1]].simd, net_reduction(s.cfg.net, &s.cfg.net->nodes[s.node[1]]));
  assert_int_equal(s.options.layers[s.node[0]].simd, 1); // one image a second needs nothing
  arena_free(mem);
}

// Wishes that nothing fulfils say what is possible, and what they say is.
static void beyond(void **state) {
  (void)state;
  arena *mem = arena_new();
  scene s;
  diag d = {0};
  fold_choice c;
  open_scene(mem, 3, &s);
  assert_false(fold_choose(&s.cfg, &(fold_wish){.fps = 1e9}, s.options.layers, &c, &d));
  const char *least = strstr(d.text.data, "the fewest possible are ");
  assert_non_null(least);
  double cycles = strtod(least + strlen("the fewest possible are "), NULL);
  assert_true(fold_choose(&s.cfg, &(fold_wish){.fps = 1e9 / (4 * cycles)}, s.options.layers, &c, &d));
  assert_true((double)c.cycles == cycles);
  open_folding(&s);
  assert_false(fold_choose(&s.cfg, &(fold_wish){.most = {0.5}}, s.options.layers, &c, &d));
  const char *smallest = strstr(d.text.data, "the smallest folding takes ");
  assert_non_null(smallest);
  double most = strtod(smallest + strlen("the smallest folding takes "), NULL);
  assert_true(fold_choose(&s.cfg, &(fold_wish){.most = {most}}, s.options.layers, &c, &d));
  assert_true(c.cost.of[FOLD_MULTIPLIERS] == most);
  diag_free(&d);
  arena_free(mem);
}

// The folding's estimate is that of the plan's stage but for the width of a line buffer's words, which follows from the
// layer before; whether it is the same.
static bool same_as_planned(const fold_layer *l, const dataflow_stage *stage, int64_t cycles) {
  fold_layer logic = *l;
  logic.multiplier = (cost_multiplier){0};
  cost_part part = {0};
  stage_mvu_cost(stage, &part.logic);
  double planned = cost_of_part(&part, NULL, (double)cycles, 0).total_area,
         chosen = fold_cost_of(&logic, stage->pe, stage->simd, cycles).of[FOLD_AREA];
  assert_true(planned > 0 && fabs(chosen / planned - 1) < 0.25);
  return fabs(chosen / planned - 1) < 1e-9;
}

// What loads, streams and holds costs more; and with loaded words the estimate knows the widths that the plan has.
static void where_words_lie(void **state) {
  (void)state;
  rng r = rng_seed(11);
  int same = 0, all = 0;
  for (int done = 0; done < 20;) {
    arena *mem = arena_new();
    scene s;
    const dataflow_design *design;
    if (make_scene(mem, &r, &s)) {
      double area[4];
      for (size_t i = 0; i < s.count; i++) {
        int node = s.node[i];
        for (int k = 0; k < 4; k++) {
          s.options.layers[node].weights = k < 3 ? (dataflow_weights)k : DATAFLOW_ROM;
          s.options.layers[node].hold = k < 3 ? 1 : 2;
          const fold_layer *costs = fold_layers(mem, &s.cfg, s.options.layers);
          area[k] =
              fold_cost_of(&costs[node], s.options.layers[node].pe, s.options.layers[node].simd, 1000).of[FOLD_AREA];
        }
        for (int k = 1; k < 4; k++)
          assert_true(area[k] > area[0]);
        s.options.layers[node].weights = DATAFLOW_LOAD;
        s.options.layers[node].hold = 1;
      }
      const fold_layer *costs = fold_layers(mem, &s.cfg, s.options.layers);
      if (planned(&s, &design)) {
        for (size_t i = 0; i < design->count; i++) {
          const dataflow_stage *stage = &design->stages[i];
          if (stage->kind != DATAFLOW_MVU)
            continue;
          assert_true(abs(costs[stage->node].stage.acc_bits - stage->acc_bits) <= 1);
          same += same_as_planned(&costs[stage->node], stage, design->formula_cycles);
          all++;
          assert_true(!stage->has_requant || costs[stage->node].stage.mult_bits == stage->mult_bits);
        }
        done++;
      }
    }
    arena_free(mem);
  }
  assert_true(2 * same > all);
}

static void resnet18(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  network *net;
  if (!net_read(mem, "models/resnet18-cifar10/net.yaml", &net, &d))
    fail_msg("%s", d.text.data);
  config cfg = {.net = net, .clock_ns = 4, .mul_count = 1, .muls = {sample_mul(mem, SAMPLE_S8, 8, 8, 0)}};
  folding *fold = arena_new_array(mem, folding, net->count);
  fold_choice c;
  assert_true(fold_choose(&cfg, &(fold_wish){.most = {[FOLD_AREA] = 5e6}}, fold, &c, &d));
  print_message("%lld cycles an image, %.0f multipliers\n", (long long)c.cycles, c.cost.of[FOLD_MULTIPLIERS]);
  assert_true(c.cost.of[FOLD_AREA] <= 5e6 && c.cost.of[FOLD_AREA] > 4e6); // what is given is used
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(near_the_best), cmocka_unit_test(by_hand),
                                     cmocka_unit_test(beyond), cmocka_unit_test(where_words_lie),
                                     cmocka_unit_test(resnet18)};
  return cmocka_run_group_tests_name("dataflow/fold", tests, NULL, NULL);
}
