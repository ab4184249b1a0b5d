// SPDX-License-Identifier: Apache-2.0
//
// Multipliers as structural Verilog-2005: one gate a line, in the netlist's order, with its parts marked.
#include "compiler/base/escape.h"
#include "genlib/genlib.h"

#include <string.h>

typedef char net_text[16];

static const char *net_name(const mul *m, int32_t net, net_text text) {
  int bit = net - NET_FIRST_INPUT;
  if (net <= NET_ONE)
    snprintf(text, sizeof(net_text), "1'b%d", net == NET_ONE);
  else if (bit < m->sig.a_bits)
    snprintf(text, sizeof(net_text), "a[%d]", bit);
  else if (bit < m->sig.a_bits + m->sig.b_bits)
    snprintf(text, sizeof(net_text), "b[%d]", bit - m->sig.a_bits);
  else
    snprintf(text, sizeof(net_text), "n%d", net);
  return text;
}

static void write_gate(const mul *m, const gate *g, int index, str *out) {
  net_text t[5];
  const char *x = net_name(m, g->in[0], t[0]), *y = net_name(m, g->in[1], t[1]), *z = net_name(m, g->in[2], t[2]);
  const char *o = net_name(m, g->out, t[3]);
  switch (g->kind) {
  case GATE_FA:
    str_printf(out, "  wire %s, n%d;\n  " MUL_FULL_ADDER " fa%d (.a(%s), .b(%s), .ci(%s), .s(%s), .co(n%d));\n", o,
               g->out + 1, index, x, y, z, o, g->out + 1);
    return;
  case GATE_HA:
    str_printf(out, "  wire %s, n%d;\n  " MUL_HALF_ADDER " ha%d (.a(%s), .b(%s), .s(%s), .co(n%d));\n", o, g->out + 1,
               index, x, y, o, g->out + 1);
    return;
  case GATE_BUF:
    str_printf(out, "  wire %s = %s;\n", o, x);
    return;
  case GATE_NOT:
    str_printf(out, "  wire %s = ~%s;\n", o, x);
    return;
  case GATE_MUX:
    str_printf(out, "  wire %s = %s ? %s : %s;\n", o, x, z, y);
    return;
  case GATE_AND:
    str_printf(out, "  wire %s = %s & %s;\n", o, x, y);
    return;
  case GATE_OR:
    str_printf(out, "  wire %s = %s | %s;\n", o, x, y);
    return;
  case GATE_XOR:
    str_printf(out, "  wire %s = %s ^ %s;\n", o, x, y);
    return;
  case GATE_NAND:
    str_printf(out, "  wire %s = ~(%s & %s);\n", o, x, y);
    return;
  case GATE_NOR:
    str_printf(out, "  wire %s = ~(%s | %s);\n", o, x, y);
    return;
  case GATE_XNOR:
    str_printf(out, "  wire %s = ~(%s ^ %s);\n", o, x, y);
    return;
  case GATE_KINDS:
    break;
  }
}

// Operand bits that the function does not depend on are named, for the linters' sake and the reader's.
static void write_unused(const mul *m, str *out) {
  const netlist *n = m->net;
  bool used[NET_FIRST_INPUT + 64] = {0};
  int inputs = NET_FIRST_INPUT + n->a_bits + n->b_bits;
  for (size_t i = 0; i < n->count; i++)
    for (int k = 0; k < gate_inputs[n->gates[i].kind]; k++)
      if (n->gates[i].in[k] < inputs)
        used[n->gates[i].in[k]] = true;
  for (int i = 0; i < n->out_bits; i++)
    if (n->out[i] < inputs)
      used[n->out[i]] = true;
  int count = 0;
  for (int32_t i = NET_FIRST_INPUT; i < inputs; i++) {
    net_text t;
    if (!used[i])
      str_printf(out, "%s%s", count++ ? ", " : "  wire unused = &{1'b0, ", net_name(m, i, t));
  }
  if (count)
    str_add(out, "};\n");
}

static void write_netlist(const mul *m, str *out) {
  const netlist *n = m->net;
  size_t mark = 0;
  int index[GATE_KINDS] = {0};
  for (size_t i = 0; i < n->count; i++) {
    const char *label = NULL;
    for (; mark < n->mark_count && n->marks[mark].gate <= i; mark++)
      label = n->marks[mark].label;
    if (label)
      str_printf(out, "  // %s\n", label);
    write_gate(m, &n->gates[i], index[n->gates[i].kind]++, out);
  }
  write_unused(m, out);
  str_printf(out, "  // the %s\n", m->adds ? "sum" : "product");
  for (int i = 0; i < n->out_bits; i++) {
    net_text t;
    str_printf(out, "  assign p[%d] = %s;\n", i, net_name(m, n->out[i], t));
  }
}

// One `case` over rows of up to 256 products, the first in the lowest bits: a `case` of all pairs, or an array of
// products, takes Verilator, Icarus or Yosys minutes (docs/dataflow.md has times). Each product has a power of two of
// bits, so that its place needs no multiplication.
static void write_table(const mul *m, str *out) {
  int bits = m->sig.a_bits + m->sig.b_bits, low = bits > 8 ? 8 : bits - 1, p_bits = m->sig.p_bits;
  int shift = bits_unsigned((uint64_t)p_bits - 1), width = 1 << (low + shift);
  int digits = (1 << shift) / 4; // a product has 4 bits at least
  uint32_t rows = 1u << (bits - low), row = 1u << low, mask = p_bits == 32 ? ~0u : (1u << p_bits) - 1;
  str_printf(out,
             "  wire [%d:0] number; // of the row\n"
             "  wire [%d:0] at; // place in the row\n"
             "  assign {number, at} = {a, b};\n"
             "  reg [%d:0] row;\n"
             "  always @*\n"
             "    case (number)\n",
             bits - low - 1, low - 1, width - 1);
  for (uint32_t r = 0; r < rows; r++) {
    str_printf(out, "      %d'h%x: row = %d'h", bits - low, r, width);
    for (uint32_t i = row; i-- > 0;)
      str_printf(out, "%0*x", digits, (uint32_t)m->table[r * row + i] & mask);
    str_add(out, ";\n");
  }
  // Every value is listed; the default is for unknown inputs in simulation.
  str_printf(out,
             "      default: row = %d'd0;\n"
             "    endcase\n"
             "  assign p = row[{at, %d'd0} +: %d];\n",
             width, shift, p_bits);
}

void mul_verilog(const mul *m, str *out) {
  assert(m->net || m->table);
  static const char *const sign[2] = {"unsigned", "two's complement"};
  str_add(out, "// SPDX-License-Identifier: Apache-2.0\n//\n// ");
  escape_comment(out, m->name);
  str_add(out, ": p = f(a, b), combinational.\n");
  if (m->formula)
    str_printf(out, "// f: %s.\n", m->formula);
  str_printf(out, "// a: %d bits, %s; b: %d bits, %s; p: %d bits, %s, %lld..%lld.\n", m->sig.a_bits,
             sign[m->sig.a_signed], m->sig.b_bits, sign[m->sig.b_signed], m->sig.p_bits, sign[m->sig.p_signed],
             (long long)m->min, (long long)m->max);
  str_add(out, "// Generated by axgen " AXGEN_VERSION "; do not edit.\n`default_nettype none\n\n");
  str_printf(out, "module %s (\n    input  wire [%d:0] a,\n    input  wire [%d:0] b,\n    output wire [%d:0] p\n);\n",
             m->ident, m->sig.a_bits - 1, m->sig.b_bits - 1, m->sig.p_bits - 1);
  if (m->net)
    write_netlist(m, out);
  else
    write_table(m, out);
  str_add(out, "endmodule\n\n`default_nettype wire\n");
}

bool mul_add_adders(arena *mem, fileset *out, diag *d) {
  static const char *const FILES[] = {MUL_FULL_ADDER ".v", MUL_HALF_ADDER ".v"};
  for (size_t i = 0; i < BASE_COUNT(FILES); i++) {
    bytes text;
    if (!file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/common/%s", FILES[i])), 1 << 20, &text, d))
      return false;
    fileset_add(mem, out, FILES[i], text.data, text.size);
  }
  return true;
}
