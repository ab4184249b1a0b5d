// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/cli/predict.h"
#include "compiler/plot/plot.h"

#include <math.h>

// ---- the table ----

static double top1(const evaluation *e) { return (double)e->correct / (double)e->images; }

// A dash where there is none.
static void add_figure(str *out, int width, int decimals, double v) {
  if (isfinite(v))
    str_printf(out, " %*.*f", width, decimals, v);
  else
    str_printf(out, " %*s", width, "-");
}

void verb_predict_text(const session *s, const predict_result *r, const char *level, str *out) {
  str_printf(out, "%s: exact %.2f %% on %zu image%s; %zu random assignment%s (%s level), %zu lose %g to %g points\n",
             s->cfg->net->name, 100 * top1(&r->exact), r->exact.images, plural(r->exact.images), r->count,
             plural(r->count), level, r->in_range, 100 * PREDICT_LEAST, 100 * PREDICT_MOST);
  str_printf(out, "%-10s %6s %6s %11s %10s %11s\n", "predictor", "tau", "rho", "mean error", "greatest", "tau of all");
  for (int w = 0; w < PREDICTORS; w++) {
    const predict_score *p = &r->score[w];
    str_printf(out, "%-10s", PREDICTOR_NAMES[w]);
    add_figure(out, 6, 3, p->kendall);
    add_figure(out, 6, 3, p->spearman);
    add_figure(out, 11, 2, 100 * p->mean);
    add_figure(out, 10, 2, 100 * p->greatest);
    add_figure(out, 11, 3, p->kendall_all);
    str_add(out, "\n");
  }
  str_printf(out, "%-10s", "ceiling");
  add_figure(out, 6, 3, r->ceiling);
  str_printf(out, " about what whoever knew the true losses would reach, measured on %zu image%s\n", r->exact.images,
             plural(r->exact.images));
  str_add(out, "the model's own drops, not calibrated: mean error");
  add_figure(out, 0, 2, 100 * r->mean);
  str_add(out, ", greatest");
  add_figure(out, 0, 2, 100 * r->greatest);
  str_add(out, "\n");
  str_printf(
      out,
      "tau, rho: rank correlation of value and measured loss; errors in points, by a map fitted to the other "
      "half\n%zu measurement%s of one multiplier in one layer; %zu evaluation%s (%zu more from predict.db), %.0f s\n",
      r->probes, plural(r->probes), r->evaluations, plural(r->evaluations), r->remembered, r->seconds);
  if (r->interrupted)
    str_add(out, "interrupted: the assignments so far; the same command goes on from predict.db\n");
}

static void add_number(cJSON *o, const char *key, double v) {
  if (isfinite(v))
    cJSON_AddNumberToObject(o, key, v);
  else
    cJSON_AddNullToObject(o, key);
}

cJSON *verb_predict_json(const session *s, const predict_result *r, const char *level, uint64_t seed) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "network", s->cfg->net->name);
  cJSON_AddStringToObject(json, "level", level);
  cJSON_AddNumberToObject(json, "seed", (double)seed);
  cJSON_AddNumberToObject(json, "images", (double)r->exact.images);
  cJSON_AddNumberToObject(json, "exact", top1(&r->exact));
  cJSON_AddNumberToObject(json, "assignments", (double)r->count);
  cJSON_AddNumberToObject(json, "in_range", (double)r->in_range);
  cJSON_AddNumberToObject(json, "evaluations", (double)(r->evaluations + r->remembered));
  cJSON_AddNumberToObject(json, "layer_measurements", (double)r->probes);
  add_number(json, "tau_ceiling", r->ceiling);
  cJSON_AddBoolToObject(json, "interrupted", r->interrupted);
  add_number(json, "mean_error", r->mean);
  add_number(json, "greatest_error", r->greatest);
  cJSON *all = cJSON_AddObjectToObject(json, "predictors");
  for (int w = 0; w < PREDICTORS; w++) {
    cJSON *o = cJSON_AddObjectToObject(all, PREDICTOR_NAMES[w]);
    add_number(o, "tau", r->score[w].kendall);
    add_number(o, "rho", r->score[w].spearman);
    add_number(o, "tau_all", r->score[w].kendall_all);
    add_number(o, "mean_error", r->score[w].mean);
    add_number(o, "greatest_error", r->score[w].greatest);
  }
  return json;
}

// ---- files ----

// The multipliers of a layer, by their keys: one, or each with how many weights have it.
static void add_layer(const session *s, const assignment *a, str *out) {
  size_t count[CONFIG_MAX_MULS] = {0};
  for (int64_t i = 0; i < a->count; i++)
    count[a->mul[i]] += (size_t)a->each;
  str text = {0};
  for (size_t k = 0; k < s->cfg->mul_count; k++)
    if (count[k] && a->level == ASSIGN_LAYER)
      str_add(&text, s->cfg->mul_keys[k]);
    else if (count[k])
      str_printf(&text, "%s%s:%zu", text.len ? " " : "", s->cfg->mul_keys[k], count[k]);
  escape_csv(out, text.data ? text.data : "");
  str_free(&text);
}

static void add_table(const session *s, const predict_result *r, fileset *files) {
  const network *net = s->cfg->net;
  str out = {0};
  str_add(&out, "assignment,energy,images,worse,better,loss,predicted_loss");
  for (int w = 0; w < PREDICTORS; w++)
    str_printf(&out, ",%s,%s_calibrated", PREDICTOR_NAMES[w], PREDICTOR_NAMES[w]);
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i])) {
      str_add(&out, ",");
      escape_csv(&out, net->nodes[i].name);
    }
  str_add(&out, "\n");
  for (size_t i = 0; i < r->count; i++) {
    const predict_point *p = &r->points[i];
    const judged *m = p->measured;
    str_printf(&out, "%zu,%.6f,%zu,%zu,%zu,%.6f,%.6f", i + 1, m->cost, m->result.images, m->worse, m->better, m->drop,
               p->predicted.drop);
    for (int w = 0; w < PREDICTORS; w++)
      str_printf(&out, ",%.6g,%.6f", p->predicted.value[w], p->calibrated[w]);
    for (size_t k = 0; k < net->count; k++)
      if (net_multiplies(&net->nodes[k])) {
        str_add(&out, ",");
        add_layer(s, &m->assign[k], &out);
      }
    str_add(&out, "\n");
  }
  fileset_add_str(s->mem, files, "predict.csv", &out);
}

static void add_picture(const session *s, const predict_result *r, fileset *files) {
  arena *mem = s->mem;
  double most = 125 * PREDICT_MOST, *x = arena_new_array(mem, double, r->count);
  double *own = arena_new_array(mem, double, r->count);
  plot_series series[PREDICTORS + 2] = {{0}};
  const double ends[] = {0, most};
  series[0] = (plot_series){.name = "as measured", .style = PLOT_LINE | PLOT_FAINT, .x = ends, .y = ends, .count = 2};
  for (size_t i = 0; i < r->count; i++) {
    const predict_point *p = &r->points[i];
    x[i] = 100 * p->measured->drop > most ? NAN : 100 * p->measured->drop; // beyond the picture
    own[i] = 100 * p->predicted.drop;
  }
  size_t count = 1;
  static const int shown[] = {PREDICT_HAWX, PREDICT_MAE};
  for (size_t w = 0; w < BASE_COUNT(shown); w++, count++) {
    double *y = arena_new_array(mem, double, r->count);
    for (size_t i = 0; i < r->count; i++)
      y[i] = 100 * r->points[i].calibrated[shown[w]];
    plot_series of = {.style = PLOT_POINTS, .x = x, .y = y, .count = r->count, .colour = (int)w + 2};
    of.name = arena_printf(mem, "%s, calibrated", PREDICTOR_NAMES[shown[w]]);
    series[count] = of;
  }
  plot_series model = {.name = "model, not calibrated", .style = PLOT_POINTS, .x = x, .y = own, .count = r->count};
  model.colour = 1;
  series[count++] = model;
  plot p = {.title = arena_printf(mem, "%s: %zu random assignments", s->cfg->net->name, r->count),
            .x = {.label = "accuracy lost, measured, points", .lo = -1, .hi = most},
            .y = {.label = "predicted, points", .lo = 0, .hi = most},
            .series = series,
            .count = count};
  str svg = {0};
  plot_svg(&p, &svg);
  str_add(&svg, "\n");
  fileset_add_str(mem, files, "predict.svg", &svg);
}

void verb_predict_files(const session *s, const predict_result *r, fileset *out) {
  add_table(s, r, out);
  add_picture(s, r, out);
}
