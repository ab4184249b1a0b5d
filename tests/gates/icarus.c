// SPDX-License-Identifier: Apache-2.0
//
// icarus CONFIG IMAGES FOLDER: maps the hardware of CONFIG, measures the energy of IMAGES images, and leaves in FOLDER
// what Icarus and energy.py need to do the same: design.v, design.sdf, tb.v, pins.hex, netlist.json (cells, nets,
// groups), ours.json (fJ by kind, in the cycles that are measured; the window).
#include "compiler/base/json.h"
#include "compiler/base/escape.h"
#include "genlib/cells/timed_internal.h"
#include "sim/gates/gates_internal.h"
#include "tests/gates/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  design x;
  gates *g;
  gates_window window;
  gates_energy energy;
  gates_weights weights;
  gates_delays delays;
  const mapped *m;
  timed *t;
} check;

static bool measure(check *c, const char *config, size_t images, diag *d) {
  arena *mem = c->x.mem;
  gates_replayed done;
  target_sim r = {0};
  if (!design_open(&c->x, config, d) || !design_record(&c->x, images, true, &r, d))
    return false;
  target_sim_free(&r);
  c->window = (gates_window){r.from, r.to, c->x.cfg->clock_ns, 1u << 30};
  if (!gates_new(mem, c->x.logic.netlist, c->x.dir, &c->g, d) ||
      !gates_replay(mem, c->g, c->x.pins, &c->window, &done, &c->energy, d))
    return false;
  gates_weigh(mem, c->g, &c->weights);
  gates_for_timed(mem, c->g, &c->weights, &c->delays);
  c->m = c->delays.design;
  c->t = timed_new(mem, c->m, TIMED_MERGED);
  return true;
}

// ---- Verilog --------------------------------------------------------------------------------------------------------
static void add_function(const liberty_cell *c, const liberty_pin *pin, str *out) {
  const char *separator = "";
  for (unsigned state = 0; state < 1u << c->inputs; state++) {
    if (!truth_at(pin->function, state))
      continue;
    str_printf(out, "%s%s", separator, c->inputs ? "(" : "1'b1");
    separator = " | ";
    for (int v = 0; v < c->inputs; v++)
      str_printf(out, "%s%s%s", v ? " & " : "", state >> v & 1 ? "" : "~", c->pins[c->input[v]].name);
    str_add(out, c->inputs ? ")" : "");
  }
  if (!*separator)
    str_add(out, "1'b0");
}

static void add_model(const liberty_cell *c, str *out) {
  str_printf(out, "module %s (", c->name);
  for (int v = 0; v < c->inputs; v++)
    str_printf(out, "input %s, ", c->pins[c->input[v]].name);
  for (int o = 0; o < c->outputs; o++)
    str_printf(out, "%soutput %s", o ? ", " : "", c->pins[c->output[o]].name);
  str_add(out, ");\n");
  for (int o = 0; o < c->outputs; o++) {
    str_printf(out, "  reg to_%d;\n  assign %s = to_%d;\n  ", o, c->pins[c->output[o]].name, o);
    str_printf(out, c->inputs ? "always @* to_%d <= " : "initial to_%d = ", o);
    add_function(c, &c->pins[c->output[o]], out);
    str_printf(out, ";\n  initial #1 to_%d <= ", o); // also where no input ever changes
    add_function(c, &c->pins[c->output[o]], out);
    str_add(out, ";\n");
  }
  if (c->inputs) {
    str_add(out, "  specify\n");
    for (int o = 0; o < c->outputs; o++)
      for (int v = 0; v < c->inputs; v++)
        str_printf(out, "    (%s => %s) = (0, 0);\n", c->pins[c->input[v]].name, c->pins[c->output[o]].name);
    str_add(out, "  endspecify\n");
  }
  str_add(out, "endmodule\n\n");
}

static bool is_first(const mapped *m, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (m->cells[k].cell == m->cells[i].cell)
      return false;
  return true;
}

static void add_cells(const mapped *m, str *out) {
  for (size_t i = 0; i < m->count; i++) {
    const mapped_cell *c = &m->cells[i];
    const char *separator = "";
    str_printf(out, "  %s u%zu (", c->cell->name, i);
    for (size_t p = 0; p < c->cell->pin_count; p++)
      if (c->net[p] >= 0) {
        str_printf(out, "%s.%s(n%d)", separator, c->cell->pins[p].name, c->net[p]);
        separator = ", ";
      }
    str_add(out, ");\n");
  }
}

// What a flip-flop holds is q[i]; each output follows after its own delays.
static void add_registers(const check *c, str *out) {
  const mapped *m = c->m;
  str_printf(out, "  reg [%zu:0] q, d;\n  initial q = 0;\n", m->register_count - 1);
  for (size_t i = 0; i < m->register_count; i++) {
    const mapped_cell *r = &m->registers[i];
    for (int v = 0; v < r->cell->inputs; v++)
      if (r->net[r->cell->input[v]] != m->nets)
        str_printf(out, "  always @* d[%zu] = n%d;\n  always @(posedge clk) q[%zu] <= n%d;\n", i,
                   r->net[r->cell->input[v]], i, r->net[r->cell->input[v]]);
  }
  for (size_t i = 0; i < c->t->launch_count; i++) {
    const timed_launch *l = &c->t->launches[i];
    const timed_output *o = &c->t->outputs[l->output];
    size_t k = (size_t)o->cell - m->count;
    const liberty_cell *cell = m->registers[k].cell;
    bool straight = truth_equal(cell->pins[cell->output[o->pin]].function, truth_variable(cell->inputs));
    double tick = c->t->tick_ns * 1000;
    str_printf(out, "  assign #(%.4g, %.4g) n%d = %sq[%zu];\n", l->delay[1] * tick, l->delay[0] * tick, o->net,
               straight ? "" : "~", k);
  }
}

static void add_bits(const check *c, const synth_port *p, str *out) {
  for (int32_t i = p->width; i-- > 0;)
    str_printf(out, "n%d%s", c->delays.net[p->nets[i]], i ? ", " : "");
}

// Words change when the clock has been low for a while, as they do here when all is quiet.
static void add_memory(const check *c, size_t index, str *out) {
  const synth_words *w = c->g->memories[index].words;
  str_printf(out, "  reg [%lld:0] m%zu [0:%lld], w%zu;\n  integer i%zu;\n", (long long)w->width - 1, index,
             (long long)w->depth - 1, index, index);
  str_printf(out, "  initial begin\n    w%zu = 0;\n    for (i%zu = 0; i%zu < %lld; i%zu = i%zu + 1) m%zu[i%zu] = 0;\n",
             index, index, index, (long long)w->depth, index, index, index, index);
  if (w->role == SYNTH_ROM)
    str_printf(out, "    $readmemh(\"rom%zu.hex\", m%zu);\n", index, index);
  str_printf(out, "  end\n  always @(negedge clk) #LATE if (");
  add_bits(c, &w->re, out);
  str_printf(out, ") w%zu = m%zu[{", index, index);
  add_bits(c, &w->raddr, out);
  str_printf(out, "}];\n");
  for (int32_t i = 0; i < w->rdata.width; i++)
    str_printf(out, "  assign n%d = w%zu[%d];\n", c->delays.net[w->rdata.nets[i]], index, i);
  if (w->role != SYNTH_RAM)
    return;
  str_add(out, "  always @(posedge clk) begin\n");
  for (int32_t l = 0; l < w->we.width; l++)
    for (int64_t i = l * w->lane; i < (l + 1) * w->lane; i++) {
      str_printf(out, "    if (n%d) m%zu[{", c->delays.net[w->we.nets[l]], index);
      add_bits(c, &w->waddr, out);
      str_printf(out, "}][%lld] <= n%d;\n", (long long)i, c->delays.net[w->wdata.nets[i]]);
    }
  str_add(out, "  end\n");
}

static void add_design(const check *c, str *out) {
  const mapped *m = c->m;
  str_add(out, "`timescale 1ps / 1fs\n\n");
  for (size_t i = 0; i < m->count; i++)
    if (is_first(m, i))
      add_model(m->cells[i].cell, out);
}

static void add_body(const check *c, str *out) {
  const mapped *m = c->m;
  str_add(out, "  wire n0 = 1'b0, n1 = 1'b1;\n");
  for (int32_t net = NET_FIRST_INPUT; net < m->nets; net++)
    str_printf(out, "  wire n%d;\n", net);
  add_cells(m, out);
  add_registers(c, out);
  for (size_t i = 0; i < c->g->n->memory_count; i++)
    add_memory(c, i, out);
}

static void add_sdf(const check *c, str *out) {
  str_add(out, "(DELAYFILE\n (SDFVERSION \"3.0\")\n (DESIGN \"tb\")\n (DIVIDER .)\n (TIMESCALE 1ps)\n");
  for (int32_t i = 0; i < c->t->output_count; i++) {
    const timed_output *o = &c->t->outputs[i];
    if ((size_t)o->cell >= c->m->count)
      continue;
    const liberty_cell *cell = c->m->cells[o->cell].cell;
    unsigned n = (unsigned)cell->inputs;
    str_printf(out, " (CELL (CELLTYPE \"%s\") (INSTANCE u%d) (DELAY (ABSOLUTE\n", cell->name, o->cell);
    for (unsigned v = 0; v < n; v++) {
      double edge[2] = {0, 0}; // merged: the same in all states
      for (unsigned state = 0; state < 1u << n; state++)
        edge[o->value[state]] = o->delay[v << n | state] * c->t->tick_ns * 1000;
      str_printf(out, "  (IOPATH %s %s (%.4g:%.4g:%.4g) (%.4g:%.4g:%.4g))\n", cell->pins[cell->input[v]].name,
                 cell->pins[cell->output[o->pin]].name, edge[1], edge[1], edge[1], edge[0], edge[0], edge[0]);
    }
    str_add(out, " )))\n");
  }
  str_add(out, ")\n");
}

// ---- the testbench: pins played back; of each net its toggles while the clock is high and low, of each flip-flop what
// it holds and what is at its input when the clock rises and falls
static int64_t line_bits(const check *c) {
  int64_t bits = 0;
  for (size_t i = 0; i < c->g->n->port_count; i++)
    bits += strcmp(c->g->n->ports[i].name, "clk") == 0 ? 0 : c->g->n->ports[i].width;
  return bits;
}

static void add_pins(const check *c, str *out) {
  int64_t low = line_bits(c);
  for (size_t i = 0; i < c->g->n->port_count; i++) {
    const synth_port *p = &c->g->n->ports[i];
    if (strcmp(p->name, "clk") == 0)
      continue;
    low -= p->width;
    for (int32_t k = 0; k < p->width; k++)
      if (p->input)
        str_printf(out, "  assign n%d = pins[%lld];\n", c->delays.net[p->nets[k]], (long long)low + k);
      else
        str_printf(out, "  always @(posedge clk) if (on && n%d !== pins[%lld]) wrong = wrong + 1;\n",
                   c->delays.net[p->nets[k]], (long long)low + k);
  }
}

static void add_testbench(const check *c, str *out) {
  int32_t nets = c->m->nets;
  double half = c->window.clock_ns * 500;
  str_printf(out,
             "`timescale 1ps / 1fs\nmodule tb;\n  reg clk, on;\n  reg [%lld:0] pins, next;\n  integer f, o, s, got, "
             "cycle, wrong, i;\n"
             "  integer high [0:%d], low [0:%d];\n  parameter LATE = %g;\n",
             (long long)line_bits(c) - 1, nets - 1, nets - 1, half / 2);
  add_body(c, out);
  add_pins(c, out);
  for (int32_t net = NET_FIRST_INPUT; net < nets; net++)
    str_printf(out, "  always @(n%d) if (on) if (clk) high[%d] = high[%d] + 1; else low[%d] = low[%d] + 1;\n", net, net,
               net, net, net);
  int64_t reset = -1, bits = line_bits(c);
  for (size_t i = 0, at = (size_t)bits; i < c->g->n->port_count; i++) {
    const synth_port *p = &c->g->n->ports[i];
    if (strcmp(p->name, "clk") == 0)
      continue;
    at -= (size_t)p->width;
    if (strcmp(p->name, "rst") == 0)
      reset = (int64_t)at;
  }
  str_printf(out,
             "  initial begin\n    $sdf_annotate(\"design.sdf\", tb);\n    f = $fopen(\"pins.hex\", \"r\");\n    s = "
             "$fopen(\"states.txt\", \"w\");\n"
             "    clk = 0;\n    on = 0;\n    cycle = -1;\n    wrong = 0;\n"
             "    for (i = 0; i < %d; i = i + 1) begin\n      high[i] = 0;\n      low[i] = 0;\n    end\n"
             "    got = $fscanf(f, \"%%h\", pins);\n    #%g;\n"
             "    while (got == 1) begin\n"
             "      got = $fscanf(f, \"%%h\", next);\n      if (got == 1) begin\n"
             "        if (cycle >= 0 || !next[%lld]) cycle = cycle + 1;\n"
             "        on = cycle >= %lld && cycle < %lld;\n"
             "        if (on) $fdisplay(s, \"r %%h %%h\", d, q);\n"
             "        clk = 1;\n        #0.001 pins = next;\n        #%g;\n"
             "        if (on) $fdisplay(s, \"f %%h %%h\", d, q);\n        clk = 0;\n        #%g;\n      end\n    end\n",
             nets, 4 * half, (long long)reset, (long long)c->window.from, (long long)c->window.to, half, half);
  str_printf(out,
             "    o = $fopen(\"toggles.txt\", \"w\");\n    for (i = 0; i < %d; i = i + 1) $fdisplay(o, \"%%0d %%0d\", "
             "high[i], low[i]);\n"
             "    $display(\"%%0d outputs differ\", wrong);\n    $finish;\n  end\nendmodule\n",
             nets);
}

// ---- what energy.py must know ---------------------------------------------------------------------------------------
static void add_json_cell(const mapped_cell *c, uint32_t group, cJSON *list) {
  cJSON *o = cJSON_CreateObject(), *pins = cJSON_AddObjectToObject(o, "pins");
  cJSON_AddStringToObject(o, "cell", c->cell->name);
  cJSON_AddStringToObject(o, "kind", synth_kind_name[group % SYNTH_KIND_COUNT]);
  for (size_t p = 0; p < c->cell->pin_count; p++)
    if (c->net[p] >= 0)
      cJSON_AddNumberToObject(pins, c->cell->pins[p].name, c->net[p]);
  cJSON_AddItemToArray(list, o);
}

static char *netlist_json(const check *c) {
  const mapped *m = c->m;
  cJSON *o = cJSON_CreateObject(), *cells = cJSON_AddArrayToObject(o, "cells"),
        *ffs = cJSON_AddArrayToObject(o, "registers");
  cJSON *other = cJSON_AddObjectToObject(o, "driven_from_outside");
  cJSON_AddNumberToObject(o, "nets", m->nets);
  for (size_t i = 0; i < m->count; i++)
    add_json_cell(&m->cells[i], m->cell_group[i], cells);
  for (size_t i = 0; i < m->register_count; i++)
    add_json_cell(&m->registers[i], m->register_group[i], ffs);
  for (int32_t net = NET_FIRST_INPUT; net < NET_FIRST_INPUT + m->a_bits; net++)
    cJSON_AddStringToObject(other, arena_printf(c->x.mem, "%d", net),
                            synth_kind_name[m->net_group[net] % SYNTH_KIND_COUNT]);
  return json_text(c->x.mem, o);
}

static char *ours_json(const check *c) {
  cJSON *o = cJSON_CreateObject(), *kinds = cJSON_AddObjectToObject(o, "kinds");
  double of[SYNTH_KIND_COUNT] = {0};
  for (size_t i = 0; i < c->energy.group_count; i++)
    of[i % SYNTH_KIND_COUNT] += c->energy.groups[i].fj;
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    cJSON_AddNumberToObject(kinds, synth_kind_name[k], of[k]);
  cJSON_AddNumberToObject(o, "cycles", (double)c->energy.cycles);
  cJSON_AddNumberToObject(o, "sampled", (double)c->energy.sampled);
  return json_text(c->x.mem, o);
}

static void add_roms(const check *c, fileset *files) {
  for (size_t i = 0; i < c->g->n->memory_count; i++) {
    const gates_memory *m = &c->g->memories[i];
    bytes text;
    diag d = {0};
    if (m->words->role == SYNTH_ROM && *m->words->file &&
        file_read(c->x.mem, path_join(c->x.mem, c->x.dir, m->words->file), 1 << 28, &text, &d))
      fileset_add(c->x.mem, files, arena_printf(c->x.mem, "rom%zu.hex", i), text.data, text.size);
    diag_free(&d);
  }
}

static bool write_all(const check *c, const char *dir, diag *d) {
  arena *mem = c->x.mem;
  fileset files = {0};
  str text = {0};
  bytes pins;
  add_roms(c, &files);
  add_design(c, &text);
  fileset_add_str(mem, &files, "design.v", &text);
  add_sdf(c, &text);
  fileset_add_str(mem, &files, "design.sdf", &text);
  add_testbench(c, &text);
  fileset_add_str(mem, &files, "tb.v", &text);
  const char *const json[] = {netlist_json(c), ours_json(c)};
  fileset_add(mem, &files, "netlist.json", json[0], strlen(json[0]));
  fileset_add(mem, &files, "ours.json", json[1], strlen(json[1]));
  if (!file_read(mem, c->x.pins, 1 << 28, &pins, d))
    return false;
  for (size_t i = 0; i < pins.size; i++) // before reset; here as in gates_replay
    if (strchr("xXzZ", pins.data[i]))
      pins.data[i] = '0';
  fileset_add(mem, &files, "pins.hex", pins.data, pins.size);
  return fileset_write(&files, dir, d);
}

int main(int argc, char **argv) {
  check c = {.x = {.mem = arena_new()}};
  diag d = {0};
  bool ok = argc == 4 && measure(&c, argv[1], strtoul(argv[2], NULL, 10), &d) && write_all(&c, argv[3], &d);
  fprintf(stderr, "%s", d.text.data ? d.text.data : argc == 4 ? "" : "icarus CONFIG IMAGES FOLDER\n");
  if (c.x.dir)
    tool_temp_remove(c.x.dir);
  return !ok;
}
