// SPDX-License-Identifier: Apache-2.0
//
// The writer of Verilog: columns of ports, rows of connections, parameters that fit their line and that do not.
#include "compiler/target/common/verilog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void module_head(void **state) {
  (void)state;
  static const verilog_parameter PARAMETERS[] = {{"W", "256", "bits"}, {"LONGER", "8", "words"}};
  static const verilog_port PORTS[] = {
      {"clk", "", false, NULL}, {"data", "[W-1:0]", false, "of a beat"}, {"ready", "", true, "at last"}};
  str out = {0};
  verilog_module("m", PARAMETERS, 2, PORTS, 3, &out);
  assert_string_equal(out.data, "module m #(\n"
                                "    parameter W      = 256, // bits\n"
                                "    parameter LONGER = 8    // words\n"
                                ") (\n"
                                "    input  wire         clk,\n"
                                "    input  wire [W-1:0] data, // of a beat\n"
                                "    output wire         ready // at last\n"
                                ");\n");
  str_free(&out);
  verilog_module("bits", NULL, 0, PORTS, 1, &out);
  assert_string_equal(out.data, "module bits (\n    input  wire clk\n);\n");
  str_free(&out);
}

static void rows(void **state) {
  (void)state;
  arena *mem = arena_new();
  verilog_bindings p = {.mem = mem}, b = {.mem = mem};
  str out = {0};
  verilog_bind(&p, "N", "%d", 3);
  verilog_bind(&p, "M", "%d", 4);
  p.list[1].constant = "WORDS";
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_bind_stream(&b, "s", "v", "{r1, r0}", "d");
  verilog_row(&b);
  verilog_instance("core", "u", &p, &b, &out);
  assert_string_equal(out.data, "    core #(.N(3), .M(WORDS)) u (\n"
                                "        .clk(clk), .rst(rst),\n"
                                "        .s_valid(v), .s_ready({r1, r0}), .s_data(d)\n"
                                "    );\n");
  str_free(&out);
  arena_free(mem);
}

// However many there are and however long: each stands on a line of at most VERILOG_COLUMNS if it can, and none is
// lost.
static void long_lists(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(4);
  for (int trial = 0; trial < 200; trial++) {
    verilog_bindings p = {.mem = mem};
    str out = {0};
    int count = 1 + (int)rng_below(&r, 30), seen = 0;
    for (int i = 0; i < count; i++)
      verilog_bind(&p, arena_printf(mem, "P%d", i), "%0*d", 1 + (int)rng_below(&r, 60), i);
    verilog_instance("core", "u", &p, NULL, &out);
    for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n")) {
      assert_true(strlen(line) <= VERILOG_COLUMNS);
      assert_true(line[strlen(line) - 1] != ' ');
      for (const char *at = line; (at = strstr(at, ".P")); at++)
        seen++;
    }
    assert_int_equal(seen, count);
    str_free(&out);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(module_head), cmocka_unit_test(rows),
                                     cmocka_unit_test(long_lists)};
  return cmocka_run_group_tests_name("common/verilog", tests, NULL, NULL);
}
