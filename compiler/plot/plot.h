// SPDX-License-Identifier: Apache-2.0
//
// plot: pictures of numbers as SVG, and pages of HTML that hold them. Nothing is read from outside the file; equal
// input gives equal bytes. All texts may be anything: they are escaped, and cut where they are too long to be seen.
#ifndef AXGEN_PLOT_H
#define AXGEN_PLOT_H

#include "compiler/base/base.h"

typedef enum {
  PLOT_POINTS = 1, // a mark at each point
  PLOT_LINE = 2, // from point to point; broken where a point cannot be shown
  PLOT_STEPS = 4, // y[i] from x[i] to x[i+1]; the last y is not shown (plot_histogram)
  PLOT_BARS = 8, // a bar from 0 to y[i]; series with bars stand side by side. With categories only
  PLOT_FRONT = 16, // a Pareto front: from point to point, first along x and then along y
  PLOT_FAINT = 32, // with a thin, pale line: one of many
} plot_style;

typedef struct {
  const char *name; // in the legend; NULL: not there
  int style; // plot_style, several may be set
  // [count], in the order in which a line takes them. With categories x may be NULL: 0, 1, 2, ...
  const double *x, *y;
  size_t count;
  const double *lo, *hi; // [count] an interval of y at each point; NULL: none
  const char *const *labels; // [count] what to say when a pointer rests on a mark or bar; NULL: only the numbers
  const char *const *links; // [count] where a click on a mark leads on a page ("#id"); NULL, or one of them: nowhere
  int colour; // of plot_colour; 0: the next one
} plot_series;

// The range is that of the data where lo and hi are equal. A point that is not finite, or on a logarithmic axis not
// positive, is left out.
typedef struct {
  const char *label;
  bool log;
  double lo, hi;
} plot_axis;

typedef struct {
  const char *title;
  plot_axis x, y;
  const char *const *categories; // [category_count] of x = 0, 1, 2, ...; NULL: x is a number
  size_t category_count;
  const plot_series *series;
  size_t count;
} plot;

// Appends one <svg> element, of 720 x 400 units and as much more as legend and categories need.
void plot_svg(const plot *p, str *out);

// Several of them in one <svg> element, one below the other.
void plot_panels_svg(const plot *plots, size_t count, str *out);

// The same as an HTML <figure> (page.h): as wide as there is room for, with text of one size on every screen. What lies
// beyond the ranges is left out. A mark that has a label says this alone.
void plot_figure(const plot *p, str *out);

// The i-th colour, told apart also with the common colour-vision deficiencies (Okabe and Ito's palette); 0 is grey.
const char *plot_colour(size_t i);

// Bins of equal width between lo and hi (on a logarithmic scale: of equal ratio); values beyond are left out, `hi`
// itself is in the last one. edge [bins + 1]; share [bins + 1]: the part of all values that each bin has, the last one
// 0: together a series of PLOT_STEPS.
void plot_histogram(const double *values, size_t count, bool log, double lo, double hi, size_t bins, double *edge,
                    double *share);

#endif
