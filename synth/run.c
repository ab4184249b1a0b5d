// SPDX-License-Identifier: Apache-2.0
//
// What both flows share: the temporary folder, Yosys, the adder cells, OpenSTA.
#include "synth/internal.h"
#include "compiler/base/escape.h"
#include "compiler/tool/tool.h"

#include <errno.h>
#include <math.h>
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
  if (synth_link(mem, *dir, lib->file, "cells.lib", d))
    return true;
  tool_temp_remove(*dir);
  return false;
}

bool synth_write(arena *mem, const char *dir, const char *name, str *text, diag *d) {
  bool ok = file_write(path_join(mem, dir, name), text->data ? text->data : "", text->len, d);
  str_free(text);
  return ok;
}

bool synth_yosys(arena *mem, const char *dir, str *script, double timeout_s, diag *d) {
  const char *argv[] = {"yosys", "-Q", "-T", "-s", "synth.ys", NULL};
  tool_job job = {.argv = argv, .dir = dir, .log = path_join(mem, dir, "yosys.log"), .timeout_s = timeout_s};
  return synth_write(mem, dir, "synth.ys", script, d) && tool_run(&job, d);
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

bool synth_sta(arena *mem, const char *dir, const char *top, const char *constraints, synth_path *out, diag *d) {
  str script = {0};
  assert(word_is_plain(top));
  str_printf(&script,
             "read_liberty cells.lib\nread_verilog mapped.v\nlink_design %s\n%s\n"
             "puts \"axgen: paths follow\"\nreport_checks -path_delay max -format full -digits 5\nexit\n",
             top, constraints);
  const char *argv[] = {"sta", "-no_splash", "-no_init", "-exit", "sta.tcl", NULL};
  tool_job job = {.argv = argv, .dir = dir, .log = path_join(mem, dir, "sta.log"), .timeout_s = 600};
  bytes log;
  if (!synth_write(mem, dir, "sta.tcl", &script, d) || !tool_run(&job, d))
    return false;
  if (!file_read(mem, job.log, 64 << 20, &log, d))
    return diag_blame(d, "sta");
  const char *text = strstr((const char *)log.data, "axgen: paths follow");
  if (!text) {
    diag_tool(d, "OpenSTA did not take the netlist of %s", top);
    diag_note(d, "its output was:\n%.2000s", (const char *)log.data);
    return false;
  }
  const char *from = after(text, "Startpoint:"), *to = after(text, "Endpoint:");
  *out = (synth_path){0};
  out->found =
      from && to && number_before(text, "data arrival time", &out->arrival) &&
      (number_before(text, "slack (MET)", &out->slack) || number_before(text, "slack (VIOLATED)", &out->slack));
  if (out->found)
    out->from = word(mem, from), out->to = word(mem, to);
  return true;
}
