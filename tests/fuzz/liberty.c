// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"

#include "genlib/cells/liberty.h"

#include <math.h>
#include <string.h>

// The project's own library with a few of its cells.
static void make_seeds(arena *mem) {
  static const char *const CELLS[][3] = {{"INV_X1", "NAND2_X1", "LOGIC0_X1"},
                                         {"INV_X1", "NAND2_X1", "HA_X1"},
                                         {"INV_X1", "NOR2_X1", "DFF_X1"},
                                         {"INV_X1", "NAND2_X1", "DLH_X1"}};
  diag d = {0};
  bytes all;
  if (!file_read(mem, fuzz_tree(mem, "synth/liberty/axgen45.lib"), 1 << 24, &all, &d))
    return;
  const char *text = (const char *)all.data, *head = strstr(text, "library ("), *first = strstr(text, "\n  cell (");
  for (size_t i = 0; i < BASE_COUNT(CELLS); i++) {
    str s = {0};
    str_add_n(&s, head, (size_t)(first - head));
    for (int k = 0; k < 3; k++) {
      const char *cell = strstr(first, arena_printf(mem, "\n  cell (%s)", CELLS[i][k]));
      if (cell)
        str_add_n(&s, cell, (size_t)(strstr(cell, "\n  }") + 4 - cell));
    }
    str_add(&s, "\n}\n");
    fuzz_seed(s.data, s.len);
    str_free(&s);
  }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const liberty *lib;
  if (!liberty_read(mem, fuzz_file("input.lib", data, size), &lib, d))
    return;
  for (size_t i = 0; i < lib->cell_count; i++) {
    const liberty_cell *c = &lib->cells[i];
    liberty_find(lib, c->name);
    for (size_t p = 0; p < c->pin_count; p++)
      for (size_t k = 0; k < c->pins[p].arc_count; k++)
        assert(isfinite(liberty_lookup(&c->pins[p].arcs[k].rise, 0.1, 1)));
  }
}

const fuzz_parser fuzz_target = {16384, NULL, make_seeds, NULL, read};
