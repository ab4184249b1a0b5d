// SPDX-License-Identifier: Apache-2.0
//
// What Yosys writes for a multiplier mapped to library cells.
#include "tests/fuzz/fuzz.h"

#include "genlib/cells/mapped.h"

#include <stdlib.h>

static const liberty *lib;
static arena *lib_mem;

static void prepare(arena *mem) {
  (void)mem;
  diag d = {0};
  lib_mem = arena_new(); // lives as long as the library
  if (!liberty_read(lib_mem, fuzz_tree(lib_mem, "synth/liberty/axgen45.lib"), &lib, &d)) {
    fputs(d.text.data, stderr);
    exit(EXIT_INPUT);
  }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const mapped *m;
  int32_t table[16];
  mul_sig sig = {.a_bits = 2, .b_bits = 2, .p_bits = 4};
  if (!mapped_read(mem, lib, fuzz_file("input.json", data, size), NULL, sig, &m, d))
    return;
  mapped_table(m, false, table);
  str text = {0};
  mapped_verilog(m, &text);
  str_free(&text);
}

const fuzz_parser fuzz_target = {8192, "tests/fuzz/seeds/mapped_json/*.json", NULL, prepare, read};
