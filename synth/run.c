// SPDX-License-Identifier: Apache-2.0
//
// What both flows share: the temporary folder, Yosys, the adder cells, OpenSTA.
#include "synth/internal.h"
#include "compiler/base/escape.h"
#include "compiler/tool/cache.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Measured on exact8s and roup8s (docs/synthesis.md): smaller than Yosys's own script, at almost the same delay.
const char synth_abc_area[] = "strash\nifraig\nscorr\ndc2\ndch -f\namap -m\n";

bool synth_library(arena *mem, const char *path, const liberty **out, diag *d) {
  return liberty_read(mem, path ? path : data_path(mem, "synth/liberty/axgen45.lib"), out, d);
}

bool synth_link(arena *mem, const char *dir, const char *target, const char *name, diag *d) {
  char *full = realpath(target, NULL);
  bool ok = full && symlink(full, path_join(mem, dir, name)) == 0;
  if (!ok)
    diag_error(d, "%s: %s", target, strerror(errno));
  free(full);
  return ok;
}

bool synth_begin(arena *mem, const liberty *lib, char **dir, diag *d) {
  if (!tool_find(mem, "yosys", d) || !tool_find(mem, "sta", d) || !tool_temp_dir(mem, dir, d))
    return false;
  // Not a link: what came out of an edited file would be kept under the hash of the one that was read.
  if (file_write(path_join(mem, *dir, "cells.lib"), lib->text.data, lib->text.size, d))
    return true;
  tool_temp_remove(*dir);
  return false;
}

bool synth_write(arena *mem, const char *dir, const char *name, str *text, diag *d) {
  bool ok = file_write(path_join(mem, dir, name), text->data ? text->data : "", text->len, d);
  str_free(text);
  return ok;
}

// ---- tools, and what was kept of them ------------------------------------------------------------------------------
const char *synth_version(const char *program) {
  static const char *const PROGRAMS[][4] = {{"yosys", "-V"},
                                            {"sta", "-version"},
                                            {"nextpnr-ice40", "--version"},
                                            {"nextpnr-ecp5", "--version"},
                                            {"berkeley-abc", "-q", "version"},
                                            {"yosys-abc", "-q", "version"}};
  static char versions[BASE_COUNT(PROGRAMS)][512];
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  size_t i = 0;
  while (strcmp(PROGRAMS[i][0], program) != 0)
    i++;
  pthread_mutex_lock(&lock);
  if (!*versions[i]) {
    arena *mem = arena_new();
    snprintf(versions[i], sizeof versions[i], "%.400s", tool_version(mem, PROGRAMS[i]));
    arena_free(mem);
  }
  pthread_mutex_unlock(&lock);
  return versions[i];
}

// All that a tool's outputs depend on beside files in its folder; NULL: that is not known. Yosys runs ABC, which has a
// version of its own, under the one name or the other.
static char *how(arena *mem, const synth_job *job) {
  str text = {0};
  if (strcmp(synth_version(job->argv[0]), TOOL_VERSION_UNKNOWN) == 0)
    return NULL;
  for (const char *const *arg = job->argv; *arg; arg++)
    str_printf(&text, "%s ", *arg);
  str_printf(&text, "\n%s\n", synth_version(job->argv[0]));
  if (strcmp(job->argv[0], "yosys") == 0)
    str_printf(&text, "%s\n%s\n", synth_version("berkeley-abc"), synth_version("yosys-abc"));
  if (job->lib)
    str_printf(&text, "library %s\n", job->lib->hash);
  char *out = arena_strdup(mem, text.data);
  str_free(&text);
  return out;
}

static void show(void *user) { progress_show(user, 0, 0); }

bool synth_run(arena *mem, synth_job *job, diag *d) {
  cache_job kept = {.dir = job->dir, .inputs = job->inputs, .outputs = job->outputs, .how = how(mem, job)};
  diag_mark before = diag_marked(d);
  job->kept = cache_fetch(mem, &kept);
  if (job->kept && job->take(mem, job->user, d))
    return true;
  job->kept = false;
  diag_unsay(d, before);
  progress shown = progress_begin(job->label, 0);
  tool_job tool = {.argv = job->argv,
                   .dir = job->dir,
                   .log = path_join(mem, job->dir, job->log),
                   .timeout_s = job->timeout_s,
                   .watch = job->label ? show : NULL,
                   .user = &shown};
  bool ok = tool_run(&tool, d);
  progress_end(&shown);
  if (!ok)
    return false;
  if (!job->take(mem, job->user, d))
    return diag_blame(d, job->argv[0]);
  cache_store(&kept);
  return true;
}

bool synth_areas_known(const liberty *lib, const synth_count *cells, size_t kinds, diag *d) {
  for (size_t i = 0; i < kinds; i++) {
    const liberty_cell *c = liberty_find(lib, cells[i].cell);
    if (c->inputs && !(c->area > 0))
      return diag_error(d, "%s: the cell %s, which the design is mapped to, has no area (dont_use : true keeps it out)",
                        lib->file, c->name);
  }
  return true;
}

static void adder(arena *mem, const liberty_adder *a, bool full, str *out) {
  const liberty_cell *c = a->cell;
  const char *pin[5];
  const int index[] = {a->in[0], a->in[1], full ? a->in[2] : 0, a->sum, a->carry};
  for (int i = 0; i < 5; i++)
    pin[i] = escaped(mem, escape_verilog_name, c->pins[index[i]].name);
  str_printf(out, "module %s (input a, input b, %soutput s, output co);\n", full ? MUL_FULL_ADDER : MUL_HALF_ADDER,
             full ? "input ci, " : "");
  str_printf(out, "  wire sum, carry;\n  %s _TECHMAP_REPLACE_ (.%s(a), .%s(b), ",
             escaped(mem, escape_verilog_name, c->name), pin[0], pin[1]);
  if (full)
    str_printf(out, ".%s(ci), ", pin[2]);
  str_printf(out, ".%s(sum), .%s(carry));\n", pin[3], pin[4]);
  str_printf(out, "  assign s = %ssum;\n  assign co = %scarry;\nendmodule\n", a->sum_inverted ? "~" : "",
             a->carry_inverted ? "~" : "");
}

bool synth_adders(arena *mem, const char *dir, const char *prefix, const liberty *lib, diag *d) {
  str text = {0};
  const char *const cores[2] = {MUL_FULL_ADDER, MUL_HALF_ADDER};
  const liberty_adder *const adders[2] = {&lib->full_adder, &lib->half_adder};
  for (int i = 0; i < 2; i++) {
    bytes core;
    str_printf(&text, "(* techmap_celltype = \"%s%s\" *)\n", prefix, cores[i]);
    if (adders[i]->cell)
      adder(mem, adders[i], i == 0, &text);
    else if (file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/common/%s.v", cores[i])), 1 << 20, &core,
                       d))
      str_add_n(&text, (const char *)core.data, core.size);
    else
      return str_free(&text), false;
  }
  return synth_write(mem, dir, "adders.v", &text, d);
}

// ---- OpenSTA -------------------------------------------------------------------------------------------------------
// The word or number after `label` in `text`, or NULL.
static const char *after(const char *text, const char *label) {
  const char *p = text ? strstr(text, label) : NULL;
  return p ? p + strlen(label) + strspn(p + strlen(label), " \t") : NULL;
}

static const char *word(arena *mem, const char *p) {
  if (*p == '\\') // an escaped Verilog name
    p++;
  return arena_strndup(mem, p, strcspn(p, " \t\r\n"));
}

// The number that ends before `label` on its line.
static bool number_before(const char *text, const char *label, double *out) {
  const char *end = text ? strstr(text, label) : NULL, *line = end;
  if (!end)
    return false;
  while (line > text && line[-1] != '\n')
    line--;
  char *number_end;
  *out = strtod(line, &number_end);
  return number_end != line && number_end <= end && isfinite(*out);
}

typedef struct {
  const char *log, *top;
  synth_path *path;
} sta_output;

// What OpenSTA says beside its report, of which only some stops it: an error, or one of the warnings below, by which
// the paths would be of something else; of the others the first few are shown.
static bool heed(arena *mem, const sta_output *o, const char *log, diag *d) {
  enum { SHOWN = 3 };
  static const char *const GRAVE[] = {"combinational loop", "Creating black box", "does not match net size"};
  int shown = 0;
  for (const char *at = log; *at; at += strcspn(at, "\n"), at += *at == '\n') {
    const char *line = arena_strndup(mem, at, strcspn(at, "\r\n"));
    bool grave = strncmp(line, "Error:", 6) == 0, warning = strncmp(line, "Warning:", 8) == 0;
    for (size_t i = 0; warning && i < BASE_COUNT(GRAVE); i++)
      grave |= strstr(line, GRAVE[i]) != NULL;
    if (grave)
      return diag_tool(d, "OpenSTA, timing %s: %.400s", o->top, line);
    if (warning && shown++ < SHOWN)
      diag_warn(d, "OpenSTA, timing %s: %.400s", o->top, line + 8 + strspn(line + 8, " "));
  }
  return true;
}

static bool take_paths(arena *mem, void *user, diag *d) {
  const sta_output *o = user;
  bytes log;
  if (!file_read(mem, o->log, 64 << 20, &log, d))
    return false;
  const char *text = strstr((const char *)log.data, "axgen: paths follow");
  if (!heed(mem, o, (const char *)log.data, d))
    return false;
  if (!text) {
    diag_tool(d, "OpenSTA did not take the netlist of %s", o->top);
    diag_note(d, "its output was:\n%.2000s", (const char *)log.data);
    return false;
  }
  const char *from = after(text, "Startpoint:"), *to = after(text, "Endpoint:");
  synth_path *out = o->path;
  *out = (synth_path){0};
  out->found =
      from && to && number_before(text, "data arrival time", &out->arrival) &&
      (number_before(text, "slack (MET)", &out->slack) || number_before(text, "slack (VIOLATED)", &out->slack));
  if (out->found)
    out->from = word(mem, from), out->to = word(mem, to);
  return out->found || strstr(text, "No paths found.") ||
         diag_tool(d, "OpenSTA wrote something else than the slowest path of %s:\n%.2000s", o->top, text);
}

bool synth_sta(arena *mem, const char *dir, const liberty *lib, const char *top, const char *constraints,
               synth_path *out, diag *d) {
  str script = {0};
  assert(word_is_plain(top));
  str_printf(
      &script,
      "read_liberty cells.lib\nread_verilog mapped.v\nlink_design %s\n%s\n"
      "check_setup -loops\nputs \"axgen: paths follow\"\nreport_checks -path_delay max -format full -digits 5\nexit\n",
      top, constraints);
  sta_output output = {path_join(mem, dir, "sta.log"), top, out};
  synth_job job = {.argv = (const char *const[]){"sta", "-no_splash", "-no_init", "-exit", "sta.tcl", NULL},
                   .dir = dir,
                   .log = "sta.log",
                   .timeout_s = 600,
                   .lib = lib,
                   .inputs = (const char *const[]){"sta.tcl", "mapped.v", NULL},
                   .outputs = (const char *const[]){"sta.log", NULL},
                   .take = take_paths,
                   .user = &output};
  return synth_write(mem, dir, "sta.tcl", &script, d) && synth_run(mem, &job, d);
}
