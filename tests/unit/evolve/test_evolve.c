// SPDX-License-Identifier: Apache-2.0
//
// Evolution: evaluation against plain arithmetic, the same course on every machine and after every interruption.
#include "genlib/evolve/cgp.h"
#include "genlib/cells/liberty.h"
#include "tests/unit/genlib/unit.h"

#include <math.h>
#include <omp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char checkpoint[64]; // of this process

static char *evolved_text(const char *start, const evolve_options *o, evolve_result *r) {
  arena *mem = arena_new();
  const mul *m = make(mem, start);
  diag d = {0};
  evolve_result result;
  if (!evolve(mem, m->net, m->sig, o, &result, &d))
    fail_msg("%s", d.text.data);
  str text = {0};
  nl_print(result.net, &text);
  result.net = NULL;
  if (r)
    *r = result;
  arena_free(mem);
  return text.data;
}

static void assert_same(const char *start, const evolve_options *o, const char *expected) {
  char *now = evolved_text(start, o, NULL);
  assert_string_equal(now, expected);
  free(now);
}

// Killed softly in the middle of a round, then resumed: as if nothing had happened.
static void interruption(void **state) {
  (void)state;
  evolve_options o = {.mae = 40, .wce = 250, .seed = 3, .generations = 100000000, .checkpoint = checkpoint};
  remove(checkpoint);
  pid_t child = fork();
  if (!child) {
    omp_set_num_threads(1);
    signal(SIGINT, SIG_DFL); // a shell's background job ignores it
    interrupt_install();
    evolve_result r;
    free(evolved_text("exact8u", &o, &r));
    _exit(r.interrupted && r.generations < o.generations && r.errors.mae <= 40 && r.errors.wce <= 250 ? 0 : 1);
  }
  usleep(700000);
  kill(child, SIGINT);
  int status;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  arena *mem = arena_new();
  bytes text;
  diag d = {0};
  assert_true(file_read(mem, checkpoint, 1 << 24, &text, &d));
  int rounds = atoi(strstr((const char *)text.data, "round ") + 6);
  o.generations = (uint64_t)(rounds + 2) * 1000;
  char *resumed = evolved_text("exact8u", &o, NULL);
  o.checkpoint = NULL;
  assert_same("exact8u", &o, resumed);
  free(resumed);
  arena_free(mem);
  remove(checkpoint);
}

static void resuming(void **state) {
  (void)state;
  for (int objective = EVOLVE_AREA; objective <= EVOLVE_ENERGY; objective++) {
    evolve_options o = {.objective = (evolve_objective)objective, .mae = 4, .wce = -1, .seed = 9, .generations = 18000};
    o.islands = 3;
    char *straight = evolved_text("exact5s", &o, NULL);
    remove(checkpoint);
    o.checkpoint = checkpoint;
    for (o.generations = 3000; o.generations < 18000; o.generations += 7000)
      free(evolved_text("exact5s", &o, NULL));
    o.generations = 18000;
    assert_same("exact5s", &o, straight);
    assert_same("exact5s", &o, straight); // nothing left to do
    free(straight);
  }
  remove(checkpoint);
}

// A number of generations that is no whole number of rounds is done and said; a longer search goes on from its rounds.
static void parts_of_rounds(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "exact5s");
  static const uint64_t counts[] = {1, 200, 1000, 1001, 2500};
  evolve_options o = {.mae = 4, .wce = -1, .seed = 9, .islands = 2};
  remove(checkpoint);
  for (size_t i = 0; i < BASE_COUNT(counts); i++) {
    evolve_result r;
    diag d = {0};
    o.generations = counts[i];
    assert_true(evolve(mem, m->net, m->sig, &o, &r, &d));
    assert_int_equal(r.generations, counts[i]);
    assert_true(r.errors.mae <= 4);
    diag_free(&d);
  }
  o.generations = 3000;
  char *straight = evolved_text("exact5s", &o, NULL);
  o.generations = 2500;
  char *part = evolved_text("exact5s", &o, NULL);
  o.checkpoint = checkpoint;
  assert_same("exact5s", &o, part);
  assert_same("exact5s", &o, part); // from its second round again
  o.generations = 3000;
  assert_same("exact5s", &o, straight);
  free(straight);
  free(part);
  remove(checkpoint);
  arena_free(mem);
}

static void threads_and_kernels(void **state) {
  (void)state;
  static const char *const starts[] = {"exact8s", "exact3x2u", "roup6x7us_p0_c4"};
  for (size_t i = 0; i < BASE_COUNT(starts); i++)
    for (int objective = EVOLVE_AREA; objective <= EVOLVE_ENERGY; objective++) {
      evolve_options o = {
          .objective = (evolve_objective)objective, .mae = 20, .wce = 128, .seed = 1, .generations = 2000};
      omp_set_num_threads(1);
      char *first = evolved_text(starts[i], &o, NULL);
      omp_set_num_threads(3);
      for (int k = 0; nl_sim_isas[k]; k++)
        if (nl_sim_isas[k]->supported()) {
          setenv("AXGEN_ISA", nl_sim_isas[k]->name, 1);
          assert_same(starts[i], &o, first);
        }
      unsetenv("AXGEN_ISA");
      free(first);
    }
}

// A child's verdict, found by simulating what changed, must be that of the same genes from nothing.
static void cones(void **state) {
  (void)state;
  arena *mem = arena_new();
  const mul *m = make(mem, "exact6s");
  for (int objective = EVOLVE_AREA; objective <= EVOLVE_ENERGY; objective++) {
    evolve_options o = {.objective = (evolve_objective)objective, .mae = 8, .wce = 60};
    const cgp_problem *p = cgp_problem_new(mem, m->sig, m->net->out_bits, &o);
    cgp *c = cgp_new(mem, p, 200), *fresh = cgp_new(mem, p, 200);
    rng r = rng_seed(4);
    assert_true(cgp_encode(c, m->net, &r) && cgp_settle(c));
    int taken = 0, refused = 0;
    for (int i = 0; i < 4000; i++) {
      cgp_mutate(c, &r, 3);
      int64_t cost = cgp_evaluate(c, c->cost);
      fresh->nodes = c->nodes;
      memcpy(fresh->node, c->node, (size_t)c->nodes * sizeof *c->node);
      memcpy(fresh->out, c->out, sizeof c->out);
      bool good = cgp_settle(fresh) && fresh->cost <= c->cost;
      assert_int_equal(cost >= 0, good);
      if (cost < 0) {
        refused++;
        cgp_undo(c);
        continue;
      }
      assert_int_equal(cost, fresh->cost);
      cgp_commit(c);
      c->cost = cost;
      taken++;
    }
    assert_true(taken > 100 && refused > 100);
    // And the figures of what came out, by other code.
    const mul *out = mul_from_netlist(mem, "out", m->sig, cgp_decode(mem, c));
    mul_errors e = mul_error_figures(out, NULL, 1);
    assert_true(e.mae <= 8 && e.wce <= 60 && e.mae > 0);
    double area, energy, most = objective ? 0 : (double)c->cost * 1e-3;
    evolve_estimate(out->net, &area, &energy);
    assert_true(objective || area <= most + 1e-9);
    cgp_release(c);
    cgp_release(fresh);
  }
  arena_free(mem);
}

static void weights(void **state) {
  (void)state;
  double a[256], b[256];
  for (int i = 0; i < 256; i++) {
    double x = mul_value((uint32_t)i, 8, true);
    a[i] = x < 0 ? 0 : exp(-x / 20);
    b[i] = exp(-x * x / 800);
  }
  evolve_options o = {.mae = 3, .wce = 200, .weights = {.a = a, .b = b}, .seed = 1, .generations = 4000};
  arena *mem = arena_new();
  const mul *m = make(mem, "exact8s");
  evolve_result r;
  diag d = {0};
  assert_true(evolve(mem, m->net, m->sig, &o, &r, &d));
  const mul *out = mul_from_netlist(mem, "out", m->sig, r.net);
  mul_errors e = mul_error_figures(out, &o.weights, 1);
  assert_true(e.mae <= 3 * 1.001 && e.wce <= 200); // weights have 16 bits
  assert_true(fabs(e.mae - r.weighted_mae) < 1e-9);
  assert_true(r.area < 0.85 * r.seed_area);
  assert_true(r.errors.mae > 3); // where no operands are, it may err
  arena_free(mem);
}

static void expect_error(const char *start, const evolve_options *o, const char *part) {
  arena *mem = arena_new();
  const mul *m = make(mem, start);
  diag d = {0};
  evolve_result r;
  assert_false(evolve(mem, m->net, m->sig, o, &r, &d));
  if (!strstr(d.text.data, part))
    fail_msg("expected `%s` in: %s", part, d.text.data);
  diag_free(&d);
  arena_free(mem);
}

static void errors(void **state) {
  (void)state;
  expect_error("exact4s", &(evolve_options){.mae = -1, .wce = -1, .generations = 1}, "a bound is needed");
  expect_error("mul8s_1KXF", &(evolve_options){.mae = 5, .wce = -1, .generations = 1}, "breaks the bounds");
  expect_error("exact9s", &(evolve_options){.mae = 5, .wce = -1, .generations = 1}, "at most 16");
  expect_error("exact4s", &(evolve_options){.mae = 5, .wce = -1, .islands = 1000}, "islands");
  arena *mem = arena_new();
  diag d = {0};
  assert_null(mul_make(mem, "evo8s_nosuch", &d));
  assert_null(mul_make(mem, "evo8s_../../x", &d));
  assert_non_null(strstr(d.text.data, "no such evolved multiplier"));
  diag_free(&d);
  arena_free(mem);
}

// A damaged checkpoint is refused or, where a number became another valid one, still a checked start; never a crash.
static void damaged_checkpoints(void **state) {
  (void)state;
  evolve_options o = {.mae = 4, .wce = -1, .seed = 9, .generations = 1000, .checkpoint = checkpoint, .islands = 2};
  remove(checkpoint);
  free(evolved_text("exact4s", &o, NULL));
  o.seed = 10;
  expect_error("exact4s", &o, "another search");
  o.seed = 9;
  arena *mem = arena_new();
  const mul *m = make(mem, "exact4s");
  bytes text;
  diag d = {0};
  assert_true(file_read(mem, checkpoint, 1 << 20, &text, &d));
  rng r = rng_seed(1);
  for (int i = 0; i < 300; i++) {
    uint8_t *copy = arena_memdup(mem, text.data, text.size);
    size_t size = text.size;
    if (i % 2)
      size = rng_below(&r, (uint32_t)size - 2);
    else
      copy[90 + rng_below(&r, (uint32_t)size - 91)] = (uint8_t) "9 -x\n0"[rng_below(&r, 6)];
    assert_true(file_write(checkpoint, copy, size, &d));
    evolve_result out;
    bool ok = evolve(mem, m->net, m->sig, &o, &out, &d);
    assert_true(ok ? !(i % 2) && out.errors.mae <= 4 : d.errors > 0);
    diag_free(&d);
    d = (diag){0};
  }
  arena_free(mem);
  remove(checkpoint);
}

// cgp_costs from the library again.
static double mean_energy(const liberty *lib, const liberty_pin *pin) {
  double sum = 0;
  for (size_t i = 0; i < pin->energy_count; i++)
    sum += liberty_lookup(&pin->energies[i].rise, lib->input_slew, 0) +
           liberty_lookup(&pin->energies[i].fall, lib->input_slew, 0);
  return sum / (2 * (double)pin->energy_count);
}

static void costs(void **state) {
  (void)state;
  static const struct {
    gate_kind kind;
    const char *cell, *in[3], *out[2];
  } cells[] = {
      {GATE_NOT, "INV_X1", {"A"}, {"ZN"}},           {GATE_AND, "AND2_X1", {"A1", "A2"}, {"ZN"}},
      {GATE_OR, "OR2_X1", {"A1", "A2"}, {"ZN"}},     {GATE_XOR, "XOR2_X1", {"A", "B"}, {"Z"}},
      {GATE_NAND, "NAND2_X1", {"A1", "A2"}, {"ZN"}}, {GATE_NOR, "NOR2_X1", {"A1", "A2"}, {"ZN"}},
      {GATE_XNOR, "XNOR2_X1", {"A", "B"}, {"ZN"}},   {GATE_MUX, "MUX2_X1", {"S", "A", "B"}, {"Z"}},
      {GATE_HA, "HA_X1", {"A", "B"}, {"S", "CO"}},   {GATE_FA, "FA_X1", {"A", "B", "CI"}, {"S", "CO"}},
  };
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  assert_true(liberty_read(mem, data_path(mem, "synth/liberty/axgen45.lib"), &lib, &d));
  for (size_t i = 0; i < BASE_COUNT(cells); i++) {
    const cgp_cost *cost = &cgp_costs[cells[i].kind];
    const liberty_cell *cell = liberty_find(lib, cells[i].cell);
    assert_non_null(cell);
    assert_int_equal(cost->area[3], lrint(cell->area * 1000));
    for (int k = 0; k < gate_inputs[cells[i].kind]; k++) {
      double cap = cell->pins[liberty_pin_index(cell, cells[i].in[k])].cap;
      assert_true(fabs(cost->load[k] - 1000 * cap * lib->voltage * lib->voltage / 2) <= 1);
    }
    for (int k = 0; k < gate_outputs[cells[i].kind]; k++) {
      const liberty_pin *pin = &cell->pins[liberty_pin_index(cell, cells[i].out[k])];
      assert_true(fabs(cost->internal[k] - 1000 * mean_energy(lib, pin)) <= 1);
    }
  }
  arena_free(mem);
}

int main(void) {
  snprintf(checkpoint, sizeof checkpoint, "/tmp/axgen-test-evolve-%ld.checkpoint", (long)getpid());
  setenv("AXGEN_DATA", ".", 0); // tests run in the project's folder
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interruption), // first: it forks, before there are threads
      cmocka_unit_test(resuming),
      cmocka_unit_test(parts_of_rounds),
      cmocka_unit_test(threads_and_kernels),
      cmocka_unit_test(cones),
      cmocka_unit_test(weights),
      cmocka_unit_test(errors),
      cmocka_unit_test(damaged_checkpoints),
      cmocka_unit_test(costs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
