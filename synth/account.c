// SPDX-License-Identifier: Apache-2.0
//
// Areas by layer and by kind, from Yosys's JSON of the mapped design: every module once, then summed over the
// instances.
#include "compiler/base/json.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

const char *const synth_kind_name[SYNTH_KIND_COUNT] = {
#define X(id, name) name,
    SYNTH_KINDS(X)
#undef X
};

typedef struct {
  const char *name, *base; // "$paramod$...\axgen_window": base is axgen_window
  const cJSON *cells;
  synth_kind kind;
  synth_area sum;
  enum { NEW, OPEN, DONE } state;
} module;

typedef struct {
  arena *mem;
  const liberty *lib;
  module *modules;
  size_t count, cap;
  const char *path;
  diag *d;
} accountant;

const char *synth_base_name(arena *mem, const char *name) {
  if (strncmp(name, "$paramod", 8) != 0)
    return name;
  const char *start = strchr(name, '\\');
  start = start ? start + 1 : name;
  return arena_strndup(mem, start, strcspn(start, "\\"));
}

static synth_kind kind_of(const char *base) {
  static const struct {
    const char *name;
    synth_kind kind;
  } CORES[] = {{"axgen_mvu_back", SYNTH_ADDERS}, {"axgen_requant", SYNTH_REQUANTISE},  {"axgen_add", SYNTH_REQUANTISE},
               {"axgen_pool", SYNTH_POOLING},    {"axgen_pool_window", SYNTH_POOLING}, {"axgen_fgpu_pe", SYNTH_PES}};
  if (strncmp(base, "mul_", 4) == 0)
    return SYNTH_MULTIPLIERS;
  for (size_t i = 0; i < BASE_COUNT(CORES); i++)
    if (strcmp(base, CORES[i].name) == 0)
      return CORES[i].kind;
  return SYNTH_CONTROL;
}

static void add(synth_area *to, const synth_area *a) {
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    to->area[k] += a->area[k];
  to->total += a->total;
  to->leakage += a->leakage;
  to->cells += a->cells;
  to->flip_flops += a->flip_flops;
  to->multipliers += a->multipliers;
  to->ram_bits += a->ram_bits;
  to->rom_bits += a->rom_bits;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const module *)a)->name, ((const module *)b)->name);
}

static module *find_module(const accountant *c, const char *name) {
  module key = {.name = name};
  return c->count ? bsearch(&key, c->modules, c->count, sizeof key, by_name) : NULL;
}

// A parameter of an instance: Yosys writes it as a number or as a string of binary digits.
static int64_t parameter(const cJSON *cell, const char *name) {
  const cJSON *p = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(cell, "parameters"), name);
  return cJSON_IsNumber(p) ? (int64_t)p->valuedouble : cJSON_IsString(p) ? strtoll(p->valuestring, NULL, 2) : 0;
}

static bool sum_module(accountant *c, module *m);

// What one instance is worth.
static bool weigh(accountant *c, const cJSON *cell, synth_kind kind, synth_area *out) {
  *out = (synth_area){0};
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
  const char *name = cJSON_IsString(type) ? type->valuestring : "?";
  const char *base = synth_base_name(c->mem, name);
  bool ram = strcmp(base, "axgen_ram_words") == 0;
  if (ram || strcmp(base, "axgen_rom_words") == 0) {
    int64_t bits = parameter(cell, "WIDTH") * parameter(cell, "DEPTH");
    *(ram ? &out->ram_bits : &out->rom_bits) = bits;
    return bits > 0 || diag_tool(c->d, "%s: memory %s without WIDTH and DEPTH", c->path, cell->string);
  }
  module *m = find_module(c, name);
  if (m) {
    if (!sum_module(c, m))
      return false;
    *out = m->sum;
    out->multipliers += m->kind == SYNTH_MULTIPLIERS;
    return true;
  }
  const liberty_cell *lc = liberty_find(c->lib, name);
  if (!lc) {
    if (strcmp(name, "$scopeinfo") == 0)
      return true;
    diag_tool(c->d, "%s: %s is a %s, which %s does not have: it could not be mapped", c->path, cell->string, name,
              c->lib->file);
    return false;
  }
  out->total = out->area[lc->sequential ? SYNTH_REGISTERS : kind] = lc->area;
  out->leakage = lc->leakage;
  out->cells = 1;
  out->flip_flops = lc->sequential;
  return true;
}

static bool sum_module(accountant *c, module *m) {
  if (m->state == DONE)
    return true;
  if (m->state == OPEN)
    return diag_tool(c->d, "%s: module %s contains itself", c->path, m->name);
  m->state = OPEN;
  for (const cJSON *cell = json_members(m->cells); cell; cell = cell->next) {
    synth_area a;
    if (!weigh(c, cell, m->kind, &a))
      return false;
    add(&m->sum, &a);
  }
  m->state = DONE;
  return true;
}

// Parts of an fgpu tile: by module, and by the name of its instance in a path. A PE's multiplier stands beside it.
static const struct {
  const char *base, *instance, *name;
} PARTS[] = {{"axgen_fgpu_pe", "u_pe", "PEs"},
             {"mul_", "u_mul", "PEs"},
             {"axgen_fgpu_mem", "u_mem", "memory units"},
             {"axgen_fgpu_issue", "u_issue", "issue"},
             {"axgen_fgpu_dispatch", "u_dispatch", "dispatcher"},
             {"axgen_fgpu_arbiter", "u_arbiter", "arbiter"},
             {"axgen_fgpu_cv", "u_cv", "rest of the CVs"},
             {NULL, NULL, "host port"}};

static int part_of_module(const char *base) {
  int i = 0;
  while (PARTS[i].base && strncmp(base, PARTS[i].base, strlen(PARTS[i].base)) != 0)
    i++;
  return i;
}

static const char *part_of_instance(const char *path) {
  int i = 0;
  while (PARTS[i].instance && !strstr(path, PARTS[i].instance))
    i++;
  return PARTS[i].name;
}

const char *synth_layer_of(const synth_result *r, const char *instance) {
  if (r->tile)
    return part_of_instance(instance);
  // u_LAYER and gearbox_LAYER (compiler/target/dataflow/top.c)
  if (strncmp(instance, "u_", 2) != 0 && strncmp(instance, "gearbox_", 8) != 0)
    return NULL;
  instance = strchr(instance, '_') + 1;
  size_t n = strcspn(instance, "/.");
  for (size_t i = 0; i < r->layer_count; i++) {
    const char *name = r->layers[i].name;
    if (name && strlen(name) == n && strncmp(instance, name, n) == 0)
      return name;
  }
  return NULL;
}

static synth_layer *layer_named(synth_result *r, const char *name) {
  for (size_t i = 0; i < r->layer_count; i++)
    if (r->layers[i].name == name)
      return &r->layers[i];
  return NULL;
}

// The tile's parts, summed over all CVs; `own`: the part that cells of no other belong to.
static bool sum_parts(accountant *c, const module *in, int own, synth_result *r) {
  for (const cJSON *cell = json_members(in->cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const char *base = cJSON_IsString(type) ? synth_base_name(c->mem, type->valuestring) : "";
    int part = part_of_module(base);
    synth_area a;
    if (strcmp(base, "axgen_fgpu_cv") == 0) {
      const module *cv = find_module(c, type->valuestring);
      if (!cv || !sum_parts(c, cv, part, r))
        return cv || diag_tool(c->d, "%s: no module %s", c->path, type->valuestring);
      continue;
    }
    if (!weigh(c, cell, SYNTH_CONTROL, &a))
      return false;
    add(&layer_named(r, PARTS[PARTS[part].base ? part : own].name)->area, &a);
    add(&r->total, &a);
  }
  return true;
}

static bool is_tile(accountant *c, const module *top) {
  for (const cJSON *cell = json_members(top->cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    if (cJSON_IsString(type) && strcmp(synth_base_name(c->mem, type->valuestring), "axgen_fgpu_cv") == 0)
      return true;
  }
  return false;
}

static bool sum_tile(accountant *c, const module *top, synth_result *r) {
  size_t cap = 0;
  for (size_t i = 0; i < BASE_COUNT(PARTS); i++)
    if (!layer_named(r, PARTS[i].name)) {
      arena_grow(c->mem, r->layers, r->layer_count, cap);
      r->layers[r->layer_count++] = (synth_layer){.name = PARTS[i].name};
    }
  r->tile = true;
  return sum_parts(c, top, (int)BASE_COUNT(PARTS) - 1, r);
}

// Layers are the instances of layer_NAME in the top, in their order there; the rest of the top belongs to the layer
// whose name it carries, or to none.
static bool sum_layers(accountant *c, const module *top, synth_result *r) {
  size_t cap = 0;
  for (const cJSON *cell = json_members(top->cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const char *base = cJSON_IsString(type) ? synth_base_name(c->mem, type->valuestring) : "";
    if (strncmp(base, "layer_", 6) == 0) {
      arena_grow(c->mem, r->layers, r->layer_count, cap);
      r->layers[r->layer_count++] = (synth_layer){.name = arena_strdup(c->mem, base + 6)};
    }
  }
  arena_grow(c->mem, r->layers, r->layer_count, cap);
  r->layers[r->layer_count++] = (synth_layer){.name = NULL};
  for (const cJSON *cell = json_members(top->cells); cell; cell = cell->next) {
    synth_area a;
    if (!weigh(c, cell, SYNTH_CONTROL, &a))
      return false;
    add(&layer_named(r, synth_layer_of(r, cell->string))->area, &a);
    add(&r->total, &a);
  }
  return true;
}

static bool account(accountant *c, const cJSON *root, synth_result *r) {
  const cJSON *modules = json_member(root, "modules");
  for (const cJSON *m = json_members(modules); m; m = m->next) {
    const cJSON *attributes = cJSON_GetObjectItemCaseSensitive(m, "attributes");
    if (cJSON_GetObjectItemCaseSensitive(attributes, "blackbox") || liberty_find(c->lib, m->string))
      continue;
    const char *base = synth_base_name(c->mem, m->string);
    arena_grow(c->mem, c->modules, c->count, c->cap);
    c->modules[c->count++] =
        (module){.name = m->string, .base = base, .cells = json_member(m, "cells"), .kind = kind_of(base)};
    r->multiplier_modules += kind_of(base) == SYNTH_MULTIPLIERS;
  }
  if (c->count)
    qsort(c->modules, c->count, sizeof *c->modules, by_name);
  const module *top = find_module(c, "axgen_top");
  if (!top)
    return diag_tool(c->d, "%s: no module axgen_top", c->path);
  return is_tile(c, top) ? sum_tile(c, top, r) : sum_layers(c, top, r);
}

bool synth_account(arena *mem, const char *json_path, const liberty *lib, synth_result *out, diag *d) {
  arena *scratch = arena_new();
  bytes file;
  bool ok = file_read(scratch, json_path, (size_t)1 << 30, &file, d);
  if (ok) {
    cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
    accountant c = {.mem = mem, .lib = lib, .path = json_path, .d = d};
    ok = root ? account(&c, root, out) : diag_tool(d, "%s: Yosys wrote something that is not JSON", json_path);
    cJSON_Delete(root);
  }
  arena_free(scratch);
  return ok;
}
