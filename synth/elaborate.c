// SPDX-License-Identifier: Apache-2.0
//
// A design's Verilog, elaborated by Yosys: modules with their parameters, flattened up to the boundaries that the
// accounting needs. This is quick; what takes time, mapping, is done module by module (map.c).
#include "compiler/base/escape.h"
#include "synth/internal.h"

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
     "   input re, input [ADDR_W-1:0] raddr, output [WIDTH-1:0] rdata);\nendmodule\n"
     "module `CORE #(parameter WIDTH = 8, parameter LANE_W = WIDTH, parameter DEPTH = 16,\n"
     "    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1)\n"
     "  (input clk, input [WIDTH/LANE_W-1:0] we, input [ADDR_W-1:0] waddr, input [WIDTH-1:0] wdata,\n"
     "   input re, input [ADDR_W-1:0] raddr, output reg [WIDTH-1:0] rdata);\n"
     "  wire [WIDTH-1:0] word;\n"
     "  `WORDS #(.WIDTH(WIDTH), .LANE_W(LANE_W), .DEPTH(DEPTH), .ADDR_W(ADDR_W)) words\n"
     "    (.clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(re), .raddr(raddr), .rdata(word));\n"
     "  always @(posedge clk) if (re) rdata <= word;\nendmodule\n"},
    {SYNTH_ROM, "rom.v",
     "(* blackbox *) module `WORDS #(parameter WIDTH = 8, parameter DEPTH = 16, parameter INIT_FILE = \"\",\n"
     "    parameter ADDR_W = 4)\n"
     "  (input re, input [ADDR_W-1:0] raddr, output [WIDTH-1:0] rdata);\nendmodule\n"
     "module `CORE #(parameter WIDTH = 8, parameter DEPTH = 16, parameter INIT_FILE = \"\",\n"
     "    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1)\n"
     "  (input clk, input re, input [ADDR_W-1:0] raddr, output reg [WIDTH-1:0] rdata);\n"
     "  wire [WIDTH-1:0] word;\n"
     "  `WORDS #(.WIDTH(WIDTH), .DEPTH(DEPTH), .INIT_FILE(INIT_FILE), .ADDR_W(ADDR_W)) words\n"
     "    (.re(re), .raddr(raddr), .rdata(word));\n"
     "  always @(posedge clk) if (re) rdata <= word;\nendmodule\n"}};

// Whether a file holds a core that something else stands in for.
static bool replaced(arena *mem, const synth_structure *s, const char *file) {
  const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
  const synth_core *core = synth_core_of(s, arena_strndup(mem, name, strcspn(name, ".")));
  return core && core->role != SYNTH_LOGIC && core->role != SYNTH_GATES;
}

void synth_name(arena *mem, synth_names *to, const char *name) {
  arena_grow(mem, to->names, to->count, to->cap);
  to->names[to->count++] = name;
}

const char *const *synth_name_list(arena *mem, synth_names *names) {
  synth_name(mem, names, NULL);
  names->count--;
  return names->names;
}

bool synth_files(arena *mem, const char *rtl, const synth_structure *s, bool all, synth_names *names, str *script,
                 diag *d) {
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
    synth_name(mem, names, path_join(mem, "rtl", line));
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
static bool read_memories(arena *mem, const char *dir, const synth_structure *s, synth_names *names, str *script,
                          diag *d) {
  for (const struct memory *m = MEMORIES; m < MEMORIES + BASE_COUNT(MEMORIES); m++) {
    str text = {0};
    str_add(&text, m->text);
    if (!synth_write(mem, dir, m->file, &text, d))
      return false;
    synth_name(mem, names, m->file);
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

typedef struct {
  const char *dir, *rtl;
  const synth_structure *structure;
  const liberty *lib;
  synth_elaboration *out;
} output;

static bool take(arena *mem, void *user, diag *d) {
  output *o = user;
  bytes text;
  return file_read(mem, path_join(mem, o->dir, "design.il"), (size_t)1 << 30, &text, d) &&
         synth_modules(mem, (const char *)text.data, o->rtl, o->structure, o->lib, o->out, d);
}

// Names that Yosys makes up hold a running number. All of one length, they stand in the order in which they were made,
// so that one more gate in one module does not turn round the order in another.
static const char NUMBERS[] = "autoidx 1000000000\n";

bool synth_elaborate(arena *mem, const char *dir, const char *rtl, const synth_structure *s, const liberty *lib,
                     synth_elaboration *out, diag *d) {
  str script = {0}, numbers = {0};
  synth_names names = {0};
  output o = {dir, rtl, s, lib, out};
  synth_name(mem, &names, "elaborate.ys");
  synth_name(mem, &names, "adders.v");
  str_add(&numbers, NUMBERS);
  str_add(&script, "read_rtlil numbers.il\nread_liberty -lib -ignore_miss_func -ignore_miss_dir cells.lib\n");
  bool ok = synth_link(mem, dir, rtl, "rtl", d) && synth_adders(mem, dir, s->prefix, lib, d) &&
            read_memories(mem, dir, s, &names, &script, d) && synth_files(mem, rtl, s, false, &names, &script, d);
  str_printf(&script, "techmap -map adders.v %s\nhierarchy -check -top %s\nproc\n", gates(mem, s), s->top);
  str_add(&script, "select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr\n"); // a latch that nobody wrote
  synth_keep(s, &script);
  str_add(&script, "flatten\nopt_clean\ncheck -assert\nwrite_rtlil design.il\n"); // drivers: one each, no loops
  ok = synth_write(mem, dir, "numbers.il", &numbers, d) && ok;
  ok = synth_write(mem, dir, "elaborate.ys", &script, d) && ok;
  synth_job job = {.argv = SYNTH_YOSYS("elaborate.ys"),
                   .dir = dir,
                   .log = "yosys.log",
                   .timeout_s = 3600,
                   .lib = lib,
                   .inputs = synth_name_list(mem, &names),
                   .outputs = (const char *const[]){"design.il", NULL},
                   .take = take,
                   .user = &o};
  if (!ok || !synth_run(mem, &job, d))
    return false;
  return !out->clash || diag_error(d, "%s: its cell %s has the name of a module of this design", lib->file, out->clash);
}
