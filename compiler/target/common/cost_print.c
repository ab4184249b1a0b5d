// SPDX-License-Identifier: Apache-2.0
//
// A predicted cost as JSON and as tables.
#include "compiler/base/json.h"
#include "compiler/target/common/cost.h"

#include <math.h>

static const char METHOD[] = "predicted from the configuration: blocks times calibrated figures; docs/cost.md";

static const char *name_of(const cost_part *p) { return p->name ? p->name : "(between layers)"; }
static bool has_kind(const cost_estimate *e, int k) { return e->counts->kinds >> k & 1; }

static cJSON *add_kinds(const cost_estimate *e, cJSON *to, const char *key, double total, const double *of) {
  cJSON *o = cJSON_AddObjectToObject(to, key);
  cJSON_AddNumberToObject(o, "total", total);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(e, k))
      cJSON_AddNumberToObject(o, synth_kind_name[k], of[k]);
  return o;
}

static void add_row(const cost_estimate *e, cJSON *to, const cost_row *r) {
  add_kinds(e, to, "area_um2", r->total_area, r->area);
  cJSON *energy = add_kinds(e, to, "nj_per_image", r->total_energy, r->energy);
  cJSON_AddNumberToObject(energy, "clock tree", r->clock);
  cJSON_AddNumberToObject(energy, "leakage", r->leakage);
  cJSON_AddNumberToObject(to, "catalogue_area_um2", r->alone_area);
  cJSON_AddNumberToObject(to, "catalogue_nj_per_image", r->alone_energy);
  cJSON_AddNumberToObject(to, "simple_nj_per_image", r->simple);
  if (e->counts->luts)
    cJSON_AddNumberToObject(to, "luts", r->luts);
  cJSON_AddNumberToObject(to, "flip_flops", r->flip_flops);
  cJSON_AddNumberToObject(to, "multipliers", r->multipliers);
  cJSON_AddNumberToObject(to, "multiplications_per_image", r->products);
}

// What was counted: by kind, each block's number and how often it works.
static void add_blocks(const cost_estimate *e, cJSON *to, const cost_part *part, double activity) {
  cJSON *kinds = cJSON_AddObjectToObject(to, "blocks");
  for (int k = 0; k < SYNTH_KIND_COUNT; k++) {
    cJSON *kind = has_kind(e, k) ? cJSON_AddObjectToObject(kinds, synth_kind_name[k]) : NULL;
    for (int i = 0; kind && i < COST_BLOCK_COUNT; i++) {
      const double pair[] = {part->logic.kind[k].size[i], cost_work(&part->logic.kind[k], i, activity)};
      if (pair[0] > 0 || pair[1] > 0)
        cJSON_AddItemToObject(kind, cost_block_name[i], cJSON_CreateDoubleArray(pair, 2));
    }
  }
  cJSON *paths = cJSON_AddObjectToObject(to, "paths");
  for (int i = 0; i < COST_PATH_COUNT; i++)
    if (part->logic.path[i] > 0)
      cJSON_AddNumberToObject(paths, cost_path_name[i], part->logic.path[i]);
  cJSON *muls = cJSON_AddArrayToObject(to, "multiplier_types");
  for (size_t i = 0; i < part->mul_count; i++) {
    const cost_multiplying *m = &part->muls[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "multiplier", e->cfg->muls[m->mul]->name);
    cJSON_AddNumberToObject(o, "count", m->count);
    cJSON_AddNumberToObject(o, "multiplications_per_image", m->products);
    cJSON_AddNumberToObject(o, "held", m->held);
    cJSON_AddItemToArray(muls, o);
  }
}

static bool has_published(const cost_estimate *e) {
  return e->total.exact_power > 0 && !isnan(e->total.published_power) && !isnan(e->total.published_area);
}

cJSON *cost_json(const cost_estimate *e) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "method", METHOD);
  add_row(e, o, &e->total);
  cJSON_AddNumberToObject(o, "cycles_per_image", e->counts->cycles);
  cJSON_AddNumberToObject(o, "clock_ns", e->cfg->clock_ns);
  cJSON_AddNumberToObject(o, "delay_ns", e->delay);
  cJSON_AddBoolToObject(o, "multipliers_measured", e->measured);
  cost_errors_json(e->cfg->target->name, o);
  if (has_published(e)) {
    cJSON *published = cJSON_AddObjectToObject(o, "published");
    cJSON_AddNumberToObject(published, "power", e->total.published_power / e->total.exact_power);
    cJSON_AddNumberToObject(published, "area", e->total.published_area / e->total.exact_area);
    cJSON_AddStringToObject(published, "relative_to", measure_published_exact()->name);
  }
  json_add_known(o, "with_memories_nj_per_image", e->with_memories);
  cJSON_AddItemToObject(o, "memories", memories_json(&e->memories, e->total.total_area));
  cJSON *list = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < e->counts->count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", name_of(&e->counts->parts[i]));
    add_row(e, l, &e->rows[i]);
    cJSON_AddNumberToObject(l, "product_activity", e->rows[i].activity);
    add_blocks(e, l, &e->counts->parts[i], e->rows[i].activity);
    cJSON_AddItemToArray(list, l);
  }
  return o;
}

static void print_area(const cost_estimate *e, const char *name, const cost_row *r, str *out) {
  str_printf(out, "%-18s", name);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(e, k))
      str_printf(out, " %11.0f", r->area[k]);
  str_printf(out, " %11.0f %8.0f %6.0f\n", r->total_area, r->flip_flops, r->multipliers);
}

static void print_energy(const cost_estimate *e, const char *name, const cost_row *r, str *out) {
  str_printf(out, "%-18s", name);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(e, k))
      str_printf(out, " %11.2f", r->energy[k]);
  str_printf(out, " %11.2f %11.2f %11.2f\n", r->clock, r->leakage, r->total_energy);
}

static void print_table(const cost_estimate *e, const char *title, const char *columns,
                        void (*row)(const cost_estimate *, const char *, const cost_row *, str *), str *out) {
  str_printf(out, "%s\n%-18s", title, e->counts->unit);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(e, k))
      str_printf(out, " %11s", synth_kind_name[k]);
  str_printf(out, " %s\n", columns);
  for (size_t i = 0; i < e->counts->count; i++)
    row(e, name_of(&e->counts->parts[i]), &e->rows[i], out);
  row(e, "total", &e->total, out);
}

void cost_text(const cost_estimate *e, str *out) {
  print_table(e, "Predicted area in um2 (axgen45), without memories", "      total      FFs   muls", print_area, out);
  str_add(out, "\n");
  print_table(e, "Predicted energy in nJ an image, without memories", " clock tree     leakage       total",
              print_energy, out);
  cost_errors_text(e->cfg->target->name, out);
  str_printf(out, "\n%.0f cycles an image; slowest path about %.1f ns, the clock is %g ns\n", e->counts->cycles,
             e->delay, e->cfg->clock_ns);
  str_printf(out, "energy %.2f nJ an image", e->total.total_energy);
  str_printf(out, "; multiplications x energy of a multiplier (the papers' model): %.2f\n", e->total.simple);
  if (has_published(e))
    str_printf(
        out,
        "by the figures that EvoApproxLib publishes: multiplications x power %.3f, multipliers x area %.3f of %s\n",
        e->total.published_power / e->total.exact_power, e->total.published_area / e->total.exact_area,
        measure_published_exact()->name);
  str_add(out, "\n");
  memories_text(&e->memories, e->total.total_area, e->counts->unit, out);
  if (!isnan(e->with_memories))
    str_printf(out,
               "energy: logic %.2f + memories %.2f + their leakage %.2f + memory outside %.2f = %.2f nJ an image\n",
               e->total.total_energy, e->memories.total.energy,
               e->memories.total.leakage * e->counts->cycles * e->cfg->clock_ns * 1e-6, e->memories.external_energy,
               e->with_memories);
}
