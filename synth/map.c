// SPDX-License-Identifier: Apache-2.0
//
// The modules of a design as cells of the library: each distinct one by a Yosys of its own, or as an earlier run left
// it.
#include "compiler/base/escape.h"
#include "compiler/base/json.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Outside the multipliers (which are mapped as on their own) fan-outs are large: buffers and sizes follow the mapping.
static const char BUFFERS[] = "topo\nbuffer -c\ntopo\nupsize\ndnsize\n";

static bool write_scripts(arena *mem, const char *dir, diag *d) {
  str all = {0}, script = {0};
  str_printf(&all, "%s%s", synth_abc_area, BUFFERS);
  str_add(&script, "read_liberty -lib -ignore_miss_func -ignore_miss_dir cells.lib\nread_rtlil module.il\n"
                   "opt_expr\nopt_clean\nopt\nwreduce\npeepopt\nalumacc\nmemory_map\nopt_clean\n"
                   "techmap\n" // from here on ABC simplifies better than opt, which is slow on gates
                   "dfflibmap -liberty cells.lib\nopt_clean\n"
                   "abc -liberty cells.lib -script abc.script\n"
                   "setundef -zero\nopt_clean -purge\nattrmap -remove src\n"
                   "write_json mapped.json\n" SYNTH_WRITE_VERILOG);
  return synth_write(mem, dir, "abc.script", &all, d) && synth_write(mem, dir, "map.ys", &script, d);
}

// ---- what Yosys wrote ----------------------------------------------------------------------------------------------
typedef struct {
  const char *dir; // its own
  const liberty *lib;
  synth_module *m;
} output;

// A parameter of an instance, above 0: Yosys writes it as a number or as a string of binary digits. 0: there is none.
static int64_t parameter(const cJSON *cell, const char *name) {
  const cJSON *p = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(cell, "parameters"), name);
  int64_t v = 0;
  if (!json_whole(p, 1, INT32_MAX, &v) && cJSON_IsString(p))
    whole_text(p->valuestring, 2, 1, INT32_MAX, &v, NULL);
  return v;
}

static int by_cell(const void *a, const void *b) {
  return strcmp(((const synth_count *)a)->cell, ((const synth_count *)b)->cell);
}

static void count_cell(arena *mem, synth_count **counts, size_t *n, size_t *cap, const char *name) {
  for (size_t i = 0; i < *n; i++)
    if (strcmp((*counts)[i].cell, name) == 0) {
      (*counts)[i].count++;
      return;
    }
  arena_grow(mem, *counts, *n, *cap);
  (*counts)[(*n)++] = (synth_count){name, 1};
}

static bool take_cells(arena *mem, const output *o, const cJSON *cells, diag *d) {
  synth_count *counts = NULL;
  synth_instance *instances = NULL;
  size_t kinds = 0, kind_cap = 0, count = 0, cap = 0;
  for (const cJSON *cell = json_members(cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const char *name = cJSON_IsString(type) ? type->valuestring : "?";
    const liberty_cell *lc = liberty_find(o->lib, name);
    int64_t child;
    if (lc) {
      count_cell(mem, &counts, &kinds, &kind_cap, lc->name);
    } else if (strncmp(name, SYNTH_CHILD, strlen(SYNTH_CHILD)) == 0 &&
               whole_text(name + strlen(SYNTH_CHILD), 10, 0, (int64_t)o->m->child_count - 1, &child, NULL)) {
      arena_grow(mem, instances, count, cap);
      instances[count++] = (synth_instance){.name = arena_strdup(mem, cell->string),
                                            .child = (int)child,
                                            .width = parameter(cell, "WIDTH"),
                                            .depth = parameter(cell, "DEPTH"),
                                            .lane = parameter(cell, "LANE_W"),
                                            .text = -1};
    } else if (strcmp(name, "$scopeinfo") != 0) {
      return diag_tool(d, "%s: %s is a %s, which %s does not have: it could not be mapped", o->m->name, cell->string,
                       name, o->lib->file);
    }
  }
  if (kinds)
    qsort(counts, kinds, sizeof *counts, by_cell);
  o->m->cells = counts;
  o->m->cell_kinds = kinds;
  o->m->instances = instances; // in the JSON's order
  o->m->instance_count = count;
  return true;
}

static bool take(arena *mem, void *user, diag *d) {
  const output *o = user;
  arena *scratch = arena_new();
  bytes file, verilog;
  bool ok = file_read(scratch, path_join(scratch, o->dir, "mapped.json"), (size_t)1 << 30, &file, d) &&
            file_read(mem, path_join(scratch, o->dir, "mapped.v"), (size_t)1 << 30, &verilog, d);
  if (ok) {
    cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
    const cJSON *m = json_member(json_member(root, "modules"), SYNTH_SELF);
    const char *text = strstr((const char *)verilog.data, "module " SYNTH_SELF);
    if (!m || !text)
      ok = diag_tool(d, "%s: Yosys wrote something else than the module as JSON and Verilog", o->m->name);
    else
      ok = take_cells(mem, o, json_member(m, "cells"), d) && synth_read_nets(mem, o->lib, m, o->m, d);
    o->m->verilog = text;
    cJSON_Delete(root);
  }
  arena_free(scratch);
  return ok;
}

// ---- all modules ---------------------------------------------------------------------------------------------------
static const char *const LOGIC_INPUTS[] = {"map.ys", "abc.script", "module.il", NULL};
static const char *const GATES_INPUTS[] = {"map.ys", "abc.script", "mul.v", "adders.v", NULL};

static bool prepare_logic(arena *mem, const char *dir, const output *o, diag *d) {
  str text = {0};
  str_add_n(&text, o->m->text, o->m->size);
  return synth_write(mem, o->dir, "module.il", &text, d) &&
         synth_link(mem, o->dir, path_join(mem, dir, "map.ys"), "map.ys", d) &&
         synth_link(mem, o->dir, path_join(mem, dir, "abc.script"), "abc.script", d);
}

static bool prepare_gates(arena *mem, const char *dir, const output *o, diag *d) {
  str script = {0}, abc = {0};
  if (!word_is_plain(o->m->name) || strchr(o->m->name, '/'))
    return diag_tool(d, "Yosys wrote a multiplier with the name `%s`", o->m->name);
  synth_gates_script(o->m->name, &script);
  str_printf(&script, "rename %s " SYNTH_SELF "\n", o->m->name);
  str_add(&script, "write_json mapped.json\n" SYNTH_WRITE_VERILOG);
  str_add(&abc, o->m->recipe->abc);
  bool ok = synth_write(mem, o->dir, "map.ys", &script, d);
  return synth_write(mem, o->dir, "abc.script", &abc, d) && ok && synth_link(mem, o->dir, o->m->gates, "mul.v", d) &&
         synth_link(mem, o->dir, path_join(mem, dir, "adders.v"), "adders.v", d);
}

static bool map(arena *mem, const char *dir, const liberty *lib, synth_module *m, size_t number, bool *kept, diag *d) {
  output o = {path_join(mem, dir, arena_printf(mem, "m%zu", number)), lib, m};
  if (mkdir(o.dir, 0700) != 0)
    return diag_error(d, "cannot make the folder %s", o.dir);
  synth_job job = {.argv = SYNTH_YOSYS("map.ys"),
                   .dir = o.dir,
                   .log = "yosys.log",
                   .timeout_s = 3600,
                   .lib = lib,
                   .inputs = m->gates ? GATES_INPUTS : LOGIC_INPUTS,
                   .outputs = (const char *const[]){"mapped.json", "mapped.v", NULL},
                   .take = take,
                   .user = &o};
  bool ok = synth_link(mem, o.dir, path_join(mem, dir, "cells.lib"), "cells.lib", d) &&
            (m->gates ? prepare_gates : prepare_logic)(mem, dir, &o, d) && synth_run(mem, &job, d);
  *kept = job.kept;
  return ok;
}

typedef struct {
  arena *mem; // of a module that is mapped: threads have no other in common
  diag d;
  bool ok, kept;
} task;

static int by_size(const void *a, const void *b) {
  const synth_module *x = *(synth_module *const *)a, *y = *(synth_module *const *)b;
  return x->size != y->size ? (x->size < y->size) - (x->size > y->size) : strcmp(x->name, y->name);
}

static void adopt(synth_module *m) {
  m->cells = m->same->cells;
  m->cell_kinds = m->same->cell_kinds;
  m->instances = m->same->instances;
  m->instance_count = m->same->instance_count;
  m->verilog = m->same->verilog;
  m->placed = m->same->placed;
  m->gate_count = m->same->gate_count;
  m->ports = m->same->ports;
  m->port_count = m->same->port_count;
  m->nets = m->same->nets;
}

static void map_tasks(const char *dir, const liberty *lib, synth_module **modules, task *tasks, size_t count) {
  progress p = progress_begin("synthesis", count);
  progress_watcher *watcher = progress_watching();
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < count; i++) {
    progress_join(watcher);
    tasks[i].mem = arena_new();
    tasks[i].ok = !interrupted() && map(tasks[i].mem, dir, lib, modules[i], i, &tasks[i].kept, &tasks[i].d);
#pragma omp critical(synth_progress)
    progress_step(&p, 1);
    progress_join(NULL);
  }
  progress_end(&p);
}

bool synth_map(arena *mem, const char *dir, const synth_elaboration *e, const liberty *lib, size_t *mapped, diag *d) {
  synth_module **modules = arena_new_array(mem, synth_module *, e->count);
  task *tasks = arena_new_array(mem, task, e->count);
  size_t count = 0;
  for (size_t i = 0; i < e->count; i++)
    if (!e->modules[i].same)
      modules[count++] = &e->modules[i];
  qsort(modules, count, sizeof *modules, by_size); // the largest first: they take longest
  *mapped = 0;
  bool ok = write_scripts(mem, dir, d);
  synth_version("yosys"); // before there are threads
  if (ok)
    map_tasks(dir, lib, modules, tasks, count);
  for (size_t i = 0; ok && i < count; i++) {
    arena_adopt(mem, tasks[i].mem);
    *mapped += !tasks[i].kept;
  }
  for (size_t i = 0; i < count; i++) {
    if (ok && !tasks[i].ok) {
      diag_add(d, &tasks[i].d);
      ok = false;
    }
    diag_free(&tasks[i].d);
  }
  if (ok && interrupted())
    ok = diag_tool(d, "synthesis was interrupted");
  for (size_t i = 0; ok && i < e->count; i++)
    if (e->modules[i].same)
      adopt(&e->modules[i]);
  return ok;
}

// ---- the netlist ---------------------------------------------------------------------------------------------------
static bool in_name(char c) {
  return c == '_' || c == '$' || c == '\\' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

// The number after `prefix` at `at`, which is below `most`; *end is behind it.
static bool numbered(const char *at, const char *prefix, size_t most, size_t *number, const char **end) {
  int64_t v;
  if (strncmp(at, prefix, strlen(prefix)) != 0 || !most ||
      !whole_text(at + strlen(prefix), 10, 0, (int64_t)most - 1, &v, end))
    return false;
  *number = (size_t)v;
  return !in_name(**end);
}

// A module's Verilog with the names that it has in this design.
static void print_module(arena *mem, const synth_module *m, str *out) {
  const char *at = m->verilog, *end, *mark;
  size_t k;
  while ((mark = strstr(at, "axgen_"))) {
    bool inside = mark > m->verilog && in_name(mark[-1]);
    str_add_n(out, at, (size_t)(mark - at));
    at = mark + strlen("axgen_");
    if (!inside && strncmp(mark, SYNTH_SELF, strlen(SYNTH_SELF)) == 0 && !in_name(mark[strlen(SYNTH_SELF)])) {
      str_add(out, escaped(mem, escape_verilog_name, m->name));
      at = mark + strlen(SYNTH_SELF);
    } else if (!inside && numbered(mark, SYNTH_CHILD, m->child_count, &k, &end)) {
      str_add(out, escaped(mem, escape_verilog_name, m->children[k]));
      at = end;
    } else if (!inside && numbered(mark, SYNTH_TEXT, m->text_count, &k, &end)) {
      str_add_n(out, m->texts[k] + 1, strlen(m->texts[k]) - 2); // Verilog's quotes are there, and it escapes alike
      at = end;
    } else {
      str_add(out, "axgen_");
    }
  }
  str_printf(out, "%s\n", at);
}

static void mark_used(const synth_elaboration *e, const synth_module *m, bool *used) {
  if (used[m - e->modules])
    return;
  used[m - e->modules] = true;
  for (size_t i = 0; i < m->instance_count; i++) {
    const synth_module *child = synth_find_module(e, m->children[m->instances[i].child]);
    if (child)
      mark_used(e, child, used);
  }
}

void synth_print(arena *mem, const synth_elaboration *e, const char *top, str *out) {
  bool *used = arena_new_array(mem, bool, e->count);
  const synth_module *first = synth_find_module(e, top);
  if (first)
    mark_used(e, first, used);
  str_printf(out, "/* Mapped by %s */\n\n", synth_version("yosys"));
  for (size_t i = 0; i < e->count; i++)
    if (used[i])
      print_module(mem, &e->modules[i], out);
}
