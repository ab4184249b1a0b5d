// SPDX-License-Identifier: Apache-2.0
//
// What an import notes beside a table (STEM.import.json).
#include "tests/fuzz/fuzz.h"

#include "genlib/genlib.h"

static const uint8_t TABLE[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0,
                                  0, 0, 2, 0, 4, 0, 6, 0, 0, 0, 3, 0, 6, 0, 9, 0};

static void prepare(arena *mem) {
  (void)mem;
  fuzz_file("input.bin", TABLE, sizeof TABLE);
}

static void make_seeds(arena *mem) {
  fuzz_seed_text(arena_printf(mem,
                              "{\"name\": \"x\", \"table\": {\"sha256\": \"%s\", \"index\": \"unsigned\", "
                              "\"a_bits\": 2, \"b_bits\": 2}}",
                              hash_hex(mem, TABLE, sizeof TABLE)));
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  fuzz_file("input.import.json", data, size);
  mul_import_table(mem, "input.bin", NULL, d);
}

const fuzz_parser fuzz_target = {1024, NULL, make_seeds, prepare, read};
