// SPDX-License-Identifier: Apache-2.0
//
// synthesise LIBRARY MULTIPLIER...: synth_multiplier for each, as a table (or the errors); tests/synth/run.sh reads it.
// LIBRARY "-": the project's own. MULTIPLIER "wrong:NAME": its table gets one wrong entry, which must be found.
#include "synth/synth.h"

#include <string.h>

static const mul *make(arena *mem, const char *name, diag *d) {
  bool wrong = strncmp(name, "wrong:", 6) == 0;
  const mul *m = mul_make(mem, name + (wrong ? 6 : 0), d);
  if (!m || !wrong)
    return m;
  mul *copy = arena_memdup(mem, m, sizeof *m);
  int32_t *table = arena_memdup(mem, m->table, sizeof *table << (m->sig.a_bits + m->sig.b_bits));
  table[0x7f81] ^= 4; // 127 * -127
  copy->table = table;
  return copy;
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  synth_mul *muls = arena_new_array(mem, synth_mul, (size_t)argc + 1);
  bool ok = argc > 2 && synth_library(mem, strcmp(argv[1], "-") == 0 ? NULL : argv[1], &lib, &d);
  for (int i = 2; ok && i < argc; i++) {
    const mul *m = make(mem, argv[i], &d);
    ok = m && synth_multiplier(mem, m, lib, &muls[i - 2], &d);
  }
  str text = {0};
  if (ok) {
    synth_mul_text(muls, (size_t)argc - 2, &text);
    fputs(text.data, stdout);
    for (int i = 2; i < argc; i++) {
      char *json = cJSON_PrintUnformatted(synth_mul_json(&muls[i - 2]));
      puts(json);
    }
  } else if (d.text.data) {
    fputs(d.text.data, stderr);
  }
  return ok ? 0 : d.exit_code ? d.exit_code : EXIT_USAGE;
}
