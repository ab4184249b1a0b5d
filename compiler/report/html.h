// SPDX-License-Identifier: Apache-2.0
//
// html: inside the report: the sections of the page. Each writes what there is, under headings of level 2 and 3.
#ifndef AXGEN_REPORT_HTML_H
#define AXGEN_REPORT_HTML_H

#include "compiler/plot/page.h"
#include "compiler/report/report.h"

// All folders and, of what they name, each multiplier once: from exact to most wrong where that is known.
typedef struct {
  arena *mem;
  const report_folder *folders;
  size_t count;
  struct html_mul *muls;
  size_t mul_count;
} html_report;
// A multiplier's place in that order.
size_t html_rank(const html_report *r, const char *name);
void html_find_muls(html_report *r);

typedef bool html_has(const html_report *r);
typedef void html_write(const html_report *r, str *out);
html_has html_has_designs, html_has_layers, html_has_measured, html_has_energies, html_has_predictions, html_has_stages,
    html_has_fifos, html_has_places, html_has_fronts, html_has_drops, html_has_scores, html_has_muls;
html_write html_designs, html_layers, html_measured, html_energies, html_predictions, html_stages, html_fifos,
    html_places, html_fronts, html_drops, html_scores, html_muls;

// Maps of some places, in a row; and what their colours mean.
void html_maps(const html_report *r, const report_names *names, const report_places *p, str *out);
void html_legend(const html_report *r, const report_names *names, str *out);

// Texts in the order in which they are met, each once.
enum { HTML_NAMES = 512 };
typedef struct {
  const char *of[HTML_NAMES];
  size_t count;
} html_names;
// Its place; HTML_NAMES where it is new and there is no room.
size_t html_place(html_names *w, const char *text);

// Which of `count` are shown where there is room for `most`: the first, the last, evenly between.
static inline bool html_is_shown(size_t i, size_t count, size_t most) {
  return count <= most || i == 0 || i + 1 == count ||
         i * (most - 1) / (count - 1) != (i - 1) * (most - 1) / (count - 1);
}

#endif
