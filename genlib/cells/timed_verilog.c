// SPDX-License-Identifier: Apache-2.0
//
// The same netlist and delays for an event-driven Verilog simulator, to check this one against it.
#include "genlib/cells/timed_internal.h"
#include "compiler/base/escape.h"

// A pin of the library, or a cell, as an identifier.
static const char *ident(const timed *t, const char *name) { return escaped(t->mem, escape_verilog_name, name); }

static void add_function(const timed *t, const liberty_cell *c, const liberty_pin *pin, str *out) {
  const char *separator = "";
  for (unsigned state = 0; state < 1u << c->inputs; state++) {
    if (!truth_at(pin->function, state))
      continue;
    str_printf(out, "%s%s", separator, c->inputs ? "" : "1'b1");
    separator = " | ";
    for (int v = 0; v < c->inputs; v++)
      str_printf(out, "%s%s%s%s", v ? " & " : "(", state >> v & 1 ? "" : "~", ident(t, c->pins[c->input[v]].name),
                 v + 1 < c->inputs ? "" : ")");
  }
  if (!*separator)
    str_add(out, "1'b0");
}

static double ps(const timed *t, unsigned ticks) { return ticks * t->tick_ns * 1000; }

// A path for each new state of the inputs.
static void add_paths(const timed *t, const timed_output *o, const liberty_cell *c, str *out) {
  unsigned n = (unsigned)c->inputs;
  for (unsigned k = 0; k < n << n; k++) {
    str_add(out, "    if (");
    for (unsigned v = 0; v < n; v++)
      str_printf(out, "%s%s%s", v ? " && " : "", k >> v & 1 ? "" : "!", ident(t, c->pins[c->input[v]].name));
    str_printf(out, ") (%s => %s) = %.4g;\n", ident(t, c->pins[c->input[k >> n]].name),
               ident(t, c->pins[c->output[o->pin]].name), ps(t, o->delay[k]));
  }
}

static void add_cell(const timed *t, size_t index, const char *name, str *out) {
  const liberty_cell *c = t->m->cells[index].cell;
  const timed_gate *g = &t->gates[index];
  bool arcs = t->mode == TIMED_ARCS;
  str_printf(out, "module %s (", name);
  for (int v = 0; v < c->inputs; v++)
    str_printf(out, "input %s, ", ident(t, c->pins[c->input[v]].name));
  for (int k = 0; k < c->outputs; k++)
    str_printf(out, "%soutput %s", k ? ", " : "", ident(t, c->pins[c->output[k]].name));
  str_add(out, ");\n");
  for (int k = 0; k < c->outputs; k++) {
    const liberty_pin *pin = &c->pins[c->output[k]];
    // <= so that inputs that change at the same time count as one change, as they do here. Plain assignments make
    // pulses of no width of them, which Icarus does not show but which set off path delays.
    const char *o = ident(t, pin->name);
    str_printf(out, "`ifdef PLAIN\n  assign %s = ", o);
    add_function(t, c, pin, out);
    str_printf(out, ";\n`else\n  reg axgen_to_%d;\n  assign %s = axgen_to_%d;\n", k, o, k);
    str_printf(out, c->inputs ? "  always @* axgen_to_%d <= " : "  initial axgen_to_%d = ", k);
    add_function(t, c, pin, out);
    str_add(out, ";\n`endif\n");
  }
  if (c->inputs && g->outputs) {
    str_add(out, "  specify\n");
    for (int32_t i = g->first; arcs && i < g->first + g->outputs; i++)
      add_paths(t, &t->outputs[i], c, out);
    for (int k = 0; !arcs && k < c->outputs; k++)
      for (int v = 0; v < c->inputs; v++)
        str_printf(out, "    (%s => %s) = (0, 0);\n", ident(t, c->pins[c->input[v]].name),
                   ident(t, c->pins[c->output[k]].name));
    str_add(out, "  endspecify\n");
  }
  str_add(out, "endmodule\n\n");
}

static bool is_first(const mapped *m, size_t index) {
  for (size_t i = 0; i < index; i++)
    if (m->cells[i].cell == m->cells[index].cell)
      return false;
  return true;
}

void timed_verilog(const timed *t, str *out) {
  const mapped *m = t->m;
  bool arcs = t->mode == TIMED_ARCS;
  str_add(out, "`timescale 1ps / 1fs\n\n");
  for (size_t i = 0; i < m->count; i++)
    if (arcs || is_first(m, i)) {
      char own[32];
      snprintf(own, sizeof own, "cell_%zu", i);
      add_cell(t, i, arcs ? own : ident(t, m->cells[i].cell->name), out);
    }
  str_printf(out, "module axgen_timed (input [%d:0] a, input [%d:0] b, output [%d:0] n);\n", m->a_bits - 1,
             m->b_bits - 1, m->nets - 1);
  int top = NET_FIRST_INPUT + m->a_bits + m->b_bits - 1;
  str_printf(out, "  assign n[%d:0] = {b, a, 2'b10};\n", top);
  for (size_t i = 0; i < m->count; i++) {
    const mapped_cell *c = &m->cells[i];
    if (arcs)
      str_printf(out, "  cell_%zu u%zu (", i, i);
    else
      str_printf(out, "  %s u%zu (", ident(t, c->cell->name), i);
    const char *separator = "";
    for (size_t pin = 0; pin < c->cell->pin_count; pin++)
      if (c->net[pin] >= 0) {
        str_printf(out, "%s.%s(n[%d])", separator, ident(t, c->cell->pins[pin].name), c->net[pin]);
        separator = ", ";
      }
    str_add(out, ");\n");
  }
  str_add(out, "endmodule\n");
}

void timed_sdf(const timed *t, str *out) {
  str_add(out, "(DELAYFILE\n (SDFVERSION \"3.0\")\n (DESIGN \"axgen_timed\")\n (DIVIDER .)\n (TIMESCALE 1ps)\n");
  for (int32_t i = 0; i < t->output_count; i++) {
    const timed_output *o = &t->outputs[i];
    const liberty_cell *c = t->m->cells[o->cell].cell;
    unsigned n = (unsigned)c->inputs;
    if (n == 0)
      continue;
    str_printf(out, " (CELL (CELLTYPE \"%s\") (INSTANCE u%d) (DELAY (ABSOLUTE\n", c->name, o->cell);
    for (unsigned v = 0; v < n; v++) {
      double edge[2] = {0, 0}; // merged: the same in all states
      for (unsigned state = 0; state < 1u << n; state++)
        edge[o->value[state]] = ps(t, o->delay[v << n | state]);
      str_printf(out, "  (IOPATH %s %s (%.4g:%.4g:%.4g) (%.4g:%.4g:%.4g))\n", c->pins[c->input[v]].name,
                 c->pins[c->output[o->pin]].name, edge[1], edge[1], edge[1], edge[0], edge[0], edge[0]);
    }
    str_add(out, " )))\n");
  }
  str_add(out, ")\n");
}
