// SPDX-License-Identifier: Apache-2.0
//
// Plots for pages: everything lies at percentages of the room there is, so that marks and letters keep their size on
// every screen. Lines are drawn in a square that is stretched, with a stroke that is not.
#include "compiler/base/escape.h"
#include "compiler/plot/page.h"
#include "compiler/plot/scale.h"

#include <math.h>

enum { SQUARE = 1000, NAMES = 24, NARROW = 280, LETTER = 7 }; // so many categories have room for a name on a phone

typedef struct {
  const plot *p;
  str *out;
  plot_axis x, y;
  int bars;
} canvas;

static double across(const canvas *c, double x) { return 100 * scale_part(&c->x, x); }
static double down(const canvas *c, double y) { return 100 * (1 - scale_part(&c->y, y)); }

static bool within(const plot_axis *a, double v) { return scale_shows(a, v) && v >= a->lo && v <= a->hi; }
static bool shown(const canvas *c, const plot_series *s, size_t i) {
  return within(&c->x, scale_x(s, i)) && within(&c->y, s->y[i]);
}

static int colour_of(const plot_series *s, size_t index) {
  return s->colour ? s->colour % PAGE_COLOURS : 1 + (int)(index % (PAGE_COLOURS - 1));
}

// ---- axes ----

static void add_grid(const canvas *c) {
  double at[SCALE_TICKS];
  int n = scale_ticks(&c->y, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out, "<line class=\"grid\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>", down(c, at[i]),
               down(c, at[i]));
  n = c->p->categories ? 0 : scale_ticks(&c->x, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out, "<line class=\"grid\" y2=\"100%%\" x1=\"%.2f%%\" x2=\"%.2f%%\"/>", across(c, at[i]),
               across(c, at[i]));
  str_add(c->out, "\n");
}

static void add_y_ticks(const canvas *c) {
  double at[SCALE_TICKS];
  int n = scale_ticks(&c->y, at);
  str_add(c->out, "<svg aria-hidden=\"true\">");
  for (int i = 0; i < n; i++)
    str_printf(c->out, "<text x=\"88%%\" y=\"%.2f%%\" dy=\".35em\" text-anchor=\"end\">%.6g</text>", down(c, at[i]),
               at[i]);
  str_add(c->out, "</svg>\n");
}

static void add_x_ticks(const canvas *c) {
  double at[SCALE_TICKS];
  int n = c->p->categories ? 0 : scale_ticks(&c->x, at);
  double end = -INFINITY; // of the last number, on a phone: none covers another
  str_add(c->out, "<svg aria-hidden=\"true\">");
  for (int i = 0; i < n; i++) {
    char text[32];
    double half = 50.0 * LETTER * snprintf(text, sizeof text, "%.4g", at[i]) / NARROW, x = across(c, at[i]);
    if (x - half < end)
      continue;
    str_printf(c->out, "<text x=\"%.2f%%\" y=\"1.3em\" text-anchor=\"middle\">%s</text>", x, text);
    end = x + half;
  }
  size_t each = (c->p->category_count + NAMES - 1) / NAMES;
  for (size_t i = 0; c->p->categories && i < c->p->category_count; i += each) {
    str_printf(c->out, "<svg x=\"%.2f%%\" y=\"8\"><text text-anchor=\"end\" transform=\"rotate(-55)\" dy=\".5em\">",
               across(c, (double)i));
    scale_text(c->out, c->p->categories[i], 16);
    str_add(c->out, "</text></svg>");
  }
  str_add(c->out, "</svg>\n");
}

// ---- series ----

static double in_square(double percent) { return fmin(fmax(percent, 0), 100) * SQUARE / 100; }

// To each point: straight on, first along x and then along y, or as steps of a histogram. Broken where a point cannot
// be shown; what lies beyond the ranges is drawn at their ends.
static void add_path_data(const canvas *c, const plot_series *s) {
  bool open = false, steps = s->style & PLOT_STEPS;
  for (size_t i = 0; i < s->count; i++) {
    double v = s->y[i];
    bool ok = scale_shows(&c->x, scale_x(s, i)) && scale_shows(&c->y, v);
    double x = ok ? in_square(across(c, scale_x(s, i))) : 0, y = ok ? in_square(down(c, v)) : 0;
    if (steps && open && scale_shows(&c->x, scale_x(s, i)))
      str_printf(c->out, "H%.1f", in_square(across(c, scale_x(s, i))));
    if (ok && !open)
      str_printf(c->out, "M%.1f %.1f", x, y);
    else if (ok && !(steps && i + 1 == s->count))
      str_printf(c->out, steps ? "V%.1f" : s->style & PLOT_FRONT ? "H%.1fV%.1f" : "L%.1f %.1f", steps ? y : x, y);
    open = ok;
  }
}

static void add_path(const void *on, const plot_series *s, size_t index) {
  const canvas *c = on;
  bool dashed = !s->colour && index >= PAGE_COLOURS - 1; // the colours repeat
  str_printf(c->out, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\"><path class=\"k%d wire%s%s\" d=\"",
             SQUARE, SQUARE, colour_of(s, index), s->style & PLOT_FAINT ? " faint" : "", dashed ? " dash" : "");
  add_path_data(c, s);
  str_add(c->out, "\"/></svg>\n");
}

// Width of all bars of a category, and where in it those of the place-th series begin, in percent of the whole.
static double slot(const canvas *c) { return 80 / (c->x.hi - c->x.lo); }
static double bar_start(const canvas *c, int place) { return slot(c) * ((double)place / c->bars - 0.5); }

static void add_intervals(const void *on, const plot_series *s, size_t index, int place) {
  const canvas *c = on;
  double shift = place < 0 ? 0 : (bar_start(c, place) + bar_start(c, place + 1)) / 2;
  for (size_t i = 0; s->lo && s->hi && i < s->count; i++)
    if (within(&c->x, scale_x(s, i)) && scale_shows(&c->y, s->lo[i]) && scale_shows(&c->y, s->hi[i])) {
      double x = across(c, scale_x(s, i)) + shift;
      str_printf(c->out, "<line class=\"k%d range\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>\n",
                 s->style & PLOT_BARS ? 0 : colour_of(s, index), x, x, fmin(fmax(down(c, s->lo[i]), 0), 100),
                 fmin(fmax(down(c, s->hi[i]), 0), 100));
    }
}

// A circle, a square or a triangle: colours repeat.
static void add_mark(const canvas *c, double x, double y, size_t index, const plot_series *s, size_t i, double size) {
  int shape = (int)(index / (PAGE_COLOURS - 1) % 3), colour = colour_of(s, index);
  if (shape == 0)
    str_printf(c->out, "<circle class=\"k%d mark\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"%.1f\">", colour, x, y, size);
  else
    str_printf(c->out, "<svg x=\"%.2f%%\" y=\"%.2f%%\"><path class=\"k%d mark\" d=\"%s\">", x, y, colour,
               shape == 1 ? "M-4-4h8v8h-8z" : "M0-5l5 9h-10z");
  if (i < s->count && s->labels) {
    str_add(c->out, "<title>");
    escape_xml(c->out, s->labels[i]);
    str_add(c->out, "</title>");
  } else if (i < s->count) {
    scale_tip(c->p, s, i, c->out);
  }
  str_add(c->out, shape == 0 ? "</circle>" : "</path></svg>");
}

static void add_points(const void *on, const plot_series *s, size_t index) {
  const canvas *c = on;
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    const char *link = s->links ? s->links[i] : NULL;
    if (link) {
      str_add(c->out, "<a href=\"");
      escape_xml(c->out, link);
      str_add(c->out, "\">");
    }
    add_mark(c, across(c, scale_x(s, i)), down(c, s->y[i]), index, s, i, s->style & PLOT_FAINT ? 2.5 : 4.5);
    str_add(c->out, link ? "</a>\n" : "\n");
  }
}

static void add_bars(const void *on, const plot_series *s, size_t index, int place) {
  const canvas *c = on;
  double base = down(c, scale_base(&c->y));
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    double y = down(c, s->y[i]);
    str_printf(c->out, "<rect class=\"k%d mark\" x=\"%.2f%%\" y=\"%.2f%%\" width=\"%.2f%%\" height=\"%.2f%%\">",
               colour_of(s, index), across(c, scale_x(s, i)) + bar_start(c, place), fmin(y, base),
               0.92 * slot(c) / c->bars, fabs(base - y));
    scale_tip(c->p, s, i, c->out);
    str_add(c->out, "</rect>\n");
  }
}

static const scale_painter PAINTER = {add_bars, add_path, add_intervals, add_points};

static void add_legend(const canvas *c) {
  str_add(c->out, "<ul class=\"legend\">");
  for (size_t k = 0; k < c->p->count; k++) {
    const plot_series *s = &c->p->series[k];
    if (!s->name)
      continue;
    int colour = colour_of(s, k);
    str_printf(c->out, "<li class=\"k%d\"><svg class=\"key\" aria-hidden=\"true\">", colour);
    if (s->style & PLOT_BARS)
      str_add(c->out, "<rect width=\"100%\" height=\"100%\" rx=\"2\"/>");
    if (s->style & (PLOT_LINE | PLOT_STEPS | PLOT_FRONT))
      str_printf(c->out, "<line class=\"wire%s\" x2=\"100%%\" y1=\"50%%\" y2=\"50%%\"/>",
                 s->style & PLOT_FAINT ? " faint" : "");
    if (s->style & PLOT_POINTS)
      add_mark(c, 50, 50, k, s, s->count, s->style & PLOT_FAINT ? 2.5 : 4.5);
    str_add(c->out, "</svg><span>");
    scale_text(c->out, s->name, 2 * SCALE_LETTERS);
    str_add(c->out, "</span></li>");
  }
  str_add(c->out, "</ul>\n");
}

// ---- the whole ----

void plot_figure(const plot *p, str *out) {
  canvas c = {.p = p, .out = out};
  scale_axes(p, &c.x, &c.y);
  for (size_t k = 0; k < p->count; k++)
    c.bars += (p->series[k].style & PLOT_BARS) != 0;
  str_add(out, "<figure><figcaption>");
  escape_xml(out, p->title ? p->title : "");
  str_add(out, "</figcaption>\n");
  add_legend(&c);
  str_printf(out, "<div class=\"scroll\"><div class=\"axes%s\"><div class=\"yl\">", p->categories ? " named" : "");
  escape_xml(out, p->y.label ? p->y.label : "");
  str_add(out, "</div>\n");
  add_y_ticks(&c);
  str_add(out, "<div><svg role=\"img\" aria-label=\"");
  escape_xml(out, p->title ? p->title : "");
  str_add(out, "\">\n");
  add_grid(&c);
  scale_paint(p, &PAINTER, &c);
  str_add(out, "</svg></div><div></div>\n");
  add_x_ticks(&c);
  str_add(out, "<div class=\"xl\">");
  escape_xml(out, p->x.label ? p->x.label : "");
  str_add(out, "</div></div></div></figure>\n");
}
