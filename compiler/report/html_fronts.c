// SPDX-License-Identifier: Apache-2.0
//
// Explorations: fronts with what each point is and assigns.
#include "compiler/plot/plot.h"
#include "compiler/report/html.h"

#include <math.h>
#include <string.h>

// Points that were tried, rows of the table, points with their shares; bytes of maps, of all explorations together.
enum { TRIED = 1500, ROWS = 300, DETAILS = 60, MAPS_MOST = 2500000 };
static const double WORST = 10; // points of accuracy: what loses more is not drawn, as in front.svg

bool html_has_fronts(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].front.there)
      return true;
  return false;
}

static double saved(const report_point *p, int figure) { return 100 * (1 - p->cost[figure]); }
static const char *point_name(arena *mem, size_t i) { return arena_printf(mem, "points/%02zu", i + 1); }
static const char *row_id(arena *mem, size_t front, size_t i) { return arena_printf(mem, "f%zu-p%zu", front, i + 1); }
static const char *detail_id(arena *mem, size_t front, size_t i) {
  return arena_printf(mem, "f%zu-a%zu", front, i + 1);
}
static bool has_detail(const report_front *f, size_t i) {
  return f->points[i].places.count && html_is_shown(i, f->count, DETAILS);
}
// Where a click on a point leads: to what it assigns, else to its row.
static const char *target(arena *mem, const report_front *f, size_t front, size_t i) {
  return has_detail(f, i) ? detail_id(mem, front, i) : html_is_shown(i, f->count, ROWS) ? row_id(mem, front, i) : NULL;
}

static const char *tip(arena *mem, const report_front *f, size_t i) {
  const report_point *p = &f->points[i];
  const char *text = arena_printf(mem, "%s: %.1f %% of the %s", point_name(mem, i), saved(p, 0), f->figure[0]);
  if (f->figures > 1)
    text = arena_printf(mem, "%s and %.1f %% of the %s", text, saved(p, 1), f->figure[1]);
  text = arena_printf(mem, "%s saved; %.2f points lost on validation images", text, 100 * p->drop);
  if (isfinite(p->test_drop))
    text =
        arena_printf(mem, "%s, %.2f (%.2f to %.2f) on test images", text, 100 * p->test_drop, 100 * p->lo, 100 * p->hi);
  return arena_printf(mem, "%s%s", text, p->meets ? "; meets what was asked for" : "");
}

// ---- the picture ----

// What is drawn of a front in one of its figures, as arrays.
typedef struct {
  double *x, *y, *test, *lo, *hi;
  const char **labels, **links;
  size_t count;
} drawn;

static drawn points_of(arena *mem, const report_front *f, size_t front, int figure) {
  size_t n = f->count + 1;
  drawn d = {arena_new_array(mem, double, n),       arena_new_array(mem, double, n),
             arena_new_array(mem, double, n),       arena_new_array(mem, double, n),
             arena_new_array(mem, double, n),       arena_new_array(mem, const char *, n),
             arena_new_array(mem, const char *, n), 0};
  for (size_t i = 0; i < f->count; i++) {
    const report_point *p = &f->points[i];
    if (!(100 * p->drop <= WORST))
      continue;
    size_t k = d.count++;
    d.x[k] = saved(p, figure), d.y[k] = 100 * p->drop;
    d.test[k] = 100 * p->test_drop, d.lo[k] = 100 * p->lo, d.hi[k] = 100 * p->hi;
    const char *to = target(mem, f, front, i);
    d.labels[k] = tip(mem, f, i);
    d.links[k] = to ? arena_printf(mem, "#%s", to) : NULL;
  }
  return d;
}

static size_t tried_of(arena *mem, const report_front *f, int figure, double **x, double **y) {
  size_t count = 0;
  *x = arena_new_array(mem, double, f->tried + 1);
  *y = arena_new_array(mem, double, f->tried + 1);
  for (size_t i = 0; i < f->tried; i++)
    if (100 * f->tried_drop[i] <= WORST && html_is_shown(i, f->tried, TRIED)) {
      (*x)[count] = 100 * (1 - f->tried_cost[figure][i]);
      (*y)[count++] = 100 * f->tried_drop[i];
    }
  return count;
}

// Along a front of one figure a line; with two, points that are on it for the other's sake are between.
static int front_style(const report_front *f) { return f->figures > 1 ? PLOT_POINTS : PLOT_LINE | PLOT_POINTS; }

static void add_picture(const html_report *r, const report_front *f, size_t front, int figure, str *out) {
  double *x, *y;
  size_t tried = tried_of(r->mem, f, figure, &x, &y), count = 0;
  drawn d = points_of(r->mem, f, front, figure);
  plot_series s[4];
  bool test = false;
  for (size_t i = 0; i < d.count; i++)
    test = test || isfinite(d.test[i]);
  if (tried) { // in grey
    s[count] = (plot_series){
        .name = "tried", .style = PLOT_POINTS | PLOT_FAINT, .x = x, .y = y, .count = tried, .colour = PAGE_COLOURS};
    count++;
  }
  s[count] = (plot_series){.name = "front, validation images",
                           .style = front_style(f),
                           .x = d.x,
                           .y = d.y,
                           .count = d.count,
                           .labels = d.labels,
                           .links = d.links,
                           .colour = 1};
  count++;
  if (test) {
    s[count] = (plot_series){.name = "front, test images, 95 % interval",
                             .style = PLOT_POINTS,
                             .x = d.x,
                             .y = d.test,
                             .lo = d.lo,
                             .hi = d.hi,
                             .count = d.count,
                             .labels = d.labels,
                             .links = d.links,
                             .colour = 2};
    count++;
  }
  double ends[2] = {INFINITY, -INFINITY}, allowed[2] = {100 * f->max_loss, 100 * f->max_loss};
  for (size_t i = 0; i < d.count; i++)
    ends[0] = fmin(ends[0], d.x[i]), ends[1] = fmax(ends[1], d.x[i]);
  if (isfinite(f->max_loss) && d.count) {
    s[count] = (plot_series){
        .name = "allowed", .style = PLOT_LINE | PLOT_FAINT, .x = ends, .y = allowed, .count = 2, .colour = 3};
    count++;
  }
  plot p = {.title = arena_printf(r->mem, "%s: what is lost for what is saved", f->network),
            .x = {.label = arena_printf(r->mem, "multipliers\xe2\x80\x99 %s saved, %%", f->figure[figure])},
            .y = {.label = "accuracy lost, points"},
            .series = s,
            .count = count};
  plot_figure(&p, out);
  if (figure + 1 < f->figures)
    return;
  page_note(out, "A point says more under the pointer; a click leads to what it assigns.%s%s",
            f->tried > TRIED ? arena_printf(r->mem, " Of %zu tried, %d are drawn.", f->tried, TRIED) : "",
            d.count < f->count
                ? arena_printf(r->mem, " %zu that lose more than %g points are not drawn.", f->count - d.count, WORST)
                : "");
}

// ---- the table ----

static void add_rows(const html_report *r, const report_front *f, size_t front, str *out) {
  static const char *const COLUMNS[] = {">top-1, %", ">lost", ">test top-1, %", ">lost", ">95 % from", ">to", "meets"};
  const char *columns[1 + REPORT_FIGURES + BASE_COUNT(COLUMNS)] = {"point", ">saved, %"};
  for (int k = 0; k < f->figures && f->figures > 1; k++)
    columns[1 + k] = arena_printf(r->mem, ">%s saved, %%", f->figure[k]);
  memcpy(columns + 1 + f->figures, COLUMNS, sizeof COLUMNS);
  page_table(out, "Points of the front, from dear to cheap; losses in points of accuracy", columns,
             1 + (size_t)f->figures + BASE_COUNT(COLUMNS));
  for (size_t i = 0; i < f->count; i++) {
    const report_point *p = &f->points[i];
    if (!html_is_shown(i, f->count, ROWS))
      continue;
    page_row(out, row_id(r->mem, front, i), has_detail(f, i) ? detail_id(r->mem, front, i) : NULL,
             point_name(r->mem, i));
    for (int k = 0; k < f->figures; k++)
      page_number(out, saved(p, k), 1, NULL);
    page_number(out, 100 * p->top1, 2, NULL);
    page_number(out, 100 * p->drop, 2, NULL);
    page_number(out, 100 * p->test_top1, 2, NULL);
    page_number(out, 100 * p->test_drop, 2, NULL);
    page_number(out, 100 * p->lo, 2, NULL);
    page_number(out, 100 * p->hi, 2, NULL);
    page_text(out, p->meets ? "\xe2\x9c\x93" : "");
    page_row_end(out);
  }
  page_table_end(out);
  if (f->count > ROWS)
    page_note(out, "%zu points; %d of them, evenly spaced, are in the table. front.csv has all.", f->count, ROWS);
}

// ---- what a point assigns ----

static int by_rank(const html_report *r, const report_names *names, size_t a, size_t b) {
  size_t x = html_rank(r, names->of[a]), y = html_rank(r, names->of[b]);
  return x != y ? (x > y) - (x < y) : (a > b) - (a < b);
}

// A layer's bar: how much of it each multiplier has, in the order of their colours.
static void add_share(const html_report *r, const report_names *names, const report_map *m, str *out) {
  size_t count[REPORT_MULS] = {0}, order[REPORT_MULS], cells = m->rows * m->cols, used = 0;
  for (size_t i = 0; i < cells; i++)
    count[m->cells[i]]++;
  for (size_t k = 0; k < names->count; k++) { // insertion by rank
    size_t at = k;
    for (; at > 0 && by_rank(r, names, order[at - 1], k) > 0; at--)
      order[at] = order[at - 1];
    order[at] = k;
  }
  page_part parts[REPORT_MULS];
  char shades[REPORT_MULS][8];
  const char *only = NULL;
  for (size_t k = 0; k < names->count; k++) {
    size_t n = count[order[k]];
    if (!n)
      continue;
    only = names->of[order[k]];
    parts[used] = (page_part){(double)n, 0, page_ramp(k, names->count, shades[k]),
                              arena_printf(r->mem, "%s: %s, %.1f %%", m->layer, only, 100 * (double)n / (double)cells)};
    used++;
  }
  page_row(out, NULL, NULL, m->layer);
  page_bar(out, parts, used, (double)cells);
  page_text(out, used == 1 ? only : arena_printf(r->mem, "%zu multipliers", used));
  page_row_end(out);
}

static void add_details(const html_report *r, const report_front *f, size_t front, str *out) {
  size_t explorations = 0, details = 0, maps = DETAILS;
  for (size_t i = 0; i < r->count; i++)
    explorations += r->folders[i].front.there;
  for (size_t i = 0; i < f->count; i++)
    details += has_detail(f, i);
  if (!details)
    return;
  page_heading(out, 3, NULL, "What the points assign");
  page_note(
      out,
      "Of each layer the part of its filters, kernels or weights that each multiplier has; then maps of them. From "
      "dark to bright: from exact to the greatest mean error.%s",
      details < f->count ? arena_printf(r->mem, " %zu of %zu points, evenly spaced.", details, f->count) : "");
  html_legend(r, &f->names, out);
  size_t done = 0;
  for (size_t i = 0; i < f->count; i++) {
    if (!has_detail(f, i))
      continue;
    const report_point *p = &f->points[i];
    page_heading(out, 3, detail_id(r->mem, front, i), "%s", point_name(r->mem, i));
    page_note(out, "%s", tip(r->mem, f, i));
    page_bars(out, "");
    for (size_t k = 0; k < p->places.count; k++)
      add_share(r, &f->names, &p->places.maps[k], out);
    page_table_end(out);
    if (html_is_shown(done++, details, maps)) {
      size_t before = out->len;
      html_maps(r, &f->names, &p->places, out);
      if (done == 1) // as large as this one will the others be
        maps = (size_t)fmax(2, fmin(DETAILS, (double)MAPS_MOST / (double)explorations / (double)(out->len - before)));
    }
  }
  if (maps < details)
    page_note(out, "Maps are shown of %zu points, evenly spaced; the others\xe2\x80\x99 are in their folders.", maps);
}

// ---- all ----

static void add_front(const html_report *r, const report_folder *folder, size_t front, str *out) {
  const report_front *f = &folder->front;
  page_heading(out, 3, arena_printf(r->mem, "f%zu", front), "%s", folder->name);
  const char *least = f->figures > 1 ? arena_printf(r->mem, "%s and %s", f->figure[0], f->figure[1]) : f->figure[0];
  page_note(out, "%s, one multiplier for each %s, method %s, for the least %s%s", f->network, f->level, f->method,
            least,
            isfinite(f->evaluations)
                ? arena_printf(r->mem, "; %.0f evaluations, hypervolume %.3f", f->evaluations, f->hypervolume)
                : "");
  for (int k = 0; k < f->figures; k++)
    add_picture(r, f, front, k, out);
  add_rows(r, f, front, out);
  add_details(r, f, front, out);
}

// Fronts of one network and objective, on one scale.
static void add_comparison(const html_report *r, int figure, str *out) {
  plot_series s[REPORT_FOLDERS];
  size_t count = 0;
  const report_front *first = NULL;
  for (size_t i = 0; i < r->count; i++) {
    const report_front *f = &r->folders[i].front;
    if (!f->there ||
        (first && (strcmp(first->network, f->network) != 0 || strcmp(first->objective, f->objective) != 0)))
      continue;
    first = first ? first : f;
    if (figure >= f->figures)
      return;
    drawn d = points_of(r->mem, f, i, figure);
    s[count] = (plot_series){.name = arena_printf(r->mem, "%s: %s level, %s", r->folders[i].name, f->level, f->method),
                             .style = front_style(f),
                             .x = d.x,
                             .y = d.y,
                             .count = d.count,
                             .labels = d.labels,
                             .links = d.links};
    count++;
  }
  if (count < 2)
    return;
  plot p = {.title = arena_printf(r->mem, "%s: fronts on validation images", first->network),
            .x = {.label = arena_printf(r->mem, "multipliers\xe2\x80\x99 %s saved, %%", first->figure[figure])},
            .y = {.label = "accuracy lost, points"},
            .series = s,
            .count = count};
  plot_figure(&p, out);
}

void html_fronts(const html_report *r, str *out) {
  for (int k = 0; k < REPORT_FIGURES; k++)
    add_comparison(r, k, out);
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].front.there)
      add_front(r, &r->folders[i], i, out);
}
