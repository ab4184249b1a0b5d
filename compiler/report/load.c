// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/report.h"

#include <math.h>
#include <string.h>

static bool read_json(arena *mem, const char *dir, const char *name, cJSON **out, diag *d) {
  char *path = path_join(mem, dir, name);
  *out = NULL;
  if (!file_exists(path))
    return true;
  bytes text;
  if (!file_read(mem, path, 64 << 20, &text, d))
    return false;
  *out = cJSON_ParseWithLength((char *)text.data, text.size);
  if (*out)
    return true;
  const char *at = cJSON_GetErrorPtr();
  return diag_error(d, "%s: not JSON from byte %ld on; run the verb that writes it again", path,
                    at ? (long)(at - (char *)text.data) : 0L);
}

// The number at a path such as "timing.delay_ns"; NAN when there is none.
static double number(const cJSON *o, const char *path) {
  while (o && *path) {
    size_t n = strcspn(path, ".");
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)n, path);
    o = cJSON_GetObjectItemCaseSensitive(o, key);
    path += n + (path[n] == '.');
  }
  return o && cJSON_IsNumber(o) ? o->valuedouble : NAN;
}

static bool load(arena *mem, const char *dir, report_design *r, diag *d) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/')
    n--;
  size_t start = n;
  while (start > 0 && dir[start - 1] != '/')
    start--;
  r->dir = dir;
  r->name = arena_strndup(mem, dir + start, n - start);
  cJSON *eval, *sim, *synth;
  if (!read_json(mem, dir, "eval.json", &eval, d) || !read_json(mem, dir, "sim.json", &sim, d) ||
      !read_json(mem, dir, "synth.json", &synth, d))
    return false;
  if (!eval && !sim && !synth)
    return diag_error(d, "%s: expected eval.json, sim.json or synth.json, which `axgen eval`, `sim` and `synth` write",
                      dir);
  r->top1 = number(eval, "top1");
  r->images = number(eval, "images");
  r->sim_images = number(sim, "images");
  r->cycles = number(sim, "cycles_per_image");
  r->bit_exact = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(sim, "bit_exact"));
  r->area = number(synth, "area_um2.total");
  r->multiplier_area = number(synth, "area_um2.multipliers");
  r->delay_ns = number(synth, "timing.delay_ns");
  r->energy_nj = number(synth, "energy_proxy.toggled_nj_per_image");
  r->simple_nj = number(synth, "energy_proxy.simple_nj_per_image");
  r->synth = synth; // stays allocated for the life of the report
  cJSON_Delete(eval);
  cJSON_Delete(sim);
  return true;
}

bool report_load(arena *mem, const char *const *dirs, size_t count, report_design *out, diag *d) {
  for (size_t i = 0; i < count; i++)
    if (!load(mem, dirs[i], &out[i], d))
      return false;
  return true;
}
