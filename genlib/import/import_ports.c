// SPDX-License-Identifier: Apache-2.0
//
// Yosys's JSON, first look: the module, its ports, unknown cells, and what might be adders.
#include "compiler/base/json.h"
#include "genlib/import/import_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_JSON = 256 << 20 };

const cJSON *import_get(const cJSON *o, const char *key) { return cJSON_GetObjectItemCaseSensitive(o, key); }

const char *import_text_of(const cJSON *o, const char *key) {
  const cJSON *v = import_get(o, key);
  return cJSON_IsString(v) ? v->valuestring : "";
}

// Members are what the readers take for them: objects, so that all in them have names.
static bool is_design(const cJSON *root) {
  static const char *const parts[] = {"ports", "cells", "netnames"};
  const cJSON *modules = import_get(root, "modules");
  if (!cJSON_IsObject(root) || !cJSON_IsObject(modules))
    return false;
  for (const cJSON *m = modules->child; m; m = m->next)
    for (size_t i = 0; i < BASE_COUNT(parts); i++)
      if (import_get(m, parts[i]) && !cJSON_IsObject(import_get(m, parts[i])))
        return false;
  return true;
}

cJSON *import_read_json(import_job *j, const char *path) {
  bytes file;
  if (!file_read(j->mem, path, MAX_JSON, &file, j->d)) {
    diag_blame(j->d, "yosys");
    return NULL;
  }
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  if (is_design(root))
    return root;
  diag_tool(j->d, "%s: Yosys wrote no JSON of modules", path);
  cJSON_Delete(root);
  return NULL;
}

static const cJSON *top_of(const cJSON *modules) {
  for (const cJSON *m = json_members(modules); m; m = m->next)
    if (import_get(import_get(m, "attributes"), "top"))
      return m;
  return NULL;
}

// Yosys's names are ours or the file's, which are printable; they go into scripts and Verilog.
static bool is_name(const char *name) {
  for (const char *p = name; *p; p++)
    if (*p <= ' ' || *p >= 0x7f)
      return false;
  return *name;
}

static bool has_names(const cJSON *ports) {
  for (const cJSON *p = cJSON_IsObject(ports) ? ports->child : NULL; p; p = p->next)
    if (!is_name(p->string) || !cJSON_IsObject(p))
      return false;
  return cJSON_IsObject(ports);
}

static bool sort_ports(import_job *j, const cJSON *ports, const import_options *o) {
  import_port in[2], out[1];
  int ins = 0, outs = 0;
  if (!has_names(ports))
    return diag_tool(j->d, "%s: Yosys wrote no ports of the module", j->path);
  for (const cJSON *p = json_members(ports); p; p = p->next) {
    const char *direction = import_text_of(p, "direction");
    import_port port = {arena_strdup(j->mem, p->string), cJSON_GetArraySize(import_get(p, "bits"))};
    if (!strcmp(direction, "inout"))
      return import_refuse(j, "`%s` is an inout port", port.name);
    bool output = !strcmp(direction, "output");
    if (output && outs < 1)
      out[outs] = port;
    if (!output && ins < 2)
      in[ins] = port;
    output ? outs++ : ins++;
  }
  if (ins != 2 || outs != 1)
    return import_refuse(j, "it has %d input ports and %d output ports; two inputs and one output were expected", ins,
                         outs);
  int a = 0;
  if (o->a_port) {
    a = strcmp(o->a_port, in[0].name) == 0 ? 0 : 1;
    if (strcmp(o->a_port, in[a].name) != 0)
      return import_refuse(j, "it has no input port `%s`; its inputs are `%s` and `%s`", o->a_port, in[0].name,
                           in[1].name);
  }
  j->a = in[a], j->b = in[!a], j->p = out[0];
  if (j->a.bits < 2 || j->b.bits < 2 || j->a.bits > 16 || j->b.bits > 16)
    return import_refuse(j, "operands of %d and %d bits; 2 to 16 bits each are possible", j->a.bits, j->b.bits);
  // A narrow output may be an adder's: what it is shows later (import_reading.c).
  return (j->p.bits >= 1 && j->p.bits <= 32) || import_refuse(j, "the output `%s` has %d bit%s; 1 to 32 are possible",
                                                              j->p.name, j->p.bits, plural((size_t)j->p.bits));
}

static int by_name(const void *x, const void *y) { return strcmp(*(const char *const *)x, *(const char *const *)y); }

typedef struct {
  const char *type;
  size_t at; // in the order of the file
} use;

static int by_type(const void *x, const void *y) {
  const use *a = x, *b = y;
  int order = strcmp(a->type, b->type);
  return order ? order : (a->at > b->at) - (a->at < b->at);
}

static int by_place(const void *x, const void *y) {
  const use *a = x, *b = y;
  return (a->at > b->at) - (a->at < b->at);
}

// Types that are no modules of the file and no cells of Yosys's, each once, in the order in which they come.
static void unknown_cells(import_job *j, const cJSON *modules) {
  size_t defined = 0, count = 0, kept = 0, defined_cap = 0, cap = 0;
  const char **names = NULL;
  use *uses = NULL;
  for (const cJSON *m = json_members(modules); m; m = m->next) {
    arena_grow(j->mem, names, defined, defined_cap);
    names[defined++] = m->string;
  }
  if (names)
    qsort(names, defined, sizeof *names, by_name);
  for (const cJSON *m = json_members(modules); m; m = m->next)
    for (const cJSON *c = json_members(import_get(m, "cells")); c; c = c->next) {
      const char *type = import_text_of(c, "type");
      if (type[0] == '$' || !names || bsearch(&type, names, defined, sizeof *names, by_name))
        continue;
      arena_grow(j->mem, uses, count, cap);
      uses[count] = (use){type, count};
      count++;
    }
  if (!uses)
    return;
  qsort(uses, count, sizeof *uses, by_type);
  for (size_t i = 0; i < count; i++)
    if (!i || strcmp(uses[i].type, uses[i - 1].type) != 0)
      uses[kept++] = uses[i];
  qsort(uses, kept, sizeof *uses, by_place);
  for (size_t i = 0; i < kept; i++) {
    arena_grow(j->mem, j->cells, j->cell_count, j->cell_cap);
    j->cells[j->cell_count++] = arena_strdup(j->mem, uses[i].type);
  }
}

// Whether an instance gives the module parameters of its own: $paramod\NAME\W=1 or $paramod$HASH\NAME.
static bool has_variant(const cJSON *modules, const char *name) {
  size_t n = strlen(name);
  for (const cJSON *m = json_members(modules); m; m = m->next)
    for (const char *p = strncmp(m->string, "$paramod", 8) ? NULL : strstr(m->string, name); p; p = strstr(p + 1, name))
      if (p[-1] == '\\' && (!p[n] || p[n] == '\\'))
        return true;
  return false;
}

// Keeps the module for import_find_adders if it has the ports of an adder and no parameters in use.
static void maybe_adder(import_job *j, const cJSON *modules, const cJSON *module) {
  import_adder a = {.name = arena_strdup(j->mem, module->string)};
  if (!has_names(import_get(module, "ports")) ||
      a.name[strspn(a.name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
    return;
  for (const cJSON *p = json_members(import_get(module, "ports")); p; p = p->next) {
    const char *direction = import_text_of(p, "direction");
    if (a.ports == 5 || cJSON_GetArraySize(import_get(p, "bits")) != 1 || !strcmp(direction, "inout"))
      return;
    a.output[a.ports] = !strcmp(direction, "output");
    a.inputs += !a.output[a.ports];
    a.port[a.ports++] = arena_strdup(j->mem, p->string);
  }
  if (a.ports - a.inputs != 2 || a.inputs < 2 || has_variant(modules, a.name))
    return;
  arena_grow(j->mem, j->adders, j->adder_count, j->adder_cap);
  j->adders[j->adder_count++] = a;
}

bool import_ports(import_job *j, const char *json_path, const import_options *o) {
  cJSON *root = import_read_json(j, json_path);
  if (!root)
    return false;
  const cJSON *modules = import_get(root, "modules"), *top = top_of(modules);
  bool ok = false;
  if (!top) {
    diag_error(j->d, "%s: there is no module in it", j->path);
  } else {
    ok = strcmp(top->string, j->module) == 0 // it goes into scripts
             ? sort_ports(j, import_get(top, "ports"), o)
             : diag_tool(j->d, "%s: Yosys was asked for the module %s and gives %s", j->path, j->module, top->string);
    unknown_cells(j, modules);
    for (const cJSON *m = json_members(modules); m; m = m->next)
      if (m != top)
        maybe_adder(j, modules, m);
  }
  cJSON_Delete(root);
  return ok;
}
