// SPDX-License-Identifier: Apache-2.0
//
// Designs side by side: figures, measured against predicted, cycles, FIFOs, what stands where.
#include "compiler/report/html.h"

#include <math.h>

enum { MAPS_MOST = 1 << 20 };

// ---- figures ----

static const struct {
  const char *title, *unit;
  int digits;
  bool more_is_better;
  double factor, most; // most: where the scale ends; 0: at the greatest
  size_t at;
} FIGURES[] = {
    {"Accuracy, top-1", "%", 2, true, 100, 100, offsetof(report_design, top1)},
    {"Cycles per image", "", 0, false, 1, 0, offsetof(report_design, cycles)},
    {"Area without memories", "\xc2\xb5m\xc2\xb2", 0, false, 1, 0, offsetof(report_design, area)},
    {"Area of the multipliers", "\xc2\xb5m\xc2\xb2", 0, false, 1, 0, offsetof(report_design, multiplier_area)},
    {"Area of the memories (estimate)", "\xc2\xb5m\xc2\xb2", 0, false, 1, 0, offsetof(report_design, memory_area)},
    {"Longest path", "ns", 2, false, 1, 0, offsetof(report_design, delay_ns)},
    {"Energy per image without memories (measured)", "nJ", 1, false, 1, 0, offsetof(report_design, measured.logic)},
    {"\xe2\x80\xa6 with memories", "nJ", 1, false, 1, 0, offsetof(report_design, measured.everything)},
    {"Multipliers\xe2\x80\x99 energy per image", "nJ", 1, false, 1, 0, offsetof(report_design, energy_nj)},
    {"\xe2\x80\xa6 as papers estimate it", "nJ", 1, false, 1, 0, offsetof(report_design, simple_nj)},
    {"Memories\xe2\x80\x99 energy per image (estimate)", "nJ", 1, false, 1, 0, offsetof(report_design, memory_nj)},
};

static double figure_of(const report_design *d, size_t k) {
  return FIGURES[k].factor * *(const double *)((const char *)d + FIGURES[k].at);
}

// Of a figure beside the first design's: points of accuracy, per cent, or how many times as much.
static void add_change(size_t k, double v, double base, str *out) {
  bool points = FIGURES[k].most > 0;
  double change = points ? v - base : 100 * (v / base - 1);
  if (!isfinite(change)) {
    str_add(out, "<td class=\"d\"></td>");
    return;
  }
  const char *look = fabs(change) < 0.05 ? "u" : (change > 0) == FIGURES[k].more_is_better ? "good" : "bad";
  str_printf(out, "<td class=\"d %s\">", look);
  if (!points && v / base >= 10) {
    str_add(out, "&times;");
    page_value(out, v / base, 1);
  } else {
    str_add(out, change > 0 ? "+" : "");
    page_value(out, change, points ? 2 : 1);
    str_add(out, points ? "" : "&#8239;%");
  }
  str_add(out, "</td>");
}

static size_t first_design(const html_report *r) {
  size_t i = 0;
  while (i < r->count && !r->folders[i].design.there)
    i++;
  return i;
}

static void add_card(const html_report *r, size_t k, str *out) {
  double most = FIGURES[k].most, base = figure_of(&r->folders[first_design(r)].design, k);
  bool any = false;
  for (size_t i = 0; i < r->count; i++) {
    double v = r->folders[i].design.there ? figure_of(&r->folders[i].design, k) : NAN;
    any = any || isfinite(v);
    most = FIGURES[k].most > 0 ? most : fmax(most, v);
  }
  if (!any)
    return;
  page_bars(out, arena_printf(r->mem, "%s%s%s", FIGURES[k].title, *FIGURES[k].unit ? ", " : "", FIGURES[k].unit));
  for (size_t i = 0; i < r->count; i++) {
    double v = figure_of(&r->folders[i].design, k);
    if (!r->folders[i].design.there || !isfinite(v))
      continue;
    bool first = i == first_design(r);
    page_row(out, NULL, NULL, r->folders[i].name);
    page_bar(out, &(page_part){.value = v, .colour = first ? 0 : 1}, 1, most);
    page_number(out, v, FIGURES[k].digits, NULL);
    add_change(k, first ? NAN : v, base, out);
    page_row_end(out);
  }
  page_table_end(out);
}

static void add_table(const html_report *r, str *out) {
  static const char *const COLUMNS[] = {"design",           ">images",    ">bit-exact on",     ">multipliers",
                                        ">multiplications", ">clock, ns", ">longest path, ns", "from, to"};
  page_table(out, NULL, COLUMNS, BASE_COUNT(COLUMNS));
  for (size_t i = 0; i < r->count; i++) {
    const report_design *d = &r->folders[i].design;
    if (!d->there || (isnan(d->images) && isnan(d->sim_images) && isnan(d->area)))
      continue;
    page_row(out, NULL, NULL, r->folders[i].name);
    page_number(out, d->images, 0, NULL);
    page_number(out, d->bit_exact ? d->sim_images : NAN, 0, NULL);
    page_number(out, d->multipliers, 0, NULL);
    page_number(out, d->multiplications, 0, "/image");
    page_number(out, d->clock_ns, 2, NULL);
    page_number(out, d->delay_ns, 2, NULL);
    page_text(out, d->from_layer && d->to_layer ? arena_printf(r->mem, "%s \xe2\x86\x92 %s", d->from_layer, d->to_layer)
                                                : "\xe2\x80\x93");
    page_row_end(out);
  }
  page_table_end(out);
}

bool html_has_designs(const html_report *r) { return first_design(r) < r->count; }

void html_designs(const html_report *r, str *out) {
  size_t first = first_design(r);
  for (size_t i = first + 1; i < r->count; i++)
    if (r->folders[i].design.there) {
      page_note(out, "Changes are against %s, the first. Bars of one figure are on one scale.", r->folders[first].name);
      break;
    }
  str_add(out, "<div class=\"cards\">\n");
  for (size_t k = 0; k < BASE_COUNT(FIGURES); k++)
    add_card(r, k, out);
  str_add(out, "</div>\n");
  add_table(r, out);
  page_note(out,
            "bit-exact on: so many images for which every value of every layer of the simulated hardware is the "
            "reference interpreter\xe2\x80\x99s. Multipliers\xe2\x80\x99 energies are of them alone: every change of a "
            "wire inside them while real images pass, glitches left out; as papers estimate it: multiplications "
            "x the multiplier\xe2\x80\x99s mean energy on random operands.");
}

// ---- measured, predicted ----

bool html_has_predictions(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.there && isfinite(r->folders[i].design.predicted.area))
      return true;
  return false;
}

// A prediction, what was measured, and how far it is off; dashes for what was not measured.
static void add_prediction(double predicted, double measured, int digits, str *out) {
  page_number(out, predicted, digits, NULL);
  page_number(out, measured, digits, NULL);
  page_number(out, measured > 0 ? 100 * (predicted / measured - 1) : NAN, 1, "%");
}

void html_predictions(const html_report *r, str *out) {
  static const char *const COLUMNS[] = {"design",    ">\xc2\xb5m\xc2\xb2 predicted",
                                        ">measured", ">off",
                                        ">nJ/image", ">measured",
                                        ">off",      ">cycles/image",
                                        ">measured", ">off",
                                        ">ns",       ">measured",
                                        ">off"};
  page_table(out, NULL, COLUMNS, BASE_COUNT(COLUMNS));
  for (size_t i = 0; i < r->count; i++) {
    const report_design *d = &r->folders[i].design;
    if (!d->there || isnan(d->predicted.area))
      continue;
    page_row(out, NULL, NULL, r->folders[i].name);
    add_prediction(d->predicted.area, d->area, 0, out);
    add_prediction(d->predicted.logic, d->measured.logic, 1, out);
    add_prediction(d->predicted.cycles, d->cycles, 0, out);
    add_prediction(d->predicted.delay_ns, d->delay_ns, 2, out);
    page_row_end(out);
  }
  page_table_end(out);
  page_note(out, "Predicted from the configuration alone (axgen cost); areas and energies without memories.");
}

// ---- cycles ----

bool html_has_stages(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.stage_count)
      return true;
  return false;
}

// A tile's launches have no folding.
static void add_stages(const html_report *r, const report_folder *f, str *out) {
  static const char *const COLUMNS[] = {"layer",        "kind",          ">PE",  ">SIMD", ">hold",
                                        ">multipliers", ">cycles/image", "busy", ">"},
                           *const SHORT[] = {"layer", "kind", ">cycles/image", "busy", ">"};
  const report_design *d = &f->design;
  bool folded = false;
  for (size_t i = 0; i < d->stage_count; i++)
    folded = folded || isfinite(d->stages[i].pe);
  page_table(out, arena_printf(r->mem, "%s%s%s", f->name, d->target ? ", target " : "", d->target ? d->target : ""),
             folded ? COLUMNS : SHORT, folded ? BASE_COUNT(COLUMNS) : BASE_COUNT(SHORT));
  for (size_t i = 0; i < d->stage_count; i++) {
    const report_stage *s = &d->stages[i];
    const double folding[] = {s->pe, s->simd, s->hold, s->multipliers};
    page_row(out, NULL, NULL, s->layer);
    page_text(out, s->kind);
    for (size_t k = 0; folded && k < BASE_COUNT(folding); k++)
      page_number(out, folding[k], 0, NULL);
    page_number(out, s->cycles, 0, NULL);
    page_bar(out, &(page_part){.value = s->used, .colour = 1}, 1, 1);
    page_number(out, 100 * s->used, 1, "%");
    page_row_end(out);
  }
  page_table_end(out);
}

void html_stages(const html_report *r, str *out) {
  page_note(out, "busy: of a streaming accelerator, a layer\xe2\x80\x99s cycles as a part of the slowest "
                 "one\xe2\x80\x99s, which sets the rate; of a tile, the part of the lanes that have work.");
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.stage_count)
      add_stages(r, &r->folders[i], out);
}

// ---- FIFOs ----

bool html_has_fifos(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.fifo_count)
      return true;
  return false;
}

void html_fifos(const html_report *r, str *out) {
  static const char *const COLUMNS[] = {"from", "to", ">room, beats", ">high-water mark", "fill", ">"};
  for (size_t i = 0; i < r->count; i++) {
    const report_design *d = &r->folders[i].design;
    if (!d->fifo_count)
      continue;
    page_table(out, r->folders[i].name, COLUMNS, BASE_COUNT(COLUMNS));
    for (size_t k = 0; k < d->fifo_count; k++) {
      const report_fifo *f = &d->fifos[k];
      page_row(out, NULL, NULL, f->from);
      page_text(out, f->to);
      page_number(out, f->depth, 0, NULL);
      page_number(out, f->most, 0, NULL);
      page_bar(out, &(page_part){.value = f->most, .colour = f->most >= f->depth ? 2 : 1}, 1, f->depth);
      page_number(out, f->depth > 0 ? 100 * f->most / f->depth : NAN, 0, "%");
      page_row_end(out);
    }
    page_table_end(out);
  }
  page_note(out,
            "The most beats that ever stood in each FIFO while images were simulated; another colour: it was full.");
}

// ---- what stands where ----

bool html_has_places(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.places.count)
      return true;
  return false;
}

void html_places(const html_report *r, str *out) {
  size_t start = out->len, left_out = 0;
  for (size_t i = 0; i < r->count; i++) {
    const report_design *d = &r->folders[i].design;
    if (!d->places.count)
      continue;
    if (out->len - start > MAPS_MOST) {
      left_out++;
      continue;
    }
    page_heading(out, 3, NULL, "%s", r->folders[i].name);
    html_legend(r, &d->names, out);
    html_maps(r, &d->names, &d->places, out);
  }
  if (left_out)
    page_note(out, "Of %zu more designs the maps are left out: the page would be too large.", left_out);
}
