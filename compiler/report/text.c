// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/report.h"

#include <math.h>

static void cell(str *out, int width, const char *fmt, double v) {
  char text[64] = "-";
  if (isfinite(v))
    snprintf(text, sizeof text, fmt, v);
  str_printf(out, " %*s", width, text);
}

static double change(double v, double base) { return 100 * (v / base - 1); }

static void add_design(const report_folder *f, str *out) {
  const report_design *r = &f->design;
  str_printf(out, "%-16s", f->name);
  cell(out, 9, "%.2f", 100 * r->top1);
  cell(out, 9, "%.0f", r->images);
  cell(out, 12, "%.0f", r->bit_exact ? r->sim_images : NAN);
  cell(out, 11, "%.1f", r->cycles);
  cell(out, 12, "%.0f", r->area);
  cell(out, 12, "%.0f", r->multiplier_area);
  cell(out, 9, "%.2f", r->delay_ns);
  cell(out, 12, "%.2f", r->energy_nj);
  cell(out, 12, "%.2f", r->simple_nj);
  str_add(out, "\n");
}

static void add_change(const report_folder *f, const report_design *base, bool first, str *out) {
  const report_design *r = &f->design;
  str_printf(out, "%-16s", first ? "change" : "");
  cell(out, 9, "%+.2f", 100 * (r->top1 - base->top1));
  str_printf(out, " %9s %12s", "points", "");
  cell(out, 11, "%+.1f%%", change(r->cycles, base->cycles));
  cell(out, 12, "%+.1f%%", change(r->area, base->area));
  cell(out, 12, "%+.1f%%", change(r->multiplier_area, base->multiplier_area));
  cell(out, 9, "%+.1f%%", change(r->delay_ns, base->delay_ns));
  cell(out, 12, "%+.1f%%", change(r->energy_nj, base->energy_nj));
  cell(out, 12, "%+.1f%%", change(r->simple_nj, base->simple_nj));
  str_printf(out, "  %s\n", f->name);
}

// Beside the other figures, of which they are no part.
static void add_memories(const report_folder *r, size_t count, str *out) {
  for (size_t i = 0; i < count; i++)
    if (isfinite(r[i].design.memory_area)) {
      const report_design *m = &r[i].design;
      str_printf(out, "memories (estimate) of %s: %.0f um2, %.0f with the logic; ", r[i].name, m->memory_area,
                 m->memory_area + m->area);
      str_printf(out, isfinite(m->memory_nj) ? "%.2f nJ an image\n" : "energy not counted\n", m->memory_nj);
    }
}

static void add_designs(const report_folder *r, size_t count, str *out) {
  const report_design *base = NULL;
  bool first = true;
  for (size_t i = 0; i < count; i++) {
    if (!r[i].design.there)
      continue;
    if (first)
      str_printf(out, "%-16s %9s %9s %12s %11s %12s %12s %9s %12s %12s\n", "design", "top-1 %", "images",
                 "bit-exact on", "cycles/img", "area um2", "mult. um2", "delay ns", "energy nJ*", "simple nJ**");
    first = false;
    add_design(&r[i], out);
  }
  if (first)
    return;
  for (size_t i = 0; i < count; i++)
    if (r[i].design.there && !base) {
      base = &r[i].design;
      first = true;
    } else if (r[i].design.there) {
      add_change(&r[i], base, first, out);
      first = false;
    }
  add_memories(r, count, out);
  str_add(out, "*  of the multipliers alone, for one image: every change of a wire inside them while real images pass, "
               "glitches left out\n"
               "** of the multipliers alone, as the papers estimate it: multiplications x the multiplier's mean energy "
               "on random operands\n");
}

// The point that saves most among those that meet what was asked for; NULL: none does.
static const report_point *best_of(const report_front *f, size_t *place) {
  const report_point *best = NULL;
  for (size_t i = 0; i < f->count; i++)
    if (f->points[i].meets && (!best || f->points[i].cost < best->cost)) {
      best = &f->points[i];
      *place = i + 1;
    }
  return best;
}

static void add_others(const report_folder *r, str *out) {
  const report_front *f = &r->front;
  size_t place;
  const report_point *best = best_of(f, &place);
  if (f->there) {
    str_printf(out, "%s: %s, %s level, %s: %zu points", r->name, f->network, f->level, f->method, f->count);
    if (best)
      str_printf(out, "; points/%02zu saves %.1f %% %s for %.2f points", place, 100 * (1 - best->cost), f->objective,
                 100 * (isfinite(best->test_drop) ? best->test_drop : best->drop));
    str_add(out, "\n");
  }
  if (r->drops.there)
    str_printf(out, "%s: %s, %zu sensitivities\n", r->name, r->drops.network, r->drops.count);
  if (r->scores.there)
    str_printf(out, "%s: %s, scores of %zu multipliers\n", r->name, r->scores.network, r->scores.count);
}

void report_text(const report_folder *r, size_t count, str *out) {
  add_designs(r, count, out);
  for (size_t i = 0; i < count; i++)
    add_others(&r[i], out);
}

static cJSON *front_json(const report_front *f) {
  size_t place;
  const report_point *best = best_of(f, &place);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "network", f->network);
  cJSON_AddStringToObject(o, "level", f->level);
  cJSON_AddStringToObject(o, "method", f->method);
  cJSON_AddStringToObject(o, "objective", f->objective);
  cJSON_AddNumberToObject(o, "points", (double)f->count);
  if (!isnan(f->hypervolume))
    cJSON_AddNumberToObject(o, "hypervolume", f->hypervolume);
  if (best) {
    cJSON_AddNumberToObject(o, "best_point", (double)place);
    cJSON_AddNumberToObject(o, "best_saving", 1 - best->cost);
  }
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
      if (!isnan(fields[k].value))
        cJSON_AddNumberToObject(o, fields[k].key, fields[k].value);
    if (folders[i].front.there)
      cJSON_AddItemToObject(o, "front", front_json(&folders[i].front));
    cJSON_AddItemToArray(list, o);
  }
  return list;
}
