// SPDX-License-Identifier: Apache-2.0
//
// catalogue NAMES CSV: catalogue_build (NAMES "-": the shipped list); prints how many entries had to be measured.
// catalogue CSV KEYS SVG: a picture. What axgen does in `mul list` and `make catalogue`, for tests without it.
#include "genlib/measure/measure.h"

#include <string.h>

static bool picture(arena *mem, char **argv, diag *d) {
  catalogue c;
  str out = {0};
  bool ok = catalogue_read(mem, argv[1], &c, d) && catalogue_filter(&c, "a_bits=8,b_bits=8,sign=s", d) &&
            catalogue_svg(&c, argv[2], &out, d) && file_write(argv[3], out.data, out.len, d);
  str_free(&out);
  printf("%zu multipliers drawn\n", ok ? c.count : 0);
  return ok;
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const liberty *lib;
  size_t fresh = 0;
  bool ok = false;
  if (argc == 4) {
    ok = picture(mem, argv, &d);
  } else if (argc == 3) {
    ok = synth_library(mem, NULL, &lib, &d) &&
         catalogue_build(mem, lib, strcmp(argv[1], "-") == 0 ? NULL : argv[1], argv[2], &fresh, &d);
    printf("%zu measured\n", fresh);
  }
  if (d.text.data)
    fputs(d.text.data, stderr);
  return ok ? 0 : d.exit_code ? d.exit_code : EXIT_USAGE;
}
