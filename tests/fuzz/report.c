// SPDX-License-Identifier: Apache-2.0
//
// The files that `axgen report` reads, each kind being the input in a folder of its own, and every form of the report.
#include "tests/fuzz/fuzz.h"

#include "compiler/base/npy.h"
#include "compiler/report/report.h"

#include <string.h>

// What report_load keeps lives as long as the program: here as long as the input.
static arena *json_mem;
static void *json_malloc(size_t size) { return arena_alloc(json_mem, size); }
static void json_free(void *p) { (void)p; }

static const char *const DESIGN[] = {"design/eval.json", "design/sim.json",    "design/synth.json",
                                     "design/cost.json", "design/energy.json", "design/rtl/manifest.json"};
static const char EXPLORE[] = "{\"points\": [{\"saving\": 0.5, \"validation\": {\"loss\": 0.01}}]}";

// A point's config.yaml may name these.
static void prepare(arena *mem) {
  (void)mem;
  str filters = {0}, kernels = {0};
  npy_header("|u1", "6,", &filters);
  str_add_n(&filters, "\0\1\0\1\1\0", 6);
  npy_header("|u1", "2, 3", &kernels);
  str_add_n(&kernels, "\0\1\0\1\1\0", 6);
  fuzz_file("point/points/01/conv1.npy", filters.data, filters.len);
  fuzz_file("point/points/01/conv2.npy", kernels.data, kernels.len);
  fuzz_file("point/explore.json", EXPLORE, strlen(EXPLORE));
  str_free(&filters);
  str_free(&kernels);
}

static void report(arena *mem, const char *const *dirs, size_t count, diag *d) {
  report_folder r[2];
  if (!report_load(mem, dirs, count, r, d))
    return;
  str text = {0};
  report_text(r, count, &text);
  report_svg(r, count, &text);
  report_html(r, count, &text);
  str_free(&text);
  cJSON_Delete(report_json(r, count));
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  for (size_t i = 0; i < BASE_COUNT(DESIGN); i++)
    fuzz_file(DESIGN[i], data, size);
  fuzz_file("front/explore.json", data, size);
  fuzz_file("front/history.csv", data, size);
  fuzz_file("tables/sensitivity.json", data, size);
  fuzz_file("scores/score.json", data, size);
  fuzz_file("point/points/01/config.yaml", data, size);
  json_mem = mem;
  cJSON_InitHooks(&(cJSON_Hooks){json_malloc, json_free});
  report(mem, (const char *const[]){"design", "./design/"}, 2, d);
  report(mem, (const char *const[]){"front"}, 1, d);
  report(mem, (const char *const[]){"tables"}, 1, d);
  report(mem, (const char *const[]){"scores"}, 1, d);
  report(mem, (const char *const[]){"point"}, 1, d);
}

const fuzz_parser fuzz_target = {8192, "tests/fuzz/seeds/report/* models/lenet5-fashion/expected.json", NULL, prepare,
                                 read};
