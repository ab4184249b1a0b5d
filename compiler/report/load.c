// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/load.h"

#include <string.h>

static bool load(arena *mem, const char *dir, report_folder *r, diag *d) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/')
    n--;
  size_t start = n;
  while (start > 0 && dir[start - 1] != '/')
    start--;
  *r = (report_folder){.dir = dir, .name = arena_strndup(mem, dir + start, n - start)};
  return report_load_design(mem, dir, &r->design, d) && report_load_front(mem, dir, &r->front, d) &&
         report_load_drops(mem, dir, &r->drops, d) && report_load_scores(mem, dir, &r->scores, d) &&
         (r->design.there || r->front.there || r->drops.there || r->scores.there ||
          diag_error(d,
                     "%s: expected eval.json, sim.json, synth.json, cost.json, energy.json, rtl/manifest.json, "
                     "explore.json, sensitivity.json or score.json, which `axgen eval`, `sim`, `synth`, `cost`, "
                     "`energy`, `rtl`, `explore`, `sensitivity` and `score` write",
                     dir));
}

bool report_load(arena *mem, const char *const *dirs, size_t count, report_folder *out, diag *d) {
  assert(count <= REPORT_FOLDERS);
  for (size_t i = 0; i < count; i++)
    if (!load(mem, dirs[i], &out[i], d))
      return false;
  return true;
}
