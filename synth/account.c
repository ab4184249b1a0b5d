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
  const synth_structure *structure;
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

const synth_core *synth_core_of(const synth_structure *s, const char *module) {
  size_t prefix = strlen(s->prefix);
  if (strncmp(module, s->prefix, prefix) == 0)
    module += prefix;
  for (size_t i = 0; i < s->core_count; i++) {
    const char *name = s->cores[i].name;
    size_t n = strcspn(name, "*");
    if (strncmp(module, name, n) == 0 && (name[n] || !module[n]))
      return &s->cores[i];
  }
  return NULL;
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

// A parameter of an instance, above 0: Yosys writes it as a number or as a string of binary digits. 0: there is none.
static int64_t parameter(const cJSON *cell, const char *name) {
  const cJSON *p = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(cell, "parameters"), name);
  int64_t v = 0;
  if (!json_whole(p, 1, INT32_MAX, &v) && cJSON_IsString(p))
    whole_text(p->valuestring, 2, 1, INT32_MAX, &v, NULL);
  return v;
}

static bool sum_module(accountant *c, module *m);

// The memory whose words a black box stands for, or NULL.
static const synth_core *memory_of(const accountant *c, const char *module) {
  if (!str_ends_with(module, SYNTH_WORDS))
    return NULL;
  const synth_core *core =
      synth_core_of(c->structure, arena_strndup(c->mem, module, strlen(module) - strlen(SYNTH_WORDS)));
  return core && (core->role == SYNTH_RAM || core->role == SYNTH_ROM) ? core : NULL;
}

// What one instance is worth.
static bool weigh(accountant *c, const cJSON *cell, synth_kind kind, synth_area *out) {
  *out = (synth_area){0};
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
  const char *name = cJSON_IsString(type) ? type->valuestring : "?";
  const char *base = synth_base_name(c->mem, name);
  const synth_core *core = memory_of(c, base);
  if (core) {
    const int64_t most = (int64_t)1 << 40;
    int64_t bits = parameter(cell, "WIDTH") * parameter(cell, "DEPTH");
    *(core->role == SYNTH_RAM ? &out->ram_bits : &out->rom_bits) = bits;
    return (bits > 0 && bits <= most) ||
           diag_tool(c->d, "%s: memory %s without WIDTH and DEPTH", c->path, cell->string);
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

// ---- parts --------------------------------------------------------------------------------------------------------
// The part with an instance of this name; the rest otherwise.
static size_t part_named(const synth_structure *s, const char *name, size_t n) {
  for (size_t i = 0; i + 1 < s->part_count; i++)
    for (const char *const *at = s->parts[i].instances; *at; at++)
      if (strlen(*at) == n && strncmp(*at, name, n) == 0)
        return i;
  return s->part_count - 1;
}

// From the outside in, up to a part that is not open. `in`: the part around it all.
static size_t part_inside(const synth_structure *s, size_t in, const char *instance) {
  for (size_t n; *instance; instance += n + (instance[n] != 0)) {
    n = strcspn(instance, "/.");
    size_t found = part_named(s, instance, n);
    if (found + 1 == s->part_count)
      continue;
    in = found;
    if (!s->parts[in].open)
      break;
  }
  return in;
}

size_t synth_part_of(const synth_structure *s, const char *instance) {
  return part_inside(s, s->part_count - 1, instance);
}

// The cells of a module that belongs to the part `in`; instances of modules may belong to others.
static bool sum_parts(accountant *c, const module *m, size_t in, synth_result *r) {
  for (const cJSON *cell = json_members(m->cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    module *inside = cJSON_IsString(type) ? find_module(c, type->valuestring) : NULL;
    size_t part = inside ? part_inside(c->structure, in, cell->string) : in;
    synth_area a;
    if (part != in && c->structure->parts[part].open) {
      if (!sum_parts(c, inside, part, r))
        return false;
      continue;
    }
    if (!weigh(c, cell, SYNTH_CONTROL, &a))
      return false;
    add(&r->layers[part].area, &a);
    add(&r->total, &a);
  }
  return true;
}

static void start_parts(accountant *c, synth_result *r) {
  r->layer_count = c->structure->part_count;
  r->layers = arena_new_array(c->mem, synth_layer, r->layer_count);
  for (size_t i = 0; i < r->layer_count; i++)
    r->layers[i].name = c->structure->parts[i].name;
}

static bool account(accountant *c, const cJSON *root, synth_result *r) {
  const cJSON *modules = json_member(root, "modules");
  for (const cJSON *m = json_members(modules); m; m = m->next) {
    const cJSON *attributes = cJSON_GetObjectItemCaseSensitive(m, "attributes");
    if (cJSON_GetObjectItemCaseSensitive(attributes, "blackbox") || liberty_find(c->lib, m->string))
      continue;
    const char *base = synth_base_name(c->mem, m->string);
    const synth_core *core = synth_core_of(c->structure, base);
    synth_kind kind = core ? core->kind : SYNTH_CONTROL;
    arena_grow(c->mem, c->modules, c->count, c->cap);
    c->modules[c->count++] = (module){.name = m->string, .base = base, .cells = json_member(m, "cells"), .kind = kind};
    r->multiplier_modules += kind == SYNTH_MULTIPLIERS;
  }
  if (c->count)
    qsort(c->modules, c->count, sizeof *c->modules, by_name);
  const module *top = find_module(c, c->structure->top);
  if (!top)
    return diag_tool(c->d, "%s: no module %s", c->path, c->structure->top);
  start_parts(c, r);
  return sum_parts(c, top, r->layer_count - 1, r);
}

bool synth_account(arena *mem, const char *json_path, const liberty *lib, synth_result *out, diag *d) {
  arena *scratch = arena_new();
  bytes file;
  bool ok = file_read(scratch, json_path, (size_t)1 << 30, &file, d);
  if (ok) {
    cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
    accountant c = {.mem = mem, .lib = lib, .structure = out->structure, .path = json_path, .d = d};
    ok = root ? account(&c, root, out) : diag_tool(d, "%s: Yosys wrote something that is not JSON", json_path);
    cJSON_Delete(root);
  }
  arena_free(scratch);
  return ok;
}
