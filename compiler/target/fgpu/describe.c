// SPDX-License-Identifier: Apache-2.0
//
// The tile as a graph: the core with its parameters, the PEs' multipliers, and the memories in rtl_templates/fgpu.
#include "compiler/target/fgpu/emit_internal.h"
#include "genlib/scope.h"

// Instances in rtl_templates/fgpu. A PE's multiplier stands beside it.
#define INSTANCES(...) ((const char *const[]){__VA_ARGS__, NULL})
static const synth_part PARTS[] = {{"PEs", INSTANCES("u_pe", "u_mul"), false},
                                   {"memory units", INSTANCES("u_mem"), false},
                                   {"issue", INSTANCES("u_issue"), false},
                                   {"dispatcher", INSTANCES("u_dispatch"), false},
                                   {"arbiter", INSTANCES("u_arbiter"), false},
                                   {"rest of the CVs", INSTANCES("u_cv"), true},
                                   {"host port", NULL, false}}; // the last: whatever is in none
enum { PART_PES, PART_MEMORY_UNITS, PART_CVS = 5, PART_HOST_PORT };

static int bits_of(int64_t n) { return n <= 1 ? 0 : bits_unsigned((uint64_t)(n - 1)); }
static int at_least(int v, int least) { return v < least ? least : v; }
int fgpu_code_depth(const fgpu_tile *t) { return 1 << at_least(bits_of((int64_t)t->code_words), 4); }
int fgpu_launch_depth(const fgpu_tile *t) { return 1 << at_least(bits_of((int64_t)t->launches), 1); }

const mul *const *fgpu_pe_multipliers(arena *mem, const fgpu_tile *t) {
  const mul *pe[FGPU_MAX_CVS * FGPU_PES];
  int pes = t->hw.cvs * FGPU_PES;
  for (int i = 0; i < pes; i++)
    pe[i] = t->hw.mul[i / FGPU_PES][i % FGPU_PES];
  return scope_multipliers(mem, scope_new(mem), pe, (size_t)pes);
}

// One instance for each multiplier, which stands in as many PEs as have it.
static void add_multipliers(arena *mem, const fgpu_tile *t, graph *g, int tile) {
  int pes = t->hw.cvs * FGPU_PES;
  const mul *const *of_pe = fgpu_pe_multipliers(mem, t);
  for (int i = 0; i < pes; i++) {
    int first = 0, count = 0;
    while (of_pe[first] != of_pe[i])
      first++;
    if (first < i)
      continue;
    for (int k = i; k < pes; k++)
      count += of_pe[k] == of_pe[i];
    int m = graph_add_within(g, tile, of_pe[i]->ident, arena_printf(mem, "g_%s", of_pe[i]->ident),
                             (int64_t)count * fgpu_units(&t->hw));
    g->instances[m].mul = of_pe[i];
    g->instances[m].part = PART_PES;
  }
}

static int inside(graph *g, int around, core_id core, const char *name, int64_t count, size_t part) {
  int i = graph_add_within(g, around, CORES[core].name, name, count);
  g->instances[i].part = part;
  return i;
}

// `each`: how many an instance has.
static void add_memory(graph *g, int instance, const char *name, int64_t width, int64_t depth, int64_t each) {
  graph_add_memory(g, (graph_memory){.instance = instance,
                                     .name = name,
                                     .role = SYNTH_RAM,
                                     .width = width,
                                     .depth = depth,
                                     .count = each * g->instances[instance].count});
}

// As rtl_templates/fgpu has them; tests/synth/tile.sh compares them with what Yosys finds there.
static void add_memories(const fgpu_tile *t, graph *g, int tile) {
  enum { QUEUE = 16, GENERATION = 6, COPIES = 3, WORD = 32, REGISTERS = 32, PHASES = FGPU_LANES / FGPU_PES };
  int slots = t->hw.slots, address = fgpu_address_bits(t), slot = bits_of(slots), index = bits_of(t->hw.cache_lines);
  int line = 8 * FGPU_LINE, beat = (6 + 1 + 1 + slot + 3 + 5 + 8) + FGPU_PES * address + FGPU_PES * WORD;
  int code = inside(g, tile, CORE_RAM_SP, "u_code", 1, PART_HOST_PORT);
  add_memory(g, code, "program", WORD, fgpu_code_depth(t), 1);
  int launches = inside(g, tile, CORE_RAM_SP, "u_desc", 1, PART_HOST_PORT);
  add_memory(g, launches, "descriptors", WORD, (int64_t)FGPU_DESCRIPTOR * fgpu_launch_depth(t), 1);
  int cv = inside(g, tile, CORE_FGPU_CV, "u_cv", t->hw.cvs, PART_CVS);
  add_memory(g, cv, "execution masks", FGPU_PES, (int64_t)slots * PHASES, 1);
  int pe = inside(g, cv, CORE_FGPU_PE, "u_pe", (int64_t)t->hw.cvs * FGPU_PES, PART_PES);
  add_memory(g, pe, "registers", WORD, (int64_t)slots * PHASES * REGISTERS, COPIES);
  int unit = inside(g, cv, CORE_FGPU_MEM, "u_mem", t->hw.cvs, PART_MEMORY_UNITS);
  add_memory(g, unit, "queue", beat, QUEUE - 1, 1); // the last word is in axgen_fifo's output register
  add_memory(g, unit, "tags", GENERATION + (address - 5) - index, t->hw.cache_lines, 1);
  add_memory(g, unit, "cache", line, t->hw.cache_lines, 1);
  add_memory(g, unit, "scratchpad", line, t->hw.local_bytes / FGPU_LINE, 1);
}

graph *fgpu_graph(arena *mem, const fgpu_tile *t) {
  graph *g = graph_new(mem, scope_new(mem), "part",
                       1u << SYNTH_MULTIPLIERS | 1u << SYNTH_PES | 1u << SYNTH_CONTROL | 1u << SYNTH_REGISTERS);
  for (size_t i = 0; i < BASE_COUNT(PARTS); i++)
    graph_part_of(g, PARTS[i]);
  int tile = graph_add_within(g, GRAPH_TOP, CORES[CORE_FGPU].name, "tile", 1);
  graph_set(g, tile, "CVS", "%d", t->hw.cvs);
  graph_set(g, tile, "DOT4", "%d", t->hw.dot4);
  graph_set(g, tile, "SLOTS", "%d", t->hw.slots);
  graph_set(g, tile, "LINES", "%d", t->hw.cache_lines);
  graph_set(g, tile, "LOCAL_BYTES", "%d", t->hw.local_bytes);
  graph_set(g, tile, "ADDR_W", "%d", fgpu_address_bits(t));
  graph_set(g, tile, "CODE_WORDS", "%d", fgpu_code_depth(t));
  graph_set(g, tile, "LAUNCHES", "%d", fgpu_launch_depth(t));
  add_multipliers(mem, t, g, tile);
  add_memories(t, g, tile);
  return g;
}
