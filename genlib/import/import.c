// SPDX-License-Identifier: Apache-2.0
//
// The import: Yosys reads the file, its cells become gates and adders of a netlist, and the rest of the folder's
// import_*.c decide how it is read and prove it.
#include "genlib/adders/adder.h"
#include "genlib/import/import_internal.h"
#include "synth/internal.h"
#include "compiler/tool/tool.h"

#include <string.h>

// ---- the circuit -------------------------------------------------------------------------------------------------
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
  str_add(&script, "read_verilog plain.v\n");
  import_add_hierarchy(j, true, &script);
  str_add(&script, "proc\nflatten\nwrite_json drivers.json\nsplitnets\nwrite_verilog -noattr split.v\ndesign -reset\n");
  import_add_read(j, &script);
  str_add(&cells, import_adders);
  for (size_t i = 0; i < j->cell_count; i++)
    import_cell(j->cells[i], true, &cells);
  import_replace_adders(j, &script, &cells);
  // No ABC: the circuit stays the author's. Sums that the file writes as + and * become full adders.
  str_add(&script, "read_verilog cells.v\n");
  import_add_hierarchy(j, true, &script);
  str_add(&script, "proc\nflatten\nopt\nalumacc\nmaccmap\nopt\ntechmap -map map.v\ntechmap\nopt\nsimplemap\nopt\n"
                   "clean -purge\nwrite_json flat.json\n");
  return file_write(path_join(j->mem, j->dir, "map.v"), import_map, strlen(import_map), j->d) &&
                 synth_write(j->mem, j->dir, "cells.v", &cells, j->d) && import_yosys(j, &script) &&
                 import_check_drivers(j, path_join(j->mem, j->dir, "drivers.json"))
             ? import_netlist(j, path_join(j->mem, j->dir, "flat.json"), IMPORT_LAX)
             : NULL;
}

// ---- the whole ---------------------------------------------------------------------------------------------------
static void list_adders(import_job *j, import_report *r) {
  const char **names = arena_new_array(j->mem, const char *, j->adder_count + 1);
  for (size_t i = 0; i < j->adder_count; i++)
    if (j->adders[i].is)
      names[r->adder_count++] = j->adders[i].name;
  r->adders = names;
}

static bool run(import_job *j, const char *text, const import_options *o, const mul **out, import_report *r) {
  const netlist *n = import_choose_top(j, o) && supply_cells(j) && import_find_adders(j) ? flatten(j) : NULL;
  r->module = j->module;
  r->cells = j->cells, r->cell_count = j->cell_count;
  list_adders(j, r);
  r->a_port = j->a.name, r->b_port = j->b.name, r->p_port = j->p.name;
  if (!n || !(j->adder ? import_check_adder(j, n, r) : import_choose_reading(j, o, n, r)))
    return false;
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits, .a_signed = import_a_signed(r->reading)};
  sig.b_signed = import_b_signed(r->reading);
  sig.p_signed = sig.a_signed || sig.b_signed;
  const char *name = o->name ? o->name : j->module;
  const adder *sum = j->adder ? adder_from_netlist(j->mem, name, n, j->d) : NULL;
  if (j->adder && !sum)
    return false;
  const mul *m = sum ? adder_circuit(j->mem, sum, n->a_bits) : mul_from_netlist(j->mem, name, sig, n);
  if (n->a_bits + n->b_bits <= IMPORT_ICARUS_BITS && m->max > INT32_MAX)
    return import_refuse(j, "its products reach %lld; up to 2^31 - 1 is possible", (long long)m->max);
  return import_prove(j, m, r) && import_finish(j, text, m, o, out, r);
}

static bool plain_name(const char *name) { // it goes into a script
  return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")];
}

// NAME=12 or NAME=8'hff
static bool plain_param(const char *text) {
  const char *value = strchr(text, '=');
  size_t n = strcspn(text, "=");
  char name[128];
  if (!value || n >= sizeof name)
    return false;
  memcpy(name, text, n);
  name[n] = 0;
  value++;
  const char *base = value + strspn(value, "0123456789");
  if (!plain_name(name) || base == value)
    return false;
  if (!*base)
    return true;
  base += 1 + (*base == '\'' && (base[1] == 's' || base[1] == 'S'));
  return base[-1] != 0 && *base && strchr("bodhBODH", *base) && base[1] &&
         !base[1 + strspn(base + 1, "0123456789abcdefABCDEF_")];
}

static bool check_options(const char *path, const import_options *o, diag *d) {
  if (o->module && !plain_name(o->module))
    return diag_error(d, "%s: --module `%s`: expected letters, digits, `_` and `$`", path, o->module);
  for (size_t i = 0; i < o->param_count; i++)
    if (!plain_param(o->params[i]))
      return diag_error(d, "--param %s: expected NAME=VALUE, with a value such as 8 or 4'b0101", o->params[i]);
  return true;
}

bool import_verilog(arena *mem, const char *path, const import_options *options, const mul **out, import_report *report,
                    diag *d) {
  static const import_options defaults = {0};
  const import_options *o = options ? options : &defaults;
  import_job j = {
      .mem = mem, .path = path, .d = d, .params = o->params, .param_count = o->param_count, .adder = o->adder};
  const char **files = arena_new_array(mem, const char *, o->more_count + 1);
  source text;
  bytes header;
  char *dir;
  *report = (import_report){.path = path};
  *out = NULL;
  files[0] = path;
  for (size_t i = 0; i < o->more_count; i++)
    files[i + 1] = o->more[i];
  for (size_t i = 0; i <= o->more_count; i++)
    j.system_verilog |= str_ends_with(files[i], ".sv");
  if (!check_options(path, o, d) || !file_read(mem, path, SOURCE_MAX, &header, d) ||
      !source_read(mem, files, o->more_count + 1, o->folders, o->folder_count, &text, d) ||
      !tool_find(mem, "yosys", d) || !tool_find(mem, "iverilog", d) || !tool_temp_dir(mem, &dir, d))
    return false;
  j.dir = dir;
  j.source = &text;
  double left;
  import_start_time(&j, o, &left);
  bool ok = run(&j, (const char *)header.data, o, out, report);
  tool_temp_remove(dir);
  return ok;
}
