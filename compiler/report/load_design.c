// SPDX-License-Identifier: Apache-2.0
//
// A design's files: eval.json, sim.json, synth.json, cost.json, energy.json, rtl/manifest.json.
#include "compiler/report/load.h"
#include "compiler/report/read.h"

#include <math.h>
#include <string.h>

enum { MAX_SIDE = 4096 };

// ---- eval.json, sim.json ----

static bool read_eval(const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc);
  return json_number(top, "top1", 0, 1, &r->top1, d) && json_number(top, "images", 0, READ_MOST, &r->images, d);
}

static bool read_fifo(arena *mem, json_place at, void *row, diag *d) {
  report_fifo *f = row;
  *f = (report_fifo){.from = "?", .to = "?", .depth = NAN, .most = NAN};
  return report_read_text(mem, at, "from", &f->from, d) && report_read_text(mem, at, "to", &f->to, d) &&
         json_number(at, "depth", 0, READ_MOST, &f->depth, d) && json_number(at, "most", 0, READ_MOST, &f->most, d);
}

// A launch of a tile.
static bool read_launch(arena *mem, json_place at, void *row, diag *d) {
  report_stage *s = row;
  *s = (report_stage){"?", "", NAN, NAN, NAN, NAN, NAN, NAN};
  return report_read_text(mem, at, "name", &s->layer, d) && report_read_text(mem, at, "kernel", &s->kind, d) &&
         json_number(at, "cycles", 0, READ_MOST, &s->cycles, d) && json_number(at, "lanes_used", 0, 1, &s->used, d);
}

static bool read_sim(arena *mem, const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc);
  return report_read_text(mem, top, "target", &r->target, d) &&
         json_number(top, "images", 0, READ_MOST, &r->sim_images, d) &&
         json_number(top, "cycles_per_image", 0, READ_MOST, &r->cycles, d) &&
         json_bool(top, "bit_exact", &r->bit_exact, d) &&
         report_read_rows(mem, top, "fifos", READ_ROWS, sizeof *r->fifos, read_fifo, &r->fifos, &r->fifo_count, d) &&
         report_read_rows(mem, top, "launches", READ_ROWS, sizeof *r->stages, read_launch, &r->stages, &r->stage_count,
                          d);
}

// ---- synth.json ----

static bool read_area(arena *mem, json_place layer, void *row, diag *d) {
  report_parts *out = row;
  json_place area;
  out->name = "?";
  return report_read_text(mem, layer, "layer", &out->name, d) && json_object(mem, layer, "area_um2", &area, d) &&
         report_read_kinds(mem, area, out, d);
}

// Energy of a layer by kind, where the file has kinds; else the multipliers'.
static bool read_energy(arena *mem, json_place layer, void *row, diag *d) {
  report_parts *out = row;
  json_place energy;
  out->name = "?";
  if (!report_read_text(mem, layer, "layer", &out->name, d) || !json_object(mem, layer, "energy_nj", &energy, d))
    return false;
  if (energy.object)
    return report_read_kinds(mem, energy, out, d);
  out->kinds = arena_new_object(mem, report_kind);
  out->kinds[0] = (report_kind){"multipliers", 0};
  out->kind_count = 1;
  bool ok = json_number(layer, "toggled_nj_per_image", 0, READ_MOST, &out->kinds[0].value, d);
  out->total = out->kinds[0].value;
  return ok;
}

static bool read_type(arena *mem, json_place at, void *row, diag *d) {
  report_mul *m = row;
  *m = (report_mul){"?", NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  return report_read_text(mem, at, "multiplier", &m->name, d) &&
         json_number(at, "area_um2", 0, READ_MOST, &m->area, d) &&
         json_number(at, "delay_ns", 0, READ_MOST, &m->delay_ns, d) &&
         json_number(at, "uniform_zero_delay_fj", 0, READ_MOST, &m->fj, d);
}

static bool read_timing(arena *mem, json_place timing, report_design *r, diag *d) {
  return json_number(timing, "delay_ns", 0, READ_MOST, &r->delay_ns, d) &&
         json_number(timing, "clock_ns", 0, READ_MOST, &r->clock_ns, d) &&
         report_read_text(mem, timing, "from_layer", &r->from_layer, d) &&
         report_read_text(mem, timing, "to_layer", &r->to_layer, d);
}

// Layers' areas, where there are any, sum to the whole.
static bool layers_sum(json_place area, const report_design *r, diag *d) {
  double sum = 0;
  bool any = false;
  for (size_t i = 0; i < r->layer_count; i++) {
    any = any || r->layers[i].kind_count;
    sum += r->layers[i].kind_count ? r->layers[i].total : 0;
  }
  return !any || isnan(r->area) || report_read_sum(area, "total", r->area, sum, d);
}

static bool read_synth(arena *mem, const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc), area, timing, energy;
  return json_object(mem, top, "area_um2", &area, d) && json_object(mem, top, "timing", &timing, d) &&
         json_object(mem, top, "energy_proxy", &energy, d) && json_number(area, "total", 0, READ_MOST, &r->area, d) &&
         json_number(area, "multipliers", 0, READ_MOST, &r->multiplier_area, d) &&
         json_number(top, "multipliers", 0, READ_MOST, &r->multipliers, d) && read_timing(mem, timing, r, d) &&
         json_number(energy, "toggled_nj_per_image", 0, READ_MOST, &r->energy_nj, d) &&
         json_number(energy, "simple_nj_per_image", 0, READ_MOST, &r->simple_nj, d) &&
         json_number(energy, "multiplications_per_image", 0, READ_MOST, &r->multiplications, d) &&
         report_read_kinds(mem, area, &r->all, d) &&
         report_read_rows(mem, top, "layers", READ_ROWS, sizeof *r->layers, read_area, &r->layers, &r->layer_count,
                          d) &&
         report_read_rows(mem, energy, "layers", READ_ROWS, sizeof *r->energies, read_energy, &r->energies,
                          &r->energy_count, d) &&
         report_read_rows(mem, top, "multiplier_types", REPORT_MULS, sizeof *r->muls, read_type, &r->muls,
                          &r->mul_count, d) &&
         layers_sum(area, r, d) && report_load_memories(mem, top, r, d) &&
         report_load_measured(mem, top, &r->measured, d) &&
         report_read_need(top, (const char *const[]){"area_um2", NULL}, d) &&
         report_read_need(area, (const char *const[]){"total", NULL}, d);
}

// ---- energy.json ----

static bool read_timed(arena *mem, json_place at, void *row, diag *d) {
  report_mul *m = row;
  json_place moving, held;
  *m = (report_mul){"?", NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  return report_read_text(mem, at, "name", &m->name, d) && json_object(mem, at, "moving", &moving, d) &&
         json_object(mem, at, "held", &held, d) && json_number(moving, "area_um2", 0, READ_MOST, &m->area, d) &&
         json_number(moving, "nj_per_image", 0, READ_MOST, &m->moving, d) &&
         json_number(moving, "ci95_nj", 0, READ_MOST, &m->moving_ci, d) &&
         json_number(held, "nj_per_image", 0, READ_MOST, &m->held, d) &&
         json_number(held, "ci95_nj", 0, READ_MOST, &m->held_ci, d);
}

// Those that the design has, and others that were tried in their place.
static bool read_energies(arena *mem, const json_doc *doc, report_design *r, diag *d) {
  report_mul *timed;
  size_t count;
  if (!report_read_rows(mem, json_top(doc), "multipliers", REPORT_MULS, sizeof *timed, read_timed, &timed, &count, d))
    return false;
  report_mul *all = arena_new_array(mem, report_mul, r->mul_count + count);
  if (r->mul_count)
    memcpy(all, r->muls, r->mul_count * sizeof *all);
  for (size_t i = 0; i < count; i++) {
    size_t k = 0;
    while (k < r->mul_count && strcmp(all[k].name, timed[i].name) != 0)
      k++;
    if (k == r->mul_count) {
      all[r->mul_count++] = timed[i];
      continue;
    }
    all[k].moving = timed[i].moving, all[k].moving_ci = timed[i].moving_ci;
    all[k].held = timed[i].held, all[k].held_ci = timed[i].held_ci;
  }
  r->muls = all;
  return true;
}

// ---- rtl/manifest.json ----

// Runs of processing elements with a multiplier each: which they are in the design's list.
typedef struct {
  const char *name;
  double pes, count;
} run;

static bool read_run(arena *mem, json_place at, void *row, diag *d) {
  run *r = row;
  *r = (run){"?", 0, 0};
  return report_read_text(mem, at, "name", &r->name, d) && json_number(at, "pes", 0, MAX_SIDE, &r->pes, d) &&
         json_number(at, "count", 0, READ_MOST, &r->count, d);
}

// A row for each PE, which of the runs' multipliers stands at each lane; `place` says what they are in the design.
static bool read_positions(json_place layer, const uint8_t *place, size_t runs, report_map *map, diag *d) {
  const cJSON *rows;
  if (!json_list(layer, "positions", &rows, d))
    return false;
  size_t r = 0;
  for (const cJSON *row = rows ? rows->child : NULL; row; row = row->next, r++) {
    size_t c = 0;
    for (const cJSON *e = cJSON_IsArray(row) ? row->child : NULL; e && r < map->rows; e = e->next, c++) {
      int64_t v;
      if (c == map->cols || !json_whole(e, 0, (int64_t)runs - 1, &v))
        break;
      map->cells[r * map->cols + c] = place[v];
    }
    if (r >= map->rows || c != map->cols || !cJSON_IsArray(row) || cJSON_GetArraySize(row) != (int)map->cols)
      return diag_error(d, "%s: `%s.positions[%zu]`: expected %zu rows of %zu numbers below %zu", layer.doc->file,
                        layer.path, r, map->rows, map->cols, runs);
  }
  return !rows || r == map->rows ||
         diag_error(d, "%s: `%s.positions`: expected %zu rows, found %zu", layer.doc->file, layer.path, map->rows, r);
}

static bool read_map(arena *mem, json_place layer, const report_stage *s, report_design *r, diag *d) {
  run *runs;
  size_t count, row = 0;
  int64_t pe, simd;
  if (!report_read_rows(mem, layer, "multipliers", REPORT_MULS, sizeof *runs, read_run, &runs, &count, d))
    return false;
  if (!count || !whole_double(s->pe, 1, MAX_SIDE, &pe) || !whole_double(s->simd, 1, MAX_SIDE, &simd))
    return true;
  report_map map = {s->layer, "PE", "lane", (size_t)pe, (size_t)simd, NULL};
  uint8_t place[REPORT_MULS];
  if (map.rows * map.cols > READ_CELLS)
    return diag_error(d, "%s: `%s`: expected at most %d multipliers", layer.doc->file, layer.path, READ_CELLS);
  map.cells = arena_alloc(mem, map.rows * map.cols);
  for (size_t i = 0; i < count; i++) {
    if (!report_read_name(&r->names, runs[i].name, &place[i]))
      return diag_error(d, "%s: expected at most %d different multipliers", layer.doc->file, REPORT_MULS);
    for (int64_t k = 0; k < (int64_t)runs[i].pes && row < map.rows; k++, row++)
      memset(map.cells + row * map.cols, place[i], map.cols);
  }
  r->places.maps[r->places.count++] = map;
  return read_positions(layer, place, count, &map, d);
}

static bool read_stage(arena *mem, json_place at, void *row, diag *d) {
  report_stage *s = row;
  *s = (report_stage){"?", "", NAN, NAN, NAN, NAN, NAN, NAN};
  run *runs;
  size_t count;
  if (!report_read_text(mem, at, "layer", &s->layer, d) || !report_read_text(mem, at, "kind", &s->kind, d) ||
      !json_number(at, "pe", 0, READ_MOST, &s->pe, d) || !json_number(at, "simd", 0, READ_MOST, &s->simd, d) ||
      !json_number(at, "hold", 0, READ_MOST, &s->hold, d) ||
      !json_number(at, "cycles_per_image", 0, READ_MOST, &s->cycles, d) ||
      !report_read_rows(mem, at, "multipliers", REPORT_MULS, sizeof *runs, read_run, &runs, &count, d))
    return false;
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += runs[i].count;
  s->multipliers = count ? sum : NAN;
  return true;
}

// The layers of a streaming accelerator.
static bool read_stages(arena *mem, json_place top, report_design *r, diag *d) {
  const cJSON *list;
  if (!report_read_rows(mem, top, "layers", READ_ROWS, sizeof *r->stages, read_stage, &r->stages, &r->stage_count, d) ||
      !json_list(top, "layers", &list, d))
    return false;
  r->places.maps = arena_new_array(mem, report_map, r->stage_count + 1);
  double most = 0;
  for (size_t i = 0; i < r->stage_count; i++)
    most = fmax(most, r->stages[i].cycles);
  size_t i = 0;
  for (const cJSON *e = list ? list->child : NULL; e; e = e->next, i++) {
    json_place layer;
    r->stages[i].used = most > 0 ? r->stages[i].cycles / most : NAN;
    if (!json_element(mem, top, "layers", e, i, &layer, d) || !read_map(mem, layer, &r->stages[i], r, d))
      return false;
  }
  return true;
}

// The launches of a tile: how its lanes are used; their cycles are in sim.json.
static bool read_launches(arena *mem, json_place top, report_design *r, diag *d) {
  report_stage *planned;
  size_t count;
  if (!report_read_rows(mem, top, "launches", READ_ROWS, sizeof *planned, read_launch, &planned, &count, d))
    return false;
  for (size_t i = 0; i < count && i < r->stage_count; i++)
    if (!strcmp(planned[i].layer, r->stages[i].layer))
      planned[i].cycles = r->stages[i].cycles;
  r->stages = planned;
  r->stage_count = count;
  return true;
}

// A row for each compute vector: the multiplier of each of its PEs.
static bool read_lids(arena *mem, json_place top, report_design *r, diag *d) {
  const cJSON *list;
  if (!json_list(top, "lids", &list, d))
    return false;
  if (!list || !list->child)
    return true;
  const cJSON *first = list->child;
  report_map map = {"tile",
                    "compute vector",
                    "PE",
                    (size_t)cJSON_GetArraySize(list),
                    cJSON_IsArray(first) ? (size_t)cJSON_GetArraySize(first) : 0,
                    NULL};
  if (!map.cols || map.rows > MAX_SIDE || map.cols > MAX_SIDE || map.rows * map.cols > READ_CELLS)
    return diag_error(d, "%s: `lids`: expected lists of names, at most %d", top.doc->file, MAX_SIDE);
  map.cells = arena_alloc(mem, map.rows * map.cols);
  uint8_t *cell = map.cells;
  for (const cJSON *row = first; row; row = row->next) {
    if (!cJSON_IsArray(row) || (size_t)cJSON_GetArraySize(row) != map.cols)
      return diag_error(d, "%s: `lids`: expected lists of %zu names", top.doc->file, map.cols);
    for (const cJSON *e = row->child; e; e = e->next)
      if (!cJSON_IsString(e) || !report_read_name(&r->names, arena_strdup(mem, e->valuestring), cell++))
        return diag_error(d, "%s: `lids`: expected at most %d different names", top.doc->file, REPORT_MULS);
  }
  r->places.maps = arena_memdup(mem, &map, sizeof map);
  r->places.count = 1;
  return true;
}

static bool read_manifest(arena *mem, const json_doc *doc, report_design *r, diag *d) {
  json_place top = json_top(doc);
  const char *target = r->target;
  if (!doc->root)
    return true;
  if (!report_read_text(mem, top, "target", &target, d) || !report_read_text(mem, top, "slowest", &r->slowest, d))
    return false;
  r->target = target;
  return cJSON_GetObjectItemCaseSensitive(doc->root, "launches")
             ? read_launches(mem, top, r, d) && read_lids(mem, top, r, d)
             : read_stages(mem, top, r, d);
}

// ---- all of them ----

enum { EVAL, SIM, SYNTH, COST, ENERGY, MANIFEST, FILES };
static const char *const NAME[FILES] = {"eval.json", "sim.json",    "synth.json",
                                        "cost.json", "energy.json", "rtl/manifest.json"};

bool report_load_design(arena *mem, const char *dir, report_design *r, diag *d) {
  r->top1 = r->images = r->sim_images = r->cycles = NAN;
  r->area = r->multiplier_area = r->delay_ns = r->clock_ns = r->energy_nj = r->simple_nj = NAN;
  r->multiplications = r->multipliers = r->memory_area = r->memory_nj = NAN;
  json_doc doc[FILES] = {{0}};
  bool ok = true;
  for (int i = 0; i < FILES && ok; i++) {
    ok = report_read_open(mem, dir, NAME[i], &doc[i], d);
    r->there = r->there || doc[i].root;
  }
  ok = ok && read_eval(&doc[EVAL], r, d) && read_sim(mem, &doc[SIM], r, d) && read_synth(mem, &doc[SYNTH], r, d) &&
       report_load_predicted(mem, &doc[COST], &r->predicted, d) && read_energies(mem, &doc[ENERGY], r, d) &&
       read_manifest(mem, &doc[MANIFEST], r, d);
  for (int i = 0; i < FILES; i++)
    json_close(&doc[i]);
  return ok;
}
