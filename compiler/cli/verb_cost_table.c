// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/verb_cost_table.h"
#include "compiler/base/json.h"
#include "compiler/plot/plot.h"

#include <math.h>
#include <string.h>

enum { READ_MOST = 64 << 20 }; // bytes of a file

// clang-format off
static const struct {
  const char *key, *unit; // of the prediction in JSON
  int digits;
} FIGURES[COST_FIGURE_COUNT] = {
    [COST_AREA] = {"area_um2", "um2", 0},       [COST_ENERGY] = {"nj_per_image", "nJ", 2},
    [COST_SIMPLE] = {"simple_nj_per_image", "nJ", 2}, [COST_CYCLES] = {"cycles_per_image", "cycles", 0},
    [COST_DELAY] = {"delay_ns", "ns", 2}};
// clang-format on

// ---- what was measured ---------------------------------------------------------------------------------------------
// Cycles of the simulated Verilog stand with the energy. They take the place of the C simulator's, which are estimates.
static bool read_synth(arena *mem, const char *dir, cost_line *l, diag *d) {
  const char *path = path_join(mem, dir, "synth.json");
  json_doc doc;
  json_place area, timing, energy;
  if (!file_exists(path))
    return true;
  if (!json_open(mem, path, READ_MOST, &doc, d))
    return false;
  json_place top = json_top(&doc);
  bool ok = json_object(mem, top, "area_um2", &area, d) &&
            json_number(area, "total", 0, 1e15, &l->measured[COST_AREA], d) &&
            json_object(mem, top, "timing", &timing, d) &&
            json_number(timing, "delay_ns", 0, 1e15, &l->measured[COST_DELAY], d) &&
            json_object(mem, top, "energy", &energy, d) &&
            json_number(energy, "nj_per_image", 0, 1e15, &l->measured[COST_ENERGY], d);
  if (ok && energy.object && cJSON_HasObjectItem(energy.object, FIGURES[COST_CYCLES].key))
    ok = json_number(energy, FIGURES[COST_CYCLES].key, 0, 1e15, &l->measured[COST_CYCLES], d);
  l->measured[COST_SIMPLE] = l->measured[COST_ENERGY];
  json_close(&doc);
  return ok;
}

static bool read_cycles(arena *mem, const char *dir, const char *name, cost_line *l, diag *d) {
  const char *path = path_join(mem, dir, name);
  json_doc doc;
  if (!file_exists(path))
    return true;
  if (!json_open(mem, path, READ_MOST, &doc, d))
    return false;
  bool ok = json_number(json_top(&doc), "cycles_per_image", 0, 1e15, &l->measured[COST_CYCLES], d);
  json_close(&doc);
  return ok;
}

static const char *short_name(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
  return dot ? arena_strndup(mem, name, (size_t)(dot - name)) : arena_strdup(mem, name);
}

bool verb_cost_table_add(arena *mem, cost_table *t, const char *path, const char *target, const cost_estimate *e,
                         const char *dir, diag *d) {
  arena_grow(mem, t->lines, t->count, t->cap);
  cost_line *l = &t->lines[t->count++];
  *l = (cost_line){.name = short_name(mem, path), .target = target};
  for (int i = 0; i < COST_FIGURE_COUNT; i++)
    l->measured[i] = NAN;
  l->predicted[COST_AREA] = e->total.total_area;
  l->predicted[COST_ENERGY] = e->total.total_energy;
  l->predicted[COST_SIMPLE] = e->total.simple;
  l->predicted[COST_CYCLES] = e->counts->cycles;
  l->predicted[COST_DELAY] = e->delay;
  return !dir || (read_cycles(mem, dir, "fgpu-run.json", l, d) && read_cycles(mem, dir, "sim.json", l, d) &&
                  read_synth(mem, dir, l, d));
}

// ---- errors --------------------------------------------------------------------------------------------------------
// In percent; NAN: not measured.
static double error_of(const cost_line *l, cost_figure f) { return 100 * (l->predicted[f] / l->measured[f] - 1); }

typedef struct {
  size_t count;
  double mean, worst; // of magnitudes
} cost_errors;

// target NULL: of all.
static cost_errors errors_of(const cost_table *t, const char *target, cost_figure f) {
  cost_errors e = {0};
  for (size_t i = 0; i < t->count; i++) {
    double x = fabs(error_of(&t->lines[i], f));
    if (!isfinite(x) || (target && strcmp(target, t->lines[i].target) != 0))
      continue;
    e.count++;
    e.mean += x;
    e.worst = fmax(e.worst, x);
  }
  e.mean /= e.count ? (double)e.count : 1;
  return e;
}

// The i-th target that occurs; NULL: no more.
static const char *target_at(const cost_table *t, size_t i) {
  for (size_t k = 0; k < t->count; k++) {
    bool first = true;
    for (size_t before = 0; before < k; before++)
      first &= strcmp(t->lines[before].target, t->lines[k].target) != 0;
    if (first && i-- == 0)
      return t->lines[k].target;
  }
  return NULL;
}

// ---- printing ------------------------------------------------------------------------------------------------------
static void add_cell(double v, int digits, const char *unit, str *out) {
  if (isfinite(v))
    str_printf(out, " %.*f%s |", digits, v, unit);
  else
    str_add(out, " - |");
}

void verb_cost_table_text(const cost_table *t, str *out) {
  str_add(
      out,
      "| design | target | um2 predicted | measured | off | nJ predicted | measured | off | papers' model, nJ | off | "
      "cycles predicted | measured | off | ns predicted | measured | off |\n|---|---|");
  for (int i = 0; i < 14; i++)
    str_add(out, "--:|");
  str_add(out, "\n");
  for (size_t i = 0; i < t->count; i++) {
    const cost_line *l = &t->lines[i];
    str_printf(out, "| %s | %s |", l->name, l->target);
    for (int f = 0; f < COST_FIGURE_COUNT; f++) {
      add_cell(l->predicted[f], FIGURES[f].digits, "", out);
      if (f != COST_SIMPLE)
        add_cell(l->measured[f], FIGURES[f].digits, "", out);
      add_cell(error_of(l, (cost_figure)f), 1, " %", out);
    }
    str_add(out, "\n");
  }
  str_add(out, "\n| off by | target | designs | mean | worst |\n|---|---|--:|--:|--:|\n");
  static const char *const WHAT[COST_FIGURE_COUNT] = {"area", "energy", "energy, the papers' model", "cycles", "delay"};
  for (int f = 0; f < COST_FIGURE_COUNT; f++) {
    const char *target;
    for (size_t i = 0; (target = target_at(t, i)); i++) {
      cost_errors e = errors_of(t, target, (cost_figure)f);
      if (e.count)
        str_printf(out, "| %s | %s | %zu | %.1f %% | %.1f %% |\n", WHAT[f], target, e.count, e.mean, e.worst);
    }
  }
}

cJSON *verb_cost_table_json(const cost_table *t) {
  cJSON *o = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(o, "designs"),
        *sums = cJSON_AddArrayToObject(o, "errors");
  for (size_t i = 0; i < t->count; i++) {
    const cost_line *l = &t->lines[i];
    cJSON *line = cJSON_CreateObject(), *predicted, *measured;
    cJSON_AddStringToObject(line, "design", l->name);
    cJSON_AddStringToObject(line, "target", l->target);
    predicted = cJSON_AddObjectToObject(line, "predicted");
    measured = cJSON_AddObjectToObject(line, "measured");
    for (int f = 0; f < COST_FIGURE_COUNT; f++) {
      json_add_known(predicted, FIGURES[f].key, l->predicted[f]);
      if (f != COST_SIMPLE)
        json_add_known(measured, FIGURES[f].key, l->measured[f]);
    }
    cJSON_AddItemToArray(list, line);
  }
  const char *target;
  for (size_t i = 0; (target = target_at(t, i)); i++)
    for (int f = 0; f < COST_FIGURE_COUNT; f++) {
      cost_errors e = errors_of(t, target, (cost_figure)f);
      cJSON *sum = cJSON_CreateObject();
      cJSON_AddStringToObject(sum, "figure", FIGURES[f].key);
      cJSON_AddStringToObject(sum, "target", target);
      cJSON_AddNumberToObject(sum, "designs", (double)e.count);
      cJSON_AddNumberToObject(sum, "mean_percent", e.mean);
      cJSON_AddNumberToObject(sum, "worst_percent", e.worst);
      cJSON_AddItemToArray(sums, sum);
    }
  return o;
}

// Predicted against measured, both logarithmic, with the line on which they agree.
static plot panel(arena *mem, const cost_table *t, const char *title, const cost_figure *figures,
                  const char *const *names, size_t count) {
  enum { MOST_TARGETS = 4 };
  plot_series *series = arena_new_array(mem, plot_series, MOST_TARGETS * count + 1);
  double *ends = arena_new_array(mem, double, 2), lo = INFINITY, hi = 0;
  size_t used = 1;
  const char *target;
  for (size_t k = 0; k < count; k++)
    for (size_t i = 0; i < MOST_TARGETS && (target = target_at(t, i)); i++) {
      double *x = arena_new_array(mem, double, t->count), *y = arena_new_array(mem, double, t->count);
      const char **labels = arena_new_array(mem, const char *, t->count);
      size_t n = 0;
      for (size_t j = 0; j < t->count; j++) {
        const cost_line *l = &t->lines[j];
        if (strcmp(l->target, target) != 0 || !isfinite(l->measured[figures[k]]))
          continue;
        x[n] = l->measured[figures[k]];
        y[n] = l->predicted[figures[k]];
        labels[n++] = l->name;
        lo = fmin(lo, fmin(x[n - 1], y[n - 1]));
        hi = fmax(hi, fmax(x[n - 1], y[n - 1]));
      }
      series[used++] = (plot_series){.name = arena_printf(mem, "%s, %s", target, names[k]),
                                     .style = PLOT_POINTS,
                                     .x = x,
                                     .y = y,
                                     .count = n,
                                     .labels = labels};
    }
  ends[0] = lo;
  ends[1] = hi;
  series[0] = (plot_series){.name = "as measured", .style = PLOT_LINE | PLOT_FAINT, .x = ends, .y = ends, .count = 2};
  const char *unit = FIGURES[figures[0]].unit;
  return (plot){.title = title,
                .x = {.label = arena_printf(mem, "measured, %s", unit), .log = true},
                .y = {.label = arena_printf(mem, "predicted, %s", unit), .log = true},
                .series = series,
                .count = used};
}

void verb_cost_table_svg(arena *mem, const cost_table *t, str *out) {
  static const cost_figure AREA[] = {COST_AREA}, ENERGY[] = {COST_ENERGY, COST_SIMPLE};
  static const char *const AREA_NAME[] = {"blocks"}, *const ENERGY_NAMES[] = {"blocks", "the papers' model"};
  const plot panels[] = {panel(mem, t, "Area without memories", AREA, AREA_NAME, 1),
                         panel(mem, t, "Energy an image without memories", ENERGY, ENERGY_NAMES, 2)};
  plot_panels_svg(panels, BASE_COUNT(panels), out);
}
