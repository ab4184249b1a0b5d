// SPDX-License-Identifier: Apache-2.0
//
// A scatter plot of the catalogue: a panel for each second figure, points by family, the Pareto front as steps.
#include "compiler/base/escape.h"
#include "genlib/measure/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PANELS = 4, WIDTH = 460, HEIGHT = 400, LEFT = 58, RIGHT = 14, TOP = 54, BOTTOM = 46, MAX_FAMILIES = 12 };
static const char *const colours[] = {"#111111", "#7a7a7a", "#d1495b", "#2274a5", "#8d6a9f", "#3a8d4f", "#e09f3e"};

typedef struct {
  const catalogue *c;
  int k[2];
  bool log_x; // log10(1 + x): errors span decades and may be 0
  double x_max, y_max;
  double left; // of the panel
  const char *family[MAX_FAMILIES];
  int families;
} plot;

static double scaled(const plot *p, double x) { return p->log_x ? log10(1 + x) : x; }

static double x_at(const plot *p, double x) {
  return p->left + LEFT + scaled(p, fabs(x)) / scaled(p, p->x_max) * (WIDTH - LEFT - RIGHT);
}

static double y_at(const plot *p, double y) { return HEIGHT - BOTTOM - fabs(y) / p->y_max * (HEIGHT - TOP - BOTTOM); }

// 1, 2 or 5 times a power of ten, about a fifth of `most`.
static double tick_step(double most) {
  double step = pow(10, floor(log10(most / 5)));
  return most / step > 25 ? 5 * step : most / step > 10 ? 2 * step : step;
}

static void add_axes(const plot *p, str *out) {
  double x0 = p->left + LEFT, x1 = p->left + WIDTH - RIGHT, y0 = HEIGHT - BOTTOM;
  double step = tick_step(p->y_max);
  double y, x;
  for (int i = 0; (y = i * step) <= p->y_max * 1.0001; i++)
    str_printf(out, "<path d='M%.1f %.1fH%.1f' class='g'/><text x='%.1f' y='%.1f' class='e'>%g</text>\n", x0,
               y_at(p, y), x1, x0 - 6, y_at(p, y) + 4, y);
  step = p->log_x ? 10 : tick_step(p->x_max);
  for (int i = 0; (x = p->log_x ? (i ? pow(step, i - 1) : 0) : i * step) <= p->x_max * 1.0001; i++)
    str_printf(out, "<path d='M%.1f %.1fv4' class='a'/><text x='%.1f' y='%.1f' class='m'>%g</text>\n", x_at(p, x), y0,
               x_at(p, x), y0 + 17, x);
  str_printf(out, "<path d='M%.1f %dV%.1fH%.1f' class='a'/>\n", x0, TOP, y0, x1);
  str_printf(out, "<text x='%.1f' y='%d' class='m'>%s%s</text>\n", (x0 + x1) / 2, HEIGHT - 10, catalogue_what[p->k[0]],
             p->log_x ? " (log of 1 + error)" : "");
  str_printf(out, "<text x='%.1f' y='%d' class='t'>%s</text>\n", x0, TOP - 12, catalogue_what[p->k[1]]);
}

static int family_index(plot *p, const char *family) {
  for (int i = 0; i < p->families; i++)
    if (strcmp(p->family[i], family) == 0)
      return i;
  if (p->families == MAX_FAMILIES)
    return MAX_FAMILIES - 1;
  p->family[p->families] = family;
  return p->families++;
}

static int by_x(const void *a, const void *b) {
  const double *x = a, *y = b;
  return x[0] < y[0] ? -1 : x[0] > y[0];
}

static void add_front(const plot *p, str *out) {
  double(*at)[2] = calloc(p->c->count + 1, sizeof *at);
  assert(at);
  size_t n = 0;
  for (size_t i = 0; i < p->c->count; i++)
    if (p->c->entries[i].pareto) {
      at[n][0] = x_at(p, p->c->entries[i].figure[p->k[0]]);
      at[n++][1] = y_at(p, p->c->entries[i].figure[p->k[1]]);
    }
  qsort(at, n, sizeof *at, by_x);
  for (size_t i = 0; i < n; i++)
    str_printf(out, i ? "H%.1fV%.1f" : "<path class='f' d='M%.1f %.1f", at[i][0], at[i][1]);
  if (n)
    str_add(out, "'/>\n");
  free(at);
}

static void add_points(plot *p, str *out) {
  for (size_t i = 0; i < p->c->count; i++) {
    const catalogue_entry *e = &p->c->entries[i];
    const char *colour = colours[(size_t)family_index(p, e->family) % BASE_COUNT(colours)];
    double x = x_at(p, e->figure[p->k[0]]), y = y_at(p, e->figure[p->k[1]]);
    str_printf(out, "<circle cx='%.1f' cy='%.1f' r='%s' fill='%s' fill-opacity='%s'><title>", x, y,
               e->pareto ? "4" : "3", colour, e->pareto ? "1" : "0.45");
    escape_xml(out, e->name);
    str_printf(out, ": %.6g, %.6g</title></circle>\n", e->figure[p->k[0]], e->figure[p->k[1]]);
  }
}

static void add_legend(const plot *p, str *out) {
  for (int i = 0; i < p->families; i++) {
    str_printf(out, "<circle cx='%d' cy='14' r='4' fill='%s'/><text x='%d' y='18' class='l'>", LEFT + 6 + 76 * i,
               colours[(size_t)i % BASE_COUNT(colours)], LEFT + 15 + 76 * i);
    escape_xml(out, p->family[i]);
    str_add(out, "</text>\n");
  }
}

bool catalogue_svg(const catalogue *c, const char *keys, str *out, diag *d) {
  int k[MAX_PANELS + 1], n = catalogue_keys(keys, k, MAX_PANELS + 1, d);
  if (n < 2)
    return n == 1 ? diag_error(d, "`%s`: two figures at least were expected, such as mae,energy", keys) : false;
  plot p = {.c = c};
  str_printf(
      out,
      "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d'>\n<style>text{font:12px "
      "sans-serif;fill:#222}.m{text-anchor:middle}.e{text-anchor:end}.t{font-weight:bold}.g{stroke:#ddd}"
      ".a{stroke:#222;fill:none}.f{stroke:#222;stroke-dasharray:4 3;fill:none}</style>\n"
      "<rect width='100%%' height='100%%' fill='#fff'/>\n",
      WIDTH * (n - 1), HEIGHT, WIDTH * (n - 1), HEIGHT);
  for (int panel = 1; panel < n; panel++) {
    p.k[0] = k[0], p.k[1] = k[panel];
    p.left = WIDTH * (panel - 1);
    p.log_x = k[0] == CATALOGUE_MAE || k[0] == CATALOGUE_WCE || k[0] == CATALOGUE_MSE || k[0] == CATALOGUE_MAE_REAL ||
              k[0] == CATALOGUE_BIAS || k[0] == CATALOGUE_BIAS_REAL;
    p.x_max = p.y_max = 1e-12;
    for (size_t i = 0; i < c->count; i++) {
      p.x_max = fmax(p.x_max, fabs(c->entries[i].figure[p.k[0]]) * 1.05);
      p.y_max = fmax(p.y_max, fabs(c->entries[i].figure[p.k[1]]) * 1.05);
    }
    catalogue_mark(c, p.k);
    add_axes(&p, out);
    add_front(&p, out);
    add_points(&p, out);
  }
  add_legend(&p, out);
  str_add(out, "</svg>\n");
  return true;
}
