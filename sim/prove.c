// SPDX-License-Identifier: Apache-2.0
//
// Icarus spends most of its time on the gates of the multipliers. So it first runs the gate netlist of each multiplier
// through all pairs of operands and compares with the table; then the accelerator is simulated with the tables.
#include "compiler/tool/tool.h"
#include "sim/internal.h"

#include <string.h>

// The multipliers in use, each once.
static size_t used_multipliers(const hw_design *design, const mul **list) {
  size_t count = 0;
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    for (int k = 0; s->kind == HW_MVU && k < s->pe * s->simd; k++) {
      const mul *m = design->cfg->muls[s->muls[k]];
      size_t j = 0;
      while (j < count && strcmp(list[j]->ident, m->ident) != 0)
        j++;
      if (j == count)
        list[count++] = m;
    }
  }
  return count;
}

static bool write_table(arena *mem, const mul *m, const char *dir, diag *d) {
  const mul_sig *g = &m->sig;
  size_t pairs = (size_t)1 << (g->a_bits + g->b_bits);
  uint32_t mask = g->p_bits == 32 ? ~0u : (1u << g->p_bits) - 1;
  str text = {0};
  for (size_t i = 0; i < pairs; i++)
    str_printf(&text, "%x\n", (uint32_t)m->table[i] & mask);
  bool ok = file_write(path_join(mem, dir, arena_printf(mem, "%s.hex", m->ident)), text.data, text.len, d);
  str_free(&text);
  return ok;
}

// A module that counts through all pairs; prints "equal" or the first pair that differs.
static void prover(const mul *m, str *out) {
  const mul_sig *g = &m->sig;
  int bits = g->a_bits + g->b_bits;
  str_printf(out,
             "module prove_%s;\n"
             "  reg [%d:0] ab;\n"
             "  wire [%d:0] p;\n"
             "  integer i, wrong;\n"
             "  %s dut (.a(ab[%d:%d]), .b(ab[%d:0]), .p(p));\n"
             "  initial begin\n"
             "    wrong = 0;\n"
             "    for (i = 0; i < %d && wrong == 0; i = i + 1) begin\n"
             "      ab = i;\n"
             "      #1;\n"
             "      if (p !== axgen_tables.%s[ab]) begin\n"
             "        wrong = 1;\n"
             "        $display(\"%s: codes a=%%h b=%%h: gates %%h, table %%h\", ab[%d:%d], ab[%d:0], p, "
             "axgen_tables.%s[ab]);\n"
             "      end\n"
             "    end\n"
             "    if (wrong == 0) $display(\"%s equal\");\n"
             "  end\n"
             "endmodule\n",
             m->ident, bits - 1, g->p_bits - 1, m->ident, bits - 1, g->b_bits, g->b_bits - 1, 1 << bits, m->ident,
             m->ident, bits - 1, g->b_bits, g->b_bits - 1, m->ident, m->ident);
}

static void tables_module(const mul *const *list, size_t count, str *out) {
  str_add(out, "module axgen_tables;\n");
  for (size_t i = 0; i < count; i++)
    str_printf(out,
               "  reg [%d:0] %s [0:%d];\n"
               "  initial $readmemh(\"%s.hex\", %s);\n",
               list[i]->sig.p_bits - 1, list[i]->ident, (1 << (list[i]->sig.a_bits + list[i]->sig.b_bits)) - 1,
               list[i]->ident, list[i]->ident);
  str_add(out, "endmodule\n");
}

static void table_model(const mul *m, str *out) {
  str_printf(out,
             "module %s (input wire [%d:0] a, input wire [%d:0] b, output wire [%d:0] p);\n"
             "  assign p = axgen_tables.%s[{a, b}];\n"
             "endmodule\n",
             m->ident, m->sig.a_bits - 1, m->sig.b_bits - 1, m->sig.p_bits - 1, m->ident);
}

static bool run_prover(arena *mem, const char *dir, const mul *const *list, size_t count, diag *d) {
  const char **argv = arena_new_array(mem, const char *, 16 + 3 * count);
  size_t n = 0;
  const char *const head[] = {"iverilog", "-g2005", "-o", "prove.vvp", "-s", "axgen_tables"};
  for (size_t i = 0; i < BASE_COUNT(head); i++)
    argv[n++] = head[i];
  for (size_t i = 0; i < count; i++) {
    argv[n++] = "-s";
    argv[n++] = arena_printf(mem, "prove_%s", list[i]->ident);
    argv[n++] = arena_printf(mem, "%s.v", list[i]->ident);
  }
  argv[n++] = "cores/axgen_fa.v";
  argv[n++] = "cores/axgen_ha.v";
  argv[n++] = "prove.v";
  argv[n++] = "tables.v";
  char *log = path_join(mem, dir, "prove.log");
  const char *const vvp[] = {"vvp", "-n", "prove.vvp", NULL};
  bytes text;
  if (!tool_run(&(tool_job){.argv = argv, .dir = dir, .log = log}, d) ||
      !tool_run(&(tool_job){.argv = vvp, .dir = dir, .log = log}, d) || !file_read(mem, log, 1 << 24, &text, d))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!strstr((char *)text.data, arena_printf(mem, "%s equal\n", list[i]->ident)))
      return diag_check(d, "Icarus: a multiplier's gates differ from its table: %.*s",
                        (int)strcspn((char *)text.data, "\n"), (char *)text.data);
  return true;
}

bool sim_prove_multipliers(arena *mem, const hw_design *design, const char *dir, str *file_list, sim_result *out,
                           diag *d) {
  const mul *list[CONFIG_MAX_MULS];
  size_t used = used_multipliers(design, list), count = 0;
  for (size_t i = 0; i < used; i++) // wider ones have no table and stay gates
    if (list[i]->table)
      list[count++] = list[i];
  if (count == 0)
    return true;
  str provers = {0}, tables = {0}, models = {0};
  for (size_t i = 0; i < count; i++) {
    prover(list[i], &provers);
    table_model(list[i], &models);
    if (!write_table(mem, list[i], dir, d))
      return false;
  }
  tables_module(list, count, &tables);
  bool ok = file_write(path_join(mem, dir, "prove.v"), provers.data, provers.len, d) &&
            file_write(path_join(mem, dir, "tables.v"), tables.data, tables.len, d) &&
            file_write(path_join(mem, dir, "models.v"), models.data, models.len, d) &&
            run_prover(mem, dir, list, count, d);
  str_free(&provers);
  str_free(&tables);
  str_free(&models);
  if (!ok)
    return false;
  // The accelerator's file list, with the models instead of the netlists.
  str replaced = {0};
  for (char *line = strtok(file_list->data, "\n"); line; line = strtok(NULL, "\n")) {
    bool is_model = false;
    for (size_t i = 0; i < count; i++)
      is_model |= strcmp(line, arena_printf(mem, "%s.v", list[i]->ident)) == 0;
    if (!is_model && line[0] != '#')
      str_printf(&replaced, "%s\n", line);
  }
  str_add(&replaced, "models.v\ntables.v\n");
  str_free(file_list);
  *file_list = replaced;
  out->multipliers_proven = (int)count;
  return true;
}
