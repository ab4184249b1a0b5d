// SPDX-License-Identifier: Apache-2.0
//
// Simulators spend most of their time (Icarus running, Verilator compiling) on the gates of the multipliers. So in the
// accelerator each multiplier is a table, and before the first image the simulator runs the gate netlist of each
// multiplier through all pairs of operands and compares it with that table. A multiplier without a table is its closed
// form as a Verilog function: axgen itself compares its gates with that (mul_prove), and the simulator the Verilog of
// both on as many pairs as the tables have, corner operands first.
#include "sim/sim.h"

#include <string.h>

static void add_table(arena *mem, const mul *m, fileset *out) {
  const mul_sig *g = &m->sig;
  uint32_t mask = g->p_bits == 32 ? ~0u : (1u << g->p_bits) - 1;
  str text = {0};
  for (size_t i = 0; i < (size_t)1 << (g->a_bits + g->b_bits); i++)
    str_printf(&text, "%x\n", (uint32_t)m->table[i] & mask);
  fileset_add_str(mem, out, arena_printf(mem, "%s.hex", m->ident), &text);
}

// What stands for the multiplier inside the accelerator. The name axgen_tables is found upwards, in the top (tb_sim).
static void table_model(const mul *m, str *out) {
  str_printf(out,
             "module %s (input wire [%d:0] a, input wire [%d:0] b, output wire [%d:0] p);\n"
             "    assign p = axgen_tables.t_%s[{a, b}];\n"
             "endmodule\n\n",
             m->ident, m->sig.a_bits - 1, m->sig.b_bits - 1, m->sig.p_bits - 1, m->ident);
}

static void model(const mul *m, str *out) {
  if (m->table)
    table_model(m, out);
  else
    mul_verilog_function(m, out);
}

static void tables_module(const mul *const *list, size_t count, str *out) {
  str_add(out, "module axgen_tables;\n");
  for (size_t i = 0; i < count; i++)
    if (list[i]->table)
      str_printf(out,
                 "    reg [%d:0] t_%s [0:%d];\n"
                 "    initial $readmemh(\"%s.hex\", t_%s);\n",
                 list[i]->sig.p_bits - 1, list[i]->ident, (1 << (list[i]->sig.a_bits + list[i]->sig.b_bits)) - 1,
                 list[i]->ident, list[i]->ident);
  str_add(out, "endmodule\n\n");
}

// The netlist under another name, beside the model that has its name.
static void gates_module(const mul *m, str *out) {
  char name[512];
  snprintf(name, sizeof name, "gates_%s", m->ident);
  mul renamed = *m;
  renamed.ident = name;
  mul_verilog(&renamed, out);
  str_add(out, "\n");
}

// The operands of one multiplier at count n, and what the model gives for them.
static void table_pair(const mul *m, str *out) {
  const mul_sig *g = &m->sig;
  str_printf(out,
             "    wire [%d:0] a_%s = n[%d:%d];\n"
             "    wire [%d:0] b_%s = n[%d:0];\n"
             "    wire [%d:0] want_%s = axgen_tables.t_%s[{a_%s, b_%s}];\n",
             g->a_bits - 1, m->ident, g->a_bits + g->b_bits - 1, g->b_bits, g->b_bits - 1, m->ident, g->b_bits - 1,
             g->p_bits - 1, m->ident, m->ident, m->ident, m->ident);
}

static void corners(const char *name, char operand, int bits, int low, str *out) {
  str_printf(out, "    reg [%d:0] corner_%c_%s;\n    always @*\n        case (n[%d:%d])\n", bits - 1, operand, name,
             low + 2, low);
  for (unsigned k = 0; k < MUL_CORNERS; k++)
    str_printf(out, "            3'd%u: corner_%c_%s = %d'h%x;\n", k, operand, name, bits, mul_corner(bits, k));
  str_add(out, "        endcase\n");
}

static void function_pair(const mul *m, str *out) {
  const mul_sig *g = &m->sig;
  const char *id = m->ident;
  corners(id, 'a', g->a_bits, 3, out);
  corners(id, 'b', g->b_bits, 0, out);
  str_printf(out,
             "    wire [%d:0] a_%s = n < %d ? corner_a_%s : random[31:%d];\n"
             "    wire [%d:0] b_%s = n < %d ? corner_b_%s : random[%d:0];\n"
             "    wire [%d:0] want_%s;\n"
             "    %s model_%s (.a(a_%s), .b(b_%s), .p(want_%s));\n",
             g->a_bits - 1, id, MUL_CORNERS * MUL_CORNERS, id, 32 - g->a_bits, g->b_bits - 1, id,
             MUL_CORNERS * MUL_CORNERS, id, g->b_bits - 1, g->p_bits - 1, id, id, id, id, id, id);
}

static int count_bits(const mul *const *list, size_t count) {
  int most = 0;
  for (size_t i = 0; i < count; i++) {
    int bits = list[i]->table ? list[i]->sig.a_bits + list[i]->sig.b_bits : SIM_PAIR_BITS;
    most = bits > most ? bits : most;
  }
  return most;
}

// A module that counts through all pairs, one a cycle; `done` when through. Each multiplier's verdict goes to
// prove.log. `random` is Marsaglia's xorshift of 32 bits.
static void prover_module(const mul *const *list, size_t count, str *out) {
  int most = count_bits(list, count);
  str_printf(out,
             "module axgen_prove (input wire clk, output reg done);\n"
             "    reg [%d:0] n; // the pair of operands; the top bit comes when all are through\n"
             "    reg [31:0] random, r1, r2;\n"
             "    integer log;\n"
             "    initial begin\n"
             "        n = 0;\n"
             "        random = 32'd2463534242;\n"
             "        done = $test$plusargs(\"proven\") != 0; // by an earlier run of the same build\n"
             "        if (!done) log = $fopen(\"prove.log\", \"w\");\n"
             "    end\n"
             "    always @* begin\n"
             "        r1 = random ^ (random << 13);\n"
             "        r2 = r1 ^ (r1 >> 17);\n"
             "    end\n"
             "    always @(posedge clk) if (!done) random <= r2 ^ (r2 << 5);\n",
             most);
  for (size_t i = 0; i < count; i++) {
    const char *id = list[i]->ident;
    str_add(out, "\n");
    if (list[i]->table)
      table_pair(list[i], out);
    else
      function_pair(list[i], out);
    str_printf(out,
               "    wire [%d:0] p_%s;\n"
               "    reg wrong_%s = 1'b0;\n"
               "    gates_%s dut_%s (.a(a_%s), .b(b_%s), .p(p_%s));\n"
               "    always @(posedge clk)\n"
               "        if (!done && !wrong_%s && p_%s !== want_%s) begin\n"
               "            wrong_%s = 1'b1;\n"
               "            $fdisplay(log, \"%s differs: codes a=%%h b=%%h: gates %%h, %s %%h\", a_%s, b_%s,\n"
               "                      p_%s, want_%s);\n"
               "        end\n",
               list[i]->sig.p_bits - 1, id, id, id, id, id, id, id, id, id, id, id, id,
               list[i]->table ? "table" : "function", id, id, id, id);
  }
  str_printf(out,
             "\n    always @(posedge clk)\n"
             "        if (!done) begin\n"
             "            n <= n + 1'b1;\n"
             "            if (n[%d]) begin\n"
             "                done <= 1'b1;\n",
             most);
  for (size_t i = 0; i < count; i++)
    str_printf(out, "                if (!wrong_%s) $fdisplay(log, \"%s equal\");\n", list[i]->ident, list[i]->ident);
  str_add(out, "                $fclose(log);\n"
               "            end\n"
               "        end\n"
               "endmodule\n\n");
}

void sim_add_provers(arena *mem, const mul *const *list, size_t count, fileset *out) {
  str text = {0};
  for (size_t i = 0; i < count; i++) {
    model(list[i], &text);
    gates_module(list[i], &text);
    if (list[i]->table)
      add_table(mem, list[i], out);
  }
  tables_module(list, count, &text);
  prover_module(list, count, &text);
  fileset_add_str(mem, out, "prove.v", &text);
}

bool sim_check_proofs(arena *mem, const mul *const *list, size_t count, const char *dir, diag *d) {
  bytes text;
  if (!file_read(mem, path_join(mem, dir, "prove.log"), 1 << 20, &text, d))
    return diag_blame(d, "the simulator");
  const char *log = (const char *)text.data;
  for (size_t i = 0; i < count; i++)
    if (!strstr(log, arena_printf(mem, "%s equal\n", list[i]->ident))) {
      const char *differs = strstr(log, arena_printf(mem, "%s differs: ", list[i]->ident));
      if (!differs)
        return diag_tool(d, "the simulator ended before the gates of %s were compared with its %s", list[i]->name,
                         list[i]->table ? "table" : "function");
      return diag_check(d, "the gates of a multiplier are not its %s: %.*s", list[i]->table ? "table" : "function",
                        (int)strcspn(differs, "\n"), differs);
    }
  return true;
}

bool sim_has_model(const mul *m) { return m->table || mul_has_function(m); }

bool sim_prove_functions(arena *mem, const mul *const *list, size_t count, bool all_pairs, sim_proofs *out, diag *d) {
  *out = (sim_proofs){0};
  for (size_t i = 0; i < count; i++) {
    const mul *m = list[i];
    if (m->table) {
      out->tables++;
      continue;
    }
    mul_proof p = mul_prove(m, all_pairs, arena_printf(mem, "gates of %s", m->name));
    if (p.differs)
      return diag_check(d, "the gates of a multiplier are not its function: %s differs: codes a=%x b=%x", m->name, p.a,
                        p.b);
    if (!p.equal)
      return diag_tool(d, "interrupted");
    *(p.all ? &out->functions_proven : &out->functions_sampled) += 1;
  }
  return true;
}

void sim_proofs_text(const sim_proofs *p, str *out) {
  if (p->tables)
    str_printf(out, "%d multiplier netlist%s shown equal to %s on all pairs, used inside\n", p->tables,
               plural((size_t)p->tables), p->tables == 1 ? "its table" : "their tables");
  if (p->functions_proven)
    str_printf(out, "%d wide multiplier netlist%s shown equal to the closed form on all pairs, used inside\n",
               p->functions_proven, plural((size_t)p->functions_proven));
  if (p->functions_sampled)
    str_printf(out,
               "%d wide multiplier netlist%s equal to the closed form on %d pairs (corners and seeded ones), used "
               "inside; --all-pairs: on all\n",
               p->functions_sampled, plural((size_t)p->functions_sampled), MUL_PROOF_SAMPLES);
  if (p->functions_proven + p->functions_sampled)
    str_printf(out, "  (their Verilog in the simulator too, on %d pairs)\n", 1 << SIM_PAIR_BITS);
}
