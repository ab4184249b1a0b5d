// SPDX-License-Identifier: Apache-2.0
//
// What Yosys writes for an imported multiplier: its ports, then its gates.
#include "tests/fuzz/fuzz.h"

#include "genlib/import/import_internal.h"

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const char *path = fuzz_file("input.json", data, size);
  import_options options = {0};
  import_job j = {.mem = mem, .path = "input.v", .dir = ".", .module = "mul2u", .d = d};
  if (!import_ports(&j, path, &options))
    return;
  str text = {0};
  for (size_t i = 0; i < j.cell_count; i++)
    import_cell(j.cells[i], true, &text);
  str_free(&text);
  import_netlist(&j, path, IMPORT_LAX);
  import_netlist(&j, path, IMPORT_PLAIN);
}

const fuzz_parser fuzz_target = {16384, "tests/fuzz/seeds/yosys_json/*.json", NULL, NULL, read};
