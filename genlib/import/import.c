// SPDX-License-Identifier: Apache-2.0
//
// The import: Yosys reads the file, its cells become gates and adders of a netlist, and the rest of the folder's
// import_*.c decide how it is read and prove it.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"
#include "compiler/tool/tool.h"

#include <string.h>

enum { MAX_FILE = 16 << 20 };
static const double TIMEOUT = 300;

const char *const import_reading_name[IMPORT_READINGS] = {"detected", "signed", "unsigned", "a unsigned and b signed",
                                                          "a signed and b unsigned"};

bool import_refuse(import_job *j, const char *fmt, ...) {
  str text = {0};
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&text, fmt, ap);
  va_end(ap);
  diag_error(j->d, "%s: module %s: %s", j->path, j->module ? j->module : "?", text.data);
  str_free(&text);
  return false;
}

// ---- tools -------------------------------------------------------------------------------------------------------
// Runs a tool in the temporary folder. What it says about the file (a line with `mark`) is the file's fault.
static bool tool(import_job *j, const char *const *argv, const char *mark) {
  diag said = {0};
  bytes log;
  tool_job job = {.argv = argv, .dir = j->dir, .log = path_join(j->mem, j->dir, "tool.log"), .timeout_s = TIMEOUT};
  bool ok = tool_run(&job, &said);
  diag ignored = {0};
  const char *error = NULL;
  if (!ok && mark && file_read(j->mem, job.log, 64 << 20, &log, &ignored))
    error = strstr((const char *)log.data, mark);
  diag_free(&ignored);
  if (ok) {
    diag_free(&said);
    return true;
  }
  if (error) {
    while (error > (const char *)log.data && error[-1] != '\n')
      error--;
    diag_error(j->d, "%s: %s does not take it: %.*s", j->path, argv[0], (int)strcspn(error, "\n"), error);
    diag_note(j->d, "in.v stands for this file");
  } else {
    diag_tool(j->d, "%s: %s", j->path, said.text.data ? said.text.data : argv[0]);
  }
  diag_free(&said);
  return false;
}

bool import_yosys(import_job *j, str *script) {
  const char *argv[] = {"yosys", "-Q", "-T", "-s", "import.ys", NULL};
  return synth_write(j->mem, j->dir, "import.ys", script, j->d) && tool(j, argv, "ERROR: ");
}

void import_add_read(const import_job *j, str *script) {
  str_printf(script, "read_verilog -Iincluded %s in.v\n", j->system_verilog ? "-sv" : "");
}

bool import_icarus(import_job *j, str *bench, const char *const *files) {
  const char *compile[16] = {
      "iverilog", j->system_verilog ? "-g2012" : "-g2005", "-Iincluded", "-s", "axgen_import_tb", "-o", "tb.vvp",
      "tb.v"};
  for (int n = 8; *files; files++)
    compile[n++] = *files;
  const char *run[] = {"vvp", "-n", "tb.vvp", NULL};
  return synth_write(j->mem, j->dir, "tb.v", bench, j->d) && tool(j, compile, "error") && tool(j, run, NULL);
}

// ---- the circuit -------------------------------------------------------------------------------------------------
static bool look(import_job *j, const import_options *o) {
  str script = {0};
  import_add_read(j, &script);
  if (o->module)
    str_printf(&script, "hierarchy -top %s\n", o->module);
  else
    str_add(&script, "hierarchy -auto-top\n");
  str_add(&script, "proc\nwrite_json ports.json\n");
  return import_yosys(j, &script) && import_ports(j, path_join(j->mem, j->dir, "ports.json"), o);
}

// plain.v: what the file does not define, as equations.
static bool supply_cells(import_job *j) {
  str plain = {0};
  for (size_t i = 0; i < j->cell_count; i++)
    if (!import_cell(j->cells[i], false, &plain)) {
      str_free(&plain);
      return import_refuse(j, "it uses `%s`, which neither the file nor the cells known here define", j->cells[i]);
    }
  if (!plain.len)
    str_add(&plain, "\n");
  return synth_write(j->mem, j->dir, "plain.v", &plain, j->d);
}

static const netlist *flatten(import_job *j) {
  str script = {0}, cells = {0};
  // The original, flat, for the proof.
  import_add_read(j, &script);
  str_printf(&script,
             "read_verilog plain.v\nhierarchy -check -top %s\nproc\nflatten\nsplitnets\nwrite_verilog -noattr split.v\n"
             "design -reset\n",
             j->module);
  import_add_read(j, &script);
  str_add(&cells, import_adders);
  for (size_t i = 0; i < j->cell_count; i++)
    import_cell(j->cells[i], true, &cells);
  import_replace_adders(j, &script, &cells);
  // No ABC: the circuit stays the author's. Sums that the file writes as + and * become full adders.
  str_printf(&script,
             "read_verilog cells.v\nhierarchy -check -top %s\nproc\nflatten\nopt\nalumacc\nmaccmap\nopt\n"
             "techmap -map map.v\ntechmap\nopt\nsimplemap\nopt\nclean -purge\nwrite_json flat.json\n",
             j->module);
  return file_write(path_join(j->mem, j->dir, "map.v"), import_map, strlen(import_map), j->d) &&
                 synth_write(j->mem, j->dir, "cells.v", &cells, j->d) && import_yosys(j, &script)
             ? import_netlist(j, path_join(j->mem, j->dir, "flat.json"), IMPORT_LAX)
             : NULL;
}

// ---- the whole ---------------------------------------------------------------------------------------------------
static bool published_area(const import_report *r) {
  for (size_t i = 0; i < r->figure_count; i++)
    if (strstr(r->figures[i].key, "AREA"))
      return true;
  return false;
}

static bool measure(import_job *j, const mul *m, import_report *r) {
  const liberty *lib;
  synth_mul s;
  if (!synth_library(j->mem, NULL, &lib, j->d) || !synth_multiplier(j->mem, m, lib, &s, j->d))
    return false;
  r->area = s.area;
  r->delay = s.delay;
  r->measured = true;
  return true;
}

static void list_adders(import_job *j, import_report *r) {
  const char **names = arena_new_array(j->mem, const char *, j->adder_count + 1);
  for (size_t i = 0; i < j->adder_count; i++)
    if (j->adders[i].is)
      names[r->adder_count++] = j->adders[i].name;
  r->adders = names;
}

// The figures over all pairs, and what they say about the multiplier itself.
static const mul *judge(import_job *j, const mul *m, import_report *r) {
  if (!mul_error_figures_all(m, &r->errors)) {
    diag_error(j->d, "%s: stopped before the error figures were known", j->path);
    return NULL;
  }
  mul *known = arena_memdup(j->mem, m, sizeof *m);
  known->min = r->errors.min, known->max = r->errors.max, known->wce = r->errors.wce;
  known->exact = known->wce == 0;
  return known;
}

static bool run(import_job *j, const char *text, const import_options *o, const mul **out, import_report *r) {
  const netlist *n = look(j, o) && supply_cells(j) && import_find_adders(j) ? flatten(j) : NULL;
  r->module = j->module;
  r->cells = j->cells, r->cell_count = j->cell_count;
  list_adders(j, r);
  r->a_port = j->a.name, r->b_port = j->b.name, r->p_port = j->p.name;
  if (!n || !import_choose_reading(j, o, n, r))
    return false;
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits, .a_signed = import_a_signed(r->reading)};
  sig.b_signed = import_b_signed(r->reading);
  sig.p_signed = sig.a_signed || sig.b_signed;
  const mul *m = mul_from_netlist(j->mem, o->name ? o->name : j->module, sig, n);
  if (n->a_bits + n->b_bits <= IMPORT_ICARUS_BITS && m->max > INT32_MAX)
    return import_refuse(j, "its products reach %lld; up to 2^31 - 1 is possible", (long long)m->max);
  if (!import_prove(j, m, r) || !(m = judge(j, m, r)))
    return false;
  import_symmetry(m, r);
  import_figures(j->mem, text, m, r);
  *out = m;
  return !(o->measure && published_area(r)) || measure(j, m, r);
}

static const char *folder_of(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == path ? "/" : slash ? arena_strndup(mem, path, (size_t)(slash - path)) : ".";
}

static bool plain_module(const char *name) { // it goes into a script
  return !name ||
         (*name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")] == 0);
}

bool synth_import_verilog(arena *mem, const char *path, const import_options *options, const mul **out,
                          import_report *report, diag *d) {
  static const import_options defaults = {0};
  const import_options *o = options ? options : &defaults;
  import_job j = {.mem = mem, .path = path, .d = d, .system_verilog = str_ends_with(path, ".sv")};
  bytes file;
  char *dir;
  *report = (import_report){.path = path};
  *out = NULL;
  if (!plain_module(o->module))
    return diag_error(d, "%s: --module `%s`: expected letters, digits, `_` and `$`", path, o->module);
  if (!file_read(mem, path, MAX_FILE, &file, d) || !tool_find(mem, "yosys", d) || !tool_find(mem, "iverilog", d) ||
      !tool_temp_dir(mem, &dir, d))
    return false;
  j.dir = dir;
  bool ok = file_write(path_join(mem, dir, "in.v"), file.data, file.size, d) &&
            synth_link(mem, dir, folder_of(mem, path), "included", d) &&
            run(&j, (const char *)file.data, o, out, report);
  tool_temp_remove(dir);
  return ok;
}
