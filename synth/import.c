// SPDX-License-Identifier: Apache-2.0
//
// The import: Yosys, the netlist, which operands are signed, and the proof against the original in Icarus.
#include "synth/import_internal.h"
#include "synth/internal.h"
#include "compiler/tool/tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 16 << 20, SAMPLES = 1024 };
static const double TIMEOUT = 300;

const char *const import_reading_name[IMPORT_READINGS] = {"detected", "signed", "unsigned", "a unsigned and b signed",
                                                          "a signed and b unsigned"};
static bool a_is_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_SU; }
static bool b_is_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_US; }

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

static bool yosys(import_job *j, str *script) {
  const char *argv[] = {"yosys", "-Q", "-T", "-s", "import.ys", NULL};
  return synth_write(j->mem, j->dir, "import.ys", script, j->d) && tool(j, argv, "ERROR: ");
}

static void add_read(const import_job *j, str *script) {
  str_printf(script, "read_verilog -Iincluded %s in.v\n", j->system_verilog ? "-sv" : "");
}

static bool look(import_job *j, const import_options *o) {
  str script = {0};
  add_read(j, &script);
  if (o->module)
    str_printf(&script, "hierarchy -top %s\n", o->module);
  else
    str_add(&script, "hierarchy -auto-top\n");
  str_add(&script, "proc\nwrite_json ports.json\n");
  return yosys(j, &script) && import_ports(j, path_join(j->mem, j->dir, "ports.json"), o);
}

static bool supply_cells(import_job *j) {
  str cells = {0}, plain = {0};
  str_add(&cells, import_adders);
  for (size_t i = 0; i < j->cell_count; i++)
    if (!import_cell(j->cells[i], true, &cells) || !import_cell(j->cells[i], false, &plain)) {
      str_free(&cells);
      str_free(&plain);
      return import_refuse(j, "it uses `%s`, which neither the file nor the cells known here define", j->cells[i]);
    }
  if (!plain.len)
    str_add(&plain, "\n");
  bool ok = file_write(path_join(j->mem, j->dir, "map.v"), import_map, strlen(import_map), j->d) &&
            synth_write(j->mem, j->dir, "cells.v", &cells, j->d);
  return synth_write(j->mem, j->dir, "plain.v", &plain, j->d) && ok;
}

static const netlist *flatten(import_job *j) {
  str script = {0};
  add_read(j, &script);
  // No ABC: the circuit stays the author's. Sums that the file writes as + and * become full adders.
  str_printf(
      &script,
      "read_verilog cells.v\nhierarchy -check -top %s\nproc\nflatten\nsplitnets\nwrite_verilog -noattr split.v\nopt\n"
      "alumacc\nmaccmap\nopt\ntechmap -map map.v\ntechmap\nopt\nsimplemap\nopt\nclean -purge\nwrite_json "
      "flat.json\n",
      j->module);
  return yosys(j, &script) ? import_netlist(j, path_join(j->mem, j->dir, "flat.json")) : NULL;
}

// ---- all products in Icarus --------------------------------------------------------------------------------------
static void bench(const import_job *j, const char *top, const char *const port[3], int step, str *out) {
  int bits = j->a.bits + j->b.bits;
  // An escaped name ends at a blank.
  str_printf(out,
             "module axgen_import_tb;\n  reg [%d:0] a;\n  reg [%d:0] b;\n  wire [%d:0] p;\n  integer i, file;\n"
             "  \\%s dut (.\\%s (a), .\\%s (b), .\\%s (p));\n  initial begin\n"
             "    file = $fopen(\"products.txt\", \"w\");\n    for (i = 0; i < %d; i = i + %d) begin\n"
             "      a = i >> %d;\n      b = i;\n      #1 $fdisplay(file, \"%%h\", p);\n    end\n"
             "    $fclose(file);\n    $finish;\n  end\nendmodule\n",
             j->a.bits - 1, j->b.bits - 1, j->p.bits - 1, top, port[0], port[1], port[2], 1 << bits, step, j->b.bits);
}

static bool read_products(import_job *j, int step, uint32_t *products) {
  bytes file;
  if (!file_read(j->mem, path_join(j->mem, j->dir, "products.txt"), MAX_FILE, &file, j->d))
    return false;
  const char *p = (const char *)file.data;
  for (uint32_t i = 0; i < 1u << (j->a.bits + j->b.bits); i += (uint32_t)step) {
    size_t n = strcspn(p, "\n");
    if (!n)
      return import_refuse(j, "the simulation ended after %u pairs", i);
    if (strspn(p, "0123456789abcdef") != n)
      return import_refuse(j, "its product is undefined for a = %u, b = %u (codes): %.*s", i >> j->b.bits,
                           i & ((1u << j->b.bits) - 1), (int)n, p);
    products[i] = (uint32_t)strtoul(p, NULL, 16);
    p += n + (p[n] != 0);
  }
  return true;
}

static bool simulate(import_job *j, const char *top, const char *const port[3], const char *const *files, int step,
                     uint32_t *products) {
  str text = {0};
  bench(j, top, port, step, &text);
  const char *compile[12] = {
      "iverilog", j->system_verilog ? "-g2012" : "-g2005", "-Iincluded", "-s", "axgen_import_tb", "-o", "tb.vvp",
      "tb.v"};
  int n = 8;
  while (*files)
    compile[n++] = *files++;
  const char *run[] = {"vvp", "-n", "tb.vvp", NULL};
  return synth_write(j->mem, j->dir, "tb.v", &text, j->d) && tool(j, compile, "error") && tool(j, run, NULL) &&
         read_products(j, step, products);
}

static bool equal(import_job *j, const uint32_t *want, const uint32_t *got, size_t step, const char *what) {
  size_t n = (size_t)1 << (j->a.bits + j->b.bits), i = 0;
  while (i < n && want[i] == got[i])
    i += step;
  return i >= n || diag_check(j->d, "%s: module %s: for a = %zu, b = %zu (codes) it gives 0x%x, %s 0x%x", j->path,
                              j->module, i >> j->b.bits, i & ((1u << j->b.bits) - 1), want[i], what, got[i]);
}

// Icarus reads the file itself for up to SAMPLES pairs (vectors of thousands of bits, as in published files, take it a
// minute for all), and Yosys's flattening of it, before any optimisation, for all pairs. Both, our netlist and our
// Verilog must agree.
static bool prove(import_job *j, const mul *m, import_report *r) {
  size_t n = (size_t)1 << (j->a.bits + j->b.bits);
  uint32_t *original = arena_new_array(j->mem, uint32_t, n), *ours = arena_new_array(j->mem, uint32_t, n);
  const char *const ports[3] = {j->a.name, j->b.name, j->p.name};
  int step = (int)(n / SAMPLES) | 1; // odd, so that all values of b come
  str adders = {0};
  str_add(&adders, import_adder_models);
  if (!synth_write(j->mem, j->dir, "adders.v", &adders, j->d) ||
      !simulate(j, j->module, ports, (const char *const[]){"split.v", "adders.v", NULL}, 1, original) ||
      !simulate(j, j->module, ports, (const char *const[]){"in.v", "plain.v", NULL}, step, ours) ||
      !equal(j, ours, original, (size_t)step, "Yosys's reading"))
    return false;
  uint32_t mask = j->p.bits == 32 ? ~0u : (1u << j->p.bits) - 1;
  for (size_t i = 0; i < n; i++)
    ours[i] = (uint32_t)m->table[i] & mask;
  if (!equal(j, original, ours, 1, "the imported netlist"))
    return false;
  str verilog = {0};
  import_job own = *j;
  own.system_verilog = false;
  mul_verilog(m, &verilog);
  import_cell("axgen_fa", false, &verilog);
  import_cell("axgen_ha", false, &verilog);
  if (!synth_write(j->mem, j->dir, "ours.v", &verilog, j->d) ||
      !simulate(&own, m->ident, (const char *const[]){"a", "b", "p"}, (const char *const[]){"ours.v", NULL}, 1, ours) ||
      !equal(j, original, ours, 1, "our Verilog"))
    return false;
  r->pairs = n;
  r->direct_pairs = (n + (size_t)step - 1) / (size_t)step;
  return true;
}

// ---- which operands are signed -----------------------------------------------------------------------------------
// What a name such as mul8s_1KV8, mul8x4us_x or roup8s_p0 says.
static import_reading read_name(const import_job *j) {
  for (const char *p = j->module; *p; p++) {
    if (!isdigit((unsigned char)*p) || (p > j->module && isdigit((unsigned char)p[-1])))
      continue;
    char *end;
    long a = strtol(p, &end, 10), b = a;
    if (*end == 'x' && isdigit((unsigned char)end[1]))
      b = strtol(end + 1, &end, 10);
    size_t n = strspn(end, "su");
    if (a != j->a.bits || b != j->b.bits || n < 1 || n > 2 || (end[n] && end[n] != '_'))
      continue;
    bool a_signed = end[0] == 's', b_signed = end[n - 1] == 's';
    return a_signed ? b_signed ? IMPORT_SIGNED : IMPORT_SU : b_signed ? IMPORT_US : IMPORT_UNSIGNED;
  }
  return IMPORT_DETECT;
}

static int64_t product(const netlist *n, const int32_t *table, uint32_t a, uint32_t b, bool is_signed) {
  uint32_t mask = n->out_bits == 32 ? ~0u : (1u << n->out_bits) - 1;
  uint32_t code = (uint32_t)table[a << n->b_bits | b] & mask;
  return is_signed && code >> (n->out_bits - 1) ? (int64_t)code - ((int64_t)1 << n->out_bits) : (int64_t)code;
}

static void distances(const netlist *n, const int32_t *table, import_report *r) {
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++) {
    double far = 0, size = 0;
    for (uint32_t a = 0; a < 1u << n->a_bits; a++)
      for (uint32_t b = 0; b < 1u << n->b_bits; b++) {
        int64_t exact = (int64_t)mul_value(a, n->a_bits, a_is_signed(k)) * mul_value(b, n->b_bits, b_is_signed(k));
        far += (double)llabs(product(n, table, a, b, k != IMPORT_UNSIGNED) - exact);
        size += (double)llabs(exact);
      }
    r->distance[k] = far / (double)(1u << (n->a_bits + n->b_bits));
    r->relative[k] = far / size;
  }
}

static bool choose(import_job *j, const import_options *o, const netlist *n, const int32_t *table, import_report *r) {
  distances(n, table, r);
  int best = IMPORT_SIGNED;
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++)
    if (r->relative[k] < r->relative[best])
      best = k;
  import_reading named = read_name(j);
  r->reading = o->reading ? o->reading : named ? named : (import_reading)best;
  r->reading_from = o->reading ? IMPORT_BY_OPTION : named ? IMPORT_BY_NAME : IMPORT_BY_VALUES;
  r->clear = true;
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++)
    r->clear &= k == (int)r->reading || 2 * r->relative[r->reading] < r->relative[k];
  char far[200];
  snprintf(far, sizeof far, "mean |f - a b| over mean |a b| is %.3f signed, %.3f unsigned, %.3f us, %.3f su",
           r->relative[IMPORT_SIGNED], r->relative[IMPORT_UNSIGNED], r->relative[IMPORT_US], r->relative[IMPORT_SU]);
  if (r->relative[r->reading] > r->relative[best])
    return import_refuse(j, "%s it is farther from a * b than %s: %s", import_reading_name[r->reading],
                         import_reading_name[best], far);
  if (r->reading_from == IMPORT_BY_VALUES && (!r->clear || r->relative[best] >= 0.5))
    return import_refuse(j, "which operands are signed cannot be told from the values (%s); say which", far);
  if (!r->clear || r->relative[r->reading] >= 0.5)
    diag_warn(j->d, "%s: module %s: read as %s it is not much nearer to a * b than otherwise: %s", j->path, j->module,
              import_reading_name[r->reading], far);
  return true;
}

// ---- symmetry ----------------------------------------------------------------------------------------------------
static void symmetry(const mul *m, import_report *r) {
  mul_sig s = m->sig;
  uint64_t pairs = 0, same = 0, odd[2] = {0, 0}, odd_pairs[2] = {0, 0};
  bool square = s.a_bits == s.b_bits && s.a_signed == s.b_signed;
  for (int32_t a = mul_a_min(s); a <= mul_a_max(s); a++)
    for (int32_t b = mul_b_min(s); b <= mul_b_max(s); b++) {
      int64_t f = mul_apply(m, a, b);
      pairs++;
      same += square && mul_apply(m, b, a) == f;
      if (s.a_signed && a > mul_a_min(s))
        odd_pairs[0]++, odd[0] += mul_apply(m, -a, b) == -f;
      if (s.b_signed && b > mul_b_min(s))
        odd_pairs[1]++, odd[1] += mul_apply(m, a, -b) == -f;
    }
  r->commutes = square ? (double)same / (double)pairs : -1;
  r->odd_a = odd_pairs[0] ? (double)odd[0] / (double)odd_pairs[0] : -1;
  r->odd_b = odd_pairs[1] ? (double)odd[1] / (double)odd_pairs[1] : -1;
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

static bool run(import_job *j, const char *text, const import_options *o, const mul **out, import_report *r) {
  const netlist *n = look(j, o) && supply_cells(j) ? flatten(j) : NULL;
  r->module = j->module;
  r->cells = j->cells, r->cell_count = j->cell_count;
  r->a_port = j->a.name, r->b_port = j->b.name, r->p_port = j->p.name;
  if (!n)
    return false;
  int32_t *table = arena_new_array(j->mem, int32_t, (size_t)1 << (n->a_bits + n->b_bits));
  sim_table(n, false, NULL, table);
  if (!choose(j, o, n, table, r))
    return false;
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits, .a_signed = a_is_signed(r->reading)};
  sig.b_signed = b_is_signed(r->reading);
  sig.p_signed = sig.a_signed || sig.b_signed;
  const mul *m = mul_from_netlist(j->mem, o->name ? o->name : j->module, sig, n);
  if (!prove(j, m, r))
    return false;
  r->errors = mul_error_figures(m, NULL, 1);
  symmetry(m, r);
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
    return diag_error(d, "%s: `%s` is no plain name of a module", path, o->module);
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
