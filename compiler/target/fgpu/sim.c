// SPDX-License-Identifier: Apache-2.0
//
// The instruction-set simulator: exact in what is computed, approximate in when. Time goes in windows of 8 cycles, in
// each of which a CV issues at most one instruction.
#include "compiler/target/fgpu/sim_internal.h"

#include <string.h>

// Cycles from the end of one launch to the first instruction of the next: the descriptor is read.
enum { LAUNCH_CYCLES = 25, WINDOW = 8, MOST_INSTRUCTIONS = 1 << 24 };

static bool wrong(const machine *m, const wave *w, diag *d, const char *what) {
  return diag_error(d, "launch %zu, group (%u, %u), instruction %u: %s", m->number, w->group[0], w->group[1], w->pc,
                    what);
}

static inline uint32_t fgpu_product(const mul *m, uint32_t a, uint32_t b) {
  a &= (1u << m->sig.a_bits) - 1;
  b &= (1u << m->sig.b_bits) - 1;
  return (uint32_t)mul_apply(m, mul_value(a, m->sig.a_bits, m->sig.a_signed),
                             mul_value(b, m->sig.b_bits, m->sig.b_signed));
}

static inline uint32_t fgpu_dot4(const mul *m, uint32_t a, uint32_t b) {
  uint32_t sum = 0;
  for (int i = 0; i < 32; i += 8)
    sum += fgpu_product(m, a >> i, b >> i);
  return sum;
}

// Second operand of an instruction that computes, where it is not rt.
static uint32_t immediate(fgpu_op op, uint32_t word) {
  bool zero = op == FGPU_ANDI || op == FGPU_ORI || op == FGPU_XORI;
  return zero ? word & 0xffff : (uint32_t)(int16_t)word;
}

static void compute(const machine *mac, int cv, wave *w, uint32_t word) {
  fgpu_op op = (fgpu_op)fgpu_word_op(word);
  fgpu_format format = fgpu_isa[op].format;
  bool imm = format == FGPU_F_RI || format == FGPU_F_HI;
  uint32_t fixed = immediate(op, word), s = word & 0x7ff;
  const uint32_t *ra = w->r[fgpu_word_rs(word)], *rb = w->r[fgpu_word_rt(word)];
  uint32_t *rd = w->r[fgpu_word_rd(word)];
  const grid *g = &(grid){{w->group[0], w->group[1]}, {mac->launch[1], mac->launch[2]}, mac->launch};
  switch (op) {
#define X(symbol, name, number, format, value, words)                                                                  \
  case FGPU_##symbol:                                                                                                  \
    for (uint32_t lane = 0; lane < FGPU_LANES; lane++) {                                                               \
      uint32_t a = ra[lane], b = imm ? fixed : rb[lane], c = rd[lane];                                                 \
      const mul *m = mac->sim->hw->mul[cv][lane % FGPU_PES];                                                           \
      (void)a, (void)b, (void)c, (void)m, (void)s, (void)g;                                                            \
      if (w->exec >> lane & 1)                                                                                         \
        rd[lane] = value;                                                                                              \
    }                                                                                                                  \
    break;
    FGPU_ISA(X)
#undef X
  }
}

static bool any(const wave *w, unsigned reg) {
  for (int lane = 0; lane < FGPU_LANES; lane++)
    if (w->exec >> lane & 1 && w->r[reg][lane])
      return true;
  return false;
}

static void trace_write(const machine *m, const wave *w, unsigned reg) {
  for (int phase = 0; phase < FGPU_PHASES; phase++) {
    unsigned mask = w->exec >> 8 * phase & 255;
    if (!mask)
      continue;
    fprintf(m->sim->trace, "%zu %u %u W %d %u\t", m->number, w->group[1], w->group[0], phase, reg);
    for (int pe = 0; pe < FGPU_PES; pe++)
      if (mask >> pe & 1)
        fprintf(m->sim->trace, " %08x", w->r[reg][8 * phase + pe]);
      else
        fputs(" -", m->sim->trace);
    fputc('\n', m->sim->trace);
  }
}

// The second operand of any instruction (axgen_fgpu_issue).
static bool is_immediate(fgpu_op op, fgpu_format format, uint32_t word, uint32_t *value) {
  bool access = format == FGPU_F_LD || format == FGPU_F_ST;
  *value = access ? (word & 0x3fff) | (word & 0x2000 ? ~(uint32_t)0x3fff : 0) : immediate(op, word);
  return access || format == FGPU_F_RI || format == FGPU_F_HI || op >= FGPU_LANE;
}

static int set(uint32_t x) { return __builtin_popcount(x); }

static void count_changes(machine *m, const wave *w, uint32_t word) {
  fgpu_op op = (fgpu_op)fgpu_word_op(word);
  uint32_t fixed;
  bool constant = is_immediate(op, fgpu_isa[op].format, word, &fixed);
  const uint32_t *ra = w->r[fgpu_word_rs(word)], *rb = w->r[fgpu_word_rt(word)], *rc = w->r[fgpu_word_rd(word)];
  for (int lane = FGPU_PES; lane < FGPU_LANES; lane++) {
    int before = lane - FGPU_PES;
    uint32_t a = ra[lane], a0 = ra[before], b = constant ? fixed : rb[lane], b0 = constant ? fixed : rb[before];
    b &= 0xffff, b0 &= 0xffff;
    m->stats.partials += set(a) * set(b) + set(a0) * set(b0) - 2 * set(a & a0) * set(b & b0);
    m->stats.thirds += set(rc[lane] ^ rc[before]);
  }
}

// A macc or a dot4.
static void count_macs(machine *m, int cv, const wave *w, uint32_t word) {
  int64_t on = __builtin_popcountll(w->exec);
  bool dot = fgpu_word_op(word) == FGPU_DOT4;
  int units = dot ? FGPU_UNITS : 1;
  m->stats.macs[cv] += on * units;
  m->stats.lanes_off += FGPU_LANES - on;
  for (int lane = 0; lane < FGPU_LANES; lane++) {
    int pe = lane % FGPU_PES;
    if (!(w->exec >> lane & 1))
      continue;
    for (int u = 0; u < units; u++) {
      uint32_t i = dot ? (uint32_t)u : word & 3, j = dot ? (uint32_t)u : word >> 2 & 3;
      uint8_t act = (uint8_t)(w->r[fgpu_word_rs(word)][lane] >> 8 * i);
      uint8_t weight = (uint8_t)(w->r[fgpu_word_rt(word)][lane] >> 8 * j);
      if (m->sim->watch && m->sim->watch->macc)
        m->sim->watch->macc(m->sim->watch->user, m->number, cv, pe, u, act, weight);
      m->stats.held += weight == m->cv[cv].weight[pe][u];
      m->cv[cv].weight[pe][u] = weight;
    }
  }
}

// Executes the wavefront's next instruction; *done: the cycle from which on the wavefront can go on.
static bool execute(machine *m, int cv, wave *w, int64_t now, int64_t *done, diag *d) {
  const fgpu_code *code = m->sim->code;
  if (w->pc >= code->count)
    return wrong(m, w, d, "the program has ended without ret");
  uint32_t word = code->words[w->pc];
  if (!fgpu_valid(word))
    return wrong(m, w, d, "not an instruction");
  fgpu_format format = fgpu_isa[fgpu_word_op(word)].format;
  unsigned rs = fgpu_word_rs(word), rd = fgpu_word_rd(word);
  if (m->sim->trace)
    fprintf(m->sim->trace, "%zu %u %u P\t %u\n", m->number, w->group[1], w->group[0], w->pc);
  uint32_t next = w->pc + 1;
  *done = now + WINDOW;
  if (m->sim->changes)
    count_changes(m, w, word);
  bool writes = false;
  switch (format) {
  case FGPU_F_LD:
  case FGPU_F_ST: {
    const char *error = fgpu_sim_access(m, cv, w, word, now, done);
    if (error)
      return wrong(m, w, d, error);
    writes = format == FGPU_F_LD;
    break;
  }
  case FGPU_F_BR:
    if (any(w, rs) == (fgpu_word_op(word) == FGPU_BANY))
      next += (uint32_t)(int16_t)word;
    next &= FGPU_MAX_CODE - 1;
    *done = now + 2 * WINDOW;
    break;
  case FGPU_F_S1:
    w->exec = 0;
    m->stats.masks += FGPU_PHASES;
    for (int lane = 0; lane < FGPU_LANES; lane++)
      w->exec |= (uint64_t)(w->r[rs][lane] != 0) << lane;
    break;
  case FGPU_F_N0:
    w->active = false;
    break;
  default:
    if (fgpu_word_op(word) == FGPU_DOT4 && !m->sim->hw->dot4)
      return wrong(m, w, d, "dot4 on a tile whose PEs have one multiplier");
    if (format == FGPU_F_MA || fgpu_word_op(word) == FGPU_DOT4)
      count_macs(m, cv, w, word);
    compute(m, cv, w, word);
    writes = true;
  }
  memset(w->r[0], 0, sizeof w->r[0]);
  if (writes && rd && m->sim->trace)
    trace_write(m, w, rd);
  m->stats.results += writes && rd ? __builtin_popcountll(w->exec) : 0;
  m->stats.issued[cv]++;
  w->pc = next;
  return true;
}

// Gives free slots their next groups, as the dispatcher does: one a cycle, the CVs in turn.
static bool dispatch(machine *m, int64_t now) {
  bool left = false;
  int given = 0;
  for (bool found = true; found && given < WINDOW;) {
    found = false;
    for (int cv = 0; cv < m->sim->hw->cvs && given < WINDOW; cv++) {
      unsigned q = m->launch[FGPU_D_QUEUE_OF] >> 4 * cv & 15;
      if (q >= 8 || m->next[q][1] >= m->launch[FGPU_D_QUEUES + q] >> 16)
        continue;
      left = true;
      for (int s = 0; s < m->sim->hw->slots; s++) {
        wave *w = &m->cv[cv].waves[s];
        if (w->active)
          continue;
        w->active = true;
        w->pc = m->launch[FGPU_D_PC];
        w->exec = ~(uint64_t)0;
        w->ready = now + WINDOW;
        memcpy(w->group, m->next[q], sizeof w->group);
        if (++m->next[q][0] == m->launch[FGPU_D_GROUPS0]) {
          m->next[q][0] = 0;
          m->next[q][1]++;
        }
        found = true;
        given++;
        break;
      }
    }
  }
  return left;
}

static bool run_launch(machine *m, diag *d) {
  const fgpu_hw *hw = m->sim->hw;
  for (int q = 0; q < 8; q++) {
    m->next[q][0] = 0;
    m->next[q][1] = m->launch[FGPU_D_GROUPS0] ? m->launch[FGPU_D_QUEUES + q] & 0xffff : 0xffff;
  }
  fgpu_sim_begin(m);
  int64_t now = 0, instructions = 0;
  for (bool busy = true; busy; now += WINDOW) {
    busy = dispatch(m, now);
    for (int c = 0; c < hw->cvs; c++) {
      cv_state *cv = &m->cv[c];
      int pick = -1;
      for (int i = 1; i <= hw->slots; i++) {
        int s = (cv->last + i) % hw->slots;
        busy |= cv->waves[s].active;
        if (pick < 0 && cv->waves[s].active && cv->waves[s].ready <= now)
          pick = s;
      }
      if (pick < 0)
        continue;
      cv->last = pick;
      wave *w = &cv->waves[pick];
      if (!fgpu_sim_has_room(m, c, w, now))
        continue;
      if (!execute(m, c, w, now, &w->ready, d))
        return false;
      if (++instructions > MOST_INSTRUCTIONS)
        return wrong(m, w, d, "no end: more than 16777216 instructions in one launch");
    }
    if (interrupted())
      return diag_tool(d, "interrupted");
  }
  for (int c = 0; c < hw->cvs; c++)
    now = m->cv[c].free > now ? m->cv[c].free : now;
  m->stats.cycles += now + LAUNCH_CYCLES;
  return true;
}

bool fgpu_sim_run(const fgpu_sim *sim, size_t first, size_t count, fgpu_stats *stats, diag *d) {
  arena *mem = arena_new();
  machine m = {.sim = sim, .cv = arena_new_array(mem, cv_state, (size_t)sim->hw->cvs)};
  for (int c = 0; c < sim->hw->cvs; c++) {
    m.cv[c].waves = arena_new_array(mem, wave, (size_t)sim->hw->slots);
    m.cv[c].local = arena_new_array(mem, uint8_t, (size_t)sim->hw->local_bytes);
    m.cv[c].tags = arena_new_array(mem, uint32_t, (size_t)sim->hw->cache_lines);
  }
  bool ok = first + count <= sim->launch_count ||
            diag_error(d, "launch %zu: there are %zu", first + count - 1, sim->launch_count);
  for (m.number = first; ok && m.number < first + count; m.number++) {
    m.launch = sim->launches[m.number];
    ok = run_launch(&m, d);
  }
  if (stats) {
    stats->cycles += m.stats.cycles;
    for (int c = 0; c < FGPU_MAX_CVS; c++) {
      stats->issued[c] += m.stats.issued[c];
      stats->macs[c] += m.stats.macs[c];
    }
    stats->held += m.stats.held;
    stats->lanes_off += m.stats.lanes_off;
    stats->reads += m.stats.reads;
    stats->writes += m.stats.writes;
    stats->hits += m.stats.hits;
    stats->beats += m.stats.beats;
    stats->local_reads += m.stats.local_reads;
    stats->local_writes += m.stats.local_writes;
    stats->results += m.stats.results;
    stats->masks += m.stats.masks;
    stats->partials += m.stats.partials;
    stats->thirds += m.stats.thirds;
  }
  arena_free(mem);
  return ok;
}
