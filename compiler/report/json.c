// SPDX-License-Identifier: Apache-2.0
//
// The table as JSON.
#include "compiler/base/json.h"
#include "compiler/report/report.h"

#include <math.h>

static cJSON *front_json(const report_front *f) {
  size_t place;
  const report_point *best = report_best(f, &place);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "network", f->network);
  cJSON_AddStringToObject(o, "level", f->level);
  cJSON_AddStringToObject(o, "method", f->method);
  cJSON_AddStringToObject(o, "objective", f->objective);
  cJSON_AddNumberToObject(o, "points", (double)f->count);
  json_add_known(o, "hypervolume", f->hypervolume);
  if (best) {
    cJSON_AddNumberToObject(o, "best_point", (double)place);
    cJSON_AddNumberToObject(o, "best_saving", 1 - best->cost[0]);
    cJSON *savings = f->figures > 1 ? cJSON_AddObjectToObject(o, "best_savings") : NULL;
    for (int k = 0; savings && k < f->figures; k++)
      cJSON_AddNumberToObject(savings, f->figure[k], 1 - best->cost[k]);
  }
  return o;
}

static void add_kinds(cJSON *o, const char *key, const report_parts *p) {
  cJSON *kinds = p->kind_count ? cJSON_AddObjectToObject(o, key) : NULL;
  for (size_t k = 0; k < p->kind_count; k++)
    cJSON_AddNumberToObject(kinds, p->kinds[k].name, p->kinds[k].value);
}

static cJSON *measured_json(const report_measured *m) {
  cJSON *o = cJSON_CreateObject(), *layers;
  cJSON_AddNumberToObject(o, "nj_per_image", m->logic);
  json_add_known(o, "with_memories_nj_per_image", m->everything);
  json_add_known(o, "ci95_nj_per_image", m->ci);
  json_add_known(o, "without_glitches_nj_per_image", m->without_glitches);
  json_add_known(o, "images", m->images);
  json_add_known(o, "cycles_per_image", m->cycles);
  json_add_known(o, "nets", m->nets);
  json_add_known(o, "nets_measured", m->nets_measured);
  json_add_known(o, "nets_toggled", m->nets_toggled);
  add_kinds(o, "kinds", &m->all);
  layers = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < m->layer_count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", m->layers[i].name);
    add_kinds(l, "kinds", &m->layers[i]);
    cJSON_AddItemToArray(layers, l);
  }
  return o;
}

static cJSON *predicted_json(const report_predicted *p) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "area_um2", p->area);
  cJSON_AddNumberToObject(o, "nj_per_image", p->logic);
  json_add_known(o, "with_memories_nj_per_image", p->everything);
  json_add_known(o, "cycles_per_image", p->cycles);
  json_add_known(o, "delay_ns", p->delay_ns);
  add_kinds(o, "area_kinds", &p->areas);
  add_kinds(o, "kinds", &p->energies);
  return o;
}

cJSON *report_json(const report_folder *folders, size_t count) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < count; i++) {
    const report_design *r = &folders[i].design;
    const struct {
      const char *key;
      double value;
    } fields[] = {{"top1", r->top1},
                  {"images", r->images},
                  {"simulated_images", r->sim_images},
                  {"cycles_per_image", r->cycles},
                  {"area_um2", r->area},
                  {"multiplier_area_um2", r->multiplier_area},
                  {"memory_area_um2", r->memory_area},
                  {"delay_ns", r->delay_ns},
                  {"toggled_nj_per_image", r->energy_nj},
                  {"simple_nj_per_image", r->simple_nj},
                  {"memory_nj_per_image", r->memory_nj}};
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "design", folders[i].name);
    if (!isnan(r->sim_images))
      cJSON_AddBoolToObject(o, "bit_exact", r->bit_exact);
    for (size_t k = 0; k < BASE_COUNT(fields); k++)
      json_add_known(o, fields[k].key, fields[k].value);
    if (r->there && !isnan(r->measured.logic))
      cJSON_AddItemToObject(o, "energy", measured_json(&r->measured));
    if (r->there && !isnan(r->predicted.area))
      cJSON_AddItemToObject(o, "predicted", predicted_json(&r->predicted));
    if (folders[i].front.there)
      cJSON_AddItemToObject(o, "front", front_json(&folders[i].front));
    cJSON_AddItemToArray(list, o);
  }
  return list;
}
