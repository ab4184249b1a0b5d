// SPDX-License-Identifier: Apache-2.0
//
// The JSON files that `axgen report` reads, all three being the input, and every form of the report.
#include "tests/fuzz/fuzz.h"

#include "compiler/report/report.h"

// What report_load keeps lives as long as the program: here as long as the input.
static arena *json_mem;
static void *json_malloc(size_t size) { return arena_alloc(json_mem, size); }
static void json_free(void *p) { (void)p; }

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  fuzz_file("design/eval.json", data, size);
  fuzz_file("design/sim.json", data, size);
  fuzz_file("design/synth.json", data, size);
  json_mem = mem;
  cJSON_InitHooks(&(cJSON_Hooks){json_malloc, json_free});
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
}

const fuzz_parser fuzz_target = {8192, "tests/fuzz/seeds/report/*.json models/lenet5-fashion/expected.json", NULL, NULL,
                                 read};
