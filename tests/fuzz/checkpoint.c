// SPDX-License-Identifier: Apache-2.0
//
// The checkpoint of an evolution: a search of a 3 x 3 multiplier goes on from it.
#include "tests/fuzz/fuzz.h"

#include "genlib/evolve/evolve.h"

static bool search(arena *mem, uint64_t generations, diag *d) {
  const mul *m = mul_make(mem, "exact3u", d);
  evolve_options o = {.mae = -1, .wce = 3, .generations = generations, .seed = 1, .islands = 2, .checkpoint = "search"};
  evolve_result out;
  return evolve(mem, m->net, m->sig, &o, &out, d);
}

static void make_seeds(arena *mem) {
  for (uint64_t generations = 0; generations <= 2000; generations += 1000) {
    diag d = {0};
    bytes text;
    if (search(mem, generations, &d) && file_read(mem, "search", 1 << 20, &text, &d))
      fuzz_seed(text.data, text.size);
    remove("search");
    diag_free(&d);
  }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  fuzz_file("search", data, size);
  search(mem, 0, d);
}

const fuzz_parser fuzz_target = {16384, NULL, make_seeds, NULL, read};
