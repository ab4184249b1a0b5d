// SPDX-License-Identifier: Apache-2.0
//
// Cycles of a clock in a design with registers: what sets the event loop of timed.c in motion.
#include "genlib/cells/timed_internal.h"

#include <math.h>
#include <string.h>

static uint8_t state_of(const timed *t, const mapped_cell *c) {
  uint8_t state = 0;
  for (int v = 0; v < c->cell->inputs; v++)
    state |= (uint8_t)(t->value[c->net[c->cell->input[v]]] << v);
  return state;
}

// Whether a flip-flop's net shows the complement of what it holds.
static bool inverted(const timed *t, size_t i) {
  const mapped_cell *c = &t->m->registers[i];
  for (int o = 0; o < c->cell->outputs; o++)
    if (c->net[c->cell->output[o]] == t->register_net[i])
      return !truth_equal(c->cell->pins[c->cell->output[o]].function, truth_variable(c->cell->inputs));
  return false;
}

void timed_rest(timed *t, const uint8_t *value) {
  const mapped *m = t->m;
  memcpy(t->value, value, (size_t)m->nets);
  t->value[m->nets] = 0;
  for (size_t i = 0; i < m->count; i++) {
    timed_gate *g = &t->gates[i];
    g->state = state_of(t, &m->cells[i]);
    g->changed = 0;
    for (int32_t o = g->first; o < g->first + g->outputs; o++)
      t->outputs[o].target = t->value[t->outputs[o].net];
  }
  for (size_t i = 0; i < m->register_count; i++) {
    timed_gate *g = &t->gates[m->count + i];
    int32_t net = t->register_net[i];
    bool held = net >= 0 && (t->value[net] != inverted(t, i));
    g->state = (uint8_t)(state_of(t, &m->registers[i]) | held << m->registers[i].cell->inputs);
    g->changed = 0;
  }
  for (size_t i = 0; i < t->launch_count; i++) {
    timed_output *o = &t->outputs[t->launches[i].output];
    o->target = t->value[o->net];
  }
}

static void launch(timed *t, const uint8_t *after) {
  for (size_t i = 0; i < t->launch_count; i++) {
    const timed_launch *l = &t->launches[i];
    timed_output *o = &t->outputs[l->output];
    bool to = after[o->net];
    if (o->target == to)
      continue;
    o->target = to;
    o->energy = l->internal[to];
    timed_schedule(t, l->output, l->delay[to]);
  }
}

// The inputs that are neither of flip-flops nor late; those differ until they change themselves.
static void change_inputs(timed *t, const uint8_t *after, const int32_t *late, size_t late_count) {
  const mapped *m = t->m;
  uint8_t *waits = t->settled; // of no other use here
  memset(waits, 0, (size_t)m->nets);
  for (size_t i = 0; i < t->launch_count; i++)
    waits[t->outputs[t->launches[i].output].net] = 1;
  for (size_t i = 0; i < late_count; i++)
    waits[late[i]] = 1;
  for (int32_t net = NET_FIRST_INPUT; net < NET_FIRST_INPUT + m->a_bits; net++)
    if (!waits[net] && t->value[net] != after[net])
      timed_toggle(t, net);
}

static void tick(timed *t) {
  int32_t clock = t->m->nets;
  timed_toggle(t, clock);
  t->group_toggles[t->m->net_group ? t->m->net_group[clock] : 0]--;
}

bool timed_clock(timed *t, const uint8_t *after, const int32_t *late, size_t late_count, double high_ns) {
  const mapped *m = t->m;
  timed_clear(t);
  launch(t, after);
  tick(t);
  change_inputs(t, after, late, late_count);
  timed_run(t, (uint64_t)ceil(high_ns / t->tick_ns));
  tick(t);
  timed_run(t, UINT64_MAX);
  for (size_t i = 0; i < late_count; i++)
    if (t->value[late[i]] != after[late[i]])
      timed_toggle(t, late[i]);
  timed_run(t, UINT64_MAX);
  return memcmp(t->value, after, (size_t)m->nets) == 0;
}

double timed_group_fj(const timed *t, uint32_t group) { return t->switching[group] + t->internal[group]; }

uint64_t timed_group_toggles(const timed *t, uint32_t group) { return t->group_toggles[group]; }
