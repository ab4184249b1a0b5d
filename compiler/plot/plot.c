// SPDX-License-Identifier: Apache-2.0
#include "compiler/plot/plot.h"
#include "compiler/base/escape.h"

#include <math.h>
#include <string.h>

// In the units of the picture: the margins, the least size of the area within the axes, and a guess at a letter.
enum { LEFT = 76, RIGHT = 18, TOP = 40, BOTTOM = 54, WIDTH = 720 - LEFT - RIGHT, HEIGHT = 400 - TOP - BOTTOM };
enum { CATEGORY = 14, CATEGORIES_WIDE = 2400, MAX_TICKS = 24, MAX_LETTERS = 32 };
static const double LETTER = 6.7, LARGEST = 1e290;

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

// ---- text ----

static size_t letters(const char *text) {
  size_t n = 0;
  for (; text && *text; text += character_bytes(text))
    n++;
  return n;
}

// At most `most` letters of it.
static void add_text(str *out, const char *text, size_t most) {
  text = text ? text : "";
  if (letters(text) <= most) {
    escape_xml(out, text);
    return;
  }
  const char *end = text;
  for (size_t i = 0; i + 1 < most; i++)
    end += character_bytes(end);
  str part = {0};
  str_add_n(&part, text, (size_t)(end - text));
  escape_xml(out, part.data);
  str_add(out, "…");
  str_free(&part);
}

// ---- scales ----

static bool can_show(const plot_axis *a, double v) {
  return isfinite(v) && fabs(v) <= LARGEST && (!a->log || v >= 1 / LARGEST);
}

static double scaled(const plot_axis *a, double v) { return a->log ? log10(v) : v; }

static double part(const plot_axis *a, double v) {
  double lo = scaled(a, a->lo), hi = scaled(a, a->hi);
  return (scaled(a, v) - lo) / (hi - lo);
}

static double x_at(const canvas *c, double x) { return c->width * part(&c->x, x); }
static double y_at(const canvas *c, double y) { return c->height * (1 - part(&c->y, y)); }
static double y_base(const canvas *c) { return c->y.log || c->y.lo > 0 ? c->height : y_at(c, fmin(0, c->y.hi)); }

static double x_of(const plot_series *s, size_t i) { return s->x ? s->x[i] : (double)i; }

static void meet(const plot_axis *a, double v, double *lo, double *hi) {
  if (can_show(a, v)) {
    *lo = fmin(*lo, v);
    *hi = fmax(*hi, v);
  }
}

// From what was met to a range with some room at both ends; it does not cross 0 for that.
static void take_range(plot_axis *a, double lo, double hi) {
  if (lo > hi) // nothing can be shown
    lo = a->log ? 1 : 0, hi = a->log ? 10 : 1;
  if (a->log) {
    double room = fmax(0.04 * log10(hi / lo), 0.05);
    a->lo = lo * pow(10, -room);
    a->hi = hi * pow(10, room);
    return;
  }
  bool distinct = hi - lo > fmax(fabs(hi) * 1e-12, 1 / LARGEST);
  double room = distinct ? 0.04 * (hi - lo) : fabs(hi) > 1 / LARGEST ? fabs(hi) / 2 : 1;
  a->lo = lo >= 0 && lo < room ? 0 : lo - room;
  a->hi = hi <= 0 && -hi < room && lo < 0 ? 0 : hi + room;
}

static void range_x(canvas *c) {
  const plot *p = c->p;
  c->x = p->x;
  if (p->categories) {
    c->x = (plot_axis){.label = p->x.label, .lo = -0.5, .hi = (double)p->category_count - 0.5};
    if (!p->category_count)
      c->x.hi = 0.5;
    return;
  }
  double lo = INFINITY, hi = -INFINITY;
  for (size_t k = 0; k < p->count; k++)
    for (size_t i = 0; i < p->series[k].count; i++)
      meet(&c->x, x_of(&p->series[k], i), &lo, &hi);
  if (!(c->x.lo < c->x.hi))
    take_range(&c->x, lo, hi);
}

static void range_y(canvas *c) {
  const plot *p = c->p;
  c->y = p->y;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t k = 0; k < p->count; k++) {
    const plot_series *s = &p->series[k];
    for (size_t i = 0; i < s->count; i++) {
      meet(&c->y, s->y[i], &lo, &hi);
      meet(&c->y, s->lo ? s->lo[i] : NAN, &lo, &hi);
      meet(&c->y, s->hi ? s->hi[i] : NAN, &lo, &hi);
    }
    if (s->style & PLOT_BARS && !c->y.log)
      meet(&c->y, 0, &lo, &hi);
  }
  if (!(c->y.lo < c->y.hi))
    take_range(&c->y, lo, hi);
}

// ---- axes ----

// 1, 2 or 5 times a power of ten: about six in the range.
static double tick_step(double range) {
  double step = pow(10, floor(log10(range / 6)));
  double times = range / step / 6;
  return times > 7 ? 10 * step : times > 3.2 ? 5 * step : times > 1.4 ? 2 * step : step;
}

static int linear_ticks(const plot_axis *a, double *at) {
  double step = tick_step(a->hi - a->lo), first = ceil(a->lo / step - 1e-9);
  int n = 0;
  for (int i = 0; i < MAX_TICKS; i++) {
    double v = (first + i) * step;
    if (v > a->hi + step * 1e-9)
      break;
    at[n++] = fabs(v) < step / 2 ? 0 : v;
  }
  return n;
}

static int log_ticks(const plot_axis *a, double *at) {
  int lo = (int)floor(log10(a->lo)), hi = (int)ceil(log10(a->hi)), n = 0;
  int each = (hi - lo) / 9 + 1;
  for (int decade = lo; decade <= hi; decade++)
    for (int k = 0; k < 3 && n < MAX_TICKS; k++) {
      static const int TIMES[] = {1, 2, 5};
      double v = pow(10, decade) * TIMES[k];
      if (v >= a->lo && v <= a->hi && (hi - lo <= 3 ? true : k == 0 && decade % each == 0))
        at[n++] = v;
    }
  return n > 1 ? n : linear_ticks(a, at);
}

static int ticks(const plot_axis *a, double *at) { return a->log ? log_ticks(a, at) : linear_ticks(a, at); }

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
    add_text(c->out, c->p->categories[i], MAX_LETTERS);
    str_add(c->out, "</text>\n");
  }
}

static void add_axes(const canvas *c, bool turned, double below) {
  double at[MAX_TICKS], bottom = TOP + c->height;
  int n = ticks(&c->y, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out,
               "<path d=\"M%d %.1fh%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n",
               LEFT, TOP + y_at(c, at[i]), c->width, LEFT - 6, TOP + y_at(c, at[i]) + 4, at[i]);
  n = c->p->categories ? 0 : ticks(&c->x, at);
  for (int i = 0; i < n; i++)
    str_printf(c->out,
               "<path d=\"M%.1f %dv%.1f\" stroke=\"#eee\"/>"
               "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.6g</text>\n",
               LEFT + x_at(c, at[i]), TOP, c->height, LEFT + x_at(c, at[i]), bottom + 16, at[i]);
  if (c->p->categories)
    add_categories(c, turned);
  str_printf(c->out, "<path d=\"M%d %dv%.1fh%.1f\" fill=\"none\" stroke=\"#222\"/>\n", LEFT, TOP, c->height, c->width);
  str_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", LEFT + c->width / 2, bottom + below - 14);
  add_text(c->out, c->x.label, (size_t)(c->width / LETTER));
  str_printf(c->out, "</text>\n<text x=\"14\" y=\"%.1f\" text-anchor=\"middle\" transform=\"rotate(-90 14 %.1f)\">",
             TOP + c->height / 2, TOP + c->height / 2);
  add_text(c->out, c->y.label, (size_t)(c->height / LETTER));
  str_printf(c->out, "</text>\n<text x=\"%d\" y=\"22\" font-size=\"15\">", LEFT);
  add_text(c->out, c->p->title, (size_t)(c->width / LETTER / 1.2));
  str_add(c->out, "</text>\n");
}

// ---- series ----

static bool shown(const canvas *c, const plot_series *s, size_t i) {
  return can_show(&c->x, x_of(s, i)) && can_show(&c->y, s->y[i]);
}

static const char *colour_of(const plot_series *s, size_t index) {
  return plot_colour(s->colour ? (size_t)s->colour : index + 1);
}

static void add_tip(const canvas *c, const plot_series *s, size_t i) {
  const plot *p = c->p;
  double x = x_of(s, i);
  str_add(c->out, "<title>");
  if (s->labels || s->name) {
    escape_xml(c->out, s->labels ? s->labels[i] : s->name);
    str_add(c->out, ": ");
  }
  if (p->categories && x >= 0 && x < (double)p->category_count) {
    escape_xml(c->out, p->categories[(size_t)x]);
    str_add(c->out, ", ");
  } else {
    str_printf(c->out, "%.6g, ", x);
  }
  str_printf(c->out, "%.6g</title>", s->y[i]);
}

// All bars of a category, and how far from its middle those of the place-th series begin.
static double bar_slot(const canvas *c) { return 0.8 * c->width / (c->x.hi - c->x.lo); }
static double bar_start(const canvas *c, int place) { return bar_slot(c) * ((double)place / c->bars - 0.5); }

static void add_bars(const canvas *c, const plot_series *s, size_t index, int place) {
  double width = bar_slot(c) / c->bars;
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    double x = x_at(c, x_of(s, i)) + bar_start(c, place), y = y_at(c, s->y[i]), base = y_base(c);
    str_printf(c->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\">", x, fmin(y, base),
               width * 0.92, fabs(base - y), colour_of(s, index));
    add_tip(c, s, i);
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
                 x_at(c, x_of(s, i)), y_at(c, s->y[i]));
    open = is_shown;
  }
}

static void add_steps_data(const canvas *c, const plot_series *s) {
  bool open = false;
  for (size_t i = 0; i + 1 < s->count; i++) {
    bool is_shown = shown(c, s, i) && can_show(&c->x, x_of(s, i + 1));
    if (is_shown && !open)
      str_printf(c->out, "M%.1f %.1f", x_at(c, x_of(s, i)), y_at(c, s->y[i]));
    if (is_shown)
      str_printf(c->out, "V%.1fH%.1f", y_at(c, s->y[i]), x_at(c, x_of(s, i + 1)));
    open = is_shown;
  }
}

static void add_path(const canvas *c, const plot_series *s, size_t index) {
  bool dashed = !s->colour && index / BASE_COUNT(COLOUR) % 2; // the colours repeat
  str_printf(c->out, "<path fill=\"none\" stroke=\"%s\" %s%s d=\"", colour_of(s, index),
             s->style & PLOT_FAINT ? "stroke-width=\"0.8\" stroke-opacity=\"0.5\"" : "stroke-width=\"1.6\"",
             dashed ? " stroke-dasharray=\"5 3\"" : "");
  (s->style & PLOT_STEPS ? add_steps_data : add_line_data)(c, s);
  str_add(c->out, "\"/>\n");
}

static void add_intervals(const canvas *c, const plot_series *s, size_t index, double shift) {
  for (size_t i = 0; s->lo && s->hi && i < s->count; i++)
    if (can_show(&c->x, x_of(s, i)) && can_show(&c->y, s->lo[i]) && can_show(&c->y, s->hi[i]))
      str_printf(c->out, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\" stroke-opacity=\"0.6\"/>\n",
                 x_at(c, x_of(s, i)) + shift, y_at(c, s->lo[i]), y_at(c, s->hi[i]),
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

static void add_points(const canvas *c, const plot_series *s, size_t index) {
  for (size_t i = 0; i < s->count; i++) {
    if (!shown(c, s, i))
      continue;
    add_mark(c, x_at(c, x_of(s, i)), y_at(c, s->y[i]), index, colour_of(s, index));
    add_tip(c, s, i);
    str_add(c->out, mark_end(index));
  }
}

// An <svg> of its own cuts what lies beyond the ranges.
static void add_series(const canvas *c) {
  const plot *p = c->p;
  int place = 0;
  str_printf(c->out, "<svg x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%.1f\">\n", LEFT, TOP, c->width, c->height);
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].style & PLOT_BARS)
      add_bars(c, &p->series[k], k, place++);
  place = 0;
  for (size_t k = 0; k < p->count; k++) {
    const plot_series *s = &p->series[k];
    bool bars = s->style & PLOT_BARS;
    if (s->style & (PLOT_LINE | PLOT_STEPS | PLOT_FRONT))
      add_path(c, s, k);
    add_intervals(c, s, k, bars ? (bar_start(c, place) + bar_start(c, place + 1)) / 2 : 0);
    place += bars;
  }
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].style & PLOT_POINTS)
      add_points(c, &p->series[k], k);
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
    add_text(c->out, s->name, MAX_LETTERS);
    str_add(c->out, "</text>\n");
    y += 18;
  }
}

// ---- the whole ----

static double legend_width(const plot *p, double *height) {
  size_t most = 0, count = 0;
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].name) {
      size_t n = letters(p->series[k].name);
      most = n > most ? n : most;
      count++;
    }
  *height = 18.0 * (double)count;
  return count ? 26 + LETTER * (double)(most < MAX_LETTERS ? most : MAX_LETTERS) : 0;
}

// Whether the categories' names must be turned to have room, and the room below the area.
static bool turn_categories(const canvas *c, double *below) {
  size_t most = 0;
  for (size_t i = 0; c->p->categories && i < c->p->category_count; i++) {
    size_t n = letters(c->p->categories[i]);
    most = n > most ? n : most;
  }
  most = most < MAX_LETTERS ? most : MAX_LETTERS;
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
  range_x(c);
  range_y(c);
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

void plot_histogram(const double *values, size_t count, bool log, double lo, double hi, size_t bins, double *edge,
                    double *share) {
  assert(bins > 0 && lo < hi && (!log || lo > 0));
  double a = log ? log10(lo) : lo, b = log ? log10(hi) : hi;
  for (size_t i = 0; i <= bins; i++) {
    double at = a + (b - a) * (double)i / (double)bins;
    edge[i] = log ? pow(10, at) : at;
    share[i] = 0;
  }
  for (size_t i = 0; i < count; i++) {
    if (!(values[i] >= lo && values[i] <= hi))
      continue;
    double at = ((log ? log10(values[i]) : values[i]) - a) / (b - a) * (double)bins;
    size_t bin = at < (double)bins ? (size_t)at : bins - 1;
    share[bin]++;
  }
  for (size_t i = 0; count && i < bins; i++)
    share[i] /= (double)count;
}

void plot_page_begin(const char *title, str *out) {
  str_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
  escape_xml(out, title);
  str_add(out, "</title>\n"
               "<style>body{font-family:sans-serif;max-width:1100px;margin:2em auto}pre{background:#f4f4f4;"
               "padding:1em;overflow-x:auto}td{padding:1px 8px}.n{text-align:right}</style></head>"
               "<body>\n<h1>");
  escape_xml(out, title);
  str_add(out, "</h1>\n");
}

void plot_page_end(str *out) { str_add(out, "</body></html>\n"); }
