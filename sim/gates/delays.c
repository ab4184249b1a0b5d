// SPDX-License-Identifier: Apache-2.0
//
// The same design as timed.h takes it: nets numbered anew, cells in order.
#include "genlib/cells/timed.h"
#include "sim/gates/gates_internal.h"

#include <stdlib.h>

// Numbers sources (inputs, flip-flops' outputs, memories' words, what nothing drives) first, then the nodes' outputs.
static int32_t number_nets(arena *mem, const gates *g, gates_delays *out, int32_t *sources) {
  int32_t next = NET_FIRST_INPUT;
  uint8_t *driven = arena_new_array(mem, uint8_t, (size_t)g->n->nets);
  for (int32_t i = 0; i < g->node_count; i++)
    for (int o = 0; g->nodes[i].table && o < g->nodes[i].outputs; o++)
      if (g->out_nets[g->nodes[i].first + o] >= 0)
        driven[g->out_nets[g->nodes[i].first + o]] = 1;
  out->net = arena_new_array(mem, int32_t, (size_t)g->n->nets);
  out->net[NET_ONE] = NET_ONE;
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t net = NET_FIRST_INPUT; net < g->n->nets; net++)
      if (driven[net] == pass && net != g->clock)
        out->net[net] = next++;
    if (pass == 0)
      *sources = next - NET_FIRST_INPUT;
  }
  out->net[g->clock] = next;
  return next;
}

static const int32_t *renumber(arena *mem, const gates_delays *d, const mapped_cell *c) {
  int32_t *out = arena_new_array(mem, int32_t, c->cell->pin_count);
  for (size_t i = 0; i < c->cell->pin_count; i++)
    out[i] = c->net[i] < 0 ? -1 : d->net[c->net[i]];
  return out;
}

typedef struct {
  int32_t level;
  size_t cell;
} ordered;

static int by_level(const void *a, const void *b) {
  const ordered *x = a, *y = b;
  return x->level != y->level ? (x->level > y->level) - (x->level < y->level)
                              : (x->cell > y->cell) - (x->cell < y->cell);
}

static void order_cells(arena *mem, const gates *g, const gates_delays *delays, mapped *d) {
  const synth_netlist *n = g->n;
  size_t count = n->count - g->ff_count, node = 0, ff = 0;
  ordered *order = arena_new_array(mem, ordered, count + 1);
  mapped_cell *cells = arena_new_array(mem, mapped_cell, count + 1);
  mapped_cell *registers = arena_new_array(mem, mapped_cell, g->ff_count + 1);
  uint32_t *group = arena_new_array(mem, uint32_t, count + 1);
  uint32_t *register_group = arena_new_array(mem, uint32_t, g->ff_count + 1);
  for (size_t i = 0; i < n->count; i++) {
    const mapped_cell *c = &n->cells[i];
    if (!c->cell->sequential) {
      order[node] = (ordered){g->nodes[node].level, i};
      node++;
      continue;
    }
    register_group[ff] = n->group[i];
    registers[ff++] = (mapped_cell){c->name, c->cell, renumber(mem, delays, c)};
  }
  qsort(order, count, sizeof *order, by_level);
  for (size_t k = 0; k < count; k++) {
    const mapped_cell *c = &n->cells[order[k].cell];
    cells[k] = (mapped_cell){c->name, c->cell, renumber(mem, delays, c)};
    group[k] = n->group[order[k].cell];
  }
  d->cells = cells, d->count = count, d->cell_group = group;
  d->registers = registers, d->register_count = ff, d->register_group = register_group;
}

static void list_late(arena *mem, const gates *g, gates_delays *out) {
  const synth_netlist *n = g->n;
  size_t count = 0;
  for (size_t i = 0; i < n->memory_count; i++)
    count += (size_t)n->memories[i].rdata.width;
  out->late = arena_new_array(mem, int32_t, count + 1);
  for (size_t i = 0; i < n->memory_count; i++)
    for (int32_t k = 0; k < n->memories[i].rdata.width; k++)
      out->late[out->late_count++] = out->net[n->memories[i].rdata.nets[k]];
}

void gates_for_timed(arena *mem, const gates *g, const gates_weights *w, gates_delays *out) {
  mapped *d = arena_new_object(mem, mapped);
  *d = (mapped){.mem = mem,
                .lib = g->n->lib,
                .module = g->n->structure->top,
                .groups = (uint32_t)g->n->structure->part_count * SYNTH_KIND_COUNT};
  int32_t sources;
  d->nets = number_nets(mem, g, out, &sources);
  d->a_bits = sources;
  order_cells(mem, g, out, d);
  double *load = arena_new_array(mem, double, (size_t)d->nets + 1);
  double *switching = arena_new_array(mem, double, (size_t)d->nets + 1);
  uint32_t *group = arena_new_array(mem, uint32_t, (size_t)d->nets + 1);
  for (int32_t net = NET_FIRST_INPUT; net < g->n->nets; net++) {
    int32_t to = out->net[net];
    load[to] = net == g->clock ? 0 : w->load[net];
    switching[to] = load[to] * d->lib->voltage * d->lib->voltage / 2;
    group[to] = w->net_group[net];
  }
  d->load = load, d->switching = switching, d->net_group = group;
  list_late(mem, g, out);
  out->design = d;
}
