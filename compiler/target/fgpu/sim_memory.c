// SPDX-License-Identifier: Apache-2.0
//
// The memory unit of a CV: takes the 8 addresses of one phase, serves all that fall into the same line in one cycle;
// scratchpad, direct-mapped cache (written through, lines dropped by writes; a miss reads an aligned burst of lines),
// one port to the global memory.
#include "compiler/target/fgpu/sim_internal.h"

#include <string.h>

// Cycles: from issue to the unit; from the unit to the register; that a miss costs beside the memory's latency.
enum { TO_UNIT = 3, TO_REGISTER = 6, MISS_CYCLES = 5 };

void fgpu_sim_begin(machine *m) {
  const fgpu_hw *hw = m->sim->hw;
  m->port = 0;
  for (int c = 0; c < hw->cvs; c++) {
    memset(m->cv[c].tags, 0, (size_t)hw->cache_lines * sizeof *m->cv[c].tags);
    m->cv[c].free = m->cv[c].done[0] = m->cv[c].done[1] = 0;
  }
}

bool fgpu_sim_has_room(const machine *m, int cv, const wave *w, int64_t now) {
  if (w->pc >= m->sim->code->count)
    return true;
  fgpu_format f = fgpu_isa[fgpu_word_op(m->sim->code->words[w->pc])].format;
  return (f != FGPU_F_LD && f != FGPU_F_ST) || m->cv[cv].done[0] <= now;
}

static int size_of(fgpu_op op) {
  return op == FGPU_LW || op == FGPU_SW ? 4 : op == FGPU_LH || op == FGPU_LHU || op == FGPU_SH ? 2 : 1;
}

static uint32_t load(fgpu_op op, const uint8_t *p) {
  switch (op) {
  case FGPU_LB:
    return (uint32_t)(int8_t)p[0];
  case FGPU_LBU:
    return p[0];
  case FGPU_LH:
    return (uint32_t)(int16_t)(p[0] | p[1] << 8);
  case FGPU_LHU:
    return (uint32_t)(p[0] | p[1] << 8);
  default:
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  }
}

static void store(int size, uint8_t *p, uint32_t value) {
  for (int i = 0; i < size; i++)
    p[i] = (uint8_t)(value >> 8 * i);
}

// One line on the global side: the cycle in which it has been served.
static int64_t serve(machine *m, cv_state *cv, uint32_t line, bool writes, int64_t now) {
  uint32_t *tag = &cv->tags[line % (uint32_t)m->sim->hw->cache_lines];
  if (!writes && *tag == line + 1) {
    m->stats.hits++;
    return now + 1;
  }
  int64_t start = now > m->port ? now : m->port;
  m->port = start + 1;
  if (writes) { // the line is dropped
    m->stats.writes++;
    if (*tag == line + 1)
      *tag = 0;
    return start + 1;
  }
  uint32_t first = line / FGPU_BURST * FGPU_BURST;
  for (uint32_t i = first; i < first + FGPU_BURST; i++)
    cv->tags[i % (uint32_t)m->sim->hw->cache_lines] = i + 1;
  m->stats.reads += FGPU_BURST;
  m->port = start + FGPU_BURST;
  return m->port + MISS_CYCLES + m->sim->latency;
}

// The lines that the active lanes of one phase touch, in the order in which the unit takes them.
static int64_t time_phase(machine *m, cv_state *cv, const wave *w, const uint32_t *address, unsigned mask, bool local,
                          bool writes, int64_t now) {
  const fgpu_watch *watch = m->sim->watch;
  while (mask) {
    uint32_t first = address[__builtin_ctz(mask)], line = first / FGPU_LINE;
    for (int pe = 0; pe < FGPU_PES; pe++)
      if (address[pe] / FGPU_LINE == line)
        mask &= ~(1u << pe);
    if (local)
      *(writes ? &m->stats.local_writes : &m->stats.local_reads) += 1;
    else if (watch && watch->line)
      watch->line(watch->user, w->group, w->pc, first, writes);
    now = local ? now + 1 : serve(m, cv, line, writes, now);
  }
  return now;
}

const char *fgpu_sim_access(machine *m, int cv, wave *w, uint32_t word, int64_t now, int64_t *done) {
  fgpu_op op = (fgpu_op)fgpu_word_op(word);
  cv_state *unit = &m->cv[cv];
  bool local = word & FGPU_LOCAL, writes = fgpu_isa[op].format == FGPU_F_ST;
  uint32_t offset = (word & 0x3fff) | (word & 0x2000 ? ~(uint32_t)0x3fff : 0), size = (uint32_t)size_of(op);
  uint32_t window = (uint32_t)(m->sim->hw->local_bytes / m->sim->hw->slots);
  uint8_t *base = local ? unit->local + (w - unit->waves) * window : m->sim->memory;
  uint32_t address[FGPU_LANES], *rd = w->r[fgpu_word_rd(word)];
  const uint32_t *rs = w->r[fgpu_word_rs(word)];
  for (int lane = 0; lane < FGPU_LANES; lane++) {
    address[lane] = (rs[lane] + offset) & ~(size - 1);
    if (local)
      address[lane] &= window - 1;
    if (!(w->exec >> lane & 1))
      continue;
    if (!local && (uint64_t)address[lane] + size > m->sim->memory_bytes)
      return "an address outside the memory";
    if (writes)
      store((int)size, base + address[lane], rd[lane]);
    else
      rd[lane] = load(op, base + address[lane]);
  }
  int64_t t = unit->free;
  for (int phase = 0; phase < FGPU_PHASES; phase++) {
    int64_t arrives = now + TO_UNIT + phase;
    m->stats.beats++;
    t = time_phase(m, unit, w, address + 8 * phase, w->exec >> 8 * phase & 255, local, writes,
                   t > arrives ? t : arrives);
  }
  unit->free = t;
  unit->done[0] = unit->done[1];
  unit->done[1] = t;
  if (!(word & FGPU_NOWAIT))
    *done = t + TO_REGISTER;
  return NULL;
}
