// SPDX-License-Identifier: Apache-2.0
//
// The JSON files that `axgen report` reads, all three being the input, and every form of the report.
#include "tests/fuzz/fuzz.h"

#include "compiler/report/report.h"

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  fuzz_file("design/eval.json", data, size);
  fuzz_file("design/sim.json", data, size);
  fuzz_file("design/synth.json", data, size);
  const char *dirs[] = {"design", "./design/"};
  report_design r[2] = {0};
  if (report_load(mem, dirs, 2, r, d)) {
    str text = {0};
    report_text(r, 2, &text);
    report_svg(r, 2, &text);
    report_html(r, 2, &text);
    str_free(&text);
    cJSON_Delete(report_json(r, 2));
  }
  for (size_t i = 0; i < 2; i++)
    cJSON_Delete((cJSON *)r[i].synth);
}

const fuzz_parser fuzz_target = {8192, "tests/fuzz/seeds/report/*.json models/lenet5-fashion/expected.json", NULL, NULL,
                                 read};
