// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/simulator.h"
#include "compiler/tool/tool.h"

typedef struct {
  const char *list[64];
  size_t n;
} arguments;

static void add(arguments *a, const char *text) {
  assert(a->n + 1 < BASE_COUNT(a->list));
  a->list[a->n++] = text;
}

static void add_all(arguments *a, const char *const *texts) {
  for (; texts && *texts; texts++)
    add(a, *texts);
}

bool simulator_find(arena *mem, bool icarus, const char **version, diag *d) {
  const char *program = icarus ? "iverilog" : "verilator";
  if (!tool_find(mem, program, d))
    return false;
  *version = tool_version(mem, program, icarus ? "-V" : "--version");
  return true;
}

static void add_parameters(arena *mem, const simulator_model *m, arguments *a) {
  for (size_t i = 0; m->parameters && i < m->parameters->count; i++) {
    const verilog_binding *p = &m->parameters->list[i];
    add(a, m->icarus ? arena_printf(mem, "-P%s.%s=%s", m->top, p->name, p->value)
                     : arena_printf(mem, "-G%s=%s", p->name, p->value));
  }
}

static void icarus_line(arena *mem, const simulator_model *m, arguments *a) {
  add_all(a, (const char *const[]){"iverilog", "-g2005", "-o", "simulation.vvp", "-s", m->top, NULL});
  if (m->trace)
    add(a, "-DAXGEN_TRACE");
  add_parameters(mem, m, a);
  add_all(a, (const char *const[]){"-c", m->list, NULL});
  add_all(a, m->files);
}

static void verilator_line(arena *mem, const simulator_model *m, arguments *a) {
  add_all(a, (const char *const[]){"verilator",   "--cc",       "--exe",      "--build",    "-j",         "2",
                                   "-O3",         "-Wno-fatal", "-Wno-lint",  "-Wno-style", "--x-assign", "fast",
                                   "--x-initial", "fast",       "--noassert", "--Mdir",     "obj",        "--prefix",
                                   "Vtb",         "-o",         "simulation", NULL});
  add(a, "-MAKEFLAGS");
  add(a, arena_printf(mem, "OPT_FAST=%s OPT_SLOW=-O0 OPT_GLOBAL=-O1", m->level));
  if (m->trace)
    add(a, "+define+AXGEN_TRACE");
  add_parameters(mem, m, a);
  add_all(a, (const char *const[]){"--top-module", m->top, "-f", m->list, NULL});
  add_all(a, m->files);
  add(a, m->main);
  add_all(a, m->cpp);
}

bool simulator_build(arena *mem, const char *dir, const simulator_model *m, diag *d) {
  arguments a = {0};
  (m->icarus ? icarus_line : verilator_line)(mem, m, &a);
  const sim_watch watch = {.label = "building the simulation", .objects = m->icarus ? NULL : "obj"};
  return sim_tool(mem, dir, a.list, "build.log", 0, &watch, d);
}

bool simulator_run(arena *mem, const char *dir, bool icarus, const char *const *plus, size_t images,
                   const sim_watch *watch, diag *d) {
  arguments a = {0};
  if (icarus)
    add_all(&a, (const char *const[]){"vvp", "-n", "simulation.vvp", NULL});
  else
    add(&a, path_join(mem, dir, "obj/simulation"));
  add_all(&a, plus);
  return sim_tool(mem, dir, a.list, "run.log", images, watch, d);
}
