// SPDX-License-Identifier: Apache-2.0
//
// Energy: toggles of all nets in all cycles, and in some cycles the same change with delays, from the state before.
// How much more (or less) that is than the toggles say is taken for the whole: a ratio estimate, group by group.
#include "genlib/cells/timed.h"
#include "sim/gates/gates_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gates_meter {
  arena *mem;
  gates *g;
  gates_window w;
  gates_weights weights;
  size_t groups;
  uint64_t *states; // by group, kind of flip-flop and state: cycles that flip-flops ended in it
  uint32_t *state_at; // by flip-flop: its first of those
  int64_t *sample; // cycles, ascending
  size_t samples, next;
  bool sampling;
  // of a sampled cycle
  uint8_t *before, *ff_before; // by net, by flip-flop
  gates_delays delays;
  timed *timed;
  uint8_t *values; // by net there
  double *zero, *delayed; // fJ by sample and group
  uint64_t *sampled_toggles, *timed_toggles; // by group
  // when the last cycle is over
  const uint32_t *toggles; // by net
  const uint64_t (*accesses)[2]; // by memory
};

enum { STATES = 1 << LIBERTY_MAX_INPUTS };

// ---- which cycles ---------------------------------------------------------------------------------------------------
static int by_number(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

// Without repetition: Floyd's way of drawing a subset.
static void draw_samples(gates_meter *m) {
  int64_t cycles = m->w.to - m->w.from, count = m->w.samples < cycles ? m->w.samples : cycles;
  rng r = rng_seed(1);
  uint8_t *taken = calloc((size_t)cycles / 8 + 1, 1);
  assert(taken);
  m->sample = arena_new_array(m->mem, int64_t, (size_t)count + 1);
  for (int64_t j = cycles - count; j < cycles; j++) {
    int64_t k = (int64_t)rng_below(&r, (uint32_t)j + 1);
    k = taken[k / 8] >> (k % 8) & 1 ? j : k;
    taken[k / 8] |= (uint8_t)(1 << (k % 8));
    m->sample[m->samples++] = m->w.from + k;
  }
  free(taken);
  qsort(m->sample, m->samples, sizeof *m->sample, by_number);
}

// ---- what is measured ----------------------------------------------------------------------------------------------
gates_meter *gates_meter_new(arena *mem, gates *g, const gates_window *w) {
  gates_meter *m = arena_new_object(mem, gates_meter);
  m->mem = mem;
  m->g = g;
  m->w = *w;
  m->groups = g->n->structure->part_count * SYNTH_KIND_COUNT;
  gates_weigh(mem, g, &m->weights);
  m->states = arena_new_array(mem, uint64_t, m->groups * m->weights.ff_kinds * STATES + 1);
  m->state_at = arena_new_array(mem, uint32_t, g->ff_count + 1);
  for (size_t i = 0; i < g->ff_count; i++)
    m->state_at[i] = (uint32_t)((g->n->group[g->ff_cell[i]] * m->weights.ff_kinds + m->weights.ff_kind[i]) * STATES);
  draw_samples(m);
  if (m->samples) {
    gates_for_timed(mem, g, &m->weights, &m->delays);
    m->timed = timed_new(mem, m->delays.design, TIMED_ARCS);
    m->values = arena_new_array(mem, uint8_t, (size_t)m->delays.design->nets + 1);
    m->before = arena_new_array(mem, uint8_t, (size_t)g->n->nets);
    m->ff_before = arena_new_array(mem, uint8_t, g->ff_count + 1);
  }
  m->zero = arena_new_array(mem, double, m->samples * m->groups + 1);
  m->delayed = arena_new_array(mem, double, m->samples * m->groups + 1);
  m->sampled_toggles = arena_new_array(mem, uint64_t, m->groups + 1);
  m->timed_toggles = arena_new_array(mem, uint64_t, m->groups + 1);
  return m;
}

// ---- cycles ---------------------------------------------------------------------------------------------------------
void gates_meter_before(gates_meter *m, int64_t cycle) {
  const gates *g = m->g;
  if (cycle == m->w.from) {
    memset(m->g->toggles, 0, (size_t)g->n->nets * sizeof *g->toggles);
    for (size_t i = 0; i < g->n->memory_count; i++)
      g->memories[i].reads = g->memories[i].writes = 0;
  }
  m->sampling = m->next < m->samples && m->sample[m->next] == cycle;
  if (m->sampling) {
    memcpy(m->before, g->value, (size_t)g->n->nets);
    memcpy(m->ff_before, g->ff_state, g->ff_count);
  }
}

// What the toggles of this cycle say.
static void sample_zero(gates_meter *m, double *sum) {
  const gates *g = m->g;
  const gates_weights *w = &m->weights;
  for (int32_t net = NET_FIRST_INPUT; net < g->n->nets; net++)
    if (m->before[net] != g->value[net]) {
      sum[w->net_group[net]] += w->net_fj[net];
      m->sampled_toggles[w->net_group[net]]++;
    }
  for (size_t i = 0; i < g->ff_count; i++) {
    unsigned was = m->ff_before[i], is = g->ff_state[i], k = w->ff_kind[i];
    unsigned data = (was ^ is) & (g->ff_held_bit[i] - 1u);
    sum[g->n->group[g->ff_cell[i]]] +=
        w->rise_fj[k][was] + w->clock_fj[k][is] - w->rise_fj[k][is] + w->data_fj[k] * __builtin_popcount(data);
  }
}

static bool sample_timed(gates_meter *m, double *sum, diag *d) {
  const gates *g = m->g;
  for (int32_t net = 0; net < g->n->nets; net++)
    m->values[m->delays.net[net]] = m->before[net];
  timed_rest(m->timed, m->values);
  for (int32_t net = 0; net < g->n->nets; net++)
    m->values[m->delays.net[net]] = g->value[net];
  if (!timed_clock(m->timed, m->values, m->delays.late, m->delays.late_count, m->w.clock_ns / 2))
    return diag_tool(d, "the mapped netlist with delays does not settle where it does without");
  for (size_t k = 0; k < m->groups; k++) {
    sum[k] = timed_group_fj(m->timed, (uint32_t)k);
    m->timed_toggles[k] += timed_group_toggles(m->timed, (uint32_t)k);
  }
  return true;
}

bool gates_meter_after(gates_meter *m, int64_t cycle, diag *d) {
  const gates *g = m->g;
  if (cycle < m->w.from || cycle >= m->w.to)
    return true;
  for (size_t i = 0; i < g->ff_count; i++)
    m->states[m->state_at[i] + g->ff_state[i]]++;
  if (cycle + 1 == m->w.to) { // what comes later does not count
    m->toggles = arena_memdup(m->mem, g->toggles, (size_t)g->n->nets * sizeof *g->toggles);
    uint64_t(*accesses)[2] = arena_calloc(m->mem, g->n->memory_count + 1, sizeof *accesses);
    for (size_t i = 0; i < g->n->memory_count; i++)
      accesses[i][0] = g->memories[i].reads, accesses[i][1] = g->memories[i].writes;
    m->accesses = accesses;
  }
  if (!m->sampling)
    return true;
  sample_zero(m, m->zero + m->next * m->groups);
  bool ok = sample_timed(m, m->delayed + m->next * m->groups, d);
  m->next++;
  return ok;
}

// ---- sums -----------------------------------------------------------------------------------------------------------
static void sum_toggles(const gates_meter *m, gates_energy *out) {
  const gates *g = m->g;
  const gates_weights *w = &m->weights;
  for (int32_t net = NET_FIRST_INPUT; net < g->n->nets; net++) {
    gates_group *to = &out->groups[w->net_group[net]];
    to->toggles += m->toggles[net];
    to->zero_fj += (double)m->toggles[net] * w->net_fj[net];
    out->nets_toggled += m->toggles[net] > 0;
    out->nets += net != g->clock;
  }
  for (size_t i = 0; i < g->ff_count; i++) {
    const mapped_cell *c = &g->n->cells[g->ff_cell[i]];
    for (int v = 0; v < c->cell->inputs; v++)
      out->groups[g->n->group[g->ff_cell[i]]].zero_fj +=
          (double)m->toggles[c->net[c->cell->input[v]]] * w->data_fj[w->ff_kind[i]];
  }
  for (size_t k = 0; k < m->groups * w->ff_kinds; k++)
    for (size_t s = 0; s < STATES; s++)
      out->groups[k / w->ff_kinds].zero_fj += (double)m->states[k * STATES + s] * w->clock_fj[k % w->ff_kinds][s];
}

// Half of the 95 % interval of an estimated sum over `cycles`, of whose deviations these are a sample.
static double interval(const double *deviation, size_t n, double cycles) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++)
    sum += deviation[i], squares += deviation[i] * deviation[i];
  if (n < 2)
    return 0;
  double variance = (squares - sum * sum / (double)n) / (double)(n - 1), rest = 1 - (double)n / cycles;
  return 1.96 * cycles * sqrt(variance > 0 ? variance / (double)n * rest : 0);
}

static void estimate(gates_meter *m, gates_energy *out) {
  double *ratio = arena_new_array(m->mem, double, m->groups);
  double(*deviation)[SYNTH_KIND_COUNT + 1] = arena_calloc(m->mem, m->samples + 1, sizeof *deviation);
  double *column = arena_new_array(m->mem, double, m->samples + 1);
  for (size_t k = 0; k < m->groups; k++) {
    double zero = 0, delayed = 0;
    for (size_t i = 0; i < m->samples; i++)
      zero += m->zero[i * m->groups + k], delayed += m->delayed[i * m->groups + k];
    ratio[k] = zero > 0 ? delayed / zero : 1;
    gates_group *to = &out->groups[k];
    to->fj = to->zero_fj * ratio[k];
    to->sampled_toggles = m->sampled_toggles[k];
    to->timed_toggles = m->timed_toggles[k];
    for (size_t i = 0; i < m->samples; i++) {
      double more = m->delayed[i * m->groups + k] - ratio[k] * m->zero[i * m->groups + k];
      deviation[i][k % SYNTH_KIND_COUNT] += more;
      deviation[i][SYNTH_KIND_COUNT] += more;
    }
  }
  for (int k = 0; k <= SYNTH_KIND_COUNT; k++) {
    for (size_t i = 0; i < m->samples; i++)
      column[i] = deviation[i][k];
    *(k < SYNTH_KIND_COUNT ? &out->kind_ci_fj[k] : &out->ci_fj) = interval(column, m->samples, (double)out->cycles);
  }
}

static void add_clock_tree(const gates_meter *m, gates_energy *out) {
  const gates *g = m->g;
  double area = 0;
  for (size_t i = 0; i < g->n->count; i++)
    area += g->n->cells[i].cell->area;
  double pin = g->ff_count ? m->weights.load[g->clock] / (double)g->ff_count : 0;
  gates_clock_tree t = gates_build_clock_tree(g->n->lib, (double)g->ff_count, pin, area);
  out->clock_fj = t.fj * (double)out->cycles;
  out->clock_buffers = t.buffers;
  out->clock_wire_um = t.wire_um;
}

bool gates_meter_end(gates_meter *m, gates_energy *out, diag *d) {
  *out = (gates_energy){.cycles = (uint64_t)(m->w.to - m->w.from),
                        .sampled = m->samples,
                        .group_count = m->groups,
                        .groups = arena_new_array(m->mem, gates_group, m->groups),
                        .accesses = m->accesses};
  if (!m->toggles || m->next < m->samples)
    return diag_tool(d, "the simulation ended before what was to be measured");
  sum_toggles(m, out);
  estimate(m, out);
  add_clock_tree(m, out);
  return true;
}
