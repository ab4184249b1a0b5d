// SPDX-License-Identifier: Apache-2.0
//
// The picture and the page. Colours are readable with the common colour-vision deficiencies (Okabe and Ito's palette).
#include "compiler/report/report.h"

#include <math.h>
#include <string.h>

static const char *const COLOUR[] = {"#555555", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

static const char *colour(size_t i) { return COLOUR[i % BASE_COUNT(COLOUR)]; }

static void escaped(const char *text, str *out) {
  for (; *text; text++) {
    if (*text == '<')
      str_add(out, "&lt;");
    else if (*text == '&')
      str_add(out, "&amp;");
    else if (*text == '"')
      str_add(out, "&quot;");
    else
      str_add_n(out, text, 1);
  }
}

// One group of bars: `value(design) / value(first)`.
static void bar_group(const report_design *r, size_t count, const double *values, const char *title, const char *unit,
                      double x, double width, double most, str *out) {
  const double base = 250, height = 190;
  double bar = width / (double)count * 0.8, step = width / (double)count;
  for (size_t i = 0; i < count; i++) {
    if (isnan(values[i]) || isnan(values[0]))
      continue;
    double ratio = values[i] / values[0], h = height * ratio / most;
    str_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>",
               x + step * (double)i, base - h, bar, h, colour(i));
    escaped(r[i].name, out);
    str_printf(out, ": %.4g %s</title></rect>\n<text x=\"%.1f\" y=\"%.1f\" class=\"v\">%.*f</text>\n", values[i], unit,
               x + step * (double)i + bar / 2, base - h - 4, values[i] < 100 ? 2 : 0, values[i]);
  }
  str_printf(out,
             "<text x=\"%.1f\" y=\"268\" class=\"v\">%s</text>\n<text x=\"%.1f\" y=\"284\" class=\"v u\">%s</text>\n",
             x + width / 2, title, x + width / 2, unit);
}

static double top1(const report_design *r) { return 100 * r->top1; }
static double area(const report_design *r) { return r->area; }
static double multiplier_area(const report_design *r) { return r->multiplier_area; }
static double delay(const report_design *r) { return r->delay_ns; }
static double energy(const report_design *r) { return r->energy_nj; }

void report_svg(const report_design *r, size_t count, str *out) {
  static const struct {
    const char *title, *unit;
    double (*value)(const report_design *);
  } GROUPS[] = {{"accuracy", "top-1, %", top1},
                {"area", "um2, without memories", area},
                {"multipliers", "um2", multiplier_area},
                {"delay", "ns, longest path", delay},
                {"energy", "nJ/image, multipliers, no glitches", energy}};
  const int groups = BASE_COUNT(GROUPS);
  double values[BASE_COUNT(GROUPS)][64], most = 1;
  assert(count <= 64);
  for (size_t g = 0; g < BASE_COUNT(GROUPS); g++)
    for (size_t i = 0; i < count; i++) {
      values[g][i] = GROUPS[g].value(&r[i]);
      double ratio = values[g][i] / values[g][0];
      most = !isnan(ratio) && ratio > most ? ratio : most;
    }
  double group = 24 + 56 * (double)count, wide = 40 + (group > 200 ? group : 200) * groups;
  if (group < 200)
    group = 200;
  str_printf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
             "font-size=\"12\">\n"
             "<style>.v{text-anchor:middle}.u{fill:#666;font-size:10px}</style>\n"
             "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
             "<text x=\"20\" y=\"24\" font-size=\"15\">Designs compared with %s (bars: ratio to it; labels: the "
             "figures)</text>\n",
             wide, 310 + 18 * (double)count, r[0].name);
  str_printf(out, "<line x1=\"20\" x2=\"%.0f\" y1=\"250\" y2=\"250\" stroke=\"#888\"/>\n", wide - 20);
  for (size_t g = 0; g < BASE_COUNT(GROUPS); g++)
    bar_group(r, count, values[g], GROUPS[g].title, GROUPS[g].unit, 30 + group * (double)g, group - 30, most, out);
  for (size_t i = 0; i < count; i++) {
    str_printf(out, "<rect x=\"30\" y=\"%.0f\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"48\" y=\"%.0f\">",
               298 + 18 * (double)i, colour(i), 308 + 18 * (double)i);
    escaped(r[i].name, out);
    str_add(out, "</text>\n");
  }
  str_add(out, "</svg>\n");
}

// Area of each layer by kind, as one stacked bar a layer.
static void breakdown(const report_design *r, str *out) {
  const cJSON *layers = cJSON_GetObjectItemCaseSensitive(r->synth, "layers"), *l;
  double most = 0;
  cJSON_ArrayForEach(l, layers) {
    const cJSON *total = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(l, "area_um2"), "total");
    if (cJSON_IsNumber(total) && total->valuedouble > most)
      most = total->valuedouble;
  }
  if (most <= 0)
    return;
  str_add(out, "<h2>");
  escaped(r->name, out);
  str_add(out, ": area by layer and kind</h2>\n<table>\n");
  cJSON_ArrayForEach(l, layers) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(l, "layer"), *kind;
    str_add(out, "<tr><td>");
    escaped(cJSON_IsString(name) ? name->valuestring : "?", out);
    str_add(out, "</td><td><svg width=\"620\" height=\"16\">");
    double x = 0;
    size_t k = 1;
    cJSON_ArrayForEach(kind, cJSON_GetObjectItemCaseSensitive(l, "area_um2")) {
      if (!cJSON_IsNumber(kind) || strcmp(kind->string, "total") == 0)
        continue;
      double w = 600 * kind->valuedouble / most;
      str_printf(out, "<rect x=\"%.1f\" width=\"%.1f\" height=\"16\" fill=\"%s\"><title>%s %.0f um2</title></rect>", x,
                 w, colour(k++), kind->string, kind->valuedouble);
      x += w;
    }
    const cJSON *total = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(l, "area_um2"), "total");
    str_printf(out, "</svg></td><td class=\"n\">%.0f um2</td></tr>\n", total ? total->valuedouble : 0);
  }
  str_add(out, "</table>\n<p>");
  const cJSON *kind;
  size_t k = 1;
  cJSON_ArrayForEach(kind,
                     cJSON_GetObjectItemCaseSensitive(r->synth, "area_um2")) if (strcmp(kind->string, "total") != 0)
      str_printf(out, "<span style=\"background:%s\">&nbsp;&nbsp;&nbsp;</span> %s &nbsp; ", colour(k++), kind->string);
  str_add(out, "</p>\n");
}

void report_html(const report_design *r, size_t count, str *out) {
  str_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>axgen report</title>\n"
               "<style>body{font-family:sans-serif;max-width:1100px;margin:2em auto}pre{background:#f4f4f4;"
               "padding:1em;overflow-x:auto}td{padding:1px 8px}.n{text-align:right}</style></head><body>\n"
               "<h1>axgen report</h1>\n");
  report_svg(r, count, out);
  str table = {0};
  report_text(r, count, &table);
  str_add(out, "<pre>");
  escaped(table.data, out);
  str_add(out, "</pre>\n");
  str_free(&table);
  for (size_t i = 0; i < count; i++)
    if (r[i].synth)
      breakdown(&r[i], out);
  str_add(out, "</body></html>\n");
}
