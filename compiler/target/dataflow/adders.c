// SPDX-License-Identifier: Apache-2.0
//
// Imported adders in Verilog: a module each, and axgen_imported_adder, through which axgen_approx_adder finds them by
// their numbers.
#include "compiler/target/common/cores.h"
#include "compiler/target/dataflow/emit_internal.h"

static const adder *imported(const dataflow_design *design, size_t stage) {
  const adder *a = design->stages[stage].adder;
  return a && a->net ? a : NULL;
}

// Whether a stage is the first that has its adder.
static bool is_first(const dataflow_design *design, size_t stage) {
  for (size_t i = 0; i < stage; i++)
    if (imported(design, i) == imported(design, stage))
      return false;
  return true;
}

int dataflow_adder_number(const dataflow_design *design, const adder *a) {
  int number = 0;
  for (size_t i = 0; i < design->count; i++) {
    if (!imported(design, i))
      continue;
    number += is_first(design, i);
    if (imported(design, i) == a)
      return number;
  }
  return 0;
}

static void choose(int number, const adder *a, const char *module, str *out) {
  if (number == 1) // the default is one that there is
    str_printf(out,
               "module %s #(\n    parameter WHICH = 1,\n    parameter N     = %d\n) (\n    input  wire [N-1:0] x,\n"
               "    input  wire [N-1:0] y,\n    output wire [N:0]   sum\n);\n    generate\n",
               CORES[CORE_IMPORTED_ADDER].name, a->net->a_bits);
  str_printf(out,
             "%sif (WHICH == %d && N == %d) begin : g_%d\n            %s u_adder (.a(x), .b(y), .p(sum));\n        end",
             number == 1 ? "        " : " else ", number, a->net->a_bits, number, module);
}

void dataflow_emit_adders(arena *mem, const dataflow_design *design, const origin *made_from, fileset *out) {
  str all = {0};
  int number = 0;
  origin_comment(made_from, "//", "The imported adders, by number", &all);
  str_add(&all, "`default_nettype none\n\n");
  for (size_t i = 0; i < design->count; i++) {
    const adder *a = imported(design, i);
    if (!a || !is_first(design, i))
      continue;
    str text = {0};
    const char *module = arena_printf(mem, ADDER_MODULE "%d_%s", ++number, adder_identifier(mem, a));
    adder_verilog(a, module, &text);
    fileset_add_str(mem, out, arena_printf(mem, "%s.v", module), &text);
    choose(number, a, module, &all);
  }
  if (number) {
    const char *name = CORES[CORE_IMPORTED_ADDER].name;
    str_printf(&all,
               " else begin : g_illegal\n            ILLEGAL_PARAMETER_%s illegal ();\n        end\n    endgenerate\n"
               "endmodule\n\n`default_nettype wire\n",
               name);
    fileset_add_str(mem, out, arena_printf(mem, "%s.v", name), &all);
  }
  str_free(&all);
}
