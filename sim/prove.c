// SPDX-License-Identifier: Apache-2.0
//
// Simulators spend most of their time (Icarus running, Verilator compiling) on the gates of the multipliers. So in the
// accelerator each multiplier is a table, and before the first image the simulator runs the gate netlist of each
// multiplier through all pairs of operands and compares it with that table.
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

// What stands for the multiplier inside the accelerator. The name axgen_tables is found upwards, in axgen_sim_top.
static void table_model(const mul *m, str *out) {
  str_printf(out,
             "module %s (input wire [%d:0] a, input wire [%d:0] b, output wire [%d:0] p);\n"
             "    assign p = axgen_tables.%s[{a, b}];\n"
             "endmodule\n\n",
             m->ident, m->sig.a_bits - 1, m->sig.b_bits - 1, m->sig.p_bits - 1, m->ident);
}

static void tables_module(const mul *const *list, size_t count, str *out) {
  str_add(out, "module axgen_tables;\n");
  for (size_t i = 0; i < count; i++)
    str_printf(out,
               "    reg [%d:0] %s [0:%d];\n"
               "    initial $readmemh(\"%s.hex\", %s);\n",
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

// A module that counts through all pairs, one a cycle; `done` when through. Each multiplier's verdict goes to
// prove.log.
static void prover_module(const mul *const *list, size_t count, str *out) {
  int most = 0;
  for (size_t i = 0; i < count; i++)
    most = list[i]->sig.a_bits + list[i]->sig.b_bits > most ? list[i]->sig.a_bits + list[i]->sig.b_bits : most;
  str_printf(out,
             "module axgen_prove (input wire clk, output reg done);\n"
             "    reg [%d:0] n; // the pair of operands; the top bit comes when all are through\n"
             "    integer log;\n"
             "    initial begin\n"
             "        n = 0;\n"
             "        done = $test$plusargs(\"proven\") != 0; // by an earlier run of the same build\n"
             "        if (!done) log = $fopen(\"prove.log\", \"w\");\n"
             "    end\n",
             most);
  for (size_t i = 0; i < count; i++) {
    const mul_sig *g = &list[i]->sig;
    const char *id = list[i]->ident;
    str_printf(
        out,
        "\n    wire [%d:0] p_%s;\n"
        "    reg wrong_%s = 1'b0;\n"
        "    gates_%s dut_%s (.a(n[%d:%d]), .b(n[%d:0]), .p(p_%s));\n"
        "    always @(posedge clk)\n"
        "        if (!done && !wrong_%s && p_%s !== axgen_tables.%s[n[%d:0]]) begin\n"
        "            wrong_%s = 1'b1;\n"
        "            $fdisplay(log, \"%s differs: codes a=%%h b=%%h: gates %%h, table %%h\", n[%d:%d], n[%d:0],\n"
        "                      p_%s, axgen_tables.%s[n[%d:0]]);\n"
        "        end\n",
        g->p_bits - 1, id, id, id, id, g->a_bits + g->b_bits - 1, g->b_bits, g->b_bits - 1, id, id, id, id,
        g->a_bits + g->b_bits - 1, id, id, g->a_bits + g->b_bits - 1, g->b_bits, g->b_bits - 1, id, id,
        g->a_bits + g->b_bits - 1);
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
    table_model(list[i], &text);
    gates_module(list[i], &text);
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
        return diag_tool(d, "the simulator ended before the gates of %s were compared with its table", list[i]->name);
      return diag_check(d, "the gates of a multiplier are not its table: %.*s", (int)strcspn(differs, "\n"), differs);
    }
  return true;
}
