// SPDX-License-Identifier: Apache-2.0
//
// What axgen explore leaves: explore.json, history.csv, and each point's config.yaml with its files.
#include "compiler/base/npy.h"
#include "compiler/net/yaml.h"
#include "compiler/report/load.h"
#include "compiler/report/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 4096, MAX_CONFIG = 4 << 20, TRIED_COLUMNS = 5 /* and the figures */ };

// ---- a point's assignment ----

// The words for a cell's row and column, by the key of a layer's map.
static const struct {
  const char *key, *row_is, *col_is;
  int rank; // of its array
} FORMS[] = {{"filters", "filter", "", 1},
             {"kernels", "filter", "channel", 2},
             {"weights", "filter", "weight", 4},
             {"positions", "PE", "lane", 2}};

// The multiplier that a short name stands for: its name, or its file's.
static const char *meaning(const yaml *muls, const char *key) {
  const yaml *y = yaml_get(muls, key);
  if (y && y->kind == YAML_MAP)
    y = yaml_get(y, "file");
  return y && y->kind == YAML_SCALAR ? y->text : key;
}

static bool add_name(report_names *names, const yaml *muls, const yaml *key, uint8_t *place, diag *d) {
  const char *text;
  return yaml_string(key, &text, d) && (report_read_name(names, meaning(muls, text), place) ||
                                        diag_at(d, key->pos, "expected at most %d different multipliers", REPORT_MULS));
}

// {file: NAME.npy, multipliers: [...]}, the file beside the config.
static bool read_file(arena *mem, const char *config, const yaml *y, const yaml *muls, int rank, report_map *map,
                      report_names *names, diag *d) {
  const yaml *file = yaml_need(y, "file", d), *list = file ? yaml_need(y, "multipliers", d) : NULL;
  const char *name;
  npy n;
  uint8_t place[REPORT_MULS];
  int count = 0;
  if (!list || !yaml_string(file, &name, d) || !yaml_is(list, YAML_LIST, d))
    return false;
  if (strchr(name, '/'))
    return diag_at(d, file->pos, "expected a file beside this one");
  if (list->count < 1 || list->count > REPORT_MULS)
    return diag_at(d, list->pos, "expected 1 to %d multipliers", REPORT_MULS);
  for (const yaml *e = list->first; e; e = e->next)
    if (!add_name(names, muls, e, &place[count++], d))
      return false;
  if (!npy_open(mem, path_beside(mem, config, name), &n, d))
    return false;
  if (n.rank != rank || !n.count || n.count > READ_CELLS)
    return diag_error(d, "%s: expected an array of %d dimension%s and 1 to %d values", n.path, rank,
                      plural((size_t)rank), READ_CELLS);
  map->rows = n.dims[0];
  map->cols = n.count / n.dims[0];
  const uint8_t *values = npy_bytes(mem, &n, count - 1, d);
  if (!values)
    return false;
  map->cells = arena_alloc(mem, n.count);
  for (size_t i = 0; i < n.count; i++)
    map->cells[i] = place[values[i]];
  return true;
}

static bool read_layer(arena *mem, const char *config, const yaml *y, const yaml *muls, report_names *names,
                       report_places *p, diag *d) {
  report_map map = {y->key, "layer", "", 1, 1, NULL};
  uint8_t place;
  if (y->kind == YAML_SCALAR) {
    if (!add_name(names, muls, y, &place, d))
      return false;
    map.cells = arena_memdup(mem, &place, 1);
    p->maps[p->count++] = map;
    return true;
  }
  for (size_t i = 0; i < BASE_COUNT(FORMS); i++) {
    const yaml *form = y->kind == YAML_MAP ? yaml_get(y, FORMS[i].key) : NULL;
    if (!form || form->kind != YAML_MAP || !yaml_get(form, "file"))
      continue;
    map.row_is = FORMS[i].row_is, map.col_is = FORMS[i].col_is;
    if (!read_file(mem, config, form, muls, FORMS[i].rank, &map, names, d))
      return false;
    p->maps[p->count++] = map;
    return true;
  }
  return true; // ranges by hand: explore writes none
}

bool report_load_places(arena *mem, const char *config, report_names *names, report_places *out, diag *d) {
  bytes text;
  if (!file_exists(config))
    return true;
  if (!file_read(mem, config, MAX_CONFIG, &text, d))
    return false;
  const yaml *tree = yaml_parse(mem, config, (const char *)text.data, text.size, d);
  if (!tree || !yaml_is(tree, YAML_MAP, d))
    return false;
  const yaml *muls = yaml_need(tree, "multipliers", d), *layers = muls ? yaml_need(tree, "assignment", d) : NULL;
  if (!layers || !yaml_is(muls, YAML_MAP, d) || !yaml_is(layers, YAML_MAP, d))
    return false;
  if (layers->count > READ_ROWS)
    return diag_at(d, layers->pos, "expected at most %d layers", READ_ROWS);
  out->maps = arena_new_array(mem, report_map, (size_t)layers->count + 1);
  for (const yaml *e = layers->first; e; e = e->next)
    if (!read_layer(mem, config, e, muls, names, out, d))
      return false;
  return true;
}

// ---- explore.json ----

// Counts of correct answers on one set of images. loss, interval: NULL where they are not written.
static bool read_counts(arena *mem, json_place at, const char *key, double *top1, double *loss, double *interval,
                        diag *d) {
  json_place counts;
  double *ends;
  size_t count;
  if (!json_object(mem, at, key, &counts, d) || !json_number(counts, "top1", 0, 1, top1, d) ||
      (loss && !json_number(counts, "loss", -1, 1, loss, d)) ||
      !report_read_numbers(mem, counts, "interval", 2, &ends, &count, d) ||
      !report_read_need(counts, (const char *const[]){"top1", loss ? "loss" : NULL, interval ? "interval" : NULL, NULL},
                        d))
    return false;
  if (!counts.object || !interval)
    return true;
  memcpy(interval, ends, count * sizeof *ends);
  return count == 2 ||
         diag_error(d, "%s: `%s.interval`: expected 2 numbers, found %zu", at.doc->file, counts.path, count);
}

// null: there are no such images, or the search was interrupted.
static bool has_test(json_place at) { return !cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(at.object, "test")); }

static bool read_point(arena *mem, json_place at, void *row, diag *d) {
  report_point *p = row;
  *p = (report_point){{NAN, NAN}, NAN, NAN, NAN, NAN, NAN, NAN, false, {0}};
  double saving = NAN, interval[2] = {NAN, NAN};
  if (!json_number(at, "saving", -READ_MOST, 1, &saving, d) || !json_bool(at, "meets", &p->meets, d) ||
      !read_counts(mem, at, "validation", &p->top1, &p->drop, NULL, d) ||
      (has_test(at) && !read_counts(mem, at, "test", &p->test_top1, &p->test_drop, interval, d)) ||
      !report_read_need(at, (const char *const[]){"saving", "validation", "meets", NULL}, d))
    return false;
  p->cost[0] = 1 - saving;
  p->lo = interval[0], p->hi = interval[1];
  return true;
}

// What each point saves of the second figure.
static bool read_second(arena *mem, json_place top, report_front *r, diag *d) {
  const cJSON *list;
  if (!json_list(top, "points", &list, d))
    return false;
  size_t i = 0;
  for (const cJSON *e = list ? list->child : NULL; e; e = e->next, i++) {
    json_place at, savings;
    double saving = NAN;
    if (!json_element(mem, top, "points", e, i, &at, d) || !json_object(mem, at, "savings", &savings, d) ||
        !report_read_need(at, (const char *const[]){"savings", NULL}, d) ||
        !json_number(savings, r->figure[1], -READ_MOST, 1, &saving, d) ||
        !report_read_need(savings, (const char *const[]){r->figure[1], NULL}, d))
      return false;
    r->points[i].cost[1] = 1 - saving;
  }
  return true;
}

// One name, or two with a comma between them.
static void name_figures(arena *mem, report_front *r) {
  const char *comma = strchr(r->objective, ',');
  r->figures = comma ? 2 : 1;
  r->figure[0] = comma ? arena_strndup(mem, r->objective, (size_t)(comma - r->objective)) : r->objective;
  r->figure[1] = comma ? comma + 1 : NULL;
}

static const char *const NEEDED[] = {"network",     "level",       "method", "objective", "max_loss",
                                     "evaluations", "hypervolume", "exact",  "points",    NULL};

static bool read_explore(arena *mem, const json_doc *doc, report_front *r, diag *d) {
  json_place top = json_top(doc);
  bool ok = report_read_text(mem, top, "network", &r->network, d) &&
            report_read_text(mem, top, "level", &r->level, d) && report_read_text(mem, top, "method", &r->method, d) &&
            report_read_text(mem, top, "objective", &r->objective, d) &&
            report_read_number(top, "max_loss", &r->max_loss, d) &&
            report_read_number(top, "evaluations", &r->evaluations, d) &&
            report_read_number(top, "hypervolume", &r->hypervolume, d) &&
            read_counts(mem, top, "exact", &r->exact_top1, NULL, NULL, d) &&
            report_read_rows(mem, top, "points", MAX_POINTS, sizeof *r->points, read_point, &r->points, &r->count, d) &&
            report_read_need(top, NEEDED, d);
  name_figures(mem, r);
  return ok && (r->figures == 1 || read_second(mem, top, r, d));
}

// ---- history.csv ----

// Costs and drop of a row; false: it is not so many numbers.
static bool read_tried(const char *line, report_front *r) {
  double v[TRIED_COLUMNS + REPORT_FIGURES] = {0};
  int columns = TRIED_COLUMNS + r->figures;
  for (int i = 0; i < columns; i++) {
    char *end;
    v[i] = strtod(line, &end);
    bool last = i + 1 == columns;
    if (end == line || (last ? *end && *end != '\n' : *end != ','))
      return false;
    line = end + 1;
  }
  bool finite = true;
  for (int f = 0; f < r->figures; f++) {
    r->tried_cost[f][r->tried] = v[1 + f];
    finite &= isfinite(v[1 + f]);
  }
  r->tried_drop[r->tried] = v[3 + r->figures];
  return finite && isfinite(r->tried_drop[r->tried]);
}

// The line behind this one, if there is something in it.
static const char *next_line(const char *line) {
  const char *end = strchr(line, '\n');
  return end && end[1] ? end + 1 : NULL;
}

static bool read_history(arena *mem, const char *dir, report_front *r, diag *d) {
  char *path = path_join(mem, dir, "history.csv");
  bytes text;
  if (!file_exists(path))
    return true;
  if (!file_read(mem, path, READ_FILE, &text, d))
    return false;
  size_t lines = 0;
  for (const char *line = next_line((const char *)text.data); line; line = next_line(line))
    lines++;
  for (int f = 0; f < r->figures; f++)
    r->tried_cost[f] = arena_new_array(mem, double, lines + 1);
  r->tried_drop = arena_new_array(mem, double, lines + 1);
  for (const char *line = next_line((const char *)text.data); line; line = next_line(line), r->tried++)
    if (!read_tried(line, r))
      return diag_error(d, "%s:%zu: expected %d numbers with commas between them, as `axgen explore` writes", path,
                        r->tried + 2, TRIED_COLUMNS + r->figures);
  return true;
}

// ---- all of it ----

bool report_load_front(arena *mem, const char *dir, report_front *r, diag *d) {
  *r = (report_front){.network = "?", .level = "?", .method = "?", .objective = "energy", .figures = 1};
  r->max_loss = r->exact_top1 = r->evaluations = r->hypervolume = NAN;
  json_doc doc;
  bool ok = report_read_open(mem, dir, "explore.json", &doc, d);
  r->there = doc.root;
  ok = ok && read_explore(mem, &doc, r, d) && (!r->there || read_history(mem, dir, r, d));
  for (size_t i = 0; ok && i < r->count; i++)
    ok = report_load_places(mem, arena_printf(mem, "%s/points/%02zu/config.yaml", dir, i + 1), &r->names,
                            &r->points[i].places, d);
  json_close(&doc);
  return ok;
}
