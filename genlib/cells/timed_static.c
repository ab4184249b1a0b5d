// SPDX-License-Identifier: Apache-2.0
//
// Static timing: slews and latest arrivals, the slowest arc everywhere, whatever its condition.
#include "genlib/cells/timed_internal.h"

bool timed_fits(const liberty_arc *a, bool in, bool out) {
  return a->sense == LIBERTY_NON_UNATE || (in == out) == (a->sense == LIBERTY_POSITIVE);
}

static void follow(const mapped *m, const mapped_cell *c, const liberty_arc *a, int32_t net, double (*slew)[2],
                   double (*arrival)[2]) {
  int32_t from = c->net[a->input];
  for (int edges = 0; edges < 4; edges++) {
    int in = edges & 1, out = edges >> 1;
    if (from < NET_FIRST_INPUT || !timed_fits(a, in, out))
      continue;
    double s = liberty_lookup(out ? &a->rise_slew : &a->fall_slew, slew[from][in], m->load[net]);
    slew[net][out] = s > slew[net][out] ? s : slew[net][out];
    if (!arrival)
      continue;
    double t = arrival[from][in] + liberty_lookup(out ? &a->rise : &a->fall, slew[from][in], m->load[net]);
    arrival[net][out] = t > arrival[net][out] ? t : arrival[net][out];
  }
}

// After the clock, which rises with the library's smallest slew.
static void launch(const mapped *m, const mapped_cell *c, double (*slew)[2]) {
  for (int o = 0; o < c->cell->outputs; o++) {
    const liberty_pin *p = &c->cell->pins[c->cell->output[o]];
    int32_t net = c->net[c->cell->output[o]];
    for (int out = 0; net >= 0 && out < 2; out++) {
      double most = 0;
      for (size_t k = 0; k < p->arc_count; k++) {
        const liberty_arc *a = &p->arcs[k];
        double s = liberty_lookup(out ? &a->rise_slew : &a->fall_slew, m->lib->input_slew, m->load[net]);
        most = a->clocked && s > most ? s : most;
      }
      slew[net][out] = most > 0 ? most : m->lib->input_slew;
    }
  }
}

void timed_static(const mapped *m, double (*slew)[2], double (*arrival)[2]) {
  for (int32_t net = 0; net < m->nets; net++) {
    slew[net][0] = slew[net][1] = net < NET_FIRST_INPUT + m->a_bits + m->b_bits ? m->lib->input_slew : 0;
    if (arrival)
      arrival[net][0] = arrival[net][1] = 0;
  }
  slew[m->nets][0] = slew[m->nets][1] = m->lib->input_slew; // the clock
  for (size_t i = 0; i < m->register_count; i++)
    launch(m, &m->registers[i], slew);
  for (size_t i = 0; i < m->count; i++)
    for (int o = 0; o < m->cells[i].cell->outputs; o++) {
      int pin = m->cells[i].cell->output[o];
      const liberty_pin *p = &m->cells[i].cell->pins[pin];
      int32_t net = m->cells[i].net[pin];
      for (size_t k = 0; net >= 0 && k < p->arc_count; k++)
        if (!p->arcs[k].clocked)
          follow(m, &m->cells[i], &p->arcs[k], net, slew, arrival);
    }
}

double timed_longest_ns(const mapped *m) {
  arena *mem = arena_new();
  double(*slew)[2] = (double(*)[2])arena_new_array(mem, double, 2 * (size_t)m->nets + 2);
  double(*arrival)[2] = (double(*)[2])arena_new_array(mem, double, 2 * (size_t)m->nets), most = 0;
  timed_static(m, slew, arrival);
  for (int i = 0; i < m->p_bits; i++)
    for (int edge = 0; edge < 2; edge++)
      most = arrival[m->out[i]][edge] > most ? arrival[m->out[i]][edge] : most;
  arena_free(mem);
  return most;
}
