// SPDX-License-Identifier: Apache-2.0
//
// What designs are made up of: areas and energies by layer and kind, all on one scale.
#include "compiler/report/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BARS = 400, LAYERS_KEPT = 12 };

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
  // Of designs as a whole; what was predicted of them beside it. NULL: nothing of the kind.
  const report_parts *(*whole)(const report_design *d), *(*predicted)(const report_design *d);
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
static const report_parts *measured(const report_design *d, size_t *count) {
  *count = d->measured.layer_count;
  return d->measured.layers;
}
static const report_parts *whole_area(const report_design *d) { return &d->all; }
static const report_parts *whole_energy(const report_design *d) { return &d->measured.all; }
static const report_parts *predicted_area(const report_design *d) { return &d->predicted.areas; }
static const report_parts *predicted_energy(const report_design *d) { return &d->predicted.energies; }
static const breakdown AREA = {areas, whole_area, predicted_area, "\xc2\xb5m\xc2\xb2", 0},
                       MEASURED = {measured, whole_energy, predicted_energy, "nJ", 2},
                       ENERGY = {energies, NULL, NULL, "nJ", 2};

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

// Designs as a whole, on a scale of their own: their layers would be dwarfed. Predictions stand below what they are of.
static void add_totals(const html_report *r, const breakdown *b, html_names *all, str *out) {
  double most = 0;
  for (size_t i = 0; i < r->count; i++)
    most = fmax(most, fmax(sum_of(b->whole(&r->folders[i].design)), sum_of(b->predicted(&r->folders[i].design))));
  if (most <= 0)
    return;
  page_bars(out, "Whole designs");
  for (size_t i = 0; i < r->count; i++) {
    report_parts whole = *b->whole(&r->folders[i].design), predicted = *b->predicted(&r->folders[i].design);
    whole.name = r->folders[i].name;
    predicted.name = arena_printf(r->mem, "%s, predicted", whole.name);
    if (whole.kind_count)
      add_bar(r, b, &whole, most, all, out);
    if (predicted.kind_count)
      add_bar(r, b, &predicted, most, all, out);
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
    const report_design *d = &r->folders[i].design;
    const report_parts *l = b->layers(d, &count);
    if (b->whole && (has_kind(b->whole(d), kind) || has_kind(b->predicted(d), kind)))
      return true;
    for (size_t k = 0; k < count; k++)
      if (has_kind(&l[k], kind))
        return true;
  }
  return false;
}

// The logic's kinds first, as areas have them: one colour for each throughout the page.
static void name_kinds(const html_report *r, html_names *all) {
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *whole = &r->folders[i].design.all;
    for (size_t k = 0; k < whole->kind_count; k++)
      if (strncmp(whole->kinds[k].name, "memor", 5) != 0)
        colour_of(all, whole->kinds[k].name);
  }
}

static double most_of_layers(const html_report *r, const breakdown *b) {
  double most = 0;
  size_t count;
  for (size_t i = 0; i < r->count; i++) {
    const report_parts *l = b->layers(&r->folders[i].design, &count);
    for (size_t k = 0; k < count; k++)
      most = fmax(most, sum_of(&l[k]));
  }
  return most;
}

static void add_breakdown(const html_report *r, const breakdown *b, str *out) {
  html_names all = {{0}, 0};
  name_kinds(r, &all);
  str bars = {0};
  if (b->whole)
    add_totals(r, b, &all, &bars);
  str_add(&bars, "<div class=\"cards\">\n");
  double most = most_of_layers(r, b);
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
    if (b->whole && sum_of(b->whole(&r->folders[i].design)) > 0)
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
  page_note(out, "In nJ per image, of multipliers alone, glitches left out; memories where they were estimated. All "
                 "layers of all designs are on one scale.");
  add_breakdown(r, &ENERGY, out);
}

bool html_has_measured(const html_report *r) { return has_parts(r, &MEASURED); }

static void add_confidence(const html_report *r, str *out) {
  static const char *const COLUMNS[] = {"design",
                                        ">nJ/image, logic",
                                        ">\xc2\xb1 (95 %)",
                                        ">without glitches",
                                        ">memories",
                                        ">all",
                                        ">images",
                                        ">cycles/image",
                                        ">nets",
                                        ">measured",
                                        ">that changed"};
  page_table(out, NULL, COLUMNS, BASE_COUNT(COLUMNS));
  for (size_t i = 0; i < r->count; i++) {
    const report_measured *m = &r->folders[i].design.measured;
    if (!r->folders[i].design.there || isnan(m->logic))
      continue;
    page_row(out, NULL, NULL, r->folders[i].name);
    page_number(out, m->logic, 1, NULL);
    page_number(out, m->ci, 2, NULL);
    page_number(out, m->without_glitches, 1, NULL);
    page_number(out, m->everything - m->logic, 1, NULL);
    page_number(out, m->everything, 1, NULL);
    page_number(out, m->images, 0, NULL);
    page_number(out, m->cycles, 1, NULL);
    page_number(out, m->nets, 0, NULL);
    page_number(out, 100 * m->nets_measured / m->nets, 1, "%");
    page_number(out, 100 * m->nets_toggled / m->nets, 1, "%");
    page_row_end(out);
  }
  page_table_end(out);
}

void html_measured(const html_report *r, str *out) {
  page_note(out, "In nJ per image, of everything: each net of the mapped netlist in every cycle of real images, "
                 "glitches from sampled cycles, clock tree (a model), leakage, and memories by the words that were "
                 "read and written (estimates). All layers of all designs are on one scale.");
  add_breakdown(r, &MEASURED, out);
  add_confidence(r, out);
}
