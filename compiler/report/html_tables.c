// SPDX-License-Identifier: Apache-2.0
//
// Sensitivities and scores.
#include "compiler/plot/plot.h"
#include "compiler/report/html.h"

#include <math.h>
#include <string.h>

enum { BINS = 32 };

// ---- sensitivities ----

bool html_has_drops(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].drops.there)
      return true;
  return false;
}

size_t html_place(html_names *w, const char *text) {
  size_t i = 0;
  while (i < w->count && strcmp(w->of[i], text) != 0)
    i++;
  if (i == w->count && i < HTML_NAMES)
    w->of[w->count++] = text;
  return i;
}

static bool is_of(const report_drop *d, const char *scope, bool corrected) {
  return !strcmp(d->scope, scope) && d->corrected == corrected;
}

static void add_drops(const html_report *r, const report_drops *s, const char *scope, bool corrected, double most,
                      str *out) {
  html_names layers = {{0}, 0}, muls = {{0}, 0};
  const report_drop **cell = arena_calloc(r->mem, (size_t)HTML_NAMES * HTML_NAMES, sizeof *cell);
  for (size_t i = 0; i < s->count; i++) {
    const report_drop *d = &s->drops[i];
    if (!is_of(d, scope, corrected))
      continue;
    size_t l = html_place(&layers, d->layer), m = html_place(&muls, d->name);
    if (l < HTML_NAMES && m < HTML_NAMES)
      cell[l * HTML_NAMES + m] = d;
  }
  if (!layers.count)
    return;
  const char *columns[HTML_NAMES + 1] = {"layer"};
  for (size_t m = 0; m < muls.count && m < HTML_NAMES; m++)
    columns[m + 1] = muls.of[m];
  str_add(out, "<div class=\"heat\">");
  page_table(out,
             arena_printf(r->mem, "%s, %s", !strcmp(scope, "layer") ? "in one layer" : "in a layer and all behind it",
                          corrected ? "biases and gains corrected" : "as it is"),
             columns, muls.count + 1);
  for (size_t l = 0; l < layers.count; l++) {
    page_row(out, NULL, NULL, layers.of[l]);
    for (size_t m = 0; m < muls.count; m++) {
      const report_drop *d = cell[l * HTML_NAMES + m];
      double drop = d ? 100 * d->drop : NAN;
      page_heat(out, drop, 2, most > 0 ? (drop < 0 ? -1 : 1) * sqrt(fabs(drop) / most) : 0);
    }
    page_row_end(out);
  }
  page_table_end(out);
  str_add(out, "</div>\n");
}

void html_drops(const html_report *r, str *out) {
  page_note(out, "Points of accuracy lost with one multiplier in one layer, or from a layer on, everything else exact. "
                 "The colour grows with the root of the loss, on one scale; gains have another colour.");
  for (size_t i = 0; i < r->count; i++) {
    const report_drops *s = &r->folders[i].drops;
    double most = 0;
    if (!s->there)
      continue;
    for (size_t k = 0; k < s->count; k++)
      most = fmax(most, 100 * fabs(s->drops[k].drop));
    page_heading(out, 3, NULL, "%s: %s, exact %.2f %% on %.0f images", r->folders[i].name, s->network,
                 100 * s->exact_top1, s->images);
    add_drops(r, s, "layer", false, most, out);
    add_drops(r, s, "layer", true, most, out);
    add_drops(r, s, "onward", false, most, out);
    add_drops(r, s, "onward", true, most, out);
  }
}

// ---- scores ----

bool html_has_scores(const html_report *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->folders[i].scores.there)
      return true;
  return false;
}

static size_t filters_of(arena *mem, const report_block *b, double **values) {
  size_t count = 0;
  for (size_t l = 0; l < b->layer_count; l++)
    count += b->layers[l].filter_count;
  *values = arena_new_array(mem, double, count + 1);
  count = 0;
  for (size_t l = 0; l < b->layer_count; l++)
    for (size_t f = 0; f < b->layers[l].filter_count; f++)
      if (b->layers[l].filters[f] > 0)
        (*values)[count++] = b->layers[l].filters[f];
  return count;
}

// How the scores of filters are distributed; a line for each multiplier.
static void add_histogram(const html_report *r, const report_hawx *s, str *out) {
  plot_series *series = arena_new_array(r->mem, plot_series, s->count + 1);
  double lo = INFINITY, hi = 0, *values;
  for (size_t b = 0; b < s->count; b++)
    for (size_t n = filters_of(r->mem, &s->blocks[b], &values), i = 0; i < n; i++)
      lo = fmin(lo, values[i]), hi = fmax(hi, values[i]);
  if (!(lo < hi) || !(lo > 1e-290))
    return;
  double *edge = arena_new_array(r->mem, double, BINS + 1);
  size_t count = 0;
  for (size_t b = 0; b < s->count; b++) {
    size_t n = filters_of(r->mem, &s->blocks[b], &values);
    double *share = arena_new_array(r->mem, double, BINS + 1);
    if (!n)
      continue;
    plot_histogram(values, n, true, lo, hi, BINS, edge, share);
    series[count] =
        (plot_series){.name = s->blocks[b].name, .style = PLOT_STEPS, .x = edge, .y = share, .count = BINS + 1};
    count++;
  }
  plot p = {.title = "How the filters\xe2\x80\x99 scores are distributed",
            .x = {.label = "score", .log = true},
            .y = {.label = "share of the filters with a score above 0"},
            .series = series,
            .count = count};
  plot_figure(&p, out);
}

static void add_blocks(const html_report *r, const report_hawx *s, str *out) {
  static const char *const COLUMNS[] = {"multiplier", "key", ">score", ">top-1, %", ">lost, points"};
  page_table(out, NULL, COLUMNS, BASE_COUNT(COLUMNS));
  for (size_t b = 0; b < s->count; b++) {
    const report_block *k = &s->blocks[b];
    page_row(out, NULL, NULL, k->name);
    page_text(out, k->key);
    str_printf(out, "<td class=\"n\">%s</td>", isfinite(k->score) ? arena_printf(r->mem, "%.3g", k->score) : "&ndash;");
    page_number(out, 100 * k->top1, 2, NULL);
    page_number(out, 100 * (s->exact_top1 - k->top1), 2, NULL);
    page_row_end(out);
  }
  page_table_end(out);
}

static void add_scatter(const html_report *r, const report_hawx *s, str *out) {
  double *x = arena_new_array(r->mem, double, s->count + 1), *y = arena_new_array(r->mem, double, s->count + 1);
  const char **labels = arena_new_array(r->mem, const char *, s->count + 1);
  for (size_t b = 0; b < s->count; b++) {
    x[b] = s->blocks[b].score;
    y[b] = 100 * s->blocks[b].top1;
    labels[b] = arena_printf(r->mem, "%s: score %.3g, top-1 %.2f %%", s->blocks[b].name, x[b], y[b]);
  }
  plot_series series = {.style = PLOT_POINTS, .x = x, .y = y, .count = s->count, .labels = labels};
  plot p = {.title = isfinite(s->kendall) && isfinite(s->spearman)
                         ? arena_printf(r->mem,
                                        "Score and accuracy: Kendall\xe2\x80\x99s tau %.2f, Spearman\xe2\x80\x99s "
                                        "rho %.2f",
                                        s->kendall, s->spearman)
                         : "Score and accuracy",
            .x = {.label = "score of the network with one multiplier everywhere", .log = true},
            .y = {.label = "top-1, %"},
            .series = &series,
            .count = 1};
  plot_figure(&p, out);
}

void html_scores(const html_report *r, str *out) {
  page_note(out,
            "HAWX\xe2\x80\x99s measure of how much a multiplier\xe2\x80\x99s errors matter where it is used: mean of "
            "|dL/dproduct| x |error|.");
  for (size_t i = 0; i < r->count; i++) {
    const report_hawx *s = &r->folders[i].scores;
    if (!s->there)
      continue;
    page_heading(out, 3, NULL, "%s: %s, exact %.2f %% on %.0f images", r->folders[i].name, s->network,
                 100 * s->exact_top1, s->images);
    add_blocks(r, s, out);
    add_scatter(r, s, out);
    add_histogram(r, s, out);
  }
}
