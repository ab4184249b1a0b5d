// SPDX-License-Identifier: Apache-2.0
//
// synthesise LIBRARY MULTIPLIER...: synth_multiplier for each, as a table (or the errors); tests/synth/run.sh reads it.
// LIBRARY "-": the project's own.
#include "synth/synth.h"

#include <string.h>

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  synth_mul *muls = arena_new_array(mem, synth_mul, (size_t)argc + 1);
  bool ok = argc > 2 && synth_library(mem, strcmp(argv[1], "-") == 0 ? NULL : argv[1], &lib, &d);
  for (int i = 2; ok && i < argc; i++) {
    const mul *m = mul_make(mem, argv[i], &d);
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
