// SPDX-License-Identifier: Apache-2.0
//
// The catalogue's CSV, and everything that `axgen mul list` does with it.
#include "tests/fuzz/fuzz.h"

#include "genlib/measure/measure.h"

static void make_seeds(arena *mem) {
  diag d = {0};
  bytes all;
  if (!file_read(mem, fuzz_tree(mem, "genlib/catalogue/axgen45.csv"), 1 << 24, &all, &d))
    return;
  size_t lines = 0, n = 0;
  for (; n < all.size && lines < 12; n++)
    lines += all.data[n] == '\n';
  fuzz_seed(all.data, n);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  catalogue c;
  if (!catalogue_read(mem, fuzz_file("input.csv", data, size), &c, d))
    return;
  str text = {0};
  catalogue_sort(&c, "-area", d);
  catalogue_pareto(&c, "area,mae", d);
  catalogue_csv(&c, &text);
  catalogue_text(&c, &text);
  catalogue_svg(&c, "area,mae", &text, d);
  cJSON_Delete(catalogue_json(&c));
  catalogue_filter(&c, "sign=s,area<300,name~exact", d);
  str_free(&text);
}

const fuzz_parser fuzz_target = {8192, NULL, make_seeds, NULL, read};
