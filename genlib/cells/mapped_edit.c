// SPDX-License-Identifier: Apache-2.0
//
// Changing a mapped netlist without changing what it computes, and writing it.
#include "compiler/base/escape.h"
#include "genlib/cells/mapped_internal.h"

#include <string.h>

bool mapped_symmetric(const liberty_cell *cell, int v, int w) {
  for (int o = 0; o < cell->outputs; o++)
    for (unsigned state = 0; state < 1u << cell->inputs; state++) {
      unsigned both = 1u << v | 1u << w, other = (state & both) == both || !(state & both) ? state : state ^ both;
      if (truth_at(cell->pins[cell->output[o]].function, state) !=
          truth_at(cell->pins[cell->output[o]].function, other))
        return false;
    }
  return true;
}

const mapped *mapped_swap(arena *mem, const mapped *m, size_t cell, int v, int w) {
  mapped *n = arena_memdup(mem, m, sizeof *m);
  n->mem = mem;
  mapped_cell *cells = arena_memdup(mem, m->cells, m->count * sizeof *m->cells);
  const liberty_cell *c = cells[cell].cell;
  int32_t *net = arena_memdup(mem, cells[cell].net, c->pin_count * sizeof *net);
  net[c->input[v]] = cells[cell].net[c->input[w]];
  net[c->input[w]] = cells[cell].net[c->input[v]];
  cells[cell].net = net;
  n->cells = cells;
  mapped_weigh(n);
  n->ops = NULL, n->op_count = 0;
  mapped_compile(n);
  return n;
}

static void add_net(const mapped *m, int32_t net, str *out) {
  int32_t b = NET_FIRST_INPUT + m->a_bits, first = b + m->b_bits;
  if (net < NET_FIRST_INPUT)
    str_printf(out, "1'b%d", net);
  else if (net < b)
    str_printf(out, "a[%d]", net - NET_FIRST_INPUT);
  else if (net < first)
    str_printf(out, "b[%d]", net - b);
  else
    str_printf(out, "n%d", net - first);
}

void mapped_verilog(const mapped *m, str *out) {
  str_printf(out, "module %s (a, b, p);\n  input [%d:0] a;\n  input [%d:0] b;\n  output [%d:0] p;\n", m->module,
             m->a_bits - 1, m->b_bits - 1, m->p_bits - 1);
  for (int32_t net = NET_FIRST_INPUT + m->a_bits + m->b_bits; net < m->nets; net++) {
    str_add(out, "  wire ");
    add_net(m, net, out);
    str_add(out, ";\n");
  }
  for (size_t i = 0; i < m->count; i++) {
    const mapped_cell *c = &m->cells[i];
    str_add(out, "  ");
    escape_verilog_name(out, c->cell->name);
    str_printf(out, " u%zu (", i);
    const char *separator = "";
    for (size_t pin = 0; pin < c->cell->pin_count; pin++)
      if (c->net[pin] >= 0) {
        str_printf(out, "%s.", separator);
        escape_verilog_name(out, c->cell->pins[pin].name);
        str_add(out, "(");
        add_net(m, c->net[pin], out);
        str_add(out, ")");
        separator = ", ";
      }
    str_add(out, ");\n");
  }
  for (int i = 0; i < m->p_bits; i++) {
    str_printf(out, "  assign p[%d] = ", i);
    add_net(m, m->out[i], out);
    str_add(out, ";\n");
  }
  str_add(out, "endmodule\n");
}
