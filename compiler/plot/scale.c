// SPDX-License-Identifier: Apache-2.0
#include "compiler/plot/scale.h"
#include "compiler/base/escape.h"

#include <math.h>

static const double LARGEST = 1e290;

// ---- text ----

size_t scale_letters(const char *text) {
  size_t n = 0;
  for (; text && *text; text += character_bytes(text))
    n++;
  return n;
}

void scale_text(str *out, const char *text, size_t most) {
  text = text ? text : "";
  if (scale_letters(text) <= most) {
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

void scale_tip(const plot *p, const plot_series *s, size_t i, str *out) {
  double x = scale_x(s, i);
  str_add(out, "<title>");
  if (s->labels || s->name) {
    escape_xml(out, s->labels ? s->labels[i] : s->name);
    str_add(out, ": ");
  }
  if (p->categories && x >= 0 && x < (double)p->category_count) {
    escape_xml(out, p->categories[(size_t)x]);
    str_add(out, ", ");
  } else {
    str_printf(out, "%.6g, ", x);
  }
  str_printf(out, "%.6g</title>", s->y[i]);
}

// ---- scales ----

bool scale_shows(const plot_axis *a, double v) {
  return isfinite(v) && fabs(v) <= LARGEST && (!a->log || v >= 1 / LARGEST);
}

static double scaled(const plot_axis *a, double v) { return a->log ? log10(v) : v; }

double scale_part(const plot_axis *a, double v) {
  double lo = scaled(a, a->lo), hi = scaled(a, a->hi);
  return (scaled(a, v) - lo) / (hi - lo);
}

double scale_base(const plot_axis *y) { return y->log || y->lo > 0 ? y->lo : fmin(0, y->hi); }

static void meet(const plot_axis *a, double v, double *lo, double *hi) {
  if (scale_shows(a, v)) {
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

static void range_x(const plot *p, plot_axis *x) {
  *x = p->x;
  if (p->categories) {
    *x = (plot_axis){.label = p->x.label, .lo = -0.5, .hi = (double)p->category_count - 0.5};
    if (!p->category_count)
      x->hi = 0.5;
    return;
  }
  double lo = INFINITY, hi = -INFINITY;
  for (size_t k = 0; k < p->count; k++)
    for (size_t i = 0; i < p->series[k].count; i++)
      meet(x, scale_x(&p->series[k], i), &lo, &hi);
  if (!(x->lo < x->hi))
    take_range(x, lo, hi);
}

static void range_y(const plot *p, plot_axis *y) {
  *y = p->y;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t k = 0; k < p->count; k++) {
    const plot_series *s = &p->series[k];
    for (size_t i = 0; i < s->count; i++) {
      meet(y, s->y[i], &lo, &hi);
      meet(y, s->lo ? s->lo[i] : NAN, &lo, &hi);
      meet(y, s->hi ? s->hi[i] : NAN, &lo, &hi);
    }
    if (s->style & PLOT_BARS && !y->log)
      meet(y, 0, &lo, &hi);
  }
  if (!(y->lo < y->hi))
    take_range(y, lo, hi);
}

void scale_axes(const plot *p, plot_axis *x, plot_axis *y) {
  range_x(p, x);
  range_y(p, y);
}

// ---- ticks ----

// 1, 2 or 5 times a power of ten: about six in the range.
static double tick_step(double range) {
  double step = pow(10, floor(log10(range / 6)));
  double times = range / step / 6;
  return times > 7 ? 10 * step : times > 3.2 ? 5 * step : times > 1.4 ? 2 * step : step;
}

static int linear_ticks(const plot_axis *a, double *at) {
  double step = tick_step(a->hi - a->lo), first = ceil(a->lo / step - 1e-9);
  int n = 0;
  for (int i = 0; i < SCALE_TICKS; i++) {
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
    for (int k = 0; k < 3 && n < SCALE_TICKS; k++) {
      static const int TIMES[] = {1, 2, 5};
      double v = pow(10, decade) * TIMES[k];
      if (v >= a->lo && v <= a->hi && (hi - lo <= 3 ? true : k == 0 && decade % each == 0))
        at[n++] = v;
    }
  return n > 1 ? n : linear_ticks(a, at);
}

int scale_ticks(const plot_axis *a, double *at) { return a->log ? log_ticks(a, at) : linear_ticks(a, at); }

// ---- histograms ----

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

void scale_paint(const plot *p, const scale_painter *painter, const void *canvas) {
  int place = 0;
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].style & PLOT_BARS)
      painter->bars(canvas, &p->series[k], k, place++);
  place = 0;
  for (size_t k = 0; k < p->count; k++) {
    const plot_series *s = &p->series[k];
    if (s->style & (PLOT_LINE | PLOT_STEPS | PLOT_FRONT))
      painter->path(canvas, s, k);
    painter->intervals(canvas, s, k, s->style & PLOT_BARS ? place++ : -1);
  }
  for (size_t k = 0; k < p->count; k++)
    if (p->series[k].style & PLOT_POINTS)
      painter->points(canvas, &p->series[k], k);
}
