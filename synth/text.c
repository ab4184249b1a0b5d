// SPDX-License-Identifier: Apache-2.0
//
// Results as JSON and as tables.
#include "synth/internal.h"

#include <string.h>

static const char *layer_name(const char *name) { return name ? name : "(between layers)"; }

static bool has_kind(const synth_result *r, int k) { return r->structure->kinds >> k & 1; }

static void add_numbers(const synth_result *r, cJSON *to, const synth_area *a) {
  cJSON *kinds = cJSON_AddObjectToObject(to, "area_um2");
  cJSON_AddNumberToObject(kinds, "total", a->total);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(r, k))
      cJSON_AddNumberToObject(kinds, synth_kind_name[k], a->area[k]);
  cJSON_AddNumberToObject(to, "leakage_uw", a->leakage / 1000);
  cJSON_AddNumberToObject(to, "cells", (double)a->cells);
  cJSON_AddNumberToObject(to, "flip_flops", (double)a->flip_flops);
  cJSON_AddNumberToObject(to, "multipliers", (double)a->multipliers);
  cJSON_AddNumberToObject(to, "ram_bits", (double)a->ram_bits);
  cJSON_AddNumberToObject(to, "rom_bits", (double)a->rom_bits);
}

cJSON *synth_mul_json(const synth_mul *m) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "multiplier", m->mul->name);
  cJSON_AddStringToObject(o, "library", m->lib->name);
  if (m->recipe)
    cJSON_AddStringToObject(o, "recipe", m->recipe);
  cJSON_AddNumberToObject(o, "area_um2", m->area);
  cJSON_AddNumberToObject(o, "delay_ns", m->delay);
  cJSON_AddNumberToObject(o, "leakage_nw", m->leakage);
  cJSON_AddNumberToObject(o, "uniform_zero_delay_fj", m->uniform_fj);
  cJSON_AddNumberToObject(o, "pairs_checked", (double)m->pairs_checked);
  cJSON_AddBoolToObject(o, "all_pairs", m->exhaustive);
  cJSON *cells = cJSON_AddObjectToObject(o, "cells");
  for (size_t i = 0; i < m->cell_kinds; i++)
    cJSON_AddNumberToObject(cells, m->cells[i].cell, m->cells[i].count);
  return o;
}

void synth_mul_text(const synth_mul *m, size_t count, str *out) {
  str_printf(out, "%-24s %10s %9s %12s %8s  %s\n", "multiplier", "area um2", "delay ns", "fJ/op (*)", "cells",
             "checked");
  for (size_t i = 0; i < count; i++)
    if (m[i].net)
      str_printf(out, "%-24s %10.2f %9.3f %12.1f %8zu  %s%llu pairs\n", m[i].mul->name, m[i].area, m[i].delay,
                 m[i].uniform_fj, m[i].net->count, m[i].exhaustive ? "all " : "",
                 (unsigned long long)m[i].pairs_checked);
  str_add(out, "(*) uniform random operands, zero delay: glitches are not in it\n");
}

cJSON *synth_json(const synth_result *r) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "library", r->lib->name);
  cJSON_AddStringToObject(o, "yosys", r->yosys_version);
  cJSON_AddStringToObject(o, "opensta", r->sta_version);
  add_numbers(r, o, &r->total);
  if (r->total.total > 0)
    cJSON_AddNumberToObject(o, "multiplier_share", r->total.area[SYNTH_MULTIPLIERS] / r->total.total);
  cJSON_AddNumberToObject(o, "multiplier_modules", r->multiplier_modules);
  cJSON *timing = cJSON_AddObjectToObject(o, "timing");
  cJSON_AddStringToObject(timing, "paths", "register to register; not through memories");
  cJSON_AddNumberToObject(timing, "clock_ns", r->clock);
  if (r->timed) {
    cJSON_AddNumberToObject(timing, "delay_ns", r->delay);
    cJSON_AddNumberToObject(timing, "slack_ns", r->slack);
    cJSON_AddBoolToObject(timing, "met", r->slack >= 0);
    cJSON_AddStringToObject(timing, "from_layer", layer_name(r->from_layer));
    cJSON_AddStringToObject(timing, "to_layer", layer_name(r->to_layer));
    cJSON_AddStringToObject(timing, "from", r->from);
    cJSON_AddStringToObject(timing, "to", r->to);
  }
  cJSON *layers = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < r->layer_count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", layer_name(r->layers[i].name));
    add_numbers(r, l, &r->layers[i].area);
    cJSON_AddItemToArray(layers, l);
  }
  return o;
}

static void area_row(const synth_result *r, const char *name, const synth_area *a, str *out) {
  str_printf(out, "%-18s", name);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(r, k))
      str_printf(out, " %11.0f", a->area[k]);
  str_printf(out, " %11.0f %8lld %6lld %9lld %9lld\n", a->total, (long long)a->flip_flops, (long long)a->multipliers,
             (long long)a->ram_bits, (long long)a->rom_bits);
}

void synth_text(const synth_result *r, str *out) {
  str_printf(out, "Area in um2 (%s); memories are counted in bits and not in the area\n%-18s", r->lib->name,
             r->structure->unit);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(r, k))
      str_printf(out, " %11s", synth_kind_name[k]);
  str_printf(out, " %11s %8s %6s %9s %9s\n", "total", "FFs", "muls", "RAM bits", "ROM bits");
  for (size_t i = 0; i < r->layer_count; i++)
    area_row(r, layer_name(r->layers[i].name), &r->layers[i].area, out);
  area_row(r, "total", &r->total, out);
  if (r->total.total > 0)
    str_printf(out, "The multipliers take %.1f %% of the area.\n",
               100 * r->total.area[SYNTH_MULTIPLIERS] / r->total.total);
  if (!r->timed) {
    str_add(out, "\nNo register-to-register path.\n");
    return;
  }
  str_printf(out, "\nSlowest path, register to register (paths through memories are not in it): %.3f ns; ", r->delay);
  str_printf(out,
             r->slack >= 0 ? "a clock of %.3f ns is met with %.3f ns to spare\n"
                           : "a clock of %.3f ns is missed by %.3f ns\n",
             r->clock, r->slack >= 0 ? r->slack : -r->slack);
  str_printf(out, "  from %-14s %s\n  to   %-14s %s\n", layer_name(r->from_layer), r->from, layer_name(r->to_layer),
             r->to);
}
