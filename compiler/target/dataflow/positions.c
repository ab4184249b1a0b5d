// SPDX-License-Identifier: Apache-2.0
//
// Which multiplier stands at which (PE, lane) of a stage that multiplies, and so which filters a PE computes.
#include "compiler/base/escape.h"
#include "compiler/target/dataflow/stage.h"

#include <string.h>

// Filters that share a PE share its multiplier, so the filters are sorted into PEs by the multiplier they were given.
// With nf filters a PE this works when every multiplier has a multiple of nf filters.
bool positions_plan(arena *mem, const config *cfg, dataflow_stage *s, diag *d) {
  const net_node *n = &cfg->net->nodes[s->node];
  const assignment *as = &cfg->assign[s->node];
  int filters = s->out.c;
  int64_t reduction = net_reduction(cfg->net, n);
  if (as->level > ASSIGN_FILTER)
    return stage_refuse(
        cfg, n, d,
        arena_printf(mem, "its filters mix multipliers (%s-level assignment); expected one multiplier a filter",
                     as->level == ASSIGN_WEIGHT ? "weight" : "kernel"));
  int *order = arena_new_array(mem, int, (size_t)filters);
  uint8_t *muls = arena_new_array(mem, uint8_t, (size_t)s->pe * (size_t)s->simd);
  int pe = 0;
  bool sorted = true;
  for (size_t m = 0; m < cfg->mul_count; m++) {
    int count = 0;
    for (int f = 0; f < filters; f++)
      count += assignment_mul(as, f * reduction) == (int)m;
    if (count % s->nf != 0)
      return stage_refuse(
          cfg, n, d,
          arena_printf(mem,
                       "%d filter%s multiplier %s, and with pe %d each PE computes %d filters; expected a "
                       "multiple of %d filters for each multiplier, or another pe",
                       count, count == 1 ? " uses" : "s use", cfg->mul_keys[m], s->pe, s->nf, s->nf));
    int pes = count / s->nf;
    for (int f = 0, j = 0; f < filters; f++)
      if (assignment_mul(as, f * reduction) == (int)m) {
        int at = j / pes * s->pe + pe + j % pes;
        order[at] = f;
        sorted &= at == f;
        j++;
      }
    memset(muls + (size_t)pe * (size_t)s->simd, (int)m, (size_t)pes * (size_t)s->simd);
    pe += pes;
  }
  assert(pe == s->pe);
  s->order = sorted ? NULL : order;
  s->muls = muls;
  return true;
}

bool dataflow_next_run(const dataflow_stage *s, dataflow_run *run) {
  run->first = run->end;
  if (run->first == s->pe)
    return false;
  run->mul = s->muls[(size_t)run->first * (size_t)s->simd];
  for (run->end++; run->end < s->pe && s->muls[(size_t)run->end * (size_t)s->simd] == run->mul;)
    run->end++;
  return true;
}

// One instance for each run of PEs with the same multiplier.
void positions_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  dataflow_run run = {0};
  for (int n = 0; dataflow_next_run(s, &run); n++) {
    const mul *m = x->design->muls[run.mul];
    int i = graph_add_within(x->g, x->layer, m->ident, arena_printf(x->g->mem, "block%d", n),
                             (int64_t)(run.end - run.first) * s->simd);
    x->g->instances[i].mul = m;
  }
}

// Text of an operand of `have` bits widened to `want` bits.
static char *widened(arena *mem, const char *name, const char *index, int have, int want, bool is_signed) {
  char *slice = arena_printf(mem, "%s[(%s)*%d +: %d]", name, index, have, have);
  if (want == have)
    return slice;
  if (!is_signed)
    return arena_printf(mem, "{%d'd0, %s}", want - have, slice);
  return arena_printf(mem, "{{%d{%s[(%s)*%d + %d]}}, %s}", want - have, name, index, have, have - 1, slice);
}

// A run of PEs with one multiplier, as a loop of the block of that name.
static void multiplier_block(const stage_writer *w, const char *block, const dataflow_run *run) {
  const dataflow_stage *s = w->s;
  const mul *m = w->design->muls[run->mul];
  const mul_sig *g = &m->sig;
  const char *at = "pe*SIMD + lane";
  str_printf(w->out,
             "    // PE %d..%d: %s\n"
             "    for (pe = %d; pe < %d; pe = pe + 1) begin : %s\n"
             "        for (lane = 0; lane < SIMD; lane = lane + 1) begin : lanes\n"
             "            wire %s[%d:0] product;\n"
             "            %s mul (\n"
             "                .a(%s),\n"
             "                .b(%s),\n"
             "                .p(product)\n"
             "            );\n",
             run->first, run->end - 1, escaped(w->mem, escape_comment, m->name), run->first, run->end, block,
             g->p_signed ? "signed " : "", g->p_bits - 1, graph_find(w->g, w->layer, block)->module,
             widened(w->mem, "act", "lane", s->in_bits, g->a_bits, s->in_signed),
             widened(w->mem, "weight", at, s->weight_bits, g->b_bits, s->weight_signed));
  if (g->p_bits == s->prod_bits)
    str_printf(w->out, "            assign prod[(%s)*PROD_W +: PROD_W] = product;\n", at);
  else if (g->p_signed)
    str_printf(w->out, "            assign prod[(%s)*PROD_W +: PROD_W] = {{%d{product[%d]}}, product};\n", at,
               s->prod_bits - g->p_bits, g->p_bits - 1);
  else
    str_printf(w->out, "            assign prod[(%s)*PROD_W +: PROD_W] = {%d'd0, product};\n", at,
               s->prod_bits - g->p_bits);
  str_add(w->out, "        end\n    end\n");
}

void positions_emit(const stage_writer *w) {
  str_add(w->out, "    wire [PE*SIMD*PROD_W-1:0] prod;\n"
                  "    genvar pe, lane;\n"
                  "    generate\n");
  dataflow_run run = {0};
  for (int n = 0; dataflow_next_run(w->s, &run); n++)
    multiplier_block(w, arena_printf(w->mem, "block%d", n), &run);
  str_add(w->out, "    endgenerate\n\n");
}
