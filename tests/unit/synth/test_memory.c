// SPDX-License-Identifier: Apache-2.0
// What memories cost, as synth/memories/memories45.yaml says: near to the macros that it was fitted to, and sensible
// outside of them.
#include "compiler/config/config.h"

#include <math.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static arena *mem;
static const memory_model *model;

static int read_model(void **state) {
  (void)state;
  diag d = {0};
  mem = arena_new();
  model = config_memories(mem, NULL, &d);
  diag_print(&d, stderr);
  return model ? 0 : -1;
}
static int free_model(void **state) {
  (void)state;
  arena_free(mem);
  return 0;
}

static memory_cost ram(int64_t width, int64_t depth) { return memory_estimate(model, MEMORY_RAM, width, depth); }

// Macros of the table (fakeram45, CACTI 7): words, bits; um2; pJ to read, to write; uW.
static void test_macros(void **state) {
  (void)state;
  static const struct {
    int words, bits;
    double area, read, write, leakage;
  } MACROS[] = {{64, 32, 1234.5, 0.753, 0.796, 81.6},   {64, 96, 4123.4, 2.858, 2.986, 163.6},
                {256, 32, 4954.8, 2.470, 1.874, 289.8}, {512, 64, 17130.4, 6.447, 5.300, 823.2},
                {1024, 32, 16246, 5.224, 3.566, 797.7}, {2048, 40, 45352.2, 8.927, 6.855, 1876.6}};
  for (size_t i = 0; i < BASE_COUNT(MACROS); i++) {
    memory_cost c = ram(MACROS[i].bits, MACROS[i].words);
    assert_false(c.registers);
    assert_int_equal(c.macros, 1);
    assert_true(fabs(c.area / MACROS[i].area - 1) < 0.27);
    assert_true(fabs(c.read / MACROS[i].read - 1) < 0.48);
    assert_true(fabs(c.write / MACROS[i].write - 1) < 0.37);
    assert_true(fabs(c.leakage / MACROS[i].leakage - 1) < 0.39);
  }
}

static void test_small_ones_are_registers(void **state) {
  (void)state;
  memory_cost c = ram(8, 12);
  assert_true(c.registers);
  assert_int_equal(c.macros, 0);
  assert_true(fabs(c.area - 8 * 12 * 5.98) < 1e-6);
  assert_true(fabs(c.read - 8 * 0.009) < 1e-9 && fabs(c.write - c.read) < 1e-9);
  assert_true(ram(511, 1).registers);
  assert_false(ram(256, 32).registers);
}

// Larger memories are macros side by side: a wider word reads all of a row, a deeper one still one of them.
static void test_splitting(void **state) {
  (void)state;
  memory_cost one = ram(256, 2048), wide = ram(512, 2048), deep = ram(256, 4096);
  assert_int_equal(wide.macros, 2);
  assert_int_equal(deep.macros, 2);
  assert_true(fabs(wide.area - 2 * one.area) < 1e-6 * one.area && fabs(deep.area - wide.area) < 1e-6 * one.area);
  assert_true(fabs(wide.read - 2 * one.read) < 1e-9 && fabs(deep.read - one.read) < 1e-9);
  assert_int_equal(ram(257, 2049).macros, 4);
  assert_true(isfinite(ram((int64_t)1 << 31, (int64_t)1 << 31).area));
}

// From where macros begin; flip-flops take more than these.
static void test_larger_costs_more(void **state) {
  (void)state;
  for (int64_t width = 8; width <= 2048; width *= 2)
    for (int64_t depth = 64; depth <= 1 << 20; depth *= 2) {
      memory_cost c = ram(width, depth), w = ram(2 * width, depth), d = ram(width, 2 * depth);
      assert_true(c.area < w.area && c.area < d.area && c.read < w.read && c.write < w.write);
    }
}

static void test_rom(void **state) {
  (void)state;
  memory_cost rom = memory_estimate(model, MEMORY_ROM, 64, 1024), sram = ram(64, 1024);
  assert_false(rom.registers);
  assert_true(fabs(rom.area - 0.2 * sram.area) < 1e-6 && fabs(rom.read - sram.read) < 1e-9 && rom.write == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_macros),    cmocka_unit_test(test_small_ones_are_registers),
      cmocka_unit_test(test_splitting), cmocka_unit_test(test_larger_costs_more),
      cmocka_unit_test(test_rom),
  };
  return cmocka_run_group_tests(tests, read_model, free_model);
}
