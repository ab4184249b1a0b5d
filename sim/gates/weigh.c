// SPDX-License-Identifier: Apache-2.0
//
// What a toggle of each net costs, and a cycle of each flip-flop.
#include "sim/gates/gates_internal.h"

// What a pin's edge draws in a state of the cell; of several whose condition holds, all.
static double edge_energy(const liberty *lib, const liberty_pin *pin, unsigned state, bool rise) {
  double sum = 0;
  for (size_t i = 0; i < pin->energy_count; i++)
    if (!pin->energies[i].has_when || truth_at(pin->energies[i].when, state))
      sum += liberty_lookup(rise ? &pin->energies[i].rise : &pin->energies[i].fall, lib->input_slew, 0);
  return sum;
}

static int clock_variable(const liberty_cell *c) {
  for (int v = 0; v < c->inputs; v++)
    if (truth_equal(c->ff->clock, truth_variable(v)) || truth_equal(c->ff->clock, truth_not(truth_variable(v))))
      return v;
  return 0;
}

// The clock is low in the states that the simulation sees: each is that before a rise and that of the fall before it.
static void weigh_ff(const liberty *lib, const liberty_cell *c, double *rise, double *both, double *data) {
  int ck = clock_variable(c), n = 0;
  bool rising = truth_equal(c->ff->clock, truth_variable(ck));
  const liberty_pin *pin = &c->pins[c->input[ck]];
  for (unsigned state = 0; state < 2u << c->inputs; state++) {
    unsigned low = state & ~(1u << ck), high = low | 1u << ck;
    rise[state] = edge_energy(lib, pin, rising ? high : low, rising);
    both[state] = rise[state] + edge_energy(lib, pin, rising ? low : high, !rising);
    for (int v = 0; v < c->inputs; v++)
      if (v != ck && state == high) {
        *data += edge_energy(lib, &c->pins[c->input[v]], state, state >> v & 1);
        n++;
      }
  }
  *data = n ? *data / n : 0;
}

static void add_ff(const gates *g, size_t i, gates_weights *w, const gates_kind **kinds) {
  size_t k = 0;
  while (k < w->ff_kinds && kinds[k] != g->ff_kind[i])
    k++;
  w->ff_kind[i] = (uint8_t)k;
  if (k < w->ff_kinds || k == UINT8_MAX)
    return;
  kinds[w->ff_kinds++] = g->ff_kind[i];
  weigh_ff(g->n->lib, g->ff_kind[i]->cell, w->rise_fj[k], w->clock_fj[k], &w->data_fj[k]);
}

static void weigh_nets(const gates *g, gates_weights *w) {
  const synth_netlist *n = g->n;
  double half = n->lib->voltage * n->lib->voltage / 2;
  for (size_t i = 0; i < n->count; i++)
    for (int v = 0; v < n->cells[i].cell->inputs; v++) {
      const liberty_pin *pin = &n->cells[i].cell->pins[n->cells[i].cell->input[v]];
      int32_t net = n->cells[i].net[n->cells[i].cell->input[v]];
      w->load[net] += pin->cap;
      if (!n->cells[i].cell->sequential)
        w->net_fj[net] += liberty_mean_energy(n->lib, pin, true, 0);
    }
  for (size_t i = 0; i < n->count; i++)
    for (int o = 0; o < n->cells[i].cell->outputs; o++) {
      const liberty_pin *pin = &n->cells[i].cell->pins[n->cells[i].cell->output[o]];
      int32_t net = n->cells[i].net[n->cells[i].cell->output[o]];
      if (net < 0)
        continue;
      w->net_group[net] = n->group[i];
      w->net_fj[net] +=
          liberty_mean_energy(n->lib, pin, false, w->load[net]) + liberty_mean_energy(n->lib, pin, true, w->load[net]);
    }
  for (int32_t net = NET_FIRST_INPUT; net < n->nets; net++)
    w->net_fj[net] += w->load[net] * half;
}

void gates_weigh(arena *mem, const gates *g, gates_weights *w) {
  const synth_netlist *n = g->n;
  size_t nets = (size_t)n->nets, kinds = UINT8_MAX + 1;
  *w = (gates_weights){.load = arena_new_array(mem, double, nets),
                       .net_fj = arena_new_array(mem, double, nets),
                       .net_group = arena_new_array(mem, uint32_t, nets),
                       .data_fj = arena_new_array(mem, double, kinds),
                       .ff_kind = arena_new_array(mem, uint8_t, g->ff_count + 1)};
  w->clock_fj = arena_calloc(mem, kinds, sizeof *w->clock_fj);
  w->rise_fj = arena_calloc(mem, kinds, sizeof *w->rise_fj);
  for (size_t i = 0; i < nets; i++)
    w->net_group[i] = (uint32_t)(n->structure->part_count - 1) * SYNTH_KIND_COUNT + SYNTH_CONTROL;
  for (size_t i = 0; i < n->memory_count; i++)
    for (int32_t k = 0; k < n->memories[i].rdata.width; k++)
      w->net_group[n->memories[i].rdata.nets[k]] = (uint32_t)n->memories[i].part * SYNTH_KIND_COUNT + SYNTH_CONTROL;
  weigh_nets(g, w);
  const gates_kind **seen = arena_new_array(mem, const gates_kind *, kinds);
  for (size_t i = 0; i < g->ff_count; i++)
    add_ff(g, i, w, seen);
}
