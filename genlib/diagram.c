// SPDX-License-Identifier: Apache-2.0
//
// Dot diagrams as text and as SVG.
#include "compiler/base/escape.h"
#include "genlib/diagram.h"

#include <string.h>

static bool draw(const mul *m, diagram *g) {
  const mul_spec *s = spec_of(m);
  if (!s)
    return false;
  *g = (diagram){.width = m->sig.p_bits};
  s->form->draw(s, g);
  for (int w = 0; w < g->width; w++)
    if (g->constant >> w & 1)
      g->dot[g->rows][w] = DOT_CONSTANT;
  snprintf(g->label[g->rows++], sizeof g->label[0], "constant");
  return true;
}

bool mul_diagram_text(const mul *m, str *out) {
  static const char symbol[] = " .o-x+1";
  diagram g;
  if (!draw(m, &g))
    return false;
  str_printf(out, "%s\n", m->name);
  for (int ten = 1; ten >= 0; ten--) {
    for (int w = g.width - 1; w >= 0; w--)
      str_printf(out, ten && w < 10 ? "  " : " %d", ten ? w / 10 : w % 10);
    str_add(out, "\n");
  }
  for (int r = 0; r < g.rows; r++) {
    for (int w = g.width - 1; w >= 0; w--)
      str_printf(out, " %c", symbol[g.dot[r][w]]);
    str_printf(out, "   %s\n", g.label[r]);
  }
  str_add(out, "o added  - added, of negative weight  x last bit of a row, rounding included  + rounding and sign\n"
               "correction  1 constant (of the negative weights and compensation)  . left out\n");
  return true;
}

bool mul_diagram_svg(const mul *m, str *out) {
  static const char *const look[] = {
      [DOT_OMITTED] = "fill=\"none\" stroke=\"#bbb\"",
      [DOT_PRODUCT] = "fill=\"#1f4e79\"",
      [DOT_NEGATIVE] = "fill=\"#c0392b\"",
      [DOT_LAST] = "fill=\"#2e8b57\"",
      [DOT_CORRECTION] = "fill=\"#e08e0b\"",
      [DOT_CONSTANT] = "fill=\"#444\"",
  };
  static const char *const meaning[] = {
      [DOT_OMITTED] = "left out",         [DOT_PRODUCT] = "added",         [DOT_NEGATIVE] = "negative weight",
      [DOT_LAST] = "last, with rounding", [DOT_CORRECTION] = "correction", [DOT_CONSTANT] = "constant",
  };
  enum { STEP = 18, LEFT = 12, TOP = 44, LABELS = 190 };
  diagram g;
  if (!draw(m, &g))
    return false;
  bool shown[DOT_CONSTANT + 1] = {0};
  int wide = LEFT + g.width * STEP + LABELS, high = TOP + (g.rows + 1) * STEP + 20;
  wide = wide < 620 ? 620 : wide;
  str_printf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
             "font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n"
             "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
             "<text x=\"%d\" y=\"18\" font-size=\"14\">",
             wide, high, wide, high, LEFT);
  escape_xml(out, m->name);
  str_add(out, "</text>\n");
  for (int w = 0; w < g.width; w++)
    str_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" font-size=\"9\">%d</text>\n",
               LEFT + (g.width - 1 - w) * STEP + STEP / 2, TOP - 10, w);
  for (int r = 0; r < g.rows; r++) {
    int y = TOP + r * STEP + STEP / 2;
    for (int w = 0; w < g.width; w++)
      if (g.dot[r][w]) {
        str_printf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"5\" %s/>\n", LEFT + (g.width - 1 - w) * STEP + STEP / 2, y,
                   look[g.dot[r][w]]);
        shown[g.dot[r][w]] = true;
      }
    str_printf(out, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT + g.width * STEP + 10, y + 4, g.label[r]);
  }
  int x = LEFT, y = TOP + g.rows * STEP + 18;
  for (int k = DOT_OMITTED; k <= DOT_CONSTANT; k++)
    if (shown[k]) {
      str_printf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"5\" %s/><text x=\"%d\" y=\"%d\">%s</text>\n", x + 6, y - 4,
                 look[k], x + 15, y, meaning[k]);
      x += 30 + 6 * (int)strlen(meaning[k]);
    }
  str_add(out, "</svg>\n");
  return true;
}
