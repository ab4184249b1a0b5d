// SPDX-License-Identifier: Apache-2.0
//
// Pins: writing them down in Verilog, playing them back.
#include "compiler/base/escape.h"
#include "sim/gates/gates_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_clock(const synth_port *p) { return strcmp(p->name, "clk") == 0; }

void gates_recorder(const synth_netlist *n, str *out) {
  arena *mem = arena_new();
  const char *separator = "";
  str_add(out, "integer axgen_pins_file;\n"
               "initial axgen_pins_file = $fopen(\"" GATES_PINS "\", \"w\");\n"
               "always @(posedge clk) $fdisplay(axgen_pins_file, \"%h\", {");
  for (size_t i = 0; i < n->port_count; i++)
    if (!is_clock(&n->ports[i])) {
      str_printf(out, "%s\n    `AXGEN_DUT.%s", separator, escaped(mem, escape_verilog_name, n->ports[i].name));
      separator = ",";
    }
  str_add(out, "});\n");
  arena_free(mem);
}

// Where a port's bits lie in a line: the last port is in the low bits.
typedef struct {
  const synth_port *port;
  int64_t low;
} field;

typedef struct {
  gates *g;
  const char *file;
  field *fields;
  size_t count;
  int64_t bits;
  int64_t reset; // where rst lies in a line; -1: there is none
  int64_t cycle; // since the first in which rst is 0; -1: not yet
  gates_meter *meter; // NULL: nothing is measured
  diag *d;
} player;

static void lay_out(arena *mem, player *p) {
  const synth_netlist *n = p->g->n;
  p->reset = p->cycle = -1;
  p->fields = arena_new_array(mem, field, n->port_count + 1);
  for (size_t i = n->port_count; i-- > 0;)
    if (!is_clock(&n->ports[i])) {
      p->fields[p->count++] = (field){&n->ports[i], p->bits};
      if (strcmp(n->ports[i].name, "rst") == 0)
        p->reset = p->bits;
      p->bits += n->ports[i].width;
    }
}

// 0 or 1; -1: unknown (x, z). The line has n digits.
static int bit_at(const char *line, size_t n, int64_t bit) {
  char c = line[n - 1 - (size_t)(bit / 4)];
  int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  return v < 0 ? -1 : v >> (bit % 4) & 1;
}

static bool compare(const player *p, const field *f, const char *line, size_t n, gates_replayed *out) {
  for (int32_t i = 0; i < f->port->width; i++) {
    int want = bit_at(line, n, f->low + i), got = p->g->value[f->port->nets[i]];
    if (want >= 0 && got != want)
      return diag_check(p->d, "cycle %llu: output %s[%d] of the mapped netlist is %d, the Verilog gave %d",
                        (unsigned long long)out->cycles, f->port->name, i, got, want);
    out->bits += want >= 0;
  }
  return true;
}

static bool play(player *p, const char *line, size_t n, gates_replayed *out) {
  if (n != (size_t)div_ceil(p->bits, 4))
    return diag_tool(p->d, "%s: line %llu has %zu digits instead of %lld", p->file, (unsigned long long)out->cycles + 1,
                     n, (long long)div_ceil(p->bits, 4));
  p->cycle += p->cycle >= 0 || p->reset < 0 || bit_at(line, n, p->reset) == 0;
  if (p->meter)
    gates_meter_before(p->meter, p->cycle);
  if (out->cycles)
    gates_edge(p->g);
  for (size_t k = 0; k < p->count; k++)
    for (int32_t i = 0; p->fields[k].port->input && i < p->fields[k].port->width; i++)
      gates_set(p->g, p->fields[k].port->nets[i], bit_at(line, n, p->fields[k].low + i) == 1);
  gates_settle(p->g);
  for (size_t k = 0; k < p->count; k++)
    if (!p->fields[k].port->input && !compare(p, &p->fields[k], line, n, out))
      return false;
  bool ok = !p->meter || gates_meter_after(p->meter, p->cycle, p->d);
  out->cycles++;
  return ok;
}

bool gates_replay(arena *mem, gates *g, const char *pins, const gates_window *window, gates_replayed *out,
                  gates_energy *energy, diag *d) {
  player p = {.g = g, .file = pins, .d = d};
  FILE *f = fopen(pins, "r");
  char *line = NULL;
  size_t cap = 0;
  ssize_t n;
  *out = (gates_replayed){0};
  if (!f)
    return diag_tool(d, "%s: the simulation left no such file: %s", pins, strerror(errno));
  lay_out(mem, &p);
  p.meter = window ? gates_meter_new(mem, g, window) : NULL;
  bool ok = true;
  while (ok && (n = getline(&line, &cap, f)) > 0) {
    n -= line[n - 1] == '\n';
    ok = interrupted() ? diag_tool(d, "interrupted") : play(&p, line, (size_t)n, out);
  }
  free(line);
  fclose(f);
  ok = ok && (out->cycles > 0 || diag_tool(d, "%s: no cycles were recorded", pins));
  return ok && (!window || gates_meter_end(p.meter, energy, d));
}
