// SPDX-License-Identifier: Apache-2.0
//
// The event loop. What an output does when its inputs change is what Icarus Verilog's path delays do: the new value is
// noted at once as the output's target, and after the delay of the arc (the shortest one, where several inputs changed
// in the same tick) the output takes the target that is noted by then. So a pulse shorter than the delay is swallowed.
#include "genlib/cells/timed_internal.h"

#include <math.h>
#include <string.h>

timed *timed_new(arena *mem, const mapped *m, timed_mode mode) {
  timed *t = arena_new_object(mem, timed);
  t->mem = mem, t->m = m, t->mode = mode;
  size_t nets = (size_t)m->nets + 1, groups = m->groups ? m->groups : 1; // the clock is the last
  t->value = arena_new_array(mem, uint8_t, nets);
  t->settled = arena_new_array(mem, uint8_t, nets);
  t->toggles = arena_new_array(mem, uint64_t, nets);
  t->switching = arena_new_array(mem, double, groups);
  t->internal = arena_new_array(mem, double, groups);
  t->group_toggles = arena_new_array(mem, uint64_t, groups);
  t->value[NET_ONE] = t->settled[NET_ONE] = 1;
  t->dirty = arena_new_array(mem, int32_t, m->count + m->register_count + 1);
  t->unused = -1;
  for (int i = 0; i < WHEEL; i++)
    t->bucket[i] = -1;
  timed_prepare(t);
  return t;
}

// ---- the wheel -----------------------------------------------------------------------------------------------------
void timed_schedule(timed *t, int32_t output, unsigned delay) {
  int32_t e = t->unused;
  if (e >= 0) {
    t->unused = t->events[e].next;
  } else {
    arena_grow(t->mem, t->events, t->event_count, t->event_cap);
    e = (int32_t)t->event_count++;
  }
  unsigned at = (unsigned)(t->now + delay) & (WHEEL - 1);
  t->events[e] = (struct timed_event){output, t->bucket[at]};
  t->bucket[at] = e;
  t->occupied[at >> 6] |= 1ull << (at & 63);
  t->occupied_words |= 1ull << (at >> 6);
}

// Moves on to the next tick with events, up to `until`, and takes their list; -1: there are none.
static int32_t next_events(timed *t, uint64_t until) {
  if (!t->occupied_words)
    return -1;
  unsigned from = (unsigned)(t->now + 1) & (WHEEL - 1), word = from >> 6, at;
  uint64_t here = t->occupied[word] & (~0ull << (from & 63));
  if (!here) { // the next word with events, round the wheel; in the end this word's earlier bits
    uint64_t later = word == WHEEL_WORDS - 1 ? 0 : t->occupied_words & (~0ull << (word + 1));
    word = (unsigned)__builtin_ctzll(later ? later : t->occupied_words);
    here = t->occupied[word];
  }
  at = word << 6 | (unsigned)__builtin_ctzll(here);
  uint64_t then = t->now + ((at - (unsigned)t->now) & (WHEEL - 1));
  if (then > until)
    return -1;
  t->now = then;
  t->occupied[word] &= ~(1ull << (at & 63));
  if (!t->occupied[word])
    t->occupied_words &= ~(1ull << word);
  int32_t first = t->bucket[at];
  t->bucket[at] = -1;
  return first;
}

// ---- changes -------------------------------------------------------------------------------------------------------
void timed_toggle(timed *t, int32_t net) {
  uint32_t group = t->m->net_group ? t->m->net_group[net] : 0;
  t->value[net] ^= 1;
  t->toggles[net]++;
  t->group_toggles[group]++;
  t->switching[group] += t->m->switching[net];
  for (int32_t r = t->reader_start[net]; r < t->reader_start[net + 1]; r++) {
    timed_gate *g = &t->gates[t->readers[r].gate];
    uint8_t bit = (uint8_t)(1u << t->readers[r].variable);
    if (!g->changed)
      t->dirty[t->dirty_count++] = t->readers[r].gate;
    g->state ^= bit;
    g->changed |= bit;
  }
}

static void evaluate(timed *t, timed_gate *g) {
  unsigned changed = g->changed, n = g->inputs, state = g->state;
  g->changed = 0;
  for (unsigned rest = changed; g->input_energy && rest; rest &= rest - 1)
    t->internal[g->group] += (double)g->input_energy[(unsigned)__builtin_ctz(rest) << n | state];
  for (int32_t i = g->first; i < g->first + g->outputs; i++) {
    timed_output *o = &t->outputs[i];
    if (o->value[state] == o->target)
      continue;
    o->target ^= 1;
    unsigned best = (unsigned)__builtin_ctz(changed) << n | state;
    for (unsigned rest = changed & (changed - 1); rest; rest &= rest - 1) {
      unsigned k = (unsigned)__builtin_ctz(rest) << n | state;
      best = o->delay[k] < o->delay[best] ? k : best;
    }
    o->energy = o->internal[best];
    timed_schedule(t, i, o->delay[best]);
  }
}

static void evaluate_dirty(timed *t) {
  for (size_t i = 0; i < t->dirty_count; i++)
    evaluate(t, &t->gates[t->dirty[i]]);
  t->dirty_count = 0;
}

void timed_run(timed *t, uint64_t until) {
  uint64_t last = 0;
  evaluate_dirty(t);
  for (int32_t e; (e = next_events(t, until)) >= 0; evaluate_dirty(t))
    for (int32_t next; e >= 0; e = next) {
      timed_output *o = &t->outputs[t->events[e].output];
      next = t->events[e].next;
      t->events[e].next = t->unused;
      t->unused = e;
      if (t->value[o->net] == o->target)
        continue;
      timed_toggle(t, o->net);
      t->internal[t->gates[o->cell].group] += (double)o->energy;
      last = t->now;
    }
  if (until != UINT64_MAX)
    t->now = until;
  if ((double)last * t->tick_ns > t->sum.latest_ns)
    t->sum.latest_ns = (double)last * t->tick_ns;
}

// ---- operands ------------------------------------------------------------------------------------------------------
static void begin(timed *t, uint32_t operands) {
  const mapped *m = t->m;
  for (int i = 0; i < m->a_bits + m->b_bits; i++)
    t->value[NET_FIRST_INPUT + i] = operands >> i & 1;
  for (size_t i = 0; i < m->count; i++) {
    timed_gate *g = &t->gates[i];
    g->state = g->changed = 0;
    for (int v = 0; v < g->inputs; v++)
      g->state |= (uint8_t)(t->value[m->cells[i].net[m->cells[i].cell->input[v]]] << v);
    for (int32_t o = g->first; o < g->first + g->outputs; o++)
      t->value[t->outputs[o].net] = t->outputs[o].target = t->outputs[o].value[g->state];
  }
  t->begun = true;
}

void timed_clear(timed *t) {
  t->now = 0;
  for (uint32_t g = 0; g < (t->m->groups ? t->m->groups : 1); g++)
    t->switching[g] = t->internal[g] = 0, t->group_toggles[g] = 0;
}

static void step(timed *t, uint32_t operands) {
  const mapped *m = t->m;
  timed_clear(t);
  for (int i = 0; i < m->a_bits + m->b_bits; i++)
    if (t->value[NET_FIRST_INPUT + i] != (operands >> i & 1))
      timed_toggle(t, NET_FIRST_INPUT + i);
  timed_run(t, UINT64_MAX);
  for (int32_t net = NET_FIRST_INPUT; net < m->nets; net++)
    t->sum.settled += t->value[net] != t->settled[net];
  double energy = t->switching[0] + t->internal[0];
  t->sum.internal_fj += t->internal[0];
  t->sum.squares += energy * energy;
  t->sum.steps++;
}

void timed_feed(timed *t, const uint16_t *a, const uint16_t *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint32_t operands = (uint32_t)a[i] | (uint32_t)b[i] << t->m->a_bits;
    if (t->begun)
      step(t, operands);
    else
      begin(t, operands);
    memcpy(t->settled, t->value, (size_t)t->m->nets);
  }
  t->sum.pairs += n;
}

void timed_restart(timed *t) { t->begun = false; }

// ---- results -------------------------------------------------------------------------------------------------------
timed_energy timed_result(const timed *t) {
  timed_energy e = t->sum;
  for (int32_t net = NET_FIRST_INPUT; net < t->m->nets; net++) {
    double switching = (double)t->toggles[net] * t->m->switching[net];
    e.toggles += t->toggles[net];
    e.switching_fj += switching;
    if (net < NET_FIRST_INPUT + t->m->a_bits + t->m->b_bits)
      e.operand_fj += switching;
  }
  return e;
}

const uint64_t *timed_toggles(const timed *t) { return t->toggles; }

uint64_t timed_product(const timed *t) {
  uint64_t p = 0;
  for (int i = 0; i < t->m->p_bits; i++)
    p |= (uint64_t)t->value[t->m->out[i]] << i;
  return p;
}

double timed_energy_ci(const timed_energy *e) {
  if (e->steps < 2)
    return 0;
  double n = (double)e->steps, mean = timed_energy_total(e) / n, variance = (e->squares - n * mean * mean) / (n - 1);
  return 1.96 * sqrt(variance > 0 ? variance / n : 0);
}
