// SPDX-License-Identifier: Apache-2.0
//
// Scores as text, CSV and JSON.
#include "compiler/report/scores.h"
#include "compiler/base/escape.h"
#include "compiler/base/rank.h"

#include <math.h>

score_ranks report_scores_ranks(const score_report *r) {
  arena *mem = arena_new();
  int muls = r->scores->muls;
  double *lost = arena_new_array(mem, double, (size_t)muls + 1);
  score_ranks out = {0};
  for (int m = 0; m < muls; m++) {
    lost[m] = score_top1(&r->exact) - score_top1(&r->uniform[m]);
    out.blocks += isfinite(r->scores->model[m]) && isfinite(lost[m]);
  }
  out.kendall = rank_kendall(r->scores->model, lost, (size_t)muls);
  out.spearman = rank_spearman(r->scores->model, lost, (size_t)muls);
  arena_free(mem);
  return out;
}

static const net_node *node_of(const score_report *r, int l) { return &r->net->nodes[r->scores->layer[l].node]; }

// ---- text ----

static void put_score(double score, str *out) {
  if (score > 0)
    str_printf(out, " %10.2e", score);
  else
    str_printf(out, " %10s", isnan(score) ? "-" : "0");
}

static void put_top1(const evaluation *e, str *out) {
  if (e->images)
    str_printf(out, " %10.2f", 100 * score_top1(e));
  else
    str_printf(out, " %10s", "-");
}

static void put_heading(const score_report *r, str *out) {
  str_printf(out, "%-20s %15s", "layer", "multiplications");
  for (int m = 0; m < r->scores->muls; m++)
    str_printf(out, " %10s", r->keys[m]);
  str_add(out, "\n");
}

static void put_layers(const score_report *r, str *out) {
  const scores *s = r->scores;
  uint64_t total = 0;
  for (int l = 0; l < s->layers; l++) {
    total += s->layer[l].multiplications;
    str_printf(out, "%-20s %15llu", node_of(r, l)->name, (unsigned long long)s->layer[l].multiplications);
    for (int m = 0; m < s->muls; m++)
      put_score(s->layer[l].layer[m], out);
    str_add(out, "\n");
  }
  str_printf(out, "%-20s %15llu", "network", (unsigned long long)total);
  for (int m = 0; m < s->muls; m++)
    put_score(s->model[m], out);
  str_printf(out, "\n%-20s %15s", "top-1 %", "");
  for (int m = 0; m < s->muls; m++)
    put_top1(&r->uniform[m], out);
  str_add(out, "\n");
}

// As the paper prints it: two filters of the first layer, and two layers.
void report_scores_table1(const score_report *r, str *out) {
  const scores *s = r->scores;
  int filters = node_of(r, 0)->shape.c < 2 ? 1 : 2, layers = s->layers < 2 ? 1 : 2;
  str_printf(out, "Table I: scores of filters of `%s`, and of layers\n%-12s %-28s", node_of(r, 0)->name, "block",
             "multiplier");
  for (int f = 0; f < filters; f++)
    str_printf(out, "   filter %d", f + 1);
  for (int l = 0; l < layers; l++)
    str_printf(out, "    layer %d", l + 1);
  str_add(out, "\n");
  for (int m = 0; m < s->muls; m++) {
    str_printf(out, "%-12s %-28s", r->keys[m], r->muls[m]->name);
    for (int f = 0; f < filters; f++)
      put_score(s->layer[0].filter[f * s->muls + m], out);
    for (int l = 0; l < layers; l++)
      put_score(s->layer[l].layer[m], out);
    str_add(out, "\n");
  }
}

static void put_ranks(const score_report *r, str *out) {
  score_ranks ranks = report_scores_ranks(r);
  if (!isnan(ranks.kendall))
    str_printf(out,
               "Scores of %zu blocks against the accuracy that each loses everywhere: Kendall's tau %.2f, Spearman's "
               "rho %.2f\n",
               ranks.blocks, ranks.kendall, ranks.spearman);
}

void report_scores_text(const score_report *r, str *out) {
  str_printf(out, "%s: HAWX scores from %zu representative%s of %zu image%s\n\n", r->net->name, r->scores->images,
             plural(r->scores->images), r->chosen->images, plural(r->chosen->images));
  report_scores_table1(r, out);
  str_add(out, "\n");
  put_heading(r, out);
  put_layers(r, out);
  str_printf(out, "\nExact products: top-1 %.2f %%\n", 100 * score_top1(&r->exact));
  if (!isnan(r->assigned))
    str_printf(out, "The config's assignment: score %.3e\n", r->assigned);
  put_ranks(r, out);
}

// ---- CSV ----

static void put_row(const score_report *r, const char *level, const char *layer, int filter, double score, int m,
                    str *out) {
  if (isnan(score))
    return;
  escape_csv(out, r->keys[m]);
  str_add(out, ",");
  escape_csv(out, r->muls[m]->name);
  str_printf(out, ",%s,", level);
  escape_csv(out, layer);
  if (filter >= 0)
    str_printf(out, ",%d", filter);
  else
    str_add(out, ",");
  str_printf(out, ",%.9g\n", score);
}

void report_scores_csv(const score_report *r, str *out) {
  const scores *s = r->scores;
  str_add(out, "block,multiplier,level,layer,filter,score\n");
  for (int m = 0; m < s->muls; m++) {
    put_row(r, "model", "", -1, s->model[m], m, out);
    for (int l = 0; l < s->layers; l++)
      put_row(r, "layer", node_of(r, l)->name, -1, s->layer[l].layer[m], m, out);
    for (int l = 0; l < s->layers; l++)
      for (int f = 0; f < node_of(r, l)->shape.c; f++)
        put_row(r, "filter", node_of(r, l)->name, f, s->layer[l].filter[f * s->muls + m], m, out);
  }
}

// ---- JSON ----

static void add_number(cJSON *o, const char *key, double v) {
  if (isfinite(v))
    cJSON_AddNumberToObject(o, key, v);
  else
    cJSON_AddNullToObject(o, key);
}

static cJSON *representative_json(const score_report *r, size_t k) {
  cJSON *o = cJSON_CreateObject();
  const kmeans_cluster *c = &r->chosen->cluster[k];
  cJSON_AddNumberToObject(o, "image", (double)r->chosen->image[k]);
  cJSON_AddNumberToObject(o, "stands_for", (double)c->size);
  cJSON_AddNumberToObject(o, "mean", r->chosen->moments[c->nearest].x);
  cJSON_AddNumberToObject(o, "deviation", r->chosen->moments[c->nearest].y);
  return o;
}

static cJSON *layer_json(const score_report *r, int l, int m) {
  const score_layer *layer = &r->scores->layer[l];
  cJSON *o = cJSON_CreateObject(), *filters;
  cJSON_AddStringToObject(o, "layer", node_of(r, l)->name);
  cJSON_AddNumberToObject(o, "multiplications", (double)layer->multiplications);
  add_number(o, "score", layer->layer[m]);
  filters = cJSON_AddArrayToObject(o, "filters");
  for (int f = 0; f < node_of(r, l)->shape.c && !isnan(layer->layer[m]); f++)
    cJSON_AddItemToArray(filters, cJSON_CreateNumber(layer->filter[f * r->scores->muls + m]));
  return o;
}

static cJSON *block_json(const score_report *r, int m) {
  cJSON *o = cJSON_CreateObject(), *layers;
  cJSON_AddStringToObject(o, "key", r->keys[m]);
  cJSON_AddStringToObject(o, "multiplier", r->muls[m]->name);
  add_number(o, "score", r->scores->model[m]);
  add_number(o, "correct", r->uniform[m].images ? (double)r->uniform[m].correct : NAN);
  add_number(o, "top1", score_top1(&r->uniform[m]));
  add_number(o, "loss", r->uniform[m].images ? r->uniform[m].loss : NAN);
  layers = cJSON_AddArrayToObject(o, "layers");
  for (int l = 0; l < r->scores->layers; l++)
    cJSON_AddItemToArray(layers, layer_json(r, l, m));
  return o;
}

cJSON *report_scores_json(const score_report *r) {
  cJSON *o = cJSON_CreateObject(), *list;
  score_ranks ranks = report_scores_ranks(r);
  cJSON_AddStringToObject(o, "network", r->net->name);
  cJSON_AddNumberToObject(o, "images", (double)r->chosen->images);
  cJSON_AddNumberToObject(o, "top1", score_top1(&r->exact));
  add_number(o, "loss", r->exact.loss);
  add_number(o, "assigned", r->assigned);
  add_number(o, "kendall", ranks.kendall);
  add_number(o, "spearman", ranks.spearman);
  list = cJSON_AddArrayToObject(o, "representatives");
  for (size_t k = 0; k < r->chosen->count; k++)
    cJSON_AddItemToArray(list, representative_json(r, k));
  list = cJSON_AddArrayToObject(o, "blocks");
  for (int m = 0; m < r->scores->muls; m++)
    cJSON_AddItemToArray(list, block_json(r, m));
  return o;
}
