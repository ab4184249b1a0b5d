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

void report_text(const report_design *r, size_t count, str *out) {
  str_printf(out, "%-16s %9s %9s %12s %11s %12s %12s %9s %12s %12s\n", "design", "top-1 %", "images", "bit-exact on",
             "cycles/img", "area um2", "mult. um2", "delay ns", "energy nJ*", "simple nJ**");
  for (size_t i = 0; i < count; i++) {
    str_printf(out, "%-16s", r[i].name);
    cell(out, 9, "%.2f", 100 * r[i].top1);
    cell(out, 9, "%.0f", r[i].images);
    cell(out, 12, "%.0f", r[i].bit_exact ? r[i].sim_images : NAN);
    cell(out, 11, "%.1f", r[i].cycles);
    cell(out, 12, "%.0f", r[i].area);
    cell(out, 12, "%.0f", r[i].multiplier_area);
    cell(out, 9, "%.2f", r[i].delay_ns);
    cell(out, 12, "%.2f", r[i].energy_nj);
    cell(out, 12, "%.2f", r[i].simple_nj);
    str_add(out, "\n");
  }
  for (size_t i = 1; i < count; i++) {
    str_printf(out, "%-16s", i == 1 ? "change" : "");
    cell(out, 9, "%+.2f", 100 * (r[i].top1 - r[0].top1));
    str_printf(out, " %9s %12s", "points", "");
    cell(out, 11, "%+.1f%%", change(r[i].cycles, r[0].cycles));
    cell(out, 12, "%+.1f%%", change(r[i].area, r[0].area));
    cell(out, 12, "%+.1f%%", change(r[i].multiplier_area, r[0].multiplier_area));
    cell(out, 9, "%+.1f%%", change(r[i].delay_ns, r[0].delay_ns));
    cell(out, 12, "%+.1f%%", change(r[i].energy_nj, r[0].energy_nj));
    cell(out, 12, "%+.1f%%", change(r[i].simple_nj, r[0].simple_nj));
    str_printf(out, "  %s\n", r[i].name);
  }
  str_add(out, "*  of the multipliers alone, for one image: every change of a wire inside them while real images pass, "
               "glitches left out\n"
               "** of the multipliers alone, as the papers estimate it: multiplications x the multiplier's mean energy "
               "on random operands\n");
}

cJSON *report_json(const report_design *r, size_t count) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < count; i++) {
    const struct {
      const char *key;
      double value;
    } fields[] = {{"top1", r[i].top1},
                  {"images", r[i].images},
                  {"simulated_images", r[i].sim_images},
                  {"cycles_per_image", r[i].cycles},
                  {"area_um2", r[i].area},
                  {"multiplier_area_um2", r[i].multiplier_area},
                  {"delay_ns", r[i].delay_ns},
                  {"toggled_nj_per_image", r[i].energy_nj},
                  {"simple_nj_per_image", r[i].simple_nj}};
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "design", r[i].name);
    if (!isnan(r[i].sim_images))
      cJSON_AddBoolToObject(o, "bit_exact", r[i].bit_exact);
    for (size_t k = 0; k < BASE_COUNT(fields); k++)
      if (!isnan(fields[k].value))
        cJSON_AddNumberToObject(o, fields[k].key, fields[k].value);
    cJSON_AddItemToArray(list, o);
  }
  return list;
}
