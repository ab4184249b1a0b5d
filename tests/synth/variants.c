// SPDX-License-Identifier: Apache-2.0
//
// variants GOAL NAME...: variant_choose for each, with everything that was tried.
#include "genlib/measure/measure.h"

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  variant_goal goal;
  bool ok = argc > 2 && synth_library(mem, NULL, &lib, &d) && variant_goal_parse(argv[1], &goal, &d);
  for (int i = 2; ok && i < argc; i++) {
    variant_choice c;
    str text = {0};
    ok = variant_choose(mem, argv[i], goal, lib, NULL, 0, &c, &d);
    if (ok) {
      variant_text(&c, &text);
      measure_text(&c.best, 1, &text);
      fputs(text.data, stdout);
      fflush(stdout);
    }
    str_free(&text);
  }
  if (d.text.data)
    fputs(d.text.data, stderr);
  return ok ? 0 : d.exit_code ? d.exit_code : EXIT_USAGE;
}
