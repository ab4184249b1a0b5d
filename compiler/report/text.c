// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/report.h"

#include <math.h>
#include <string.h>

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

static double share_of(const report_parts *p, const char *kind) {
  for (size_t k = 0; k < p->kind_count; k++)
    if (!strcmp(p->kinds[k].name, kind))
      return 100 * p->kinds[k].value / p->total;
  return 0;
}

// The whole design's, measured.
static void add_energies(const report_folder *r, size_t count, str *out) {
  for (size_t i = 0; i < count; i++) {
    const report_measured *m = &r[i].design.measured;
    if (!r[i].design.there || isnan(m->logic))
      continue;
    str_printf(out, "energy (measured) of %s: %.2f nJ an image, %.2f with memories (of it multipliers %.1f%%)",
               r[i].name, m->logic, m->everything, share_of(&m->all, "multipliers"));
    if (isfinite(m->ci))
      str_printf(out, "; +- %.2f (95%%)", m->ci);
    if (isfinite(m->nets_measured))
      str_printf(out, "; %.1f%% of %.0f nets measured", 100 * m->nets_measured / m->nets, m->nets);
    str_add(out, "\n");
  }
}

static void add_off(double predicted, double measured, str *out) {
  if (measured > 0)
    str_printf(out, " (%+.1f%%)", change(predicted, measured));
}

// With how far off that is from what was measured.
static void add_predictions(const report_folder *r, size_t count, str *out) {
  for (size_t i = 0; i < count; i++) {
    const report_predicted *p = &r[i].design.predicted;
    if (!r[i].design.there || isnan(p->area))
      continue;
    str_printf(out, "predicted of %s: %.0f um2", r[i].name, p->area);
    add_off(p->area, r[i].design.area, out);
    str_printf(out, ", %.2f nJ an image", p->logic);
    add_off(p->logic, r[i].design.measured.logic, out);
    if (isfinite(p->delay_ns)) {
      str_printf(out, ", %.2f ns", p->delay_ns);
      add_off(p->delay_ns, r[i].design.delay_ns, out);
    }
    str_add(out, ", without memories\n");
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
  add_energies(r, count, out);
  add_predictions(r, count, out);
  str_add(out, "*  of the multipliers alone, for one image: every change of a wire inside them while real images pass, "
               "glitches left out\n"
               "** of the multipliers alone, as the papers estimate it: multiplications x the multiplier's mean energy "
               "on random operands\n");
}

static double cost_of(const report_front *f, const report_point *p) {
  return f->figures > 1 ? p->cost[0] + p->cost[1] : p->cost[0];
}

const report_point *report_best(const report_front *f, size_t *place) {
  const report_point *best = NULL;
  for (size_t i = 0; i < f->count; i++)
    if (f->points[i].meets && (!best || cost_of(f, &f->points[i]) < cost_of(f, best))) {
      best = &f->points[i];
      *place = i + 1;
    }
  return best;
}

static void add_others(const report_folder *r, str *out) {
  const report_front *f = &r->front;
  size_t place;
  const report_point *best = report_best(f, &place);
  if (f->there) {
    str_printf(out, "%s: %s, %s level, %s: %zu points", r->name, f->network, f->level, f->method, f->count);
    if (best)
      str_printf(out, "; points/%02zu saves", place);
    for (int k = 0; best && k < f->figures; k++)
      str_printf(out, "%s %.1f %% %s", k ? " and" : "", 100 * (1 - best->cost[k]), f->figure[k]);
    if (best)
      str_printf(out, " for %.2f points", 100 * (isfinite(best->test_drop) ? best->test_drop : best->drop));
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
