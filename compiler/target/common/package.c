// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/package.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/common/verilog.h"

#include <ctype.h>
#include <string.h>

static bool in_folder(const char *file, const char *folder) { return strncmp(file, folder, strlen(folder)) == 0; }
static bool is_test(const char *file) { return in_folder(file, "tb/"); }
static bool is_rtl(const char *file) { return str_ends_with(file, ".v") && !is_test(file); }
static bool is_test_verilog(const char *file) { return str_ends_with(file, ".v") && is_test(file); }
static bool is_rom(const char *file) { return in_folder(file, "rom/"); }
static bool is_test_data(const char *file) {
  return in_folder(file, "stream/") || (is_test(file) && !is_test_verilog(file)) ||
         str_ends_with(file, "program/host.txt") || str_ends_with(file, "program/memory.hex");
}

static size_t count_files(const fileset *files, bool (*is)(const char *)) {
  size_t n = 0;
  for (size_t i = 0; i < files->count; i++)
    n += is(files->files[i].name);
  return n;
}

// ---- constraints --------------------------------------------------------------------------------------------------
static void add_constraints(arena *mem, const origin *o, const package_top *top, const char *ending, fileset *files) {
  const char *module = renamed_module(mem, o->cfg->name, top->module);
  str text = {0};
  origin_comment(o, "#", arena_printf(mem, "The clock of %s, from clock_ns of the configuration.", module), &text);
  str_add(&text, "# The ports have no delays here: they are those of what stands around the accelerator.\n");
  str_printf(&text, "create_clock -name %s -period %.6g [get_ports %s]\n", top->clock, o->cfg->clock_ns, top->clock);
  fileset_add_str(mem, files, arena_printf(mem, "%s.%s", module, ending), &text);
}

// ---- FuseSoC ------------------------------------------------------------------------------------------------------
// Files in their order; what a simulation or a synthesis reads by its name keeps the name in the work folder.
static void core_files(const fileset *files, const char *name, const char *type, bool (*is)(const char *), str *out) {
  if (!count_files(files, is))
    return;
  bool data = strcmp(type, "user") == 0;
  str_printf(out, "  %s:\n    file_type: %s\n    files:\n", name, type);
  for (size_t i = 0; i < files->count; i++) {
    const char *file = files->files[i].name;
    if (!is(file))
      continue;
    if (data)
      str_printf(out, "      - %s: {copyto: %s}\n", file, file);
    else
      str_printf(out, "      - %s\n", file);
  }
}

static void core_target(const char *name, const char *filesets, const char *tool, const char *top, str *out) {
  str_printf(out, "  %s:\n    filesets: [%s]\n", name, filesets);
  if (tool)
    str_printf(out, "    default_tool: %s\n", tool);
  str_printf(out, "    toplevel: %s\n", top);
}

static void add_core(arena *mem, const origin *o, const char *name, fileset *files) {
  bool test = count_files(files, is_test_verilog), rom = count_files(files, is_rom);
  const char *rtl = rom ? "rtl, rom" : "rtl";
  str text = {0};
  str_add(&text, "CAPI=2:\n"); // must be the first line
  origin_comment(o, "#", "The accelerator as a FuseSoC core; docs/integration.md of axgen says how to use it.", &text);
  str_printf(&text,
             "name: axgen:accelerator:%s:" AXGEN_VERSION "\n"
             "description: neural-network accelerator made by axgen\n"
             "filesets:\n",
             name);
  core_files(files, "rtl", "verilogSource", is_rtl, &text);
  core_files(files, "rom", "user", is_rom, &text);
  core_files(files, "tb", "verilogSource", is_test_verilog, &text);
  core_files(files, "tb_data", "user", is_test_data, &text);
  str_printf(&text, "  xdc:\n    file_type: xdc\n    files:\n      - %s.xdc\n", name);
  str_add(&text, "targets:\n");
  core_target("default", rtl, NULL, name, &text);
  core_target("lint", rtl, "verilator", name, &text);
  str_add(&text, "    tools:\n      verilator:\n        mode: lint-only\n");
  if (test) {
    const char *all = arena_printf(mem, "%s, tb, tb_data", rtl);
    core_target("sim", all, "icarus", arena_printf(mem, "tb_%s", name), &text);
    str_add(&text, "    tools:\n      icarus:\n        iverilog_options: [-g2005]\n"
                   "      verilator:\n        mode: binary\n        verilator_options: [--timing, -Wno-fatal]\n");
  }
  core_target("synth", arena_printf(mem, "%s, \"tool_vivado? (xdc)\"", rtl), "yosys", name, &text);
  str_add(&text, "    tools:\n      yosys:\n        arch: xilinx\n");
  fileset_add_str(mem, files, arena_printf(mem, "%s.core", name), &text);
}

// ---- Vivado -------------------------------------------------------------------------------------------------------
static void tcl_files(const fileset *files, const char *command, bool (*is)(const char *), str *out) {
  if (!count_files(files, is))
    return;
  str_printf(out, "%s [list \\\n", command);
  for (size_t i = 0; i < files->count; i++)
    if (is(files->files[i].name))
      str_printf(out, "    [file join $here %s] \\\n", files->files[i].name);
  str_add(out, "]\n");
}

static void add_tcl(arena *mem, const origin *o, const char *name, fileset *files) {
  const char *macro = package_rom(mem, o->cfg->name);
  str text = {0};
  origin_comment(o, "#", "Adds the accelerator to the open Vivado project, wherever this folder lies.", &text);
  str_add(&text, "set here [file dirname [file normalize [info script]]]\n");
  tcl_files(files, "read_verilog", is_rtl, &text);
  if (count_files(files, is_rom)) {
    tcl_files(files, "add_files -norecurse", is_rom, &text);
    str_printf(&text,
               "# The ROM images' folder, for all files of the project.\n"
               "set header [file join [get_property DIRECTORY [current_project]] %s_rom.vh]\n"
               "set out [open $header w]\n"
               "puts $out \"`define %s \\\"$here/rom\\\"\"\n"
               "close $out\n"
               "read_verilog $header\n"
               "set_property file_type {Verilog Header} [get_files $header]\n"
               "set_property is_global_include true [get_files $header]\n",
               name, macro);
  }
  str_printf(&text,
             "# The clock's period holds where %s itself is the top, as in out-of-context synthesis.\n"
             "read_xdc -mode out_of_context [file join $here %s.xdc]\n",
             name, name);
  fileset_add_str(mem, files, arena_printf(mem, "%s.tcl", name), &text);
}

void package_add(arena *mem, const origin *o, const package_top *tops, size_t count, fileset *files) {
  const char *name = renamed_module(mem, o->cfg->name, tops[0].module);
  for (size_t i = 0; i < count; i++) {
    add_constraints(mem, o, &tops[i], "sdc", files);
    add_constraints(mem, o, &tops[i], "xdc", files);
  }
  add_core(mem, o, name, files);
  add_tcl(mem, o, name, files);
}

// ---- the ROM images ------------------------------------------------------------------------------------------------
const char *package_rom(arena *mem, const char *name) {
  char *macro = arena_printf(mem, "%s_ROM", name ? name : TARGET_TOP);
  for (char *p = macro; *p; p++)
    *p = (char)toupper((unsigned char)*p);
  return macro;
}

void package_define_rom(arena *mem, const char *name, str *out) {
  const char *macro = package_rom(mem, name);
  str_printf(out,
             "// The folder of the ROM images, from where the tool runs.\n"
             "`ifndef %s\n`define %s \"rom\"\n`endif\n\n",
             macro, macro);
}

// ---- the testbench ------------------------------------------------------------------------------------------------
// tb_axgen_top: a clock, the checker, and what it says at its end.
static void add_test_module(arena *mem, const package_test *t, const char *checker, const char *top, str *out) {
  static const verilog_parameter PARAMETERS[] = {
      {"FOLDER", "\".\"", "the accelerator's, from where the simulator runs"},
      {"FINISH", "1", "0: others run beside it; `done` says when it has ended"}};
  static const verilog_port PORTS[] = {{"done", "", true, NULL}, {"passed", "", true, NULL}};
  verilog_bindings parameters = {.mem = mem}, ports = {.mem = mem};
  for (const package_parameter *p = t->parameters; p->name; p++)
    verilog_bind(&parameters, p->name, "%s", p->value);
  verilog_bind_same(&ports, (const char *const[]){"clk", "done", "passed", NULL});
  verilog_module("tb_" TARGET_TOP, PARAMETERS, BASE_COUNT(PARAMETERS), PORTS, BASE_COUNT(PORTS), out);
  str_add(out, "    reg clk, shown;\n"
               "    initial begin\n"
               "        clk   = 1'b0;\n"
               "        shown = 1'b0;\n"
               "        forever #5 clk = !clk;\n"
               "    end\n\n");
  verilog_instance(checker, "check", &parameters, &ports, out);
  str_printf(out,
             "\n"
             "    always @(posedge clk)\n"
             "        if (done && !shown) begin\n"
             "            shown = 1'b1;\n"
             "            if (passed)\n"
             "                $display(\"PASS tb_%s: %zu image%s\");\n"
             "            else\n"
             "                $display(\"FAIL tb_%s\");\n"
             "            if (FINISH != 0 && passed)\n"
             "                $finish;\n"
             "            else if (FINISH != 0)\n"
             "                $fatal; // ends with an exit status that is not 0\n"
             "        end\n",
             top, t->images, plural(t->images), top);
  verilog_end(out);
  str_add(out, "\n");
}

bool package_add_test(arena *mem, const origin *o, const package_test *t, fileset *out, diag *d) {
  const char *top = o->cfg->name ? o->cfg->name : TARGET_TOP, *slash = strrchr(t->checker, '/');
  bytes checker;
  if (!file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/%s.v", t->checker)), 1 << 20, &checker, d))
    return false;
  str s = {0};
  origin_comment(
      o, "//",
      arena_printf(mem, "Runs %zu image%s (%s) and compares the results.", t->images, plural(t->images), t->source),
      &s);
  str_printf(
      &s,
      "//\n"
      "// In the accelerator's folder:\n"
      "//   $ iverilog -g2005 -o tb.vvp -s tb_%s -c axgen.f tb/tb_%s.v && vvp -n tb.vvp\n"
      "//   $ verilator --binary --timing -Wno-fatal --top-module tb_%s -f axgen.f tb/tb_%s.v && obj_dir/Vtb_%s\n"
      "// It prints `PASS ...`, or what differs and `FAIL ...`, and then the exit status is not 0.\n"
      "`default_nettype none\n\n",
      top, top, top, top, top);
  for (const char *const *m = t->macros; m && *m; m++)
    str_printf(&s, "`define %s\n", *m);
  add_test_module(mem, t, slash ? slash + 1 : t->checker, top, &s);
  str_add_n(&s, (const char *)checker.data, checker.size);
  for (const char *const *m = t->macros; m && *m; m++)
    str_printf(&s, "`undef %s\n", *m);
  if (t->also)
    str_printf(&s, "\n%s", t->also);
  fileset_add_str(mem, out, "tb/tb_" TARGET_TOP ".v", &s);
  return true;
}
