// SPDX-License-Identifier: Apache-2.0
//
// The energy estimate of either target as JSON and as a table.
#include "compiler/target/common/energy.h"

cJSON *proxy_json(const proxy_result *p) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "method",
                          "toggles of the mapped multipliers under the operands of real images, zero delay "
                          "(no glitches); multipliers only");
  cJSON_AddNumberToObject(o, "images", (double)p->images);
  cJSON_AddNumberToObject(o, "multiplications_per_image", (double)p->operations);
  cJSON_AddNumberToObject(o, "toggled_nj_per_image", p->toggled_nj);
  cJSON_AddNumberToObject(o, "simple_nj_per_image", p->simple_nj);
  cJSON *layers = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < p->layer_count; i++) {
    const proxy_layer *l = &p->layers[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "layer", l->name);
    cJSON_AddStringToObject(item, "multipliers", l->multipliers);
    cJSON_AddNumberToObject(item, "multiplications_per_image", (double)l->operations);
    cJSON_AddNumberToObject(item, "toggles_per_image", (double)l->toggles);
    cJSON_AddNumberToObject(item, "toggled_nj_per_image", l->toggled_nj);
    cJSON_AddNumberToObject(item, "simple_nj_per_image", l->simple_nj);
    cJSON_AddItemToArray(layers, item);
  }
  return o;
}

static void proxy_row(const char *name, uint64_t operations, double toggled, double simple, const char *muls,
                      str *out) {
  double n = operations ? 1e6 / (double)operations : 0; // nJ per image to fJ per operation
  str_printf(out, "%-18s %14llu %14.3f %9.1f %14.3f %9.1f  %s\n", name, (unsigned long long)operations, toggled,
             toggled * n, simple, simple * n, muls);
}

void proxy_text(const proxy_result *p, str *out) {
  str_printf(out, "Energy of the multipliers per image, mean of %zu image%s\n", p->images, plural(p->images));
  str_printf(out, "%-18s %14s %14s %9s %14s %9s  %s\n", "layer", "multiplications", "operands, nJ", "fJ/op",
             "simple, nJ", "fJ/op", "multipliers");
  for (size_t i = 0; i < p->layer_count; i++)
    proxy_row(p->layers[i].name, p->layers[i].operations, p->layers[i].toggled_nj, p->layers[i].simple_nj,
              p->layers[i].multipliers, out);
  proxy_row("total", p->operations, p->toggled_nj, p->simple_nj, "", out);
  str_add(out, "operands: toggles under the operands that the schedule brings; zero delay: glitches are not in it\n"
               "simple: multiplications x mean energy with uniform random operands (the papers' model)\n");
}
