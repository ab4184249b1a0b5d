// SPDX-License-Identifier: Apache-2.0
//
// measure NAME [OPERANDS [HOLD]]: measure_multiplier, as a table and as JSON.
#include "genlib/measure/measure.h"

#include <stdlib.h>

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  measured m;
  str text = {0};
  const mul *x = argc > 1 ? mul_make(mem, argv[1], &d) : NULL;
  bool ok = x && synth_library(mem, NULL, &lib, &d) &&
            measure_multiplier(mem, x, lib, argc > 2 ? argv[2] : NULL, argc > 3 ? atoi(argv[3]) : 0, &m, &d);
  if (ok) {
    measure_text(&m, 1, &text);
    fputs(text.data, stdout);
    puts(cJSON_PrintUnformatted(measure_json(&m)));
  }
  if (d.text.data)
    fputs(d.text.data, stderr);
  return ok ? 0 : d.exit_code ? d.exit_code : EXIT_USAGE;
}
