// SPDX-License-Identifier: Apache-2.0
//
// A whole accelerator on an FPGA family of AMD's, by Yosys's synth_xilinx: LUTs, flip-flops, memories and DSPs by
// module. Each module once, then counted by instances.
#include "compiler/base/json.h"
#include "compiler/tool/tool.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

// What a primitive takes, by the beginning of its name; the first that fits counts.
static const struct {
  const char *name;
  int luts, lutrams, flip_flops, ram18, dsps;
} PRIMITIVES[] = {
    {"LUT", .luts = 1},          {"INV", .luts = 1},          {"SRL", .lutrams = 1},       {"RAM32X1S", .lutrams = 1},
    {"RAM32X1D", .lutrams = 2},  {"RAM64X1S", .lutrams = 1},  {"RAM64X1D", .lutrams = 2},  {"RAM128X1S", .lutrams = 2},
    {"RAM128X1D", .lutrams = 4}, {"RAM256X1S", .lutrams = 4}, {"RAM256X1D", .lutrams = 8}, {"RAM512X1S", .lutrams = 8},
    {"RAM32M16", .lutrams = 8},  {"RAM64M8", .lutrams = 8},   {"RAM32M", .lutrams = 4},    {"RAM64M", .lutrams = 4},
    {"RAMB18", .ram18 = 1},      {"RAMB36", .ram18 = 2},      {"DSP", .dsps = 1},          {"FD", .flip_flops = 1},
    {"LD", .flip_flops = 1},     {"CARRY", .luts = 0},        {"MUXF", .luts = 0},         {"BUF", .luts = 0},
    {"VCC", .luts = 0},          {"GND", .luts = 0},          {"$scopeinfo", .luts = 0}};

typedef struct {
  arena *mem;
  const cJSON *modules;
  synth_fpga *out;
  size_t cap;
  diag *d;
} counter;

static synth_fpga_row *row_of(counter *c, const char *base) {
  for (size_t i = 0; i < c->out->row_count; i++)
    if (strcmp(c->out->rows[i].module, base) == 0)
      return &c->out->rows[i];
  arena_grow(c->mem, c->out->rows, c->out->row_count, c->cap);
  c->out->rows[c->out->row_count] = (synth_fpga_row){.module = base};
  return &c->out->rows[c->out->row_count++];
}

static bool count_primitive(const counter *c, const char *type, synth_fpga_row *r) {
  for (size_t i = 0; i < BASE_COUNT(PRIMITIVES); i++)
    if (strncmp(type, PRIMITIVES[i].name, strlen(PRIMITIVES[i].name)) == 0) {
      r->luts += PRIMITIVES[i].luts;
      r->lutrams += PRIMITIVES[i].lutrams;
      r->flip_flops += PRIMITIVES[i].flip_flops;
      r->ram18 += PRIMITIVES[i].ram18;
      r->dsps += PRIMITIVES[i].dsps;
      return true;
    }
  return diag_tool(c->d, "Yosys left a %s, which is no primitive of %s that axgen knows", type, c->out->family);
}

// One instance of the module and all that is in it.
static bool count_module(counter *c, const char *name, const cJSON *module, int depth) {
  const char *base = arena_strdup(c->mem, synth_base_name(c->mem, name)); // outlives the JSON
  synth_fpga_row sum = {0};
  const cJSON *cells = json_member(module, "cells");
  for (const cJSON *cell = json_members(cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const char *text = cJSON_IsString(type) ? type->valuestring : "?";
    const cJSON *inside = cJSON_GetObjectItemCaseSensitive(c->modules, text);
    bool library = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(inside, "attributes"), "blackbox");
    if (inside && !library ? depth > 32 || !count_module(c, text, inside, depth + 1) : !count_primitive(c, text, &sum))
      return false;
  }
  synth_fpga_row *row = row_of(c, base), *total = &c->out->total;
  row->instances++;
  for (int i = 0; i < 2; i++) {
    synth_fpga_row *to = i ? total : row;
    to->luts += sum.luts;
    to->lutrams += sum.lutrams;
    to->flip_flops += sum.flip_flops;
    to->ram18 += sum.ram18;
    to->dsps += sum.dsps;
  }
  return true;
}

static int by_module(const void *a, const void *b) {
  return strcmp(((const synth_fpga_row *)a)->module, ((const synth_fpga_row *)b)->module);
}

static bool count_all(arena *mem, const char *path, synth_fpga *out, diag *d) {
  bytes file;
  if (!file_read(mem, path, (size_t)1 << 30, &file, d))
    return diag_blame(d, "yosys");
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  counter c = {.mem = mem, .modules = json_member(root, "modules"), .out = out, .d = d};
  const cJSON *top = cJSON_GetObjectItemCaseSensitive(c.modules, "axgen_top");
  bool ok = top ? count_module(&c, "axgen_top", top, 0) : diag_tool(d, "Yosys: no module axgen_top");
  if (ok)
    qsort(out->rows, out->row_count, sizeof *out->rows, by_module);
  cJSON_Delete(root);
  return ok;
}

// The ROMs' contents are named relative to the folder in which Yosys runs.
static bool run(arena *mem, const char *dir, const char *rtl, synth_fpga *out, diag *d) {
  str script = {0};
  const char *rom = path_join(mem, rtl, "rom");
  if (!synth_link(mem, dir, rtl, "rtl", d) || (file_exists(rom) && !synth_link(mem, dir, rom, "rom", d)))
    return false;
  if (!synth_files(mem, rtl, true, &script, d))
    return str_free(&script), false;
  str_add(&script, "hierarchy -check -top axgen_top\nproc\n");
  synth_keep(&script);
  str_printf(&script, "synth_xilinx -family %s -top axgen_top -flatten -noiopad -noclkbuf\n", out->family);
  str_add(&script, "write_json mapped.json\n");
  double start = clock_seconds();
  if (!synth_yosys(mem, dir, &script, 3600, d))
    return false;
  out->seconds = clock_seconds() - start;
  return count_all(mem, path_join(mem, dir, "mapped.json"), out, d);
}

bool synth_fpga_design(arena *mem, const char *rtl, const char *family, synth_fpga *out, diag *d) {
  *out = (synth_fpga){.family = family};
  char *dir;
  if (!tool_find(mem, "yosys", d) || !tool_temp_dir(mem, &dir, d))
    return false;
  out->yosys_version = tool_version(mem, "yosys", "-V");
  bool ok = run(mem, dir, rtl, out, d);
  tool_temp_remove(dir);
  return ok;
}

static void add_numbers(cJSON *o, const synth_fpga_row *r) {
  cJSON_AddNumberToObject(o, "luts", (double)r->luts);
  cJSON_AddNumberToObject(o, "luts_as_memory", (double)r->lutrams);
  cJSON_AddNumberToObject(o, "flip_flops", (double)r->flip_flops);
  cJSON_AddNumberToObject(o, "block_rams_36k", (double)r->ram18 / 2);
  cJSON_AddNumberToObject(o, "dsps", (double)r->dsps);
}

cJSON *synth_fpga_json(const synth_fpga *r) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "family", r->family);
  cJSON_AddStringToObject(o, "yosys", r->yosys_version);
  add_numbers(o, &r->total);
  cJSON *list = cJSON_AddArrayToObject(o, "modules");
  for (size_t i = 0; i < r->row_count; i++) {
    cJSON *m = cJSON_CreateObject();
    cJSON_AddStringToObject(m, "module", r->rows[i].module);
    cJSON_AddNumberToObject(m, "instances", (double)r->rows[i].instances);
    add_numbers(m, &r->rows[i]);
    cJSON_AddItemToArray(list, m);
  }
  return o;
}

static void print_row(const char *name, const synth_fpga_row *r, str *out) {
  char instances[24] = "";
  if (r->instances)
    snprintf(instances, sizeof instances, "%lld", (long long)r->instances);
  str_printf(out, "%-28s %9s %9lld %9lld %9lld %8.1f %6lld\n", name, instances, (long long)r->luts,
             (long long)r->lutrams, (long long)r->flip_flops, (double)r->ram18 / 2, (long long)r->dsps);
}

void synth_fpga_text(const synth_fpga *r, str *out) {
  str_printf(out, "Family %s (%s); each row: all instances, without the modules of other rows\n", r->family,
             r->yosys_version);
  str_printf(out, "%-28s %9s %9s %9s %9s %8s %6s\n", "module", "instances", "LUTs", "as RAM", "FFs", "BRAM36", "DSPs");
  for (size_t i = 0; i < r->row_count; i++)
    print_row(r->rows[i].module, &r->rows[i], out);
  print_row("total", &r->total, out);
}
