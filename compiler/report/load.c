// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/report/report.h"

#include <math.h>
#include <string.h>

enum { MAX_FILE = 16 << 20, MAX_LAYERS = 4096, MAX_KINDS = 32 };
static const double MOST = 1e18;

// A file of the folder; root NULL where it is not there.
static bool open_if_there(arena *mem, const char *dir, const char *name, json_doc *out, diag *d) {
  char *path = path_join(mem, dir, name);
  *out = (json_doc){.file = path};
  return !file_exists(path) || json_open(mem, path, MAX_FILE, out, d);
}

static bool read_eval(const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc);
  return json_number(top, "top1", 0, 1, &r->top1, d) && json_number(top, "images", 0, MOST, &r->images, d);
}

static bool read_sim(const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc);
  return json_number(top, "images", 0, MOST, &r->sim_images, d) &&
         json_number(top, "cycles_per_image", 0, MOST, &r->cycles, d) && json_bool(top, "bit_exact", &r->bit_exact, d);
}

// The kinds of an area but its total, in their order.
static bool read_kinds(arena *mem, json_place area, report_areas *out, diag *d) {
  if (!json_number(area, "total", 0, MOST, &out->total, d))
    return false;
  out->kinds = arena_new_array(mem, report_kind, MAX_KINDS);
  for (const cJSON *e = area.object ? area.object->child : NULL; e; e = e->next) {
    report_kind *k = &out->kinds[out->kind_count];
    if (strcmp(e->string, "total") == 0)
      continue;
    if (++out->kind_count > MAX_KINDS)
      return diag_error(d, "%s: `%s`: more than %d kinds", area.doc->file, area.path, MAX_KINDS);
    k->name = arena_strdup(mem, e->string);
    if (!json_number(area, e->string, 0, MOST, &k->area, d))
      return false;
  }
  return true;
}

static bool read_layer(arena *mem, json_place layer, report_areas *out, diag *d) {
  json_place area;
  const char *name = "?";
  if (!json_string(layer, "layer", &name, d) || !json_object(mem, layer, "area_um2", &area, d))
    return false;
  out->name = arena_strdup(mem, name);
  return read_kinds(mem, area, out, d);
}

static bool read_synth(arena *mem, const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc), area, timing, energy, layer;
  const cJSON *layers;
  if (!json_object(mem, top, "area_um2", &area, d) || !json_object(mem, top, "timing", &timing, d) ||
      !json_object(mem, top, "energy_proxy", &energy, d) || !json_list(top, "layers", &layers, d) ||
      !json_number(area, "total", 0, MOST, &r->area, d) ||
      !json_number(area, "multipliers", 0, MOST, &r->multiplier_area, d) ||
      !json_number(timing, "delay_ns", 0, MOST, &r->delay_ns, d) ||
      !json_number(energy, "toggled_nj_per_image", 0, MOST, &r->energy_nj, d) ||
      !json_number(energy, "simple_nj_per_image", 0, MOST, &r->simple_nj, d) || !read_kinds(mem, area, &r->all, d))
    return false;
  size_t count = layers ? (size_t)cJSON_GetArraySize(layers) : 0, i = 0;
  if (count > MAX_LAYERS)
    return diag_error(d, "%s: `layers`: %zu layers, expected at most %d", doc->file, count, MAX_LAYERS);
  r->layers = arena_new_array(mem, report_areas, count + 1);
  for (const cJSON *e = layers ? layers->child : NULL; e; e = e->next, i++)
    if (!json_element(mem, top, "layers", e, i, &layer, d) || !read_layer(mem, layer, &r->layers[i], d))
      return false;
  r->layer_count = count;
  return true;
}

static bool read_files(arena *mem, const char *dir, json_doc doc[3], report_design *r, diag *d) {
  return open_if_there(mem, dir, "eval.json", &doc[0], d) && open_if_there(mem, dir, "sim.json", &doc[1], d) &&
         open_if_there(mem, dir, "synth.json", &doc[2], d) &&
         (doc[0].root || doc[1].root || doc[2].root ||
          diag_error(d, "%s: expected eval.json, sim.json or synth.json, which `axgen eval`, `sim` and `synth` write",
                     dir)) &&
         read_eval(&doc[0], r, d) && read_sim(&doc[1], r, d) && read_synth(mem, &doc[2], r, d);
}

static bool load(arena *mem, const char *dir, report_design *r, diag *d) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/')
    n--;
  size_t start = n;
  while (start > 0 && dir[start - 1] != '/')
    start--;
  *r = (report_design){.dir = dir, .name = arena_strndup(mem, dir + start, n - start)};
  r->top1 = r->images = r->sim_images = r->cycles = NAN;
  r->area = r->multiplier_area = r->delay_ns = r->energy_nj = r->simple_nj = NAN;
  json_doc doc[3] = {{0}};
  bool ok = read_files(mem, dir, doc, r, d);
  for (int i = 0; i < 3; i++)
    json_close(&doc[i]);
  return ok;
}

bool report_load(arena *mem, const char *const *dirs, size_t count, report_design *out, diag *d) {
  for (size_t i = 0; i < count; i++)
    if (!load(mem, dirs[i], &out[i], d))
      return false;
  return true;
}
