// SPDX-License-Identifier: Apache-2.0
//
// Names of multipliers.
#include "tests/fuzz/fuzz.h"

#include "genlib/genlib.h"

#include <string.h>

static void make_seeds(arena *mem) {
  diag d = {0};
  bytes names;
  if (!file_read(mem, fuzz_tree(mem, "genlib/catalogue/names.txt"), 1 << 20, &names, &d))
    return;
  char *save = NULL;
  int n = 0;
  for (char *name = strtok_r((char *)names.data, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
    if (name[0] != '#' && n++ % 7 == 0)
      fuzz_seed_text(name);
  static const char *const OTHERS[] = {"exact4x3us", "exact12s_booth", "roup8s_p1_r7.5.3.1", "trunc6u_k3",  "none.net",
                                       "none.bin",   "d/x.txt",        "mul8s_1KV8",         "evo8s_mae12", "exact16u"};
  for (size_t i = 0; i < BASE_COUNT(OTHERS); i++)
    fuzz_seed_text(OTHERS[i]);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  (void)size;
  const mul *m = mul_make(mem, (const char *)data, d);
  if (m)
    mul_apply(m, m->sig.a_signed ? -1 : 1, 1);
}

const fuzz_parser fuzz_target = {48, NULL, make_seeds, NULL, read};
