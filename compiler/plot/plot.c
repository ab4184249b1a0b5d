// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/plot/scale.h"

#include <math.h>
#include <string.h>

// In the units of the picture: the margins, the least size of the area within the axes, and a guess at a letter.
enum { LEFT = 76, RIGHT = 18, TOP = 40, BOTTOM = 54, WIDTH = 720 - LEFT - RIGHT, HEIGHT = 400 - TOP - BOTTOM };
enum { CATEGORY = 14, CATEGORIES_WIDE = 2400 };
static const double LETTER = 6.7;

// A picture being drawn.
typedef struct {
  const plot *p;
  str *out;
  plot_axis x, y; // with their ranges
  double width, height; // of the area
  int bars; // series that have bars
} canvas;

static const char *const COLOUR[] = {"#555555", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
const char *plot_colour(size_t i) { return COLOUR[i % BASE_COUNT(COLOUR)]; }

static double x_at(const canvas *c, double x) { return c->width * scale_part(&c->x, x); }
static double y_at(const canvas *c, double y) { return c->height * (1 - scale_part(&c->y, y)); }
static double y_base(const canvas *c) { return y_at(c, scale_base(&c->y)); }

// ---- axes ----

static void add_categories(const canvas *c, bool turned) {
  double step = c->width / (c->x.hi - c->x.lo);
  size_t each = (size_t)fmax(1, ceil(12 / step));
  for (size_t i = 0; i < c->p->category_count; i += each) {
    double x = LEFT + x_at(c, (double)i), y = TOP + c->height + 16;
    if (turned)
      str_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" transform=\"rotate(-60 %.1f %.1f)\">", x + 4,
                 y - 6, x + 4, y - 6);
    else
      str_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x, y);
    scale_text(c->out, c->p->categories[i], SCALE_LETTERS);
    str_add(c->out, "</text>\n");
  }
}

static void add_axes(const canvas *c, bool turned, double below) {
  double at[SCALE_TICKS], bottom = TOP + c->height;
  int n = scale_ticks(&c->y, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out,
               "<path d=\"M%d %.1fh%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n",
               LEFT, TOP + y_at(c, at[i]), c->width, LEFT - 6, TOP + y_at(c, at[i]) + 4, at[i]);
  n = c->p->categories ? 0 : scale_ticks(&c->x, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out,
               "<path d=\"M%.1f %dv%.1f\" stroke=\"#eee\"/>"
               "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.6g</text>\n",
               LEFT + x_at(c, at[i]), TOP, c->height, LEFT + x_at(c, at[i]), bottom + 16, at[i]);
  if (c->p->categories)
    add_categories(c, turned);
  str_printf(c->out, "<path d=\"M%d %dv%.1fh%.1f\" fill=\"none\" stroke=\"#222\"/>\n", LEFT, TOP, c->height, c->width);
  str_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", LEFT + c->width / 2, bottom + below - 14);
  scale_text(c->out, c->x.label, (size_t)(c->width / LETTER));
  str_printf(c->out, "</text>\n<text x=\"14\" y=\"%.1f\" text-anchor=\"middle\" transform=\"rotate(-90 14 %.1f)\">",
             TOP + c->height / 2, TOP + c->height / 2);
  scale_text(c->out, c->y.label, (size_t)(c->height / LETTER));
  str_printf(c->out, "</text>\n<text x=\"%d\" y=\"22\" font-size=\"15\">", LEFT);
  scale_text(c->out, c->p->title, (size_t)(c->width / LETTER / 1.2));
  str_add(c->out, "</text>\n");
}

// ---- series ----

static bool shown(const canvas *c, const plot_series *s, size_t i) {
  return scale_shows(&c->x, scale_x(s, i)) && scale_shows(&c->y, s->y[i]);
}

static const char *colour_of(const plot_series *s, size_t index) {
  return plot_colour(s->colour ? (size_t)s->colour : index + 1);
}

// All bars of a category, and how far from its middle those of the place-th series begin.
static double bar_slot(const canvas *c) { return 0.8 * c->width / (c->x.hi - c->x.lo); }
static double bar_start(const canvas *c, int place) { return bar_slot(c) * ((double)place / c->bars - 0.5); }

static void add_bars(const void *on, const plot_series *s, size_t index, int place) {
  const canvas *c = on;
  double width = bar_slot(c) / c->bars;
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    double x = x_at(c, scale_x(s, i)) + bar_start(c, place), y = y_at(c, s->y[i]), base = y_base(c);
    str_printf(c->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\">", x, fmin(y, base),
               width * 0.92, fabs(base - y), colour_of(s, index));
    scale_tip(c->p, s, i, c->out);
    str_add(c->out, "</rect>\n");
  }
}

// To each point: straight on, or first along x and then along y.
static void add_line_data(const canvas *c, const plot_series *s) {
  bool open = false;
  for (size_t i = 0; i < s->count; i++) {
    bool is_shown = shown(c, s, i);
    if (is_shown)
      str_printf(c->out,
                 !open                   ? "M%.1f %.1f"
                 : s->style & PLOT_FRONT ? "H%.1fV%.1f"
                                         : "L%.1f %.1f",
                 x_at(c, scale_x(s, i)), y_at(c, s->y[i]));
    open = is_shown;
  }
}

static void add_steps_data(const canvas *c, const plot_series *s) {
  bool open = false;
  for (size_t i = 0; i + 1 < s->count; i++) {
    bool is_shown = shown(c, s, i) && scale_shows(&c->x, scale_x(s, i + 1));
    if (is_shown && !open)
      str_printf(c->out, "M%.1f %.1f", x_at(c, scale_x(s, i)), y_at(c, s->y[i]));
    if (is_shown)
      str_printf(c->out, "V%.1fH%.1f", y_at(c, s->y[i]), x_at(c, scale_x(s, i + 1)));
    open = is_shown;
  }
}

static void add_path(const void *on, const plot_series *s, size_t index) {
  const canvas *c = on;
  bool dashed = !s->colour && index / BASE_COUNT(COLOUR) % 2; // the colours repeat
  str_printf(c->out, "<path fill=\"none\" stroke=\"%s\" %s%s d=\"", colour_of(s, index),
             s->style & PLOT_FAINT ? "stroke-width=\"0.8\" stroke-opacity=\"0.5\"" : "stroke-width=\"1.6\"",
             dashed ? " stroke-dasharray=\"5 3\"" : "");
  (s->style & PLOT_STEPS ? add_steps_data : add_line_data)(c, s);
  str_add(c->out, "\"/>\n");
}

static void add_intervals(const void *on, const plot_series *s, size_t index, int place) {
  const canvas *c = on;
  double shift = place < 0 ? 0 : (bar_start(c, place) + bar_start(c, place + 1)) / 2;
  for (size_t i = 0; s->lo && s->hi && i < s->count; i++)
    if (scale_shows(&c->x, scale_x(s, i)) && scale_shows(&c->y, s->lo[i]) && scale_shows(&c->y, s->hi[i]))
      str_printf(c->out, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\" stroke-opacity=\"0.6\"/>\n",
                 x_at(c, scale_x(s, i)) + shift, y_at(c, s->lo[i]), y_at(c, s->hi[i]),
                 s->style & PLOT_BARS ? "#222" : colour_of(s, index));
}

// A circle, a square or a triangle: colours repeat.
static void add_mark(const canvas *c, double x, double y, size_t index, const char *colour) {
  switch (index / (BASE_COUNT(COLOUR) - 1) % 3) {
  case 0:
    str_printf(c->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\">", x, y, colour);
    break;
  case 1:
    str_printf(c->out, "<path d=\"M%.1f %.1fh6v6h-6z\" fill=\"%s\">", x - 3, y - 3, colour);
    break;
  default:
    str_printf(c->out, "<path d=\"M%.1f %.1fl4 7h-8z\" fill=\"%s\">", x, y - 4, colour);
  }
}
static const char *mark_end(size_t index) {
  return index / (BASE_COUNT(COLOUR) - 1) % 3 == 0 ? "</circle>\n" : "</path>\n";
}

static void add_points(const void *on, const plot_series *s, size_t index) {
  const canvas *c = on;
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    add_mark(c, x_at(c, scale_x(s, i)), y_at(c, s->y[i]), index, colour_of(s, index));
    scale_tip(c->p, s, i, c->out);
    str_add(c->out, mark_end(index));
  }
}

static const scale_painter PAINTER = {add_bars, add_path, add_intervals, add_points};

// An <svg> of its own cuts what lies beyond the ranges.
static void add_series(const canvas *c) {
  str_printf(c->out, "<svg x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%.1f\">\n", LEFT, TOP, c->width, c->height);
  scale_paint(c->p, &PAINTER, c);
  str_add(c->out, "</svg>\n");
}

static void add_legend(const canvas *c) {
  double x = LEFT + c->width + RIGHT, y = TOP + 6;
  for (size_t k = 0; k < c->p->count; k++) {
    const plot_series *s = &c->p->series[k];
    if (!s->name)
      continue;
    if (s->style & PLOT_BARS) {
      str_printf(c->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, y - 5,
                 colour_of(s, k));
    } else {
      if (s->style & (PLOT_LINE | PLOT_STEPS | PLOT_FRONT))
        str_printf(c->out, "<path d=\"M%.1f %.1fh14\" stroke=\"%s\" stroke-width=\"1.6\"/>\n", x - 2, y,
                   colour_of(s, k));
      if (s->style & PLOT_POINTS) {
        add_mark(c, x + 5, y, k, colour_of(s, k));
        str_add(c->out, mark_end(k));
      }
    }
    str_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\">", x + 18, y + 4);
    scale_text(c->out, s->name, SCALE_LETTERS);
    str_add(c->out, "</text>\n");
    y += 18;
  }
}

// ---- the whole ----

static double legend_width(const plot *p, double *height) {
  size_t most = 0, count = 0;
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].name) {
      size_t n = scale_letters(p->series[k].name);
      most = n > most ? n : most;
      count++;
    }
  *height = 18.0 * (double)count;
  return count ? 26 + LETTER * (double)(most < SCALE_LETTERS ? most : SCALE_LETTERS) : 0;
}

// Whether the categories' names must be turned to have room, and the room below the area.
static bool turn_categories(const canvas *c, double *below) {
  size_t most = 0;
  for (size_t i = 0; c->p->categories && i < c->p->category_count; i++) {
    size_t n = scale_letters(c->p->categories[i]);
    most = n > most ? n : most;
  }
  most = most < SCALE_LETTERS ? most : SCALE_LETTERS;
  *below = BOTTOM;
  if (LETTER * (double)(most + 1) <= c->width / (c->x.hi - c->x.lo))
    return false;
  *below += 0.87 * LETTER * (double)most - 8;
  return c->p->categories;
}

// What a picture needs to know before it is drawn.
typedef struct {
  canvas c;
  double width, height, below; // of the whole; of the room below the area
  bool turned;
} layout;

static layout lay_out(const plot *p) {
  assert((!p->x.log || p->x.lo >= p->x.hi || p->x.lo > 0) && (!p->y.log || p->y.lo >= p->y.hi || p->y.lo > 0));
  layout l = {.c = {.p = p, .width = WIDTH, .height = HEIGHT}};
  canvas *c = &l.c;
  scale_axes(p, &c->x, &c->y);
  for (size_t k = 0; k < p->count; k++)
    c->bars += (p->series[k].style & PLOT_BARS) != 0;
  if (p->categories)
    c->width = fmin(fmax(c->width, CATEGORY * (double)p->category_count * fmax(1, 0.5 * c->bars)), CATEGORIES_WIDE);
  double legend_height, legend = legend_width(p, &legend_height);
  l.turned = turn_categories(c, &l.below);
  c->height = fmax(c->height, fmin(legend_height, 4000));
  l.width = LEFT + c->width + RIGHT + legend;
  l.height = TOP + c->height + l.below;
  return l;
}

// The rest of an <svg> tag, with what a reader of screens says.
static void add_label(const char *title, str *out) {
  str_add(out, "role=\"img\" aria-label=\"");
  escape_xml(out, title ? title : "");
  str_add(out, "\">\n");
}

static void add_size(double width, double height, str *out) {
  str_printf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
             "font-family=\"sans-serif\" font-size=\"12\" style=\"max-width:100%%;height:auto\" ",
             width, height, width, height);
}

// All within the tags.
static void draw(layout *l, str *out) {
  l->c.out = out;
  str_add(out, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
  add_axes(&l->c, l->turned, l->below);
  add_series(&l->c);
  add_legend(&l->c);
}

void plot_svg(const plot *p, str *out) {
  layout l = lay_out(p);
  add_size(l.width, l.height, out);
  add_label(p->title, out);
  draw(&l, out);
  str_add(out, "</svg>\n");
}

void plot_panels_svg(const plot *plots, size_t count, str *out) {
  double width = 0, height = 0;
  for (size_t i = 0; i < count; i++) {
    layout l = lay_out(&plots[i]);
    width = fmax(width, l.width);
    height += l.height;
  }
  add_size(width, height, out);
  add_label(count ? plots[0].title : "", out);
  height = 0;
  for (size_t i = 0; i < count; i++) {
    layout l = lay_out(&plots[i]);
    str_printf(out, "<svg y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" ", height, l.width, ceil(l.height));
    add_label(plots[i].title, out);
    draw(&l, out);
    str_add(out, "</svg>\n");
    height += l.height;
  }
  str_add(out, "</svg>\n");
}
