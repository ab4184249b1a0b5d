// SPDX-License-Identifier: Apache-2.0
//
// Dot diagrams: which bits, by weight, a generated multiplier adds up.
#include "compiler/base/escape.h"
#include "genlib/generate.h"

typedef enum { DOT_NONE, DOT_OMITTED, DOT_PRODUCT, DOT_NEGATIVE, DOT_LAST, DOT_CORRECTION, DOT_CONSTANT } dot_kind;
enum { ROWS_MAX = 20 };

typedef struct {
  int width, rows;
  dot_kind dot[ROWS_MAX][WIDTH_MAX]; // by row and weight
  char label[ROWS_MAX][40];
  uint64_t constant;
} diagram;

static void array_rows(const mul_spec *s, diagram *g) {
  int first_i = s->h > s->t ? s->h : s->t;
  for (int j = 0; j < s->sig.b_bits; j++) {
    for (int i = 0; i < s->sig.a_bits; i++) {
      bool minus = (s->sig.a_signed && i == s->sig.a_bits - 1) != (s->sig.b_signed && j == s->sig.b_bits - 1);
      bool kept = i >= first_i && j >= s->t && i + j >= s->v;
      g->dot[j][i + j] = !kept ? DOT_OMITTED : minus ? DOT_NEGATIVE : DOT_PRODUCT;
      if (kept && minus)
        g->constant -= 1ull << (i + j);
    }
    snprintf(g->label[j], sizeof g->label[j], "b[%d]", j);
  }
  g->rows = s->sig.b_bits;
  g->constant += (uint64_t)s->compensation;
}

static void booth_rows(const mul_spec *s, diagram *g) {
  int bits = s->encode_a ? s->sig.b_bits : s->sig.a_bits;
  bool x_signed = s->encode_a ? s->sig.b_signed : s->sig.a_signed;
  for (int j = 0; j < s->digits; j++) {
    int r = s->r[j], full = bits + !x_signed, width = full - r;
    bool kept = j >= s->perforation && width >= 1;
    for (int t = 0; t <= full; t++)
      g->dot[j][2 * j + t] = DOT_OMITTED;
    for (int t = 0; kept && t <= width; t++)
      g->dot[j][2 * j + r + t] = t == 0 ? DOT_LAST : t == width ? DOT_NEGATIVE : DOT_PRODUCT;
    if (kept) {
      g->dot[s->digits + (j & 1)][2 * j + r + 1] = DOT_CORRECTION;
      g->constant -= 1ull << (2 * j + full);
    }
    if (kept)
      snprintf(g->label[j], sizeof g->label[j], "digit %d, rounded at %d", j, r);
    else
      snprintf(g->label[j], sizeof g->label[j], "digit %d, left out", j);
  }
  // Two rows, for two digits may put their corrections at the same weight.
  snprintf(g->label[s->digits], sizeof g->label[0], "corrections, even digits");
  snprintf(g->label[s->digits + 1], sizeof g->label[0], "corrections, odd digits");
  g->rows = s->digits + 2;
}

static bool draw(const mul *m, diagram *g) {
  const mul_spec *s = spec_of(m);
  if (!s)
    return false;
  *g = (diagram){.width = m->sig.p_bits};
  if (s->family == FAMILY_ARRAY)
    array_rows(s, g);
  else
    booth_rows(s, g);
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
      x += 100;
    }
  str_add(out, "</svg>\n");
  return true;
}
