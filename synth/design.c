// SPDX-License-Identifier: Apache-2.0
//
// A whole accelerator: hierarchical Yosys run (each module once), accounting, register-to-register timing.
#include "synth/internal.h"
#include "compiler/base/escape.h"
#include "compiler/tool/tool.h"

#include <string.h>

// In the place of a memory `CORE (rtl_templates/common/axgen_ram.v, axgen_rom.v): the words, `WORDS, are a black box,
// whose bits are counted and whose cells are not ours to choose; the register behind them is made of flip-flops, so
// that paths from it are timed.
static const struct memory {
  synth_role role;
  const char *file, *text;
} MEMORIES[] = {
    {SYNTH_RAM, "ram.v",
     "(* blackbox *) module `WORDS #(parameter WIDTH = 8, parameter LANE_W = 8, parameter DEPTH = 16,\n"
     "    parameter ADDR_W = 4)\n"
     "  (input clk, input [WIDTH/LANE_W-1:0] we, input [ADDR_W-1:0] waddr, input [WIDTH-1:0] wdata,\n"
     "   input [ADDR_W-1:0] raddr, output [WIDTH-1:0] rdata);\nendmodule\n"
     "module `CORE #(parameter WIDTH = 8, parameter LANE_W = WIDTH, parameter DEPTH = 16,\n"
     "    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1)\n"
     "  (input clk, input [WIDTH/LANE_W-1:0] we, input [ADDR_W-1:0] waddr, input [WIDTH-1:0] wdata,\n"
     "   input re, input [ADDR_W-1:0] raddr, output reg [WIDTH-1:0] rdata);\n"
     "  wire [WIDTH-1:0] word;\n"
     "  `WORDS #(.WIDTH(WIDTH), .LANE_W(LANE_W), .DEPTH(DEPTH), .ADDR_W(ADDR_W)) words\n"
     "    (.clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .raddr(raddr), .rdata(word));\n"
     "  always @(posedge clk) if (re) rdata <= word;\nendmodule\n"},
    {SYNTH_ROM, "rom.v",
     "(* blackbox *) module `WORDS #(parameter WIDTH = 8, parameter DEPTH = 16, parameter INIT_FILE = \"\",\n"
     "    parameter ADDR_W = 4)\n"
     "  (input [ADDR_W-1:0] raddr, output [WIDTH-1:0] rdata);\nendmodule\n"
     "module `CORE #(parameter WIDTH = 8, parameter DEPTH = 16, parameter INIT_FILE = \"\",\n"
     "    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1)\n"
     "  (input clk, input re, input [ADDR_W-1:0] raddr, output reg [WIDTH-1:0] rdata);\n"
     "  wire [WIDTH-1:0] word;\n"
     "  `WORDS #(.WIDTH(WIDTH), .DEPTH(DEPTH), .INIT_FILE(INIT_FILE), .ADDR_W(ADDR_W)) words\n"
     "    (.raddr(raddr), .rdata(word));\n"
     "  always @(posedge clk) if (re) rdata <= word;\nendmodule\n"}};

// Outside the multipliers (which are mapped as on their own) fan-outs are large: buffers and sizes follow the mapping.
static const char ABC[] = "topo\nbuffer -c\ntopo\nupsize\ndnsize\n";

// Whether a file holds a core that something else stands in for.
static bool replaced(arena *mem, const synth_structure *s, const char *file) {
  const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
  const synth_core *core = synth_core_of(s, arena_strndup(mem, name, strcspn(name, ".")));
  return core && core->role != SYNTH_LOGIC && core->role != SYNTH_GATES;
}

bool synth_files(arena *mem, const char *rtl, const synth_structure *s, bool all, str *script, diag *d) {
  bytes list;
  char *path = path_join(mem, rtl, "axgen.f");
  if (!file_read(mem, path, 1 << 24, &list, d))
    return false;
  int count = 0;
  for (char *line = strtok((char *)list.data, "\r\n"); line; line = strtok(NULL, "\r\n")) {
    line += strspn(line, " \t");
    if (!*line || *line == '#' || (!all && replaced(mem, s, line)))
      continue;
    if (!word_is_plain(line))
      return diag_error(d, "%s: `%s` is no name of a file that axgen writes", path, line);
    str_printf(script, "read_verilog rtl/%s\n", line);
    count++;
  }
  return count > 0 || diag_error(d, "%s: no Verilog files are listed", path);
}

void synth_keep(const synth_structure *s, str *script) {
  for (size_t i = 0; i < s->core_count; i++) {
    const char *name = s->cores[i].name, *prefix = s->prefix;
    if (!s->cores[i].keep)
      continue;
    if (strchr(name, '*'))
      str_printf(script, "setattr -mod -set keep_hierarchy 1 %s%s\n", prefix, name);
    else // NAME, $paramod$HASH\NAME; $paramod\NAME\PARAMETER=...
      str_printf(script, "setattr -mod -set keep_hierarchy 1 *%s%s\nsetattr -mod -set keep_hierarchy 1 *%s%s\\\\*\n",
                 prefix, name, prefix, name);
  }
}

// One read_verilog for each core that is a memory.
static bool read_memories(arena *mem, const char *dir, const synth_structure *s, str *script, diag *d) {
  for (const struct memory *m = MEMORIES; m < MEMORIES + BASE_COUNT(MEMORIES); m++) {
    str text = {0};
    str_add(&text, m->text);
    if (!synth_write(mem, dir, m->file, &text, d))
      return false;
    for (size_t i = 0; i < s->core_count; i++)
      if (s->cores[i].role == m->role)
        str_printf(script, "read_verilog -DCORE=%s%s -DWORDS=%s%s %s\n", s->prefix, s->cores[i].name, s->cores[i].name,
                   SYNTH_WORDS, m->file);
  }
  return true;
}

// Yosys's selection of the modules that are gates.
static char *gates(arena *mem, const synth_structure *s) {
  char *all = NULL;
  for (size_t i = 0; i < s->core_count; i++)
    if (s->cores[i].role == SYNTH_GATES)
      all = arena_printf(mem, "%s%s%s%s%s", all ? all : "", all ? " " : "", s->prefix, s->cores[i].name,
                         all ? " %u" : "");
  assert(all);
  return all;
}

static bool run_yosys(arena *mem, const char *dir, const char *rtl, const synth_structure *s, diag *d) {
  str script = {0}, abc = {0}, area = {0};
  str_add(&area, synth_abc_area);
  str_printf(&abc, "%s%s", synth_abc_area, ABC);
  if (!synth_write(mem, dir, "abc.script", &abc, d) || !synth_write(mem, dir, "area.script", &area, d))
    return false;
  str_add(&script, "read_liberty -lib -ignore_miss_func -ignore_miss_dir cells.lib\n");
  if (!read_memories(mem, dir, s, &script, d) || !synth_files(mem, rtl, s, false, &script, d))
    return str_free(&script), false;
  const char *multipliers = gates(mem, s);
  str_printf(&script, "techmap -map adders.v %s\nhierarchy -check -top %s\nproc\n", multipliers, s->top);
  synth_keep(s, &script);
  str_add(&script, "flatten\n"
                   "opt_expr\nopt_clean\nopt\nwreduce\npeepopt\nalumacc\nmemory_map\nopt_clean\n"
                   "techmap\n" // from here on ABC simplifies better than opt, which is slow on gates
                   "dfflibmap -liberty cells.lib\nopt_clean\n");
  str_printf(&script,
             "abc -liberty cells.lib -script area.script %s\n"
             "abc -liberty cells.lib -script abc.script %s %%n\n",
             multipliers, multipliers);
  str_add(&script, "setundef -zero\nopt_clean -purge\nattrmap -remove src\n"
                   "write_json mapped.json\n"
                   "write_verilog -noattr mapped.v\n");
  return synth_yosys(mem, dir, &script, 3600, d);
}

static bool time_it(arena *mem, const char *dir, synth_result *r, diag *d) {
  synth_path path;
  double start = clock_seconds();
  if (!synth_sta(mem, dir, r->structure->top,
                 arena_printf(mem, "create_clock -name clk -period %.6g [get_ports clk]", r->clock), &path, d))
    return false;
  r->sta_seconds = clock_seconds() - start;
  r->timed = path.found;
  if (path.found) {
    r->slack = path.slack;
    r->delay = r->clock - path.slack;
    r->from = path.from;
    r->to = path.to;
    r->from_layer = r->layers[synth_part_of(r->structure, path.from)].name;
    r->to_layer = r->layers[synth_part_of(r->structure, path.to)].name;
  }
  return true;
}

static bool synthesise(arena *mem, const char *dir, const char *rtl, synth_result *r, diag *d) {
  double start = clock_seconds();
  if (!synth_link(mem, dir, rtl, "rtl", d) || !synth_adders(mem, dir, r->structure->prefix, r->lib, d) ||
      !run_yosys(mem, dir, rtl, r->structure, d))
    return false;
  r->yosys_seconds = clock_seconds() - start;
  bytes text;
  if (!synth_account(mem, path_join(mem, dir, "mapped.json"), r->lib, r, d) ||
      !file_read(mem, path_join(mem, dir, "mapped.v"), (size_t)1 << 30, &text, d))
    return diag_blame(d, "yosys");
  r->verilog = (const char *)text.data;
  r->verilog_size = text.size;
  return time_it(mem, dir, r, d);
}

bool synth_design(arena *mem, const char *rtl, const synth_structure *structure, const liberty *lib, double clock_ns,
                  synth_result *out, diag *d) {
  *out = (synth_result){.lib = lib, .structure = structure, .clock = clock_ns};
  if (!lib->ff)
    return diag_error(d, "%s: no plain D flip-flop in this library: a cell with an ff group, next_state and clocked_on",
                      lib->file);
  char *dir;
  if (!synth_begin(mem, lib, &dir, d))
    return false;
  out->yosys_version = tool_version(mem, "yosys", "-V");
  out->sta_version = tool_version(mem, "sta", "-version");
  bool ok = synthesise(mem, dir, rtl, out, d);
  tool_temp_remove(dir);
  return ok;
}
