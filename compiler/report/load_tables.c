// SPDX-License-Identifier: Apache-2.0
//
// sensitivity.json and score.json.
#include "compiler/report/load.h"
#include "compiler/report/read.h"

#include <math.h>

enum { MAX_DROPS = 1 << 18, MAX_FILTERS = 1 << 16 };

static bool read_drop(arena *mem, json_place at, void *row, diag *d) {
  report_drop *r = row;
  *r = (report_drop){"layer", "?", "?", "?", false, NAN, NAN, NAN};
  double *interval;
  size_t count;
  if (!report_read_text(mem, at, "scope", &r->scope, d) || !json_bool(at, "corrected", &r->corrected, d) ||
      !report_read_text(mem, at, "layer", &r->layer, d) || !report_read_text(mem, at, "multiplier", &r->key, d) ||
      !report_read_text(mem, at, "name", &r->name, d) || !report_read_number(at, "loss", &r->drop, d) ||
      !report_read_numbers(mem, at, "interval", 2, &interval, &count, d))
    return false;
  if (count == 2)
    r->lo = interval[0], r->hi = interval[1];
  return count != 1 || diag_error(d, "%s: `%s.interval`: expected 2 numbers, found 1", at.doc->file, at.path);
}

bool report_load_drops(arena *mem, const char *dir, report_drops *r, diag *d) {
  *r = (report_drops){.network = "?", .images = NAN, .exact_top1 = NAN};
  json_doc doc;
  json_place exact;
  bool ok = report_read_open(mem, dir, "sensitivity.json", &doc, d);
  json_place top = json_top(&doc);
  r->there = doc.root;
  ok = ok && report_read_text(mem, top, "network", &r->network, d) &&
       json_number(top, "images", 0, READ_MOST, &r->images, d) && json_object(mem, top, "exact", &exact, d) &&
       json_number(exact, "top1", 0, 1, &r->exact_top1, d) &&
       report_read_rows(mem, top, "sensitivities", MAX_DROPS, sizeof *r->drops, read_drop, &r->drops, &r->count, d) &&
       report_read_need(top, (const char *const[]){"network", "images", "exact", "sensitivities", NULL}, d) &&
       report_read_need(exact, (const char *const[]){"top1", NULL}, d);
  json_close(&doc);
  return ok;
}

static bool read_layer(arena *mem, json_place at, void *row, diag *d) {
  report_layer_score *r = row;
  *r = (report_layer_score){"?", NAN, NULL, 0};
  return report_read_text(mem, at, "layer", &r->name, d) && report_read_number(at, "score", &r->score, d) &&
         report_read_numbers(mem, at, "filters", MAX_FILTERS, &r->filters, &r->filter_count, d);
}

static bool read_block(arena *mem, json_place at, void *row, diag *d) {
  report_block *r = row;
  *r = (report_block){"?", "?", NAN, NAN, NULL, 0};
  return report_read_text(mem, at, "key", &r->key, d) && report_read_text(mem, at, "multiplier", &r->name, d) &&
         report_read_number(at, "score", &r->score, d) && report_read_number(at, "top1", &r->top1, d) &&
         report_read_rows(mem, at, "layers", READ_ROWS, sizeof *r->layers, read_layer, &r->layers, &r->layer_count, d);
}

bool report_load_scores(arena *mem, const char *dir, report_hawx *r, diag *d) {
  *r = (report_hawx){.network = "?", .images = NAN, .exact_top1 = NAN, .kendall = NAN, .spearman = NAN};
  json_doc doc;
  bool ok = report_read_open(mem, dir, "score.json", &doc, d);
  json_place top = json_top(&doc);
  r->there = doc.root;
  ok = ok && report_read_text(mem, top, "network", &r->network, d) &&
       json_number(top, "images", 0, READ_MOST, &r->images, d) && json_number(top, "top1", 0, 1, &r->exact_top1, d) &&
       report_read_number(top, "kendall", &r->kendall, d) && report_read_number(top, "spearman", &r->spearman, d) &&
       report_read_rows(mem, top, "blocks", REPORT_MULS, sizeof *r->blocks, read_block, &r->blocks, &r->count, d) &&
       report_read_need(top, (const char *const[]){"network", "images", "top1", "blocks", NULL}, d);
  json_close(&doc);
  return ok;
}
