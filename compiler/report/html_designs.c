// SPDX-License-Identifier: Apache-2.0
//
// Designs side by side: figures, parts by layer on one scale, cycles, FIFOs, what stands where.
#include "compiler/report/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BARS = 600, LAYERS_KEPT = 24, MAPS_MOST = 1 << 20 };

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
  page_note(out, "bit-exact on: so many images for which every value of every layer of the simulated hardware is the "
                 "reference interpreter\xe2\x80\x99s. Energies are those of the multipliers alone: every change of a "
                 "wire inside them while real images pass, glitches left out; as papers estimate it: multiplications "
                 "x the multiplier\xe2\x80\x99s mean energy on random operands.");
}

// ---- parts by layer ----

// All designs have one colour for each kind, areas and energies too.
static int colour_of(html_names *all, const char *kind) {
  size_t k = html_place(all, kind);
  return k < HTML_NAMES ? 1 + (int)(k % (PAGE_COLOURS - 1)) : 0;
}

static double sum_of(const report_parts *l) {
  double sum = 0;
  for (size_t k = 0; k < l->kind_count; k++)
    sum += l->kinds[k].value;
  return fmax(l->total, sum);
}

typedef struct {
  const report_parts *(*layers)(const report_design *d, size_t *count);
  const char *unit;
  int digits;
} breakdown;

static const report_parts *areas(const report_design *d, size_t *count) {
  *count = d->layer_count;
  return d->layers;
}
static const report_parts *energies(const report_design *d, size_t *count) {
  *count = d->energy_count;
  return d->energies;
}
static const breakdown AREA = {areas, "\xc2\xb5m\xc2\xb2", 0}, ENERGY = {energies, "nJ", 2};

static void add_bar(const html_report *r, const breakdown *b, const report_parts *l, double most, html_names *all,
                    str *out) {
  page_part *parts = arena_new_array(r->mem, page_part, l->kind_count);
  double total = sum_of(l);
  for (size_t k = 0; k < l->kind_count; k++) {
    double v = l->kinds[k].value;
    parts[k] = (page_part){v, colour_of(all, l->kinds[k].name), NULL,
                           arena_printf(r->mem, "%s, %s: %.*f %s, %.1f %%", l->name, l->kinds[k].name, b->digits, v,
                                        b->unit, total > 0 ? 100 * v / total : 0)};
  }
  page_row(out, NULL, NULL, l->name);
  page_bar(out, parts, l->kind_count, most);
  page_number(out, total, b->digits, NULL);
  page_row_end(out);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

// Above how much a layer has a row of its own: all of them where there is room, else the largest.
static double least_shown(const html_report *r, const breakdown *b, const report_design *d) {
  size_t rows = 0, count;
  for (size_t i = 0; i < r->count; i++) {
    b->layers(&r->folders[i].design, &count);
    rows += count;
  }
  const report_parts *l = b->layers(d, &count);
  if (rows <= MAX_BARS || count <= LAYERS_KEPT)
    return -1;
  double *sizes = arena_new_array(r->mem, double, count);
  for (size_t i = 0; i < count; i++)
    sizes[i] = sum_of(&l[i]);
  qsort(sizes, count, sizeof *sizes, by_size);
  return sizes[LAYERS_KEPT];
}

static void add_design(const html_report *r, const breakdown *b, const report_folder *f, double most, html_names *all,
                       str *out) {
  size_t count, others = 0;
  const report_parts *l = b->layers(&f->design, &count);
  double least = least_shown(r, b, &f->design), rest = 0;
  if (!count)
    return;
  page_bars(out, f->name);
  for (size_t i = 0; i < count; i++)
    if (sum_of(&l[i]) > least)
      add_bar(r, b, &l[i], most, all, out);
    else
      rest += sum_of(&l[i]), others++;
  if (others) {
    report_kind kind = {"all kinds", rest};
    report_parts small = {arena_printf(r->mem, "%zu smaller ones", others), rest, &kind, 1};
    add_bar(r, b, &small, fmax(most, rest), all, out);
  }
  page_table_end(out);
}

// Designs as a whole, on a scale of their own: their layers would be dwarfed.
static void add_totals(const html_report *r, html_names *all, str *out) {
  double most = 0;
  for (size_t i = 0; i < r->count; i++)
    most = fmax(most, sum_of(&r->folders[i].design.all));
  if (most <= 0)
    return;
  page_bars(out, "Whole designs");
  for (size_t i = 0; i < r->count; i++) {
    report_parts whole = r->folders[i].design.all;
    whole.name = r->folders[i].name;
    if (whole.kind_count)
      add_bar(r, &AREA, &whole, most, all, out);
  }
  page_table_end(out);
}

static bool has_kind(const report_parts *l, const char *kind) {
  for (size_t k = 0; k < l->kind_count; k++)
    if (!strcmp(l->kinds[k].name, kind))
      return true;
  return false;
}

// Whether a layer of some design has the kind, or a design as a whole.
static bool is_met(const html_report *r, const breakdown *b, const char *kind) {
  size_t count;
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *l = b->layers(&r->folders[i].design, &count);
    if (b == &AREA && has_kind(&r->folders[i].design.all, kind))
      return true;
    for (size_t k = 0; k < count; k++)
      if (has_kind(&l[k], kind))
        return true;
  }
  return false;
}

static void add_breakdown(const html_report *r, const breakdown *b, str *out) {
  html_names all = {{0}, 0};
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *whole = &r->folders[i].design.all;
    for (size_t k = 0; k < whole->kind_count; k++)
      colour_of(&all, whole->kinds[k].name);
  }
  str bars = {0};
  if (b == &AREA)
    add_totals(r, &all, &bars);
  str_add(&bars, "<div class=\"cards\">\n");
  double most = 0;
  size_t count;
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *l = b->layers(&r->folders[i].design, &count);
    for (size_t k = 0; k < count; k++)
      most = fmax(most, sum_of(&l[k]));
  }
  for (size_t i = 0; i < r->count; i++)
    add_design(r, b, &r->folders[i], most, &all, &bars);
  const char *names[HTML_NAMES];
  page_part keys[HTML_NAMES] = {{0}};
  size_t shown = 0;
  for (size_t k = 0; k < all.count; k++) {
    if (!is_met(r, b, all.of[k]))
      continue;
    names[shown] = all.of[k];
    keys[shown].colour = colour_of(&all, all.of[k]);
    shown++;
  }
  page_legend(out, names, keys, shown);
  str_add(out, bars.data);
  str_add(out, "</div>\n");
  str_free(&bars);
}

static bool has_parts(const html_report *r, const breakdown *b) {
  size_t count;
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *l = b->layers(&r->folders[i].design, &count);
    for (size_t k = 0; k < count; k++)
      if (sum_of(&l[k]) > 0)
        return true;
  }
  return false;
}

bool html_has_layers(const html_report *r) { return has_parts(r, &AREA); }

void html_layers(const html_report *r, str *out) {
  page_note(out, "In \xc2\xb5m\xc2\xb2: standard cells of each layer, by kind; memories where they were estimated. All "
                 "layers of all designs are on one scale.");
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].design.memory_method) {
      page_note(out, "Memories: %s.", r->folders[i].design.memory_method);
      break;
    }
  add_breakdown(r, &AREA, out);
}

bool html_has_energies(const html_report *r) { return has_parts(r, &ENERGY); }
void html_energies(const html_report *r, str *out) {
  page_note(out, "In nJ per image. All layers of all designs are on one scale.");
  add_breakdown(r, &ENERGY, out);
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
