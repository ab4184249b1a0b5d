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

static const float *fill_inputs(const preparation *p, const mapped_cell *c) {
  unsigned n = (unsigned)c->cell->inputs;
  float *table = arena_new_array(p->mem, float, (size_t)n << n | 1);
  bool any = false;
  for (unsigned k = 0; k < n << n; k++) {
    table[k] = (float)input_energy(p, c, (int)(k >> n), k & ((1u << n) - 1));
    any = any || table[k] != 0;
  }
  return any ? table : NULL;
}

static void list_readers(timed *t) {
  const mapped *m = t->m;
  t->reader_start = arena_new_array(t->mem, int32_t, (size_t)m->nets + 2);
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
    if (pass == 0) {
      for (int32_t net = 1; net < m->nets; net++)
        start[net + 1] += start[net];
      t->readers = arena_new_array(t->mem, timed_reader, (size_t)total + 1);
    }
  }
}

void timed_prepare(timed *t) {
  const mapped *m = t->m;
  arena *scratch = arena_new();
  preparation p = {.mem = t->mem, .m = m, .mode = t->mode};
  p.slew = (double(*)[2])arena_new_array(scratch, double, 2 * (size_t)m->nets);
  timed_static(m, p.slew, NULL);
  list_readers(t);
  t->gates = arena_new_array(t->mem, timed_gate, m->count + 1);
  t->outputs = arena_new_array(t->mem, timed_output, (size_t)m->nets);
  double **delay = arena_new_array(scratch, double *, (size_t)m->nets), most = 0;
  for (size_t i = 0; i < m->count; i++) {
    const mapped_cell *c = &m->cells[i];
    timed_gate *g = &t->gates[i];
    *g = (timed_gate){.inputs = (uint8_t)c->cell->inputs, .first = t->output_count};
    g->input_energy = fill_inputs(&p, c);
    for (int k = 0; k < c->cell->outputs; k++) {
      int32_t net = c->net[c->cell->output[k]];
      if (net < 0)
        continue;
      size_t entries = (size_t)c->cell->inputs << c->cell->inputs;
      timed_output *o = &t->outputs[t->output_count];
      *o = (timed_output){.net = net, .cell = (int32_t)i, .pin = k};
      delay[t->output_count] = arena_new_array(scratch, double, entries + 1);
      fill_output(&p, o, c, delay[t->output_count]);
      for (size_t e = 0; e < entries; e++)
        most = delay[t->output_count][e] > most ? delay[t->output_count][e] : most;
      t->output_count++;
      g->outputs++;
    }
  }
  t->tick_ns = most / (WHEEL - 2) > 1e-4 ? most / (WHEEL - 2) : 1e-4;
  for (int32_t i = 0; i < t->output_count; i++) {
    int n = t->gates[t->outputs[i].cell].inputs;
    uint16_t *ticks = arena_new_array(t->mem, uint16_t, ((size_t)n << n) + 1);
    for (size_t e = 0; e < (size_t)n << n; e++) // at least one: no output changes in the tick of its input
      ticks[e] = delay[i][e] > t->tick_ns ? (uint16_t)floor(delay[i][e] / t->tick_ns + 0.5) : 1;
    t->outputs[i].delay = ticks;
  }
  arena_free(scratch);
}

double timed_delay(const timed *t, size_t cell, int o, int v, unsigned state) {
  const timed_gate *g = &t->gates[cell];
  for (int32_t i = g->first; i < g->first + g->outputs; i++)
    if (t->outputs[i].pin == o)
      return t->outputs[i].delay[(unsigned)v << g->inputs | state] * t->tick_ns;
  return -1;
}
