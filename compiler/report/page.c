// SPDX-License-Identifier: Apache-2.0
//
// The page: its sections in their order, of which it has those for which there is something.
#include "compiler/report/html.h"
#include "compiler/base/escape.h"

static const struct {
  const char *id, *title;
  html_has *has;
  html_write *write;
} SECTIONS[] = {
    {"designs", "Designs", html_has_designs, html_designs},
    {"area", "Area by layer", html_has_layers, html_layers},
    {"measured", "Energy by layer", html_has_measured, html_measured},
    {"energy", "Multipliers\xe2\x80\x99 energy by layer", html_has_energies, html_energies},
    {"predicted", "Predicted and measured", html_has_predictions, html_predictions},
    {"folding", "Cycles and utilisation", html_has_stages, html_stages},
    {"fifos", "FIFOs", html_has_fifos, html_fifos},
    {"places", "Multipliers in the hardware", html_has_places, html_places},
    {"fronts", "Explorations", html_has_fronts, html_fronts},
    {"sensitivities", "Sensitivities", html_has_drops, html_drops},
    {"scores", "Scores", html_has_scores, html_scores},
    {"multipliers", "Multipliers", html_has_muls, html_muls},
};

static void add_contents(const html_report *r, str *out) {
  str_add(out, "<nav aria-label=\"contents\">");
  for (size_t i = 0; i < BASE_COUNT(SECTIONS); i++)
    if (SECTIONS[i].has(r))
      str_printf(out, "<a href=\"#%s\">%s</a>", SECTIONS[i].id, SECTIONS[i].title);
  str_add(out, "</nav>\n");
}

void report_html(const report_folder *folders, size_t count, str *out) {
  html_report r = {.mem = arena_new(), .folders = folders, .count = count};
  html_find_muls(&r);
  page_begin("axgen report", out);
  str_add(out, "<p class=\"note\">");
  for (size_t i = 0; i < count; i++) {
    str_add(out, i ? ", " : "");
    escape_xml(out, folders[i].dir);
  }
  str_add(out, "</p>\n");
  add_contents(&r, out);
  for (size_t i = 0; i < BASE_COUNT(SECTIONS); i++)
    if (SECTIONS[i].has(&r)) {
      page_heading(out, 2, SECTIONS[i].id, "%s", SECTIONS[i].title);
      SECTIONS[i].write(&r, out);
    }
  page_end(out);
  arena_free(r.mem);
}
