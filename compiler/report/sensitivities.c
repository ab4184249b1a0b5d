// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/sensitivities.h"
#include "compiler/base/escape.h"
#include "compiler/plot/plot.h"

#include <math.h>
#include <string.h>

static const char *const SCOPE[] = {"layer", "onward"}, *const WAY[] = {"as_is", "corrected"};
static const char *const SCOPE_TEXT[] = {"one layer", "a layer and all behind it"};
static const char *const WAY_TEXT[] = {"as it is", "biases and gains corrected"};

static const char *layer_name(const sensitivity_report *r, int layer) {
  return r->net->nodes[r->found->node[layer]].name;
}

// Calls `each` for every value, table by table.
typedef void each_fn(const sensitivity_report *r, sensitivity_scope scope, sensitivity_way way, int layer, int mul,
                     void *context);
static void for_each(const sensitivity_report *r, each_fn *each, void *context) {
  for (int s = 0; s < SENSITIVITY_SCOPES; s++)
    for (int w = 0; w < SENSITIVITY_WAYS; w++)
      for (int l = 0; r->found->value[s][w] && l < r->found->layers; l++)
        for (int m = 0; m < r->found->muls; m++)
          each(r, (sensitivity_scope)s, (sensitivity_way)w, l, m, context);
}

// ---- text ----

static void add_table(const sensitivity_report *r, sensitivity_scope scope, sensitivity_way way, str *out) {
  const sensitivity *s = r->found;
  int longest = 5; // "layer"
  for (int l = 0; l < s->layers; l++)
    longest = (int)strlen(layer_name(r, l)) > longest ? (int)strlen(layer_name(r, l)) : longest;
  str_printf(out, "\n%s, %s\n%-*s", SCOPE_TEXT[scope], WAY_TEXT[way], longest, "layer");
  for (int m = 0; m < s->muls; m++)
    str_printf(out, " %7s", r->keys[m]);
  str_add(out, "\n");
  for (int l = 0; l < s->layers; l++) {
    str_printf(out, "%-*s", longest, layer_name(r, l));
    for (int m = 0; m < s->muls; m++) {
      const sensitivity_value *v = sensitivity_at(s, scope, way, l, m);
      int width = (int)strlen(r->keys[m]) > 7 ? (int)strlen(r->keys[m]) : 7;
      if (v->known)
        str_printf(out, " %*.2f", width, 100 * v->drop);
      else
        str_printf(out, " %*s", width, "-");
    }
    str_add(out, "\n");
  }
}

void report_sensitivity_text(const sensitivity_report *r, str *out) {
  const evaluation *e = &r->found->exact;
  str_printf(out, "%s: exact %.2f %% on %zu image%s; with a multiplier in these layers so many points less:\n",
             r->net->name, 100 * (double)e->correct / (double)e->images, e->images, plural(e->images));
  for (int s = 0; s < SENSITIVITY_SCOPES; s++)
    for (int w = 0; w < SENSITIVITY_WAYS; w++)
      if (r->found->value[s][w])
        add_table(r, (sensitivity_scope)s, (sensitivity_way)w, out);
}

// ---- CSV ----

static void add_row(const sensitivity_report *r, sensitivity_scope scope, sensitivity_way way, int layer, int mul,
                    void *context) {
  str *out = context;
  const sensitivity_value *v = sensitivity_at(r->found, scope, way, layer, mul);
  str_printf(out, "%s,%s,", SCOPE[scope], WAY[way]);
  escape_csv(out, layer_name(r, layer));
  str_add(out, ",");
  escape_csv(out, r->keys[mul]);
  str_add(out, ",");
  escape_csv(out, r->muls[mul]->name);
  if (v->known)
    str_printf(out, ",%zu,%zu,%.6f,%.6f,%.6f,%.6f,", v->images, v->correct, (double)v->correct / (double)v->images,
               v->drop, v->lo, v->hi);
  else
    str_add(out, ",,,,,,,");
  if (v->known && isfinite(v->loss))
    str_printf(out, "%.6f", v->loss);
  str_add(out, "\n");
}

void report_sensitivity_csv(const sensitivity_report *r, str *out) {
  str_add(out, "scope,biases,layer,multiplier,name,images,correct,top1,drop,low,high,cross_entropy\n");
  for_each(r, add_row, out);
}

// ---- JSON ----

static void add_object(const sensitivity_report *r, sensitivity_scope scope, sensitivity_way way, int layer, int mul,
                       void *context) {
  const sensitivity_value *v = sensitivity_at(r->found, scope, way, layer, mul);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "scope", SCOPE[scope]);
  cJSON_AddBoolToObject(o, "corrected", way == SENSITIVITY_MATCHED);
  cJSON_AddStringToObject(o, "layer", layer_name(r, layer));
  cJSON_AddStringToObject(o, "multiplier", r->keys[mul]);
  cJSON_AddStringToObject(o, "name", r->muls[mul]->name);
  if (v->known) {
    const double interval[] = {v->lo, v->hi};
    cJSON_AddNumberToObject(o, "correct", (double)v->correct);
    cJSON_AddNumberToObject(o, "top1", (double)v->correct / (double)v->images);
    cJSON_AddNumberToObject(o, "loss", v->drop);
    cJSON_AddItemToObject(o, "interval", cJSON_CreateDoubleArray(interval, 2));
    if (isfinite(v->loss))
      cJSON_AddNumberToObject(o, "cross_entropy", v->loss);
  } else
    cJSON_AddNullToObject(o, "loss");
  cJSON_AddItemToArray(context, o);
}

cJSON *report_sensitivity_json(const sensitivity_report *r) {
  const evaluation *e = &r->found->exact;
  cJSON *json = cJSON_CreateObject(), *exact = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "network", r->net->name);
  cJSON_AddNumberToObject(json, "images", (double)e->images);
  cJSON_AddNumberToObject(exact, "correct", (double)e->correct);
  cJSON_AddNumberToObject(exact, "top1", (double)e->correct / (double)e->images);
  if (isfinite(e->loss))
    cJSON_AddNumberToObject(exact, "cross_entropy", e->loss);
  cJSON_AddItemToObject(json, "exact", exact);
  for_each(r, add_object, cJSON_AddArrayToObject(json, "sensitivities"));
  return json;
}

// ---- the picture ----

static plot panel(const sensitivity_report *r, arena *mem, sensitivity_scope scope, sensitivity_way way,
                  const char *const *layers) {
  const sensitivity *s = r->found;
  plot_series *series = arena_new_array(mem, plot_series, (size_t)s->muls);
  size_t count = 0;
  for (int m = 0; m < s->muls; m++) {
    if (r->muls[m]->exact)
      continue;
    double *y = arena_new_array(mem, double, (size_t)s->layers);
    for (int l = 0; l < s->layers; l++) {
      const sensitivity_value *v = sensitivity_at(s, scope, way, l, m);
      y[l] = v->known ? 100 * v->drop : NAN;
    }
    series[count] = (plot_series){.name = arena_printf(mem, "%s: %s", r->keys[m], r->muls[m]->name),
                                  .style = PLOT_LINE | PLOT_POINTS,
                                  .y = y,
                                  .count = (size_t)s->layers};
    count++;
  }
  return (plot){.title = arena_printf(mem, "%s: %s, %s", r->net->name, SCOPE_TEXT[scope], WAY_TEXT[way]),
                .y = {.label = "accuracy lost, points"},
                .categories = layers,
                .category_count = (size_t)s->layers,
                .series = series,
                .count = count};
}

void report_sensitivity_svg(const sensitivity_report *r, str *out) {
  arena *mem = arena_new();
  const char **layers = arena_new_array(mem, const char *, (size_t)r->found->layers);
  for (int l = 0; l < r->found->layers; l++)
    layers[l] = layer_name(r, l);
  plot panels[SENSITIVITY_SCOPES * SENSITIVITY_WAYS];
  size_t count = 0;
  for (int s = 0; s < SENSITIVITY_SCOPES; s++)
    for (int w = 0; w < SENSITIVITY_WAYS; w++)
      if (r->found->value[s][w])
        panels[count++] = panel(r, mem, (sensitivity_scope)s, (sensitivity_way)w, layers);
  plot_panels_svg(panels, count, out);
  arena_free(mem);
}
