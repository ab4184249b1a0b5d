// SPDX-License-Identifier: Apache-2.0
//
// What distributes the clock, which no netlist has: a model. Each level has a buffer for every FAN_OUT sinks of the one
// below; the wire of a level is as long as a rectilinear Steiner tree through as many points that lie anywhere in the
// area, STEINER * sqrt(points * area). docs/cost.md has the sources.
#include "sim/gates/gates_internal.h"

#include <math.h>

static const double FAN_OUT = 20, STEINER = 0.76, WIRE_FF_PER_UM = 0.2;

// The smallest buffer that may drive `load`; else the one that may drive most, or two inverters' like.
static const liberty_cell *buffer_for(const liberty *lib, double load) {
  const liberty_cell *best = NULL, *strongest = lib->inverter;
  for (size_t i = 0; i < lib->cell_count; i++) {
    const liberty_cell *c = &lib->cells[i];
    if (!c->combinational || c->dont_use || c->inputs != 1 || c->outputs != 1 ||
        !truth_equal(c->pins[c->output[0]].function, truth_variable(0)))
      continue;
    double most = c->pins[c->output[0]].max_cap;
    if ((most == 0 || most >= load) && (!best || c->area < best->area))
      best = c;
    if (strongest == lib->inverter || most > strongest->pins[strongest->output[0]].max_cap)
      strongest = c;
  }
  return best ? best : strongest;
}

// fJ inside a buffer for a rising and a falling edge.
static double inside(const liberty *lib, const liberty_cell *c, double load) {
  double sum = 0;
  for (size_t p = 0; p < c->pin_count; p++)
    for (size_t k = 0; k < c->pins[p].energy_count; k++)
      sum += liberty_lookup(&c->pins[p].energies[k].rise, lib->input_slew, load) +
             liberty_lookup(&c->pins[p].energies[k].fall, lib->input_slew, load);
  return sum;
}

gates_clock_tree gates_build_clock_tree(const liberty *lib, double sinks, double pin_ff, double area_um2) {
  gates_clock_tree t = {0};
  double switched = 0; // fF
  for (int level = 0; sinks > 0 && level < 20; level++) {
    double wire = STEINER * sqrt(sinks * area_um2), buffers = ceil(sinks / FAN_OUT);
    double load = pin_ff * sinks + wire * WIRE_FF_PER_UM;
    const liberty_cell *buffer = buffer_for(lib, load / buffers);
    t.wire_um += wire;
    t.buffers += (int)buffers;
    t.fj += buffers * inside(lib, buffer, load / buffers);
    switched += load;
    pin_ff = buffer->pins[buffer->input[0]].cap;
    sinks = buffers > 1 ? buffers : 0;
  }
  t.fj += switched * lib->voltage * lib->voltage; // two edges of C V^2 / 2
  return t;
}
