// SPDX-License-Identifier: Apache-2.0
//
// Somebody's Verilog as `axgen mul import` reads it before any tool: macros, conditions, includes, modules.
#include "tests/fuzz/fuzz.h"

#include "genlib/import/source.h"

#define OTHER "`define OTHER 1\nmodule other(input a, output b); assign b = ~a; endmodule\n"

static void prepare(arena *mem) {
  (void)mem;
  fuzz_file("other.vh", OTHER, sizeof OTHER - 1);
}

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed_text("// a multiplier\n`include \"other.vh\"\n`define AND(x, y) ((x) & (y))\n`timescale 1ns/1ps\n"
                 "module mul2u(input [1:0] a, input [1:0] b, output [3:0] p);\n`ifdef OTHER\n  wire w;\n"
                 "  other o(.a(a[0]), .b(w));\n`elsif MORE\n`else\n`endif\n  assign p = `AND(a, b) * $signed(2'b01);\n"
                 "endmodule\n");
  fuzz_seed_text("module \\m#1 (a, b, p); input a, b; output p; and g(p, a, b); endmodule\n"
                 "module tb; reg r; initial begin $display(\"%d\", r); $fopen(\"x\"); end endmodule\n"
                 "`undef X\n(* keep *) /* c */ `ifndef Y `define Y `Y `endif\n");
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const char *file = fuzz_file("input.v", data, size), *folder = ".";
  source s;
  if (!source_read(mem, &file, 1, &folder, 1, &s, d))
    return;
  for (size_t i = 0; i < s.count && i < 8; i++) {
    const char *text = source_select(&s, (int)i, d);
    if (text)
      source_is_pure(text);
  }
  source_translate(&s, "in.v:3: error: in.v:99999: x", "in.v");
}

const fuzz_parser fuzz_target = {4096, NULL, make_seeds, prepare, read};
