// SPDX-License-Identifier: Apache-2.0
//
// The inner loops: a net that changes flips a bit in the state of each cell that reads it; cells whose state changed
// wait in a list of their level, and are evaluated level by level, so each at most once a cycle.
#include "sim/gates/gates_internal.h"

#include <string.h>

static inline void wait_for(gates *g, int32_t index) {
  gates_node *node = &g->nodes[index];
  if (node->queued)
    return;
  node->queued = true;
  g->queue[g->queue_start[node->level] + g->queued[node->level]++] = index;
}

static inline void toggle(gates *g, int32_t net) {
  g->value[net] ^= 1;
  g->toggles[net]++;
  for (int32_t r = g->reader_start[net]; r < g->reader_start[net + 1]; r++) {
    gates_reader to = g->readers[r];
    if (to.node >= g->node_count) {
      g->ff_state[to.node - g->node_count] ^= to.bit;
      continue;
    }
    g->nodes[to.node].state ^= to.bit;
    wait_for(g, to.node);
  }
}

static uint64_t address_of(const gates *g, const synth_port *p) {
  uint64_t a = 0;
  for (int32_t i = 0; i < p->width; i++)
    a |= (uint64_t)g->value[p->nets[i]] << i;
  return a;
}

static void read_words(gates *g, const gates_memory *m) {
  const synth_words *w = m->words;
  uint64_t address = address_of(g, &w->raddr);
  if (!g->value[w->re.nets[0]] || address >= (uint64_t)w->depth)
    return;
  const uint64_t *word = m->content + address * m->stride;
  for (int32_t i = 0; i < w->rdata.width; i++)
    if (w->rdata.nets[i] >= NET_FIRST_INPUT && g->value[w->rdata.nets[i]] != (word[i >> 6] >> (i & 63) & 1))
      toggle(g, w->rdata.nets[i]);
}

static inline void evaluate(gates *g, gates_node *node) {
  if (!node->table) {
    read_words(g, &g->memories[node->first]);
    return;
  }
  uint8_t next = node->table[node->state], changed = next ^ node->value;
  node->value = next;
  for (int o = 0; changed; o++, changed >>= 1)
    if (changed & 1 && g->out_nets[node->first + o] >= 0)
      toggle(g, g->out_nets[node->first + o]);
}

void gates_settle(gates *g) {
  for (int32_t l = 0; l < g->levels; l++) {
    const int32_t *list = g->queue + g->queue_start[l];
    for (int32_t i = 0; i < g->queued[l]; i++) {
      gates_node *node = &g->nodes[list[i]];
      node->queued = false;
      evaluate(g, node);
    }
    g->evaluations += (uint64_t)g->queued[l];
    g->queued[l] = 0;
  }
}

void gates_set(gates *g, int32_t net, bool value) {
  if (net >= NET_FIRST_INPUT && g->value[net] != value)
    toggle(g, net);
}

void gates_start(gates *g) {
  for (int32_t i = 0; i < g->node_count; i++)
    wait_for(g, i);
  for (size_t i = 0; i < g->ff_count; i++) // the complement of what they hold
    if (g->ff_net[i][1] >= 0)
      toggle(g, g->ff_net[i][1]);
  gates_settle(g);
  memset(g->toggles, 0, (size_t)g->n->nets * sizeof *g->toggles);
}

// ---- the clock -----------------------------------------------------------------------------------------------------
static void write_words(gates *g, gates_memory *m) {
  const synth_words *w = m->words;
  uint64_t address = 0;
  for (int32_t lane = 0; lane < w->we.width; lane++) {
    if (!g->value[w->we.nets[lane]])
      continue;
    if (!m->written)
      address = address_of(g, &w->waddr);
    m->written = true;
    for (int64_t i = lane * w->lane; address < (uint64_t)w->depth && i < (lane + 1) * w->lane; i++) {
      uint64_t *at = &m->content[address * m->stride + (size_t)(i >> 6)], bit = 1ull << (i & 63);
      *at = g->value[w->wdata.nets[i]] ? *at | bit : *at & ~bit;
    }
  }
  m->writes += m->written;
}

static void clock_memories(gates *g) {
  for (size_t i = 0; i < g->n->memory_count; i++) {
    gates_memory *m = &g->memories[i];
    m->reads += g->value[m->words->re.nets[0]];
    m->written = false;
    if (m->words->role == SYNTH_RAM)
      write_words(g, m);
  }
}

void gates_edge(gates *g) {
  size_t count = 0;
  for (size_t i = 0; i < g->ff_count; i++) {
    uint8_t state = g->ff_state[i];
    if ((g->ff_kind[i]->table[state] & 1) != ((state & g->ff_held_bit[i]) != 0))
      g->changed[count++] = (int32_t)i;
  }
  clock_memories(g); // before any net changes
  for (size_t k = 0; k < count; k++) {
    int32_t i = g->changed[k];
    g->ff_state[i] ^= g->ff_held_bit[i];
    for (int o = 0; o < 2; o++)
      if (g->ff_net[i][o] >= 0)
        toggle(g, g->ff_net[i][o]);
  }
  for (size_t i = 0; i < g->n->memory_count; i++)
    if (g->memories[i].written)
      wait_for(g, g->memories[i].node);
}
