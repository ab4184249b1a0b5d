// SPDX-License-Identifier: Apache-2.0
//
// compare FOLDER NAME PAIRS: maps the multiplier, simulates it here, and leaves in FOLDER what Icarus needs to do the
// same: arcs.v (delays in specify blocks), merged.v + merged.sdf, tb.v, operands.hex. Prints for both the toggles of
// all nets.
#include "genlib/cells/timed.h"
#include "synth/synth.h"

#include <stdlib.h>

enum { MAX_PAIRS = 20001 };

static void test_bench(const mapped *m, int pairs, str *out) {
  str_printf(out,
             "`timescale 1ps / 1fs\nmodule tb;\n  reg [31:0] operands [0:%d];\n  reg [31:0] o;\n  wire [%d:0] n;\n"
             "  integer i, toggles, check;\n  reg counting;\n"
             "  axgen_timed dut (o[%d:0], o[%d:16], n);\n",
             pairs - 1, m->nets - 1, m->a_bits - 1, 15 + m->b_bits);
  for (int32_t net = NET_FIRST_INPUT; net < m->nets; net++)
    str_printf(out, "  always @(n[%d]) if (counting) toggles = toggles + 1;\n", net);
  str_add(out, "  initial begin\n`ifdef SDF\n    $sdf_annotate(\"merged.sdf\", dut);\n`endif\n"
               "    $readmemh(\"operands.hex\", operands);\n    toggles = 0;\n    counting = 0;\n    check = 0;\n"
               "    o = operands[0];\n    #20000 counting = 1;\n");
  str_printf(
      out,
      "    for (i = 1; i < %d; i = i + 1) begin\n      o = operands[i];\n      #20000;\n      check = check * 31 + {",
      pairs);
  for (int i = m->p_bits - 1; i >= 0; i--)
    str_printf(out, "n[%d]%s", m->out[i], i ? ", " : "};\n");
  str_add(out, "    end\n    $display(\"%0d %0d\", toggles, check);\n  end\nendmodule\n");
}

static bool save(arena *mem, const char *dir, const char *name, str *text, diag *d) {
  bool ok = file_write(path_join(mem, dir, name), text->data, text->len, d);
  str_free(text);
  return ok;
}

static bool compare(arena *mem, const char *dir, const char *name, int pairs, diag *d) {
  const liberty *lib;
  const mul *m = mul_make(mem, name, d);
  synth_mul s;
  if (!m || !synth_library(mem, NULL, &lib, d) || !synth_multiplier(mem, m, lib, &s, d))
    return false;
  uint16_t a[MAX_PAIRS], b[MAX_PAIRS];
  str hex = {0}, text = {0};
  rng r = rng_seed(5);
  for (int i = 0; i < pairs; i++) {
    a[i] = (uint16_t)rng_below(&r, 1u << m->sig.a_bits), b[i] = (uint16_t)rng_below(&r, 1u << m->sig.b_bits);
    str_printf(&hex, "%04x%04x\n", b[i], a[i]);
  }
  mapped_verilog(s.net, &text);
  bool ok = save(mem, dir, "mapped.v", &text, d) && save(mem, dir, "operands.hex", &hex, d);
  test_bench(s.net, pairs, &text);
  ok = ok && save(mem, dir, "tb.v", &text, d);
  for (timed_mode mode = TIMED_ARCS; ok && mode <= TIMED_MERGED; mode++) {
    timed *t = timed_new(mem, s.net, mode);
    uint32_t check = 0;
    for (int i = 0; i < pairs; i++) {
      timed_feed(t, &a[i], &b[i], 1);
      check = i ? check * 31 + (uint32_t)timed_product(t) : 0;
    }
    timed_verilog(t, &text);
    ok = save(mem, dir, mode == TIMED_ARCS ? "arcs.v" : "merged.v", &text, d);
    timed_sdf(t, &text);
    ok = ok && (mode == TIMED_ARCS ? (str_free(&text), true) : save(mem, dir, "merged.sdf", &text, d));
    printf("%llu %d ", (unsigned long long)timed_result(t).toggles, (int32_t)check);
  }
  puts("");
  return ok;
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  int pairs = argc == 4 ? atoi(argv[3]) : 0;
  if (pairs > 1 && pairs <= MAX_PAIRS && compare(mem, argv[1], argv[2], pairs, &d))
    return 0;
  fputs(d.text.data ? d.text.data : "compare FOLDER NAME PAIRS\n", stderr);
  return 1;
}
