// SPDX-License-Identifier: Apache-2.0
//
// A whole accelerator on an FPGA family, by Yosys: LUTs, flip-flops, memories and DSPs by module. Each module once,
// then counted by instances. A family is a row of FAMILIES.
#include "compiler/base/json.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

// What a primitive takes, by the beginning of its name; the first that fits counts. `ram`: in the family's smallest
// block.
typedef struct {
  const char *name;
  int luts, lutrams, flip_flops, ram, dsps;
} primitive;

static const primitive AMD[] = {{"LUT", .luts = 1},          {"INV", .luts = 1},          {"SRL", .lutrams = 1},
                                {"RAM32X1S", .lutrams = 1},  {"RAM32X1D", .lutrams = 2},  {"RAM64X1S", .lutrams = 1},
                                {"RAM64X1D", .lutrams = 2},  {"RAM128X1S", .lutrams = 2}, {"RAM128X1D", .lutrams = 4},
                                {"RAM256X1S", .lutrams = 4}, {"RAM256X1D", .lutrams = 8}, {"RAM512X1S", .lutrams = 8},
                                {"RAM32M16", .lutrams = 8},  {"RAM64M8", .lutrams = 8},   {"RAM32M", .lutrams = 4},
                                {"RAM64M", .lutrams = 4},    {"RAMB18", .ram = 1},        {"RAMB36", .ram = 2},
                                {"DSP", .dsps = 1},          {"FD", .flip_flops = 1},     {"LD", .flip_flops = 1},
                                {"CARRY", .luts = 0},        {"MUXF", .luts = 0},         {"BUF", .luts = 0},
                                {"VCC", .luts = 0},          {"GND", .luts = 0},          {.name = NULL}};

static const primitive ICE40[] = {{"SB_LUT4", .luts = 1}, {"SB_CARRY", .luts = 0}, {"SB_DFF", .flip_flops = 1},
                                  {"SB_RAM40", .ram = 1}, {"SB_MAC16", .dsps = 1}, {.name = NULL}};

// A CCU2C is the carry chain of two LUTs and takes both; a DPR16X4 is 16 x 4 bits in four LUTs.
static const primitive ECP5[] = {{"LUT4", .luts = 1},
                                 {"CCU2C", .luts = 2},
                                 {"PFUMX", .luts = 0},
                                 {"L6MUX21", .luts = 0},
                                 {"TRELLIS_FF", .flip_flops = 1},
                                 {"TRELLIS_DPR16X4", .lutrams = 4},
                                 {"DP16KD", .ram = 1},
                                 {"PDPW16KD", .ram = 1},
                                 {"MULT18X18D", .dsps = 1},
                                 {"ALU54B", .luts = 0},
                                 {.name = NULL}};

static const struct family {
  const char *name, *devices, *command; // command: Yosys's, without -top
  const primitive *primitives;
  const char *ram, *ram_key; // a block of `ram_units` smallest ones: heading of the table, key of the JSON
  int ram_units;
} FAMILIES[] = {
    {"xcup", "UltraScale+", "synth_xilinx -family xcup -flatten -noiopad -noclkbuf", AMD, "BRAM36", "block_rams_36k",
     2},
    {"xc7", "7 series", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf", AMD, "BRAM36", "block_rams_36k", 2},
    {"ice40", "iCE40 HX", "synth_ice40 -device hx", ICE40, "BRAM4", "block_rams_4k", 1},
    {"ecp5", "ECP5", "synth_ecp5", ECP5, "BRAM18", "block_rams_18k", 1}};

static const struct family *family_named(const char *name) {
  for (size_t i = 0; i < BASE_COUNT(FAMILIES); i++)
    if (strcmp(name, FAMILIES[i].name) == 0)
      return &FAMILIES[i];
  return NULL;
}

bool synth_fpga_family(const char *name, diag *d) {
  str names = {0};
  for (size_t i = 0; i < BASE_COUNT(FAMILIES); i++)
    str_printf(&names, "%s%s", i == 0 ? "" : i + 1 < BASE_COUNT(FAMILIES) ? ", " : " or ", FAMILIES[i].name);
  bool ok = family_named(name) || diag_error(d, "--family %s: expected %s", name, names.data);
  str_free(&names);
  return ok;
}

typedef struct {
  arena *mem;
  const cJSON *modules;
  synth_fpga *out;
  const struct family *family;
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
  if (strcmp(type, "$scopeinfo") == 0)
    return true;
  for (const primitive *p = c->family->primitives; p->name; p++)
    if (strncmp(type, p->name, strlen(p->name)) == 0) {
      r->luts += p->luts;
      r->lutrams += p->lutrams;
      r->flip_flops += p->flip_flops;
      r->ram += p->ram;
      r->dsps += p->dsps;
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
    const cJSON *attributes = cJSON_GetObjectItemCaseSensitive(inside, "attributes");
    bool library = cJSON_GetObjectItemCaseSensitive(attributes, "blackbox") ||
                   cJSON_GetObjectItemCaseSensitive(attributes, "whitebox");
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
    to->ram += sum.ram;
    to->dsps += sum.dsps;
  }
  return true;
}

static int by_module(const void *a, const void *b) {
  return strcmp(((const synth_fpga_row *)a)->module, ((const synth_fpga_row *)b)->module);
}

typedef struct {
  const char *path, *top;
  synth_fpga *out;
} fpga_output;

static bool count_all(arena *mem, void *user, diag *d) {
  const fpga_output *o = user;
  bytes file;
  o->out->rows = NULL;
  o->out->row_count = 0;
  o->out->total = (synth_fpga_row){0};
  if (!file_read(mem, o->path, (size_t)1 << 30, &file, d))
    return false;
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  counter c = {.family = family_named(o->out->family),
               .mem = mem,
               .modules = json_member(root, "modules"),
               .out = o->out,
               .d = d};
  const cJSON *top = cJSON_GetObjectItemCaseSensitive(c.modules, o->top);
  bool ok = top ? count_module(&c, o->top, top, 0) : diag_tool(d, "Yosys: no module %s", o->top);
  if (ok)
    qsort(o->out->rows, o->out->row_count, sizeof *o->out->rows, by_module);
  cJSON_Delete(root);
  return ok;
}

static void rom_names(arena *mem, const char *rom, synth_names *names) {
  char **files;
  size_t count;
  dir_list(mem, rom, "", &files, &count);
  for (size_t i = 0; i < count; i++)
    if (files[i][0] != '.')
      synth_name(mem, names, path_join(mem, "rom", files[i]));
}

// The ROMs' contents are named relative to the folder in which Yosys runs.
static bool run(arena *mem, const char *dir, const char *rtl, const synth_structure *s, synth_fpga *out, diag *d) {
  str script = {0};
  synth_names names = {0};
  const char *rom = path_join(mem, rtl, "rom");
  if (!synth_link(mem, dir, rtl, "rtl", d) || (file_exists(rom) && !synth_link(mem, dir, rom, "rom", d)))
    return false;
  synth_name(mem, &names, "synth.ys");
  rom_names(mem, rom, &names);
  if (!synth_files(mem, rtl, s, true, &names, &script, d))
    return str_free(&script), false;
  str_printf(&script, "hierarchy -check -top %s\nproc\n", s->top);
  synth_keep(s, &script);
  str_printf(&script, "%s -top %s\n", family_named(out->family)->command, s->top);
  str_add(&script, "write_json mapped.json\n");
  double start = clock_seconds();
  fpga_output output = {path_join(mem, dir, "mapped.json"), s->top, out};
  synth_job job = {.argv = SYNTH_YOSYS("synth.ys"),
                   .dir = dir,
                   .log = "yosys.log",
                   .timeout_s = 3600,
                   .inputs = synth_name_list(mem, &names),
                   .outputs = (const char *const[]){"mapped.json", NULL},
                   .take = count_all,
                   .user = &output};
  bool ok = synth_write(mem, dir, "synth.ys", &script, d) && synth_run(mem, &job, d);
  out->seconds = clock_seconds() - start;
  return ok;
}

bool synth_fpga_design(arena *mem, const char *rtl, const synth_structure *structure, const char *family,
                       synth_fpga *out, diag *d) {
  *out = (synth_fpga){.family = family};
  if (!synth_fpga_family(family, d))
    return false;
  char *dir;
  if (!tool_find(mem, "yosys", d) || !tool_temp_dir(mem, &dir, d))
    return false;
  out->yosys_version = synth_version("yosys");
  bool ok = run(mem, dir, rtl, structure, out, d);
  tool_temp_remove(dir);
  return ok;
}

static void add_numbers(cJSON *o, const synth_fpga_row *r, const struct family *f) {
  cJSON_AddNumberToObject(o, "luts", (double)r->luts);
  cJSON_AddNumberToObject(o, "luts_as_memory", (double)r->lutrams);
  cJSON_AddNumberToObject(o, "flip_flops", (double)r->flip_flops);
  cJSON_AddNumberToObject(o, f->ram_key, (double)r->ram / f->ram_units);
  cJSON_AddNumberToObject(o, "dsps", (double)r->dsps);
}

cJSON *synth_fpga_json(const synth_fpga *r) {
  const struct family *f = family_named(r->family);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "family", r->family);
  cJSON_AddStringToObject(o, "yosys", r->yosys_version);
  add_numbers(o, &r->total, f);
  cJSON *list = cJSON_AddArrayToObject(o, "modules");
  for (size_t i = 0; i < r->row_count; i++) {
    cJSON *m = cJSON_CreateObject();
    cJSON_AddStringToObject(m, "module", r->rows[i].module);
    cJSON_AddNumberToObject(m, "instances", (double)r->rows[i].instances);
    add_numbers(m, &r->rows[i], f);
    cJSON_AddItemToArray(list, m);
  }
  return o;
}

static void print_row(const char *name, const synth_fpga_row *r, const struct family *f, str *out) {
  char instances[24] = "";
  if (r->instances)
    snprintf(instances, sizeof instances, "%lld", (long long)r->instances);
  str_printf(out, "%-28s %9s %9lld %9lld %9lld %8.1f %6lld\n", name, instances, (long long)r->luts,
             (long long)r->lutrams, (long long)r->flip_flops, (double)r->ram / f->ram_units, (long long)r->dsps);
}

void synth_fpga_text(const synth_fpga *r, str *out) {
  const struct family *f = family_named(r->family);
  str_printf(out, "Family %s: %s (%s); each row: all instances, without the modules of other rows\n", f->name,
             f->devices, r->yosys_version);
  str_printf(out, "%-28s %9s %9s %9s %9s %8s %6s\n", "module", "instances", "LUTs", "as RAM", "FFs", f->ram, "DSPs");
  for (size_t i = 0; i < r->row_count; i++)
    print_row(r->rows[i].module, &r->rows[i], f, out);
  print_row("total", &r->total, f, out);
}
