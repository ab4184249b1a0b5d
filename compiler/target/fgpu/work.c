// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/work.h"
#include "genlib/measure/measure.h"

#include <math.h>
#include <string.h>

// ---- how long it works ---------------------------------------------------------------------------------------------
enum { LAUNCH_CYCLES = 25, WINDOW = 8 }; // between launches; of an instruction
enum { SOME_CODES = 1000 }; // that a tensor's are taken from
static const double MOST_TOUCHES = 1e5; // of a launch's lines that are looked at, beyond what is first in the slots

// Of the queue whose CVs have the most to do: *first wavefront group, how many wavefronts each CV runs.
static double longest_queue(const uint32_t *launch, int cvs, int *queue) {
  double most = 0;
  for (int q = 0; q < FGPU_MAX_CVS; q++) {
    uint32_t range = launch[FGPU_D_QUEUES + q];
    double sharing = 0, groups = (double)(range >> 16) - (double)(range & 0xffff);
    for (int cv = 0; cv < cvs; cv++)
      sharing += (launch[FGPU_D_QUEUE_OF] >> 4 * cv & 15) == (uint32_t)q;
    if (sharing > 0 && groups * launch[FGPU_D_GROUPS0] / sharing > most)
      most = groups * launch[FGPU_D_GROUPS0] / sharing, *queue = q;
  }
  return ceil(most);
}

// ---- lines that wavefronts touch ------------------------------------------------------------------------------------
// Of one wavefront, in the order in which its memory unit takes them.
typedef struct {
  uint32_t address; // of the first byte that it wants of a line
  bool writes;
  size_t access; // number of its instruction
} touch;
typedef struct {
  touch *list;
  size_t count, cap;
  uint32_t pc; // of the last one
} touches;
// Of a wavefront of a launch, of the next one, of the one below.
typedef struct {
  arena *mem;
  touches first, next, below;
  bool is_below;
} tracer;

static void see_line(void *user, const uint32_t group[2], uint32_t pc, uint32_t address, bool writes) {
  tracer *t = user;
  touches *to = t->is_below ? &t->below : group[0] ? &t->next : &t->first;
  size_t access = to->count ? to->list[to->count - 1].access + (pc != to->pc) : 0;
  arena_grow(t->mem, to->list, to->count, to->cap);
  to->list[to->count++] = (touch){address, writes, access};
  to->pc = pc;
}

// Some wavefronts of a launch alone, on one CV: of `row`, the first or the first two groups.
static bool run_groups(const fgpu_program *p, size_t i, int queue, uint32_t row, uint32_t groups, uint8_t *memory,
                       tracer *t, fgpu_stats *out, diag *d) {
  fgpu_descriptor some;
  memcpy(some, p->descriptors[i], sizeof some);
  for (int q = 0; q < FGPU_MAX_CVS; q++)
    some[FGPU_D_QUEUES + q] = q == queue ? row | (row + 1) << 16 : 0;
  some[FGPU_D_GROUPS0] = groups;
  uint32_t cv = 0;
  while ((some[FGPU_D_QUEUE_OF] >> 4 * cv & 15) != (uint32_t)queue)
    cv++;
  some[FGPU_D_QUEUE_OF] |= ~(15u << 4 * cv);
  const fgpu_watch watch = {.line = see_line, .user = t};
  const fgpu_sim sim = {.hw = &p->hw,
                        .code = &p->code,
                        .launches = (const fgpu_descriptor *)&some,
                        .launch_count = 1,
                        .memory = memory,
                        .memory_bytes = p->memory_bytes,
                        .latency = FGPU_LATENCY,
                        .watch = &watch,
                        .changes = groups == 1};
  return fgpu_sim_run(&sim, 0, 1, out, d);
}

typedef struct {
  double hits, bursts, stores; // of lines
} served;
typedef struct {
  uint32_t *tags; // line + 1
  uint32_t lines;
  served sum;
} cache;

static void take(cache *c, uint32_t line, bool writes) {
  uint32_t *tag = &c->tags[line & (c->lines - 1)], first = line & ~(uint32_t)(FGPU_BURST - 1);
  if (writes) {
    c->sum.stores++;
    if (*tag == line + 1)
      *tag = 0;
  } else if (*tag == line + 1) {
    c->sum.hits++;
  } else {
    c->sum.bursts++;
    for (uint32_t l = first; l < first + FGPU_BURST; l++)
      c->tags[l & (c->lines - 1)] = l + 1;
  }
}

// How many bytes each line of another wavefront lies from the first one's: instruction by instruction, where lanes that
// do nothing leave out lines.
static uint32_t *moved(arena *mem, const touches *other, const touches *first) {
  uint32_t *by = arena_new_array(mem, uint32_t, first->count);
  for (size_t k = 0, i = 0; k < first->count; k++) {
    while (i + 1 < other->count && (other->list[i].access < first->list[k].access))
      i++;
    if (i < other->count && other->list[i].access == first->list[k].access) {
      by[k] = other->list[i].address - first->list[k].address;
      i += i + 1 < other->count && other->list[i + 1].access == first->list[k].access;
    } else
      by[k] = k ? by[k - 1] : 0;
  }
  return by;
}

// Of a CV that has every `cvs`-th of the launch's wavefronts, `beside` in a row.
typedef struct {
  const touches *first;
  const uint32_t *across, *down; // from the first wavefront's lines to those of its neighbours
  uint32_t beside, cvs;
} waves_of;

static void touch_lines(cache *c, const waves_of *of, uint32_t w, size_t from, size_t to) {
  uint32_t x = w * of->cvs % of->beside, y = w * of->cvs / of->beside;
  for (size_t l = from; l < to; l++) {
    const touch *t = &of->first->list[l];
    take(c, (t->address + x * of->across[l] + y * of->down[l]) / FGPU_LINE, t->writes);
  }
}

// Wavefronts `from` to `to` side by side, each one's access after the other's. They begin one after the other, so each
// is an access behind the one before it: streams that lie a cache apart would else take all their lines from each
// other.
static void replay(cache *c, const waves_of *of, uint32_t from, uint32_t to) {
  const touches *first = of->first;
  size_t steps = (first->count ? first->list[first->count - 1].access + 1 : 0) + (to - from - 1);
  size_t at[FGPU_MAX_SLOTS] = {0};
  for (size_t step = 0; step < steps; step++)
    for (uint32_t w = from; w < to && w - from <= step; w++) {
      size_t *k = &at[w - from], end = *k, access = step - (w - from);
      while (end < first->count && first->list[end].access == access)
        end++;
      touch_lines(c, of, w, *k, end);
      *k = end;
    }
}

// All lines of a CV's wavefronts: its slots full at a time. Of many, all that come are as those looked at last.
static served serve_all(arena *mem, const fgpu_program *p, const waves_of *of, uint32_t waves) {
  cache c = {.tags = arena_new_array(mem, uint32_t, (size_t)p->hw.cache_lines), .lines = (uint32_t)p->hw.cache_lines};
  uint32_t slots = (uint32_t)p->hw.slots, done = 0, begun = 0;
  served before = {0};
  while (done < waves && (done < 2 * slots || (double)done * (double)of->first->count < MOST_TOUCHES)) {
    begun = done;
    before = c.sum;
    done = waves - done < slots ? waves : done + slots;
    replay(&c, of, begun, done);
  }
  double more = (double)(waves - done) / (done - begun);
  return (served){c.sum.hits + more * (c.sum.hits - before.hits), c.sum.bursts + more * (c.sum.bursts - before.bursts),
                  c.sum.stores + more * (c.sum.stores - before.stores)};
}

// ---- launches -------------------------------------------------------------------------------------------------------
// Cycles of a memory unit: with a line that is there or is written, with one that is not (sim_memory.c).
enum { SERVE_CYCLES = 1, MISS_CYCLES = FGPU_BURST + 5 + FGPU_LATENCY };

// All wavefronts of a launch do the same, so one is run, on such activations as multipliers are measured with, and its
// neighbours for the lines that they touch. Then a CV with its slots full issues but when all its wavefronts wait at
// once, as each does for its part of the time, or it is held up by serving lines; all CVs by the port that they share.
static bool add_launch(arena *mem, const fgpu_program *p, size_t i, uint8_t *memory, fgpu_work *w, diag *d) {
  const uint32_t *launch = p->descriptors[i];
  fgpu_stats stats = {0}, unused = {0};
  int queue = 0;
  double waves = longest_queue(launch, p->hw.cvs, &queue), all = p->launches[i].groups, cvs = p->hw.cvs, issued = 0;
  if (waves <= 0)
    return true;
  uint32_t beside = launch[FGPU_D_GROUPS0], row = launch[FGPU_D_QUEUES + queue] & 0xffff,
           rows = (launch[FGPU_D_QUEUES + queue] >> 16) - row, sharing = 0;
  tracer t = {.mem = mem}, two = {.mem = mem};
  if (!run_groups(p, i, queue, row, 1, memory, &t, &stats, d) ||
      (beside > 1 && !run_groups(p, i, queue, row, 2, memory, &two, &unused, d)))
    return false;
  t.is_below = true;
  if (rows > 1 && !run_groups(p, i, queue, row + 1, 1, memory, &t, &unused, d))
    return false;
  for (int cv = 0; cv < FGPU_MAX_CVS; cv++) {
    issued += (double)stats.issued[cv];
    sharing += cv < p->hw.cvs && (launch[FGPU_D_QUEUE_OF] >> 4 * cv & 15) == (uint32_t)queue;
  }
  const waves_of of = {&t.first, moved(mem, &two.next, &t.first), moved(mem, &t.below, &t.first), beside, sharing};
  served lines = serve_all(mem, p, &of, (uint32_t)waves);
  double alone = (double)stats.cycles - LAUNCH_CYCLES, local = (double)(stats.local_reads + stats.local_writes);
  double unit = (SERVE_CYCLES * (lines.hits + lines.stores) + MISS_CYCLES * lines.bursts) / waves + local;
  double port = (FGPU_BURST * lines.bursts + lines.stores) / waves * all;
  double missing = lines.bursts / waves - (double)stats.reads / FGPU_BURST; // more than one that has the cache alone
  double busy = WINDOW * issued / (alone + fmax(missing, 0) * MISS_CYCLES), idle = pow(1 - fmin(busy, 1), p->hw.slots);
  double each = fmax(WINDOW * issued / (1 - idle), unit);
  double cycles = LAUNCH_CYCLES + fmax(alone + (waves - 1) * each, port);
  // A PE takes operands in each cycle, those of the next instruction again where none is issued; from a wavefront to
  // the next they change as from phase to phase.
  double phases = cvs * cycles / (issued * (FGPU_PHASES - 1));
  w->partials += (double)stats.partials * phases;
  w->thirds += (double)stats.thirds * phases;
  w->cycles += cycles;
  w->issued += all * issued;
  w->hits += all / waves * lines.hits;
  w->bursts += all / waves * lines.bursts;
  w->stores += all / waves * lines.stores;
  w->lines += all / waves * (lines.hits + lines.bursts + lines.stores);
  w->beats += all * (double)stats.beats;
  w->local_reads += all * (double)stats.local_reads;
  w->local_writes += all * (double)stats.local_writes;
  w->results += all * (double)stats.results;
  w->masks += all * (double)stats.masks;
  return true;
}

// ---- what stands in memory ------------------------------------------------------------------------------------------
// Codes such as multipliers are measured with: of activations after ReLU; on both sides of the zero point, where codes
// reach below it.
static bool fill(arena *mem, const fgpu_program *p, int node, uint8_t *memory, diag *d) {
  const net_node *n = &p->model->net->nodes[node];
  const net_quant q = n->quant;
  const mul_sig sig = {.a_bits = q.bits, .b_bits = q.bits, .a_signed = q.is_signed, .b_signed = true};
  measure_stream some;
  size_t at = 0;
  if (!measure_operands(mem, sig, "realistic", 1, SOME_CODES, &some, d))
    return false;
  for (int c = 0; c < n->shape.c; c++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++, at = (at + 1) % some.count) {
        int32_t code = some.a[at], below = n->lo < q.zero && some.b[at] & 1;
        memory[fgpu_address(p, node, c, y, x)] = (uint8_t)clamp64(q.zero + (below ? -code : code), n->lo, n->hi);
      }
  return true;
}

// What a layer reads.
static bool fill_inputs(arena *mem, const fgpu_program *p, const net_node *n, uint8_t *memory, diag *d) {
  for (int k = 0; k < n->input_count; k++)
    if (fgpu_value_bytes(p, n->inputs[k]) == 1 && !fill(mem, p, n->inputs[k], memory, d))
      return false;
  return true;
}

bool fgpu_count_work(arena *mem, const fgpu_program *p, fgpu_work *out, diag *d) {
  const network *net = p->model->net;
  uint8_t *memory = arena_alloc(mem, p->memory_bytes);
  int32_t *codes = arena_new_array(mem, int32_t, (size_t)net_shape_size(net->nodes[0].shape));
  fgpu_memory(p, codes, memory);
  *out = (fgpu_work){0};
  for (size_t i = 0; i < p->launch_count; i++)
    if (!fill_inputs(mem, p, &net->nodes[p->launches[i].node], memory, d) || !add_launch(mem, p, i, memory, out, d))
      return false;
  return true;
}
