// SPDX-License-Identifier: Apache-2.0
//
// Evolved netlists (.net), made a multiplier where they are small enough for that to be quick.
#include "tests/fuzz/fuzz.h"

#include "genlib/genlib.h"

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed_text("# SPDX-License-Identifier: Apache-2.0\n# t: a unsigned, b signed, product signed\n"
                 "axgen-netlist 1 2 2 4\nAND 2 4\nNOT 3\nMUX 2 3 4\nHA 6 7\nFA 8 9 10\nBUF 5\nOUT 6 9 11 13\n");
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const netlist *n = nl_parse(mem, "input.net", (const char *)data, d);
  if (n && n->a_bits + n->b_bits > 16)
    return;
  const mul *m = n ? mul_read_netlist(mem, fuzz_file("input.net", data, size), "input", d) : NULL;
  if (!m)
    return;
  nl_finish(n);
  str text = {0};
  mul_verilog(m, &text);
  mul_c_model(m, &text);
  str_free(&text);
}

const fuzz_parser fuzz_target = {8192, "genlib/evolved/evo8u_mae580.net genlib/evolved/evo8s_mae500.net", make_seeds,
                                 NULL, read};
