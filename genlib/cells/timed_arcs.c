// SPDX-License-Identifier: Apache-2.0
//
// From a mapped netlist to what the event loop looks up: for each cell, changed input and state of the inputs the
// delay and energy of each output, at the output's actual load and the slew that the input's driver gives it.
#include "genlib/cells/timed_internal.h"

#include <math.h>

typedef struct {
  arena *mem;
  const mapped *m;
  timed_mode mode;
  double (*slew)[2]; // from timed_static
} preparation;

// ---- one delay, one energy -----------------------------------------------------------------------------------------
typedef struct {
  const mapped_cell *cell;
  const liberty_pin *pin; // the output
  int32_t net;
  int input; // pin index
  unsigned state;
  bool in, out; // the edges
} event;

static double arc_delay(const preparation *p, const event *e, const liberty_arc *a, bool in) {
  return liberty_lookup(e->out ? &a->rise : &a->fall, p->slew[e->cell->net[e->input]][in], p->m->load[e->net]);
}

// The arc whose condition holds; else the one without a condition; else, where none says anything (two inputs changed
// at once), the mean of the input's arcs. Merged: the slowest of them.
static double delay_of(const preparation *p, const event *e) {
  double sum = 0, most = 0;
  int n = 0;
  const liberty_arc *plain = NULL;
  for (size_t k = 0; k < e->pin->arc_count; k++) {
    const liberty_arc *a = &e->pin->arcs[k];
    if (a->input != e->input || a->clocked)
      continue;
    for (int in = 0; in < 2; in++)
      if (timed_fits(a, in, e->out)) {
        double delay = arc_delay(p, e, a, in);
        most = delay > most ? delay : most;
        sum += delay;
        n++;
      }
    if (p->mode == TIMED_MERGED || !timed_fits(a, e->in, e->out))
      continue;
    if (a->has_when && truth_at(a->when, e->state))
      return arc_delay(p, e, a, e->in);
    if (!a->has_when)
      plain = a;
  }
  if (p->mode == TIMED_MERGED)
    return most;
  return plain ? arc_delay(p, e, plain, e->in) : n ? sum / n : 0;
}

// The same choice among energies.
static double energy_of(const preparation *p, const event *e) {
  double sum = 0, own = 0, slew = p->slew[e->cell->net[e->input]][e->in], load = p->m->load[e->net];
  const double *plain = NULL, *exact = NULL;
  double plain_value = 0, exact_value = 0;
  int n = 0;
  for (size_t k = 0; k < e->pin->energy_count; k++) {
    const liberty_energy *x = &e->pin->energies[k];
    if (x->related >= 0 && x->related != e->input)
      continue;
    double value = liberty_lookup(e->out ? &x->rise : &x->fall, slew, load);
    bool holds = !x->has_when || truth_at(x->when, e->state);
    if (x->related < 0) {
      own += holds ? value : 0;
      continue;
    }
    sum += value;
    n++;
    if (!x->has_when)
      plain_value = value, plain = &plain_value;
    else if (holds && !exact)
      exact_value = value, exact = &exact_value;
  }
  return own + (exact ? *exact : plain ? *plain : n ? sum / n : 0);
}

static double input_energy(const preparation *p, const mapped_cell *c, int v, unsigned state) {
  const liberty_pin *pin = &c->cell->pins[c->cell->input[v]];
  bool rise = state >> v & 1;
  double sum = 0;
  for (size_t k = 0; k < pin->energy_count; k++)
    if (!pin->energies[k].has_when || truth_at(pin->energies[k].when, state))
      sum += liberty_lookup(rise ? &pin->energies[k].rise : &pin->energies[k].fall,
                            p->slew[c->net[c->cell->input[v]]][rise], 0);
  return sum;
}

// ---- tables --------------------------------------------------------------------------------------------------------
static void fill_output(const preparation *p, timed_output *o, const mapped_cell *c, double *delay) {
  unsigned n = (unsigned)c->cell->inputs, states = 1u << n;
  const liberty_pin *pin = &c->cell->pins[c->cell->output[o->pin]];
  uint8_t *value = arena_alloc(p->mem, states);
  float *internal = arena_new_array(p->mem, float, (size_t)n << n | 1);
  for (unsigned state = 0; state < states; state++) {
    value[state] = truth_at(pin->function, state);
    for (unsigned v = 0; v < n; v++) {
      event e = {c, pin, o->net, c->cell->input[v], state, state >> v & 1, value[state]};
      delay[v << n | state] = delay_of(p, &e);
      internal[v << n | state] = (float)energy_of(p, &e);
    }
  }
  o->value = value;
  o->internal = internal;
}

// `n`: variables of its state; a flip-flop has one more than inputs.
static const float *fill_inputs(const preparation *p, const mapped_cell *c, unsigned n) {
  float *table = arena_new_array(p->mem, float, (size_t)n << n | 1);
  bool any = false;
  for (unsigned k = 0; k < (unsigned)c->cell->inputs << n; k++) {
    table[k] = (float)input_energy(p, c, (int)(k >> n), k & ((1u << n) - 1));
    any = any || table[k] != 0;
  }
  return any ? table : NULL;
}

static void list_readers(timed *t) {
  const mapped *m = t->m;
  t->reader_start = arena_new_array(t->mem, int32_t, (size_t)m->nets + 3);
  int32_t *start = t->reader_start, total = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < m->count; i++)
      for (int v = 0; v < m->cells[i].cell->inputs; v++) {
        int32_t net = m->cells[i].net[m->cells[i].cell->input[v]];
        if (pass == 0)
          start[net + 2]++, total++;
        else
          t->readers[start[net + 1]++] = (timed_reader){(int32_t)i, (uint8_t)v};
      }
    for (size_t i = 0; i < m->register_count; i++)
      for (int v = 0; v <= m->registers[i].cell->inputs; v++) {
        const mapped_cell *c = &m->registers[i];
        int32_t net = v < c->cell->inputs ? c->net[c->cell->input[v]] : t->register_net[i];
        if (net < 0)
          continue;
        if (pass == 0)
          start[net + 2]++, total++;
        else
          t->readers[start[net + 1]++] = (timed_reader){(int32_t)(m->count + i), (uint8_t)v};
      }
    if (pass == 0) {
      for (int32_t net = 1; net <= m->nets; net++)
        start[net + 1] += start[net];
      t->readers = arena_new_array(t->mem, timed_reader, (size_t)total + 1);
    }
  }
}

// ---- flip-flops ----------------------------------------------------------------------------------------------------
// The net that shows what each holds: that of its first output that is connected; -1: none.
static void find_held(timed *t) {
  const mapped *m = t->m;
  t->register_net = arena_new_array(t->mem, int32_t, m->register_count + 1);
  for (size_t i = 0; i < m->register_count; i++) {
    const mapped_cell *c = &m->registers[i];
    t->register_net[i] = -1;
    for (int o = c->cell->outputs - 1; o >= 0; o--)
      if (c->net[c->cell->output[o]] >= 0)
        t->register_net[i] = c->net[c->cell->output[o]];
  }
}

// Delay (ns) and energy of an output's edge after the clock; several arcs: the slowest; several energies: their mean.
static void launch_of(const mapped *m, const liberty_pin *pin, int32_t net, bool edge, double *delay, float *energy) {
  double sum = 0, own = 0;
  int n = 0;
  *delay = 0;
  for (size_t k = 0; k < pin->arc_count; k++) {
    const liberty_arc *a = &pin->arcs[k];
    double x = liberty_lookup(edge ? &a->rise : &a->fall, m->lib->input_slew, m->load[net]);
    *delay = a->clocked && x > *delay ? x : *delay;
  }
  for (size_t k = 0; k < pin->energy_count; k++) {
    const liberty_energy *x = &pin->energies[k];
    double value = liberty_lookup(edge ? &x->rise : &x->fall, m->lib->input_slew, m->load[net]);
    if (x->related < 0)
      own += value;
    else
      sum += value, n++;
  }
  *energy = (float)(own + (n ? sum / n : 0));
}

// Gates without a function, for the energies of their inputs, and outputs that timed_clock sets in motion.
static void add_registers(timed *t, const preparation *p, double (*launch_delay)[2], double *most) {
  const mapped *m = t->m;
  for (size_t i = 0; i < m->register_count; i++) {
    const mapped_cell *c = &m->registers[i];
    timed_gate *g = &t->gates[m->count + i];
    *g = (timed_gate){.inputs = (uint8_t)(c->cell->inputs + 1), .group = m->groups ? m->register_group[i] : 0};
    g->input_energy = fill_inputs(p, c, (unsigned)c->cell->inputs + 1);
    for (int k = 0; k < c->cell->outputs; k++) {
      int32_t net = c->net[c->cell->output[k]];
      if (net < 0)
        continue;
      timed_launch *l = &t->launches[t->launch_count];
      for (int edge = 0; edge < 2; edge++) {
        double *delay = &launch_delay[t->launch_count][edge];
        launch_of(m, &c->cell->pins[c->cell->output[k]], net, edge, delay, &l->internal[edge]);
        *most = *delay > *most ? *delay : *most;
      }
      l->output = t->output_count;
      t->outputs[t->output_count++] = (timed_output){.net = net, .cell = (int32_t)(m->count + i), .pin = k};
      t->launch_count++;
    }
  }
}

// ---- all -----------------------------------------------------------------------------------------------------------
static void add_gates(timed *t, const preparation *p, double **delay, double *most) {
  const mapped *m = t->m;
  for (size_t i = 0; i < m->count; i++) {
    const mapped_cell *c = &m->cells[i];
    timed_gate *g = &t->gates[i];
    *g = (timed_gate){.inputs = (uint8_t)c->cell->inputs, .first = t->output_count};
    g->group = m->groups ? m->cell_group[i] : 0;
    g->input_energy = fill_inputs(p, c, (unsigned)c->cell->inputs);
    for (int k = 0; k < c->cell->outputs; k++) {
      int32_t net = c->net[c->cell->output[k]];
      if (net < 0)
        continue;
      size_t entries = (size_t)c->cell->inputs << c->cell->inputs;
      timed_output *o = &t->outputs[t->output_count];
      *o = (timed_output){.net = net, .cell = (int32_t)i, .pin = k};
      delay[t->output_count] = arena_new_array(t->scratch, double, entries + 1);
      fill_output(p, o, c, delay[t->output_count]);
      for (size_t e = 0; e < entries; e++)
        *most = delay[t->output_count][e] > *most ? delay[t->output_count][e] : *most;
      t->output_count++;
      g->outputs++;
    }
  }
}

// At least one: no output changes in the tick of its input.
static uint16_t ticks_of(const timed *t, double delay) {
  return delay > t->tick_ns ? (uint16_t)floor(delay / t->tick_ns + 0.5) : 1;
}

void timed_prepare(timed *t) {
  const mapped *m = t->m;
  size_t nets = (size_t)m->nets;
  t->scratch = arena_new();
  preparation p = {.mem = t->mem, .m = m, .mode = t->mode};
  p.slew = (double(*)[2])arena_new_array(t->scratch, double, 2 * nets + 2);
  timed_static(m, p.slew, NULL);
  find_held(t);
  list_readers(t);
  t->gates = arena_new_array(t->mem, timed_gate, m->count + m->register_count + 1);
  t->outputs = arena_new_array(t->mem, timed_output, nets);
  t->launches = arena_new_array(t->mem, timed_launch, m->register_count ? nets : 1);
  double **delay = arena_new_array(t->scratch, double *, nets), most = 0;
  double(*launch)[2] = (double(*)[2])arena_new_array(t->scratch, double, m->register_count ? 2 * nets : 1);
  add_gates(t, &p, delay, &most);
  int32_t gate_outputs = t->output_count;
  add_registers(t, &p, launch, &most);
  t->tick_ns = most / (WHEEL - 2) > 1e-4 ? most / (WHEEL - 2) : 1e-4;
  for (int32_t i = 0; i < gate_outputs; i++) {
    size_t n = t->gates[t->outputs[i].cell].inputs;
    uint16_t *ticks = arena_new_array(t->mem, uint16_t, (n << n) + 1);
    for (size_t e = 0; e < n << n; e++)
      ticks[e] = ticks_of(t, delay[i][e]);
    t->outputs[i].delay = ticks;
  }
  for (size_t i = 0; i < t->launch_count; i++)
    for (int edge = 0; edge < 2; edge++)
      t->launches[i].delay[edge] = ticks_of(t, launch[i][edge]);
  arena_free(t->scratch);
  t->scratch = NULL;
}

double timed_delay(const timed *t, size_t cell, int o, int v, unsigned state) {
  const timed_gate *g = &t->gates[cell];
  for (int32_t i = g->first; i < g->first + g->outputs; i++)
    if (t->outputs[i].pin == o)
      return t->outputs[i].delay[(unsigned)v << g->inputs | state] * t->tick_ns;
  return -1;
}
