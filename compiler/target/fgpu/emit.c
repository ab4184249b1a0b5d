// SPDX-License-Identifier: Apache-2.0
//
// The tile as Verilog, and a program's files.
#include "compiler/target/common/cores.h"
#include "compiler/target/common/package.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/fgpu/emit_internal.h"

#include <string.h>

static void head(const fgpu_tile *t, const char *what, str *out) {
  origin_comment(t->made_from, "//", what, out);
  str_add(out, "`default_nettype none\n\n");
}

// ---- axgen_fgpu_mul: which PE has which multiplier ---------------------------------------------------------------
// `if (NUMBER == 0 || ...)` for the PEs that have m.
static void write_condition(const mul *const *of_pe, int pes, const mul *m, str *out) {
  const char * or = "";
  for (int i = 0; i < pes; i++)
    if (strcmp(of_pe[i]->ident, m->ident) == 0) {
      str_printf(out, "%sNUMBER == %d", or, i);
      or = i % 8 == 7 ? " ||\n            " : " || ";
    }
}

// The block of one multiplier: the product, extended to 32 bits.
static void write_block(const mul *m, str *out) {
  const mul_sig *g = &m->sig;
  str_printf(out,
             ") begin : g_%s\n            wire [%d:0] q;\n            %s u_mul (.a(a[%d:0]), .b(b[%d:0]), .p(q));\n",
             m->ident, g->p_bits - 1, m->ident, g->a_bits - 1, g->b_bits - 1);
  if (g->p_bits == 32)
    str_add(out, "            assign p = q;\n");
  else if (g->p_signed)
    str_printf(out, "            assign p = {{%d{q[%d]}}, q};\n", 32 - g->p_bits, g->p_bits - 1);
  else
    str_printf(out, "            assign p = {%d'd0, q};\n", 32 - g->p_bits);
  if (g->a_bits < 8 || g->b_bits < 8) {
    str_add(out, "            wire unused = &{1'b0");
    if (g->a_bits < 8)
      str_printf(out, ", a[7:%d]", g->a_bits);
    if (g->b_bits < 8)
      str_printf(out, ", b[7:%d]", g->b_bits);
    str_add(out, "};\n");
  }
  str_add(out, "        end");
}

static void write_choice(const fgpu_tile *t, const graph *g, const mul *const *of_pe, str *out) {
  static const verilog_parameter PARAMETERS[] = {{"CV", "0", NULL}, {"PE", "0", NULL}};
  static const verilog_port PORTS[] = {
      {"a", "[7:0]", false, NULL}, {"b", "[7:0]", false, NULL}, {"p", "[31:0]", true, NULL}};
  verilog_module(FGPU_MUL, PARAMETERS, BASE_COUNT(PARAMETERS), PORTS, BASE_COUNT(PORTS), out);
  str_add(out, "\n    localparam NUMBER = 8*CV + PE;\n\n    generate\n");
  const char *lead = "        if (";
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].mul) {
      str_add(out, lead);
      write_condition(of_pe, t->hw.cvs * FGPU_PES, g->instances[i].mul, out);
      write_block(g->instances[i].mul, out);
      lead = " else if (";
    }
  str_add(out, " else begin : g_illegal\n            ILLEGAL_PARAMETER_" FGPU_MUL " illegal ();\n        end\n"
               "    endgenerate\n\n");
  verilog_end(out);
}

static void add_multipliers(arena *mem, const fgpu_tile *t, const graph *g, fileset *out) {
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].mul) {
      str text = {0};
      mul_verilog(g->instances[i].mul, &text);
      fileset_add_str(mem, out, arena_printf(mem, "%s.v", g->instances[i].module), &text);
    }
  str s = {0};
  head(t, "The multiplier of PE number PE of compute vector CV: p = f(a, b), extended to 32 bits.", &s);
  write_choice(t, g, fgpu_pe_multipliers(mem, t), &s);
  fileset_add_str(mem, out, FGPU_MUL ".v", &s);
}

// ---- the tops -----------------------------------------------------------------------------------------------------
static const char *core_file(arena *mem, core_id core) {
  return arena_printf(mem, "rtl_templates/%s/%s.v", CORES[core].folder, CORES[core].name);
}

static void add_top(arena *mem, const fgpu_tile *t, const graph *g, fileset *out) {
  const verilog_port ports[] = {{"clk", "", false, NULL},
                                {"rst", "", false, NULL},
                                {"host_write", "", false, NULL},
                                {"host_addr", "[19:0]", false, NULL},
                                {"host_wdata", "[31:0]", false, NULL},
                                {"host_rdata", "[31:0]", true, NULL},
                                {"m_valid", "", true, NULL},
                                {"m_ready", "", false, NULL},
                                {"m_write", "", true, NULL},
                                {"m_addr", verilog_range(mem, fgpu_address_bits(t)), true, NULL},
                                {"m_id", "[2:0]", true, NULL},
                                {"m_wdata", "[255:0]", true, NULL},
                                {"m_wstrb", "[31:0]", true, NULL},
                                {"r_valid", "", false, NULL},
                                {"r_id", "[2:0]", false, NULL},
                                {"r_data", "[255:0]", false, NULL}};
  const graph_instance *tile = graph_find(g, GRAPH_TOP, "tile");
  verilog_bindings b = {.mem = mem};
  for (size_t i = 0; i < BASE_COUNT(ports); i++)
    verilog_bind(&b, ports[i].name, "%s", ports[i].name);
  str s = {0};
  head(t, arena_printf(mem, "The tile. Ports: %s.", core_file(mem, CORE_FGPU)), &s);
  verilog_module(TARGET_TOP, NULL, 0, ports, BASE_COUNT(ports), &s);
  str_add(&s, "\n");
  verilog_instance(tile->module, tile->name, &tile->parameters, &b, &s);
  str_add(&s, "\n");
  verilog_end(&s);
  fileset_add_str(mem, out, TARGET_TOP ".v", &s);
}

static void add_axi_top(arena *mem, const fgpu_tile *t, fileset *out) {
  str s = {0};
  head(t,
       arena_printf(mem, "The tile with an AXI4-Lite slave and an AXI4 master. Ports: %s.",
                    core_file(mem, CORE_FGPU_AXI)),
       &s);
  fgpu_axi_top(mem, t, &s);
  fileset_add_str(mem, out, TARGET_TOP "_axi.v", &s);
}

bool fgpu_emit_tile(arena *mem, const fgpu_tile *t, fileset *out, diag *d) {
  fileset own = {0};
  const graph *g = fgpu_graph(mem, t);
  add_multipliers(mem, t, g, &own);
  add_top(mem, t, g, &own);
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
