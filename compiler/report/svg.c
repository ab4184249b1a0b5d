// SPDX-License-Identifier: Apache-2.0
//
// The picture of designs side by side.
#include "compiler/base/escape.h"
#include "compiler/plot/plot.h"
#include "compiler/report/report.h"

#include <math.h>

// One group of bars: `value(design) / value(first)`.
static void bar_group(const report_folder *const *r, size_t count, const double *values, const char *title,
                      const char *unit, double x, double width, double most, str *out) {
  const double base = 250, height = 190;
  double bar = width / (double)count * 0.8, step = width / (double)count;
  for (size_t i = 0; i < count; i++) {
    double ratio = values[i] / values[0], h = height * ratio / most;
    if (!isfinite(ratio))
      continue;
    str_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>",
               x + step * (double)i, base - h, bar, h, plot_colour(i));
    escape_xml(out, r[i]->name);
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

static double whole(const report_design *r) { return r->measured.everything; }

static size_t designs_of(const report_folder *r, size_t count, const report_folder **out) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (r[i].design.there)
      out[n++] = &r[i];
  return n;
}

void report_svg(const report_folder *folders, size_t folder_count, str *out) {
  static const struct {
    const char *title, *unit;
    double (*value)(const report_design *);
  } GROUPS[] = {{"accuracy", "top-1, %", top1},
                {"area", "um2, without memories", area},
                {"multipliers", "um2", multiplier_area},
                {"delay", "ns, longest path", delay},
                {"energy", "nJ/image, multipliers, no glitches", energy},
                {"energy, measured", "nJ/image, with memories", whole}};
  int groups = BASE_COUNT(GROUPS);
  const report_folder *r[REPORT_FOLDERS];
  double values[BASE_COUNT(GROUPS)][REPORT_FOLDERS], most = 1;
  assert(folder_count <= REPORT_FOLDERS);
  size_t count = designs_of(folders, folder_count, r);
  groups -= !count || isnan(whole(&r[0]->design)); // the last one, where the first design has none to stand beside
  for (size_t g = 0; g < (size_t)groups; g++)
    for (size_t i = 0; i < count; i++) {
      values[g][i] = GROUPS[g].value(&r[i]->design);
      double ratio = values[g][i] / values[g][0];
      most = isfinite(ratio) && ratio > most ? ratio : most;
    }
  double group = 24 + 56 * (double)count, wide = 40 + (group > 200 ? group : 200) * groups;
  if (group < 200)
    group = 200;
  str_printf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
             "font-size=\"12\">\n"
             "<style>.v{text-anchor:middle}.u{fill:#666;font-size:10px}</style>\n"
             "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
             "<text x=\"20\" y=\"24\" font-size=\"15\">Designs compared with ",
             wide, 310 + 18 * (double)count);
  escape_xml(out, count ? r[0]->name : "");
  str_add(out, " (bars: ratio to it; labels: the figures)</text>\n");
  str_printf(out, "<line x1=\"20\" x2=\"%.0f\" y1=\"250\" y2=\"250\" stroke=\"#888\"/>\n", wide - 20);
  for (size_t g = 0; g < (size_t)groups; g++)
    bar_group(r, count, values[g], GROUPS[g].title, GROUPS[g].unit, 30 + group * (double)g, group - 30, most, out);
  for (size_t i = 0; i < count; i++) {
    str_printf(out, "<rect x=\"30\" y=\"%.0f\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"48\" y=\"%.0f\">",
               298 + 18 * (double)i, plot_colour(i), 308 + 18 * (double)i);
    escape_xml(out, r[i]->name);
    str_add(out, "</text>\n");
  }
  str_add(out, "</svg>\n");
}
