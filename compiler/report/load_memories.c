// SPDX-License-Identifier: Apache-2.0
//
// What synth.json estimates for memories: kinds of their own beside the logic's, in the layers and in the whole.
#include "compiler/report/load.h"
#include "compiler/report/read.h"

#include <math.h>
#include <string.h>

// A layer's memories: areas by kind, energy.
typedef struct {
  report_parts area;
  double energy;
} layer_memory;

static bool read_layer(arena *mem, json_place at, void *row, diag *d) {
  layer_memory *m = row;
  json_place area;
  *m = (layer_memory){.area.name = "?"};
  return report_read_text(mem, at, "layer", &m->area.name, d) && json_object(mem, at, "area_um2", &area, d) &&
         report_read_kinds(mem, area, &m->area, d) && json_number(at, "nj_per_image", 0, READ_MOST, &m->energy, d);
}

// The row of that name in a list with room for one more.
static report_parts *row_of(report_parts *rows, size_t *count, const char *name) {
  for (size_t i = 0; i < *count; i++)
    if (!strcmp(rows[i].name, name))
      return &rows[i];
  rows[*count] = (report_parts){.name = name};
  return &rows[(*count)++];
}

static void add_kind(arena *mem, report_parts *to, const char *name, double value) {
  report_kind *kinds = arena_new_array(mem, report_kind, to->kind_count + 1);
  if (to->kind_count)
    memcpy(kinds, to->kinds, to->kind_count * sizeof *kinds);
  kinds[to->kind_count++] = (report_kind){name, value};
  to->kinds = kinds;
  to->total += value;
}

static void add_kinds(arena *mem, report_parts *to, const report_parts *from) {
  for (size_t k = 0; k < from->kind_count; k++)
    if (from->kinds[k].value > 0)
      add_kind(mem, to, arena_printf(mem, "memory: %s", from->kinds[k].name), from->kinds[k].value);
}

// A copy with room for `more`.
static report_parts *longer(arena *mem, const report_parts *rows, size_t count, size_t more) {
  report_parts *out = arena_new_array(mem, report_parts, count + more);
  if (count)
    memcpy(out, rows, count * sizeof *out);
  return out;
}

// Layers' areas and energies, where there are any, sum to the whole.
static bool layers_sum(json_place memories, json_place area, const layer_memory *layers, size_t count, double um2,
                       double nj, diag *d) {
  double areas = 0, energies = 0;
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    any = any || layers[i].area.kind_count;
    areas += layers[i].area.kind_count ? layers[i].area.total : 0;
    energies += layers[i].energy;
  }
  return !any || (report_read_sum(area, "total", um2, areas, d) &&
                  (isnan(nj) || report_read_sum(memories, "nj_per_image", nj, energies, d)));
}

bool report_load_memories(arena *mem, json_place top, report_design *r, diag *d) {
  json_place memories, area;
  report_parts all = {.name = "memories"};
  layer_memory *layers;
  size_t count;
  double outside = 0;
  if (!json_object(mem, top, "memories", &memories, d) || !json_object(mem, memories, "area_um2", &area, d) ||
      !report_read_text(mem, memories, "method", &r->memory_method, d) || !report_read_kinds(mem, area, &all, d) ||
      !json_number(memories, "nj_per_image", 0, READ_MOST, &r->memory_nj, d) ||
      !json_number(memories, "external_nj_per_image", 0, READ_MOST, &outside, d) ||
      !report_read_rows(mem, memories, "layers", READ_ROWS, sizeof *layers, read_layer, &layers, &count, d) ||
      !layers_sum(memories, area, layers, count, all.total, r->memory_nj, d))
    return false;
  if (!memories.object)
    return true;
  r->memory_area = all.total;
  add_kinds(mem, &r->all, &all);
  r->layers = longer(mem, r->layers, r->layer_count, count);
  r->energies = longer(mem, r->energies, r->energy_count, count + 1);
  for (size_t i = 0; i < count; i++) {
    add_kinds(mem, row_of(r->layers, &r->layer_count, layers[i].area.name), &layers[i].area);
    if (layers[i].energy > 0)
      add_kind(mem, row_of(r->energies, &r->energy_count, layers[i].area.name), "memory", layers[i].energy);
  }
  if (outside > 0)
    add_kind(mem, row_of(r->energies, &r->energy_count, "(outside)"), "memory outside", outside);
  return true;
}
