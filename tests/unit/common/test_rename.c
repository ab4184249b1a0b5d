// SPDX-License-Identifier: Apache-2.0
//
// Renaming the modules of a design: what is a module's name, and what only looks like one.
#include "compiler/target/common/rename.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void check(const char *text, const char *want) {
  arena *mem = arena_new();
  fileset fs = {0};
  fileset_add(mem, &fs, "axgen_top.v", text, strlen(text));
  fileset_add(mem, &fs, "cores/axgen_fifo.v", "module axgen_fifo; endmodule\n", 29);
  fileset_add(mem, &fs, "rom/axgen_fifo.hex", "axgen_fifo", 10);
  rename_modules(mem, &fs, "mine");
  char *got = arena_strndup(mem, fs.files[0].data, fs.files[0].size);
  assert_string_equal(got, want);
  assert_string_equal(fs.files[0].name, "mine.v");
  assert_string_equal(fs.files[1].name, "cores/mine_axgen_fifo.v");
  assert_memory_equal(fs.files[1].data, "module mine_axgen_fifo; endmodule\n", fs.files[1].size);
  assert_string_equal(fs.files[2].name, "rom/axgen_fifo.hex");
  assert_int_equal(fs.files[2].size, 10);
  arena_free(mem);
}

static void names(void **state) {
  (void)state;
  check("module axgen_top (input wire a);\n    axgen_fifo #(.W(8)) u_fifo (.a(a));\nendmodule\n",
        "module mine (input wire a);\n    mine_axgen_fifo #(.W(8)) u_fifo (.a(a));\nendmodule\n");
}

static void no_names(void **state) {
  (void)state;
  check(
      "// axgen_fifo\n/* axgen_fifo */ `axgen_fifo \"axgen_fifo \\\" axgen_fifo\" x.axgen_fifo axgen_fifo2 _axgen_fifo "
      "\\axgen_fifo 8'haxgen_fifo $axgen_fifo\nmodule axgen_top;axgen_fifo f();endmodule",
      "// axgen_fifo\n/* axgen_fifo */ `axgen_fifo \"axgen_fifo \\\" axgen_fifo\" x.axgen_fifo axgen_fifo2 _axgen_fifo "
      "\\axgen_fifo 8'haxgen_fifo $axgen_fifo\nmodule mine;mine_axgen_fifo f();endmodule");
}

static void unfinished(void **state) {
  (void)state;
  check("module axgen_top; /* axgen_fifo", "module mine; /* axgen_fifo");
  check("module axgen_top; \"axgen_fifo\\", "module mine; \"axgen_fifo\\");
  check("module axgen_top; /*/ axgen_fifo */axgen_fifo f", "module mine; /*/ axgen_fifo */mine_axgen_fifo f");
}

// The top, what belongs to it, its testbench; testbenches that the user does not see keep their names.
static void whose(void **state) {
  (void)state;
  static const char *const NAMES[][2] = {
      {"axgen_top", "mine"},  {"axgen_top_axi", "mine_axi"},     {"tb_axgen_top", "tb_mine"},
      {"tb_fgpu", "tb_fgpu"}, {"axgen_tops", "mine_axgen_tops"}, {"layer_a", "mine_layer_a"}};
  arena *mem = arena_new();
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++) {
    assert_string_equal(renamed_module(mem, "mine", NAMES[i][0]), NAMES[i][1]);
    assert_string_equal(renamed_module(mem, NULL, NAMES[i][0]), NAMES[i][0]);
  }
  assert_string_equal(renamed_file(mem, "mine", "tb/tb_axgen_top.v"), "tb/tb_mine.v");
  assert_string_equal(renamed_file(mem, NULL, "cores/axgen_fifo.v"), "cores/axgen_fifo.v");
  arena_free(mem);
}

// Names of which one begins like another; an instance of the same name as its module.
static void alike(void **state) {
  (void)state;
  check("module axgen_top; axgen_fif x(); axgen_fifo axgen_fifo(); axgen_fifo_ y(); endmodule module axgen_fif; "
        "endmodule",
        "module mine; mine_axgen_fif x(); mine_axgen_fifo axgen_fifo(); axgen_fifo_ y(); endmodule module "
        "mine_axgen_fif; endmodule");
}

// Ports, nets, instances and blocks that are called like a module keep their names; the module does not.
static void called_alike(void **state) {
  (void)state;
  check("module axgen_top (input wire [7:0] axgen_fifo,\n    output wire o);\n wire axgen_fifo; assign o = axgen_fifo "
        "? 1 : "
        "axgen_fifo + axgen_fifo[0];\n always @(axgen_fifo or o) begin : axgen_fifo reg x; end\n"
        "axgen_fifo // of these\n /* two */ axgen_fifo (.axgen_fifo(axgen_fifo)), g(); axgen_fifo#(1)f();\nendmodule",
        "module mine (input wire [7:0] axgen_fifo,\n    output wire o);\n wire axgen_fifo; assign o = axgen_fifo ? 1 : "
        "axgen_fifo + axgen_fifo[0];\n always @(axgen_fifo or o) begin : axgen_fifo reg x; end\n"
        "mine_axgen_fifo // of these\n /* two */ axgen_fifo (.axgen_fifo(axgen_fifo)), g(); "
        "mine_axgen_fifo#(1)f();\nendmodule");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names),      cmocka_unit_test(no_names),
                                     cmocka_unit_test(unfinished), cmocka_unit_test(whose),
                                     cmocka_unit_test(alike),      cmocka_unit_test(called_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
