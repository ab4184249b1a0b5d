// SPDX-License-Identifier: Apache-2.0
//
// Counts what a tile is built of, in the graph's parts (describe.c), and how often its multipliers work for an image.
#include "compiler/target/fgpu/emit_internal.h"
#include "compiler/target/fgpu/target.h"
#include "compiler/target/fgpu/work.h"

#include <string.h>

enum { PART_PES, PART_UNITS, PART_ISSUE, PART_DISPATCH, PART_ARBITER, PART_CVS, PART_HOST }; // as describe.c has them

// ---- blocks --------------------------------------------------------------------------------------------------------
// Registers: what Yosys finds in the modules of rtl_templates/fgpu, whose sizes are these alone. `uses`: of one block.
static void count_logic(const fgpu_hw *hw, const fgpu_work *w, cost_part *parts) {
  double cvs = hw->cvs, pes = cvs * FGPU_PES, trees = hw->dot4 ? pes : 0; // of the four products of a PE
  double issued = w->issued / cvs, lines = w->lines / cvs;
  int slot = cost_bits(hw->slots);
  const struct {
    int part;
    synth_kind kind;
    cost_block block;
    double blocks, flip_flops, uses;
  } rows[] = {{PART_PES, SYNTH_PES, hw->dot4 ? COST_DOT4 : COST_PE, pes, 318 * pes + 49 * trees, w->partials / pes},
              {PART_UNITS, SYNTH_CONTROL, COST_UNIT, cvs, (1640 + 3 * slot) * cvs, lines},
              {PART_ISSUE, SYNTH_CONTROL, COST_ISSUE, cvs, (154 + 46.5 * hw->slots) * cvs, issued},
              {PART_ISSUE, SYNTH_CONTROL, COST_SLOT, cvs * hw->slots, 0, issued / hw->slots},
              {PART_DISPATCH, SYNTH_CONTROL, COST_DISPATCH, 1, 478, 0},
              {PART_ARBITER, SYNTH_CONTROL, COST_PORT, cvs, 7, lines},
              {PART_CVS, SYNTH_CONTROL, COST_HELD, 40 * cvs, (101 + 3 * slot) * cvs, issued},
              {PART_CVS, SYNTH_CONTROL, COST_TREE, 54 * trees, 0, issued},
              {PART_HOST, SYNTH_CONTROL, COST_HELD, 170, 128, 0}};
  for (size_t i = 0; i < BASE_COUNT(rows); i++) {
    cost_logic *l = &parts[rows[i].part].logic;
    cost_add(l, rows[i].kind, rows[i].block, rows[i].blocks, rows[i].uses);
    // Which of a part's registers take new values is not known, but of PEs: they are in the parts' own figures, or in
    // none.
    cost_add(l, SYNTH_REGISTERS, COST_FLIP_FLOP, rows[i].flip_flops, 0);
  }
  cost_work_alone(&parts[PART_PES].logic, SYNTH_REGISTERS, COST_CHANGE, w->thirds);
  cost_longest(&parts[PART_PES].logic, COST_PATH_TILE, 1);
}

// Weights of a node that have each multiplier.
static void count_weights(const infer_model *m, int node, double *weights) {
  const assignment *a = &m->assign[node];
  int64_t count = net_reduction(m->net, &m->net->nodes[node]) * m->net->nodes[node].shape.c;
  for (int64_t i = 0; i < count; i++)
    weights[assignment_mul(a, i)]++;
}

// A wavefront's phases take as many pixels as there are, up to all, with one weight.
static double held(const net_node *n) {
  double pixels = (double)n->shape.h * n->shape.w;
  return pixels < FGPU_PHASES ? pixels : FGPU_PHASES;
}

static void count_multipliers(arena *mem, const fgpu_program *p, cost_part *pes) {
  const network *net = p->model->net;
  double built[CONFIG_MAX_MULS] = {0};
  for (int i = 0; i < p->hw.cvs * FGPU_PES; i++)
    built[p->pe_mul[i / FGPU_PES][i % FGPU_PES]] += fgpu_units(&p->hw);
  for (size_t i = 0; i < p->mul_count; i++)
    if (built[i] > 0)
      cost_add_multipliers(mem, pes, (cost_multiplying){.mul = (int)i, .node = -1, .count = built[i], .held = 1});
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    double weights[CONFIG_MAX_MULS] = {0}, pixels = (double)n->shape.h * n->shape.w;
    if (!net_multiplies(n))
      continue;
    count_weights(p->model, (int)i, weights);
    for (size_t k = 0; k < p->mul_count; k++)
      if (weights[k] > 0)
        cost_add_multipliers(
            mem, pes,
            (cost_multiplying){.mul = (int)k, .node = (int)i, .products = weights[k] * pixels, .held = held(n)});
  }
}

// ---- memories ------------------------------------------------------------------------------------------------------
// Words read and written, by the names of describe.c. A PE's registers are read in every cycle, three copies of them; a
// missing line is looked up again when its burst has come.
static void count_accesses(arena *mem, const graph *g, const fgpu_hw *hw, const fgpu_work *w, cost_counts *out) {
  double loads = w->hits + 2 * w->bursts, fills = w->bursts * FGPU_BURST, cvs = hw->cvs;
  const struct {
    const char *memory;
    double reads, writes;
  } rows[] = {{"program", w->cycles, 0},
              {"descriptors", w->cycles, 0},
              {"execution masks", w->cycles * cvs, w->masks},
              {"registers", w->cycles * cvs * FGPU_PES * 3, w->results * 3},
              {"queue", w->beats, w->beats},
              {"tags", loads + w->stores, fills},
              {"cache", loads, fills},
              {"scratchpad", w->local_reads, w->local_writes}};
  for (size_t i = 0; i < g->memory_count; i++)
    for (size_t k = 0; k < BASE_COUNT(rows); k++) {
      const graph_memory *m = &g->memories[i];
      if (strcmp(m->name, rows[k].memory) == 0)
        memories_add(mem, &out->accesses,
                     (memories_access){g->instances[m->instance].part, m->role, m->width, m->depth, rows[k].reads,
                                       rows[k].writes});
    }
  out->accesses.external_bytes = (fills + w->stores) * FGPU_LINE;
}

bool fgpu_cost(arena *mem, const fgpu_build *b, cost_counts *out, diag *d) {
  const fgpu_program *p = b->program;
  fgpu_work work = {0};
  const fgpu_tile tile = fgpu_tile_of(p, NULL);
  const graph *g = fgpu_graph(mem, &tile);
  cost_from_graph(mem, g, out);
  for (size_t i = 0; i < g->memory_count; i++) {
    const graph_memory *m = &g->memories[i];
    cost_add_memory(mem, out, g->instances[m->instance].part, (synth_memory){m->role, m->width, m->depth, m->count});
  }
  if (!fgpu_count_work(mem, p, &work, d))
    return false;
  out->cycles = work.cycles;
  count_accesses(mem, g, &p->hw, &work, out);
  count_logic(&p->hw, &work, out->parts);
  count_multipliers(mem, p, &out->parts[PART_PES]);
  return true;
}
