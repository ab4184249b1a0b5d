// SPDX-License-Identifier: Apache-2.0
//
// A design of an FPGA's primitives, counted: by module, by part of the design, by kind.
#include "synth/fpga.h"
#include "compiler/base/json.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 32 };

typedef struct {
  arena *mem;
  const cJSON *modules;
  const synth_structure *structure;
  synth_fpga *out;
  const fpga_family *family;
  size_t cap;
  diag *d;
} counter;

void synth_fpga_add(synth_fpga_count *to, const synth_fpga_count *a, int64_t times) {
  to->luts += times * a->luts;
  to->lutrams += times * a->lutrams;
  to->flip_flops += times * a->flip_flops;
  to->ram += times * a->ram;
  to->dsps += times * a->dsps;
  to->carries += times * a->carries;
}

static synth_fpga_row *row_of(counter *c, const char *base) {
  for (size_t i = 0; i < c->out->row_count; i++)
    if (strcmp(c->out->rows[i].module, base) == 0)
      return &c->out->rows[i];
  arena_grow(c->mem, c->out->rows, c->out->row_count, c->cap);
  c->out->rows[c->out->row_count] = (synth_fpga_row){.module = base};
  return &c->out->rows[c->out->row_count++];
}

static bool count_primitive(const counter *c, const char *type, synth_fpga_count *sum) {
  if (strcmp(type, "$scopeinfo") == 0)
    return true;
  for (const fpga_primitive *p = c->family->primitives; p->name; p++)
    if (strncmp(type, p->name, strlen(p->name)) == 0) {
      synth_fpga_add(sum, &(synth_fpga_count){p->luts, p->lutrams, p->flip_flops, p->ram, p->dsps, p->carries}, 1);
      return true;
    }
  return diag_tool(c->d, "Yosys left a %s, which is no primitive of %s that axgen knows", type, c->family->name);
}

// A module of the design with this name, or NULL: a primitive.
static const cJSON *inside(const counter *c, const char *type) {
  const cJSON *module = cJSON_GetObjectItemCaseSensitive(c->modules, type);
  const cJSON *attributes = cJSON_GetObjectItemCaseSensitive(module, "attributes");
  bool library = cJSON_GetObjectItemCaseSensitive(attributes, "blackbox") ||
                 cJSON_GetObjectItemCaseSensitive(attributes, "whitebox");
  return library ? NULL : module;
}

// The kind of a module's primitives. Below a module that is kept, what is not kept has become part of it.
static synth_kind kind_of(const counter *c, const char *base) {
  const synth_core *core = synth_core_of(c->structure, base);
  return core ? core->kind : SYNTH_CONTROL;
}

static void book(counter *c, const char *base, size_t part, const synth_fpga_count *sum) {
  synth_fpga_row *row = row_of(c, base);
  row->instances++;
  synth_fpga_add(&row->sum, sum, 1);
  synth_fpga_add(&c->out->total, sum, 1);
  if (!c->structure)
    return;
  synth_kind kind = kind_of(c, base);
  synth_fpga_add(&c->out->parts[part].sum, sum, 1);
  synth_fpga_add(&c->out->parts[part].kinds[kind], sum, 1);
  synth_fpga_add(&c->out->kinds[kind], sum, 1);
}

// One instance of the module, which lies in a part, and all that is in it; `open`: what is inside may belong to others.
static bool count_module(counter *c, const char *name, const cJSON *module, size_t part, bool open, int depth) {
  synth_fpga_count sum = {0};
  for (const cJSON *cell = json_members(json_member(module, "cells")); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const char *text = cJSON_IsString(type) ? type->valuestring : "?";
    const cJSON *child = inside(c, text);
    size_t in = child && open ? synth_part_inside(c->structure, part, cell->string) : part;
    bool opens = in != part && c->structure->parts[in].open;
    if (child && depth > DEEPEST)
      return diag_tool(c->d, "module %s contains itself, or more than %d levels", name, DEEPEST);
    if (child ? !count_module(c, text, child, in, opens, depth + 1) : !count_primitive(c, text, &sum))
      return false;
  }
  book(c, arena_strdup(c->mem, synth_base_name(c->mem, name)), part, &sum); // outlives the JSON
  return true;
}

static int by_module(const void *a, const void *b) {
  return strcmp(((const synth_fpga_row *)a)->module, ((const synth_fpga_row *)b)->module);
}

bool fpga_count(arena *mem, const fpga_family *family, const cJSON *design, const char *top,
                const synth_structure *structure, synth_fpga *out, diag *d) {
  counter c = {.mem = mem,
               .family = family,
               .modules = json_member(design, "modules"),
               .structure = structure,
               .out = out,
               .d = d};
  size_t parts = structure ? structure->part_count : 0;
  out->rows = NULL;
  out->row_count = 0;
  out->total = (synth_fpga_count){0};
  memset(out->kinds, 0, sizeof out->kinds);
  out->parts = arena_new_array(mem, synth_fpga_part, parts + 1);
  out->part_count = parts;
  for (size_t i = 0; i < parts; i++)
    out->parts[i].name = structure->parts[i].name;
  const cJSON *module = cJSON_GetObjectItemCaseSensitive(c.modules, top);
  if (!module)
    return diag_tool(d, "Yosys wrote no module %s", top);
  if (!count_module(&c, top, module, parts ? parts - 1 : 0, structure != NULL, 0))
    return false;
  qsort(out->rows, out->row_count, sizeof *out->rows, by_module);
  return true;
}
