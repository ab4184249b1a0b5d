// SPDX-License-Identifier: Apache-2.0
//
// The tile as Verilog, and a program's files.
#include "compiler/target/common/cores.h"
#include "compiler/target/common/package.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/fgpu/emit_internal.h"
#include "genlib/scope.h"

#include <string.h>

static void head(const fgpu_tile *t, const char *what, str *out) {
  origin_comment(t->made_from, "//", what, out);
  str_add(out, "`default_nettype none\n\n");
}

// Which PE has which multiplier; equal ones are listed together.
static void add_multipliers(arena *mem, const fgpu_tile *t, fileset *out) {
  const mul *pe[FGPU_MAX_CVS * FGPU_PES], *all[FGPU_MAX_CVS * FGPU_PES];
  int pes = t->hw.cvs * FGPU_PES, count = 0;
  for (int i = 0; i < pes; i++)
    pe[i] = t->hw.lid[i / FGPU_PES][i % FGPU_PES];
  const mul *const *of_pe = scope_multipliers(mem, scope_new(mem), pe, (size_t)pes);
  for (int i = 0; i < pes; i++) {
    const mul *m = of_pe[i];
    int k = 0;
    while (k < count && all[k] != m)
      k++;
    if (k < count)
      continue;
    all[count++] = m;
    str text = {0};
    mul_verilog(m, &text);
    fileset_add_str(mem, out, arena_printf(mem, "%s.v", m->ident), &text);
  }
  str s = {0};
  head(t, "The multiplier of PE number PE of compute vector CV: p = f(a, b), extended to 32 bits.", &s);
  str_add(
      &s,
      "module axgen_fgpu_mul #(\n    parameter CV = 0,\n    parameter PE = 0\n) (\n    input  wire [7:0]  a,\n"
      "    input  wire [7:0]  b,\n    output wire [31:0] p\n);\n\n    localparam LID = 8*CV + PE;\n\n    generate\n");
  for (int k = 0; k < count; k++) {
    const mul_sig *g = &all[k]->sig;
    str_add(&s, k ? " else if (" : "        if (");
    const char * or = "";
    for (int i = 0; i < pes; i++)
      if (of_pe[i] == all[k]) {
        str_printf(&s, "%sLID == %d", or, i);
        or = i % 8 == 7 ? " ||\n            " : " || ";
      }
    str_printf(&s,
               ") begin : g_%s\n            wire [%d:0] q;\n            %s u_mul (.a(a[%d:0]), .b(b[%d:0]), .p(q));\n",
               all[k]->ident, g->p_bits - 1, all[k]->ident, g->a_bits - 1, g->b_bits - 1);
    if (g->p_bits == 32)
      str_add(&s, "            assign p = q;\n");
    else if (g->p_signed)
      str_printf(&s, "            assign p = {{%d{q[%d]}}, q};\n", 32 - g->p_bits, g->p_bits - 1);
    else
      str_printf(&s, "            assign p = {%d'd0, q};\n", 32 - g->p_bits);
    if (g->a_bits < 8 || g->b_bits < 8) {
      str_add(&s, "            wire unused = &{1'b0");
      if (g->a_bits < 8)
        str_printf(&s, ", a[7:%d]", g->a_bits);
      if (g->b_bits < 8)
        str_printf(&s, ", b[7:%d]", g->b_bits);
      str_add(&s, "};\n");
    }
    str_add(&s, "        end");
  }
  str_add(&s, " else begin : g_illegal\n            ILLEGAL_PARAMETER_axgen_fgpu_mul illegal ();\n        end\n"
              "    endgenerate\n\nendmodule\n\n`default_nettype wire\n");
  fileset_add_str(mem, out, "axgen_fgpu_mul.v", &s);
}

static int bits_of(int64_t n) { return n <= 1 ? 0 : bits_unsigned((uint64_t)(n - 1)); }
static int at_least(int v, int least) { return v < least ? least : v; }

static void add_top(arena *mem, const fgpu_tile *t, fileset *out) {
  str s = {0};
  int addr = fgpu_address_bits(t);
  head(t, "The tile. Ports: rtl_templates/fgpu/axgen_fgpu.v.", &s);
  str_printf(
      &s,
      "module " TARGET_TOP " (\n"
      "    input  wire         clk,\n    input  wire         rst,\n    input  wire         host_write,\n"
      "    input  wire [19:0]  host_addr,\n    input  wire [31:0]  host_wdata,\n    output wire [31:0]  host_rdata,\n"
      "    output wire         m_valid,\n    input  wire         m_ready,\n    output wire         m_write,\n"
      "    output wire [%d:0]  m_addr,\n    output wire [2:0]   m_id,\n    output wire [255:0] m_wdata,\n"
      "    output wire [31:0]  m_wstrb,\n    input  wire         r_valid,\n    input  wire [2:0]   r_id,\n"
      "    input  wire [255:0] r_data\n);\n\n",
      addr - 1);
  str_printf(&s,
             "    axgen_fgpu #(\n        .CVS(%d), .DOT4(%d), .SLOTS(%d), .LINES(%d), .LOCAL_BYTES(%d), .ADDR_W(%d), "
             ".CODE_WORDS(%d), "
             ".LAUNCHES(%d)\n    ) tile (\n",
             t->hw.cvs, t->hw.dot4, t->hw.slots, t->hw.cache_lines, t->hw.local_bytes, addr,
             1 << at_least(bits_of((int64_t)t->code_words), 4), 1 << at_least(bits_of((int64_t)t->launches), 1));
  str_add(&s,
          "        .clk(clk), .rst(rst), .host_write(host_write), .host_addr(host_addr), .host_wdata(host_wdata),\n"
          "        .host_rdata(host_rdata), .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr),\n"
          "        .m_id(m_id), .m_wdata(m_wdata), .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data)\n"
          "    );\n\nendmodule\n\n`default_nettype wire\n");
  fileset_add_str(mem, out, TARGET_TOP ".v", &s);
}

static int code_words(const fgpu_tile *t) { return 1 << at_least(bits_of((int64_t)t->code_words), 4); }
static int launches(const fgpu_tile *t) { return 1 << at_least(bits_of((int64_t)t->launches), 1); }

static void add_axi_top(arena *mem, const fgpu_tile *t, fileset *out) {
  str s = {0};
  head(t, "The tile with an AXI4-Lite slave and an AXI4 master. Ports: rtl_templates/fgpu/axgen_fgpu_axi.v.", &s);
  fgpu_axi_top(t, code_words(t), launches(t), &s);
  fileset_add_str(mem, out, TARGET_TOP "_axi.v", &s);
}

bool fgpu_emit_tile(arena *mem, const fgpu_tile *t, fileset *out, diag *d) {
  fileset own = {0};
  add_multipliers(mem, t, &own);
  add_top(mem, t, &own);
  add_axi_top(mem, t, &own);
  if (!cores_add(mem, &own, out, d))
    return false;
  for (size_t i = 0; i < own.count; i++)
    fileset_add(mem, out, own.files[i].name, own.files[i].data, own.files[i].size);
  return true;
}

bool fgpu_emit(arena *mem, const fgpu_program *p, const origin *made_from, const target_test *test, fileset *out,
               diag *d) {
  static const package_top TOPS[] = {{TARGET_TOP, "clk"}, {TARGET_TOP "_axi", "aclk"}};
  fgpu_tile tile = fgpu_tile_of(p, made_from);
  if (!fgpu_emit_tile(mem, &tile, out, d))
    return false;
  cores_file_list(mem, made_from->cfg->name, "Verilog files of the tile", out);
  if (test && !fgpu_add_test(mem, p, made_from, test, out, d))
    return false;
  rename_modules(mem, out, made_from->cfg->name);
  str host = {0}, memory = {0}, listing = {0};
  fgpu_write_host(&p->code, (const fgpu_descriptor *)p->descriptors, p->launch_count, &host);
  fgpu_write_constants(p, &memory);
  fgpu_listing(&p->code, &listing);
  fileset_add_str(mem, out, "program/host.txt", &host);
  fileset_add_str(mem, out, "program/memory.hex", &memory);
  fileset_add_str(mem, out, "program/listing.txt", &listing);
  if (!fgpu_emit_host(mem, p, made_from, out, d))
    return false;
  if (test)
    fgpu_add_test_data(mem, p, &test->images, out);
  package_add(mem, made_from, TOPS, BASE_COUNT(TOPS), out);
  char *manifest = fgpu_manifest(mem, p, made_from, out);
  fileset_add(mem, out, "manifest.json", manifest, strlen(manifest));
  return true;
}
