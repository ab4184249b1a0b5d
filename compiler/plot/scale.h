// SPDX-License-Identifier: Apache-2.0
//
// scale: what every way to draw a plot needs: the ranges of its axes, their ticks, where on them a number lies.
#ifndef AXGEN_SCALE_H
#define AXGEN_SCALE_H

#include "compiler/plot/plot.h"

enum { SCALE_TICKS = 24, SCALE_LETTERS = 32 }; // at most, on an axis; of a name

// The axes with the ranges that are shown: those of the data where the plot gives none.
void scale_axes(const plot *p, plot_axis *x, plot_axis *y);
bool scale_shows(const plot_axis *a, double v); // finite, and positive on a logarithmic axis
double scale_part(const plot_axis *a, double v); // how far from lo (0) to hi (1)
// From where bars stand: 0 where it is in the range.
double scale_base(const plot_axis *y);
// Where the ticks are, [SCALE_TICKS]; how many.
int scale_ticks(const plot_axis *a, double *at);
static inline double scale_x(const plot_series *s, size_t i) { return s->x ? s->x[i] : (double)i; }

// Letters of a text; at most `most` of it, escaped.
size_t scale_letters(const char *text);
void scale_text(str *out, const char *text, size_t most);
// What to say of point i of a series.
void scale_tip(const plot *p, const plot_series *s, size_t i, str *out);

// How a picture draws a series, `index` of the plot's; place: which it is of those with bars, -1 where it has none.
typedef struct {
  void (*bars)(const void *canvas, const plot_series *s, size_t index, int place);
  void (*path)(const void *canvas, const plot_series *s, size_t index);
  void (*intervals)(const void *canvas, const plot_series *s, size_t index, int place);
  void (*points)(const void *canvas, const plot_series *s, size_t index);
} scale_painter;
// All series: bars, before them lines and intervals, before these points.
void scale_paint(const plot *p, const scale_painter *painter, const void *canvas);

#endif
