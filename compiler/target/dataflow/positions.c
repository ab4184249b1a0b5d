// SPDX-License-Identifier: Apache-2.0
//
// Which multiplier stands at which (PE, lane) of a stage that multiplies, and so which filters a PE computes.
#include "compiler/base/escape.h"
#include "compiler/target/dataflow/stage.h"

#include <string.h>

// The multiplier that the first weight at each position wants; the others there want it too (orders_plan).
void positions_plan(arena *mem, const config *cfg, dataflow_stage *s) {
  const assignment *as = &cfg->assign[s->node];
  int64_t reduction = net_reduction(cfg->net, &cfg->net->nodes[s->node]);
  uint8_t *muls = arena_alloc(mem, (size_t)s->pe * (size_t)s->simd);
  for (int f = 0; f < s->pe; f++)
    for (int lane = 0; lane < s->simd; lane++) {
      int c, ky, kx;
      dataflow_window_element(s, 0, lane, &c, &ky, &kx);
      int64_t at = ((int64_t)(dataflow_window_channel(s, f, c) % dataflow_group_channels(s)) * s->kh + ky) * s->kw + kx;
      muls[f * s->simd + lane] = (uint8_t)assignment_mul(as, stage_channel(s->order, f) * reduction + at);
    }
  s->muls = muls;
}

bool positions_mixed(const dataflow_stage *s) {
  for (int i = 0; i < s->pe * s->simd; i++)
    if (s->muls[i] != s->muls[i / s->simd * s->simd])
      return true;
  return false;
}

// Where lanes differ: the next multiplier in the order in which they first occur.
static bool next_scattered(const dataflow_stage *s, dataflow_run *run) {
  int places = s->pe * s->simd;
  int at = 0;
  if (run->count) { // behind the first place of the last one
    while (s->muls[at] != run->mul)
      at++;
    for (at++; at < places && memchr(s->muls, s->muls[at], (size_t)at); at++)
      ;
  }
  if (at == places)
    return false;
  *run = (dataflow_run){.end = s->pe, .mul = s->muls[at]};
  for (int i = 0; i < places; i++)
    run->count += s->muls[i] == run->mul;
  return true;
}

bool dataflow_next_run(const dataflow_stage *s, dataflow_run *run) {
  if (positions_mixed(s))
    return next_scattered(s, run);
  run->first = run->end;
  if (run->first == s->pe)
    return false;
  run->mul = s->muls[(size_t)run->first * (size_t)s->simd];
  for (run->end++; run->end < s->pe && s->muls[(size_t)run->end * (size_t)s->simd] == run->mul;)
    run->end++;
  run->count = (int64_t)(run->end - run->first) * s->simd;
  return true;
}

// One instance for each run of PEs with the same multiplier; where lanes differ, for each multiplier.
void positions_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  dataflow_run run = {0};
  for (int n = 0; dataflow_next_run(s, &run); n++) {
    const mul *m = x->design->muls[run.mul];
    int i = graph_add_within(x->g, x->layer, m->ident, arena_printf(x->g->mem, "block%d", n), run.count);
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

// The multiplier of a position, and its product as wide as all.
static void instance(const stage_writer *w, const char *block, const mul *m, const char *indent) {
  const dataflow_stage *s = w->s;
  const mul_sig *g = &m->sig;
  const char *at = "pe*SIMD + lane", *in = indent;
  str_printf(
      w->out,
      "%swire %s[%d:0] product;\n"
      "%s%s mul (\n"
      "%s    .a(%s),\n"
      "%s    .b(%s),\n"
      "%s    .p(product)\n"
      "%s);\n",
      in, g->p_signed ? "signed " : "", g->p_bits - 1, in, graph_find(w->g, w->layer, block)->module, in,
      widened(w->mem, "act", s->side > 1 ? "pe/(PE/GROUPS)*SIMD + lane" : "lane", s->in_bits, g->a_bits, s->in_signed),
      in, widened(w->mem, "weight", at, s->weight_bits, g->b_bits, s->weight_signed), in, in);
  str_printf(w->out, "%sassign prod[(%s)*PROD_W +: PROD_W] = ", in, at);
  if (g->p_bits == s->prod_bits)
    str_add(w->out, "product;\n");
  else if (g->p_signed)
    str_printf(w->out, "{{%d{product[%d]}}, product};\n", s->prod_bits - g->p_bits, g->p_bits - 1);
  else
    str_printf(w->out, "{%d'd0, product};\n", s->prod_bits - g->p_bits);
}

// A run of PEs with one multiplier, as a loop of the block of that name.
static void multiplier_block(const stage_writer *w, const char *block, const dataflow_run *run) {
  const mul *m = w->design->muls[run->mul];
  str_printf(w->out,
             "    // PE %d..%d: %s\n"
             "    for (pe = %d; pe < %d; pe = pe + 1) begin : %s\n"
             "        for (lane = 0; lane < SIMD; lane = lane + 1) begin : lanes\n",
             run->first, run->end - 1, escaped(w->mem, escape_comment, m->name), run->first, run->end, block);
  instance(w, block, m, "            ");
  str_add(w->out, "        end\n    end\n");
}

// The lanes of a PE that have a multiplier, as a constant; lane 0 at the right.
static void lanes_of(const dataflow_stage *s, int pe, int mul, str *out) {
  enum { MOST_DIGITS = 64 };
  int per_digit = s->simd > MOST_DIGITS ? 4 : 1;
  str_printf(out, "%d'%c", s->simd, per_digit > 1 ? 'h' : 'b');
  for (int digit = (int)div_ceil(s->simd, per_digit); digit-- > 0;) {
    unsigned v = 0;
    for (int lane = digit * per_digit; lane < (digit + 1) * per_digit && lane < s->simd; lane++)
      v |= (unsigned)(s->muls[pe * s->simd + lane] == mul) << lane % per_digit;
    str_printf(out, "%x", v);
  }
}

// Where a multiplier stands: a bit for each position, PE by PE from the last to the first, equal ones on one line.
static void places(const stage_writer *w, int n, const dataflow_run *run) {
  const dataflow_stage *s = w->s;
  str_printf(w->out,
             "    // %s at %lld of the %d positions: a row for each PE, its last lane first\n"
             "    localparam [PE*SIMD-1:0] AT%d = {\n",
             escaped(w->mem, escape_comment, w->design->muls[run->mul]->name), (long long)run->count, s->pe * s->simd,
             n);
  for (int end = s->pe; end > 0;) {
    str row = {0}, other = {0};
    lanes_of(s, end - 1, run->mul, &row);
    int first = end - 1;
    for (bool same = true; same && first > 0; first -= same) {
      other.len = 0;
      lanes_of(s, first - 1, run->mul, &other);
      same = strcmp(row.data, other.data) == 0;
    }
    const char *comma = first ? "," : "";
    if (end - first == 1)
      str_printf(w->out, "        %s%s // PE %d\n", row.data, comma, first);
    else
      str_printf(w->out, "        {%d{%s}}%s // PE %d..%d\n", end - first, row.data, comma, first, end - 1);
    end = first;
    str_free(&row);
    str_free(&other);
  }
  str_add(w->out, "    };\n");
}

// One multiplier wherever it stands.
static void scattered_block(const stage_writer *w, int n, const char *block, const dataflow_run *run) {
  const mul *m = w->design->muls[run->mul];
  str_printf(w->out,
             "    // %s\n"
             "    for (pe = 0; pe < PE; pe = pe + 1) begin : %s\n"
             "        for (lane = 0; lane < SIMD; lane = lane + 1) begin : lanes\n"
             "            if (AT%d[pe*SIMD + lane]) begin : here\n",
             escaped(w->mem, escape_comment, m->name), block, n);
  instance(w, block, m, "                ");
  str_add(w->out, "            end\n        end\n    end\n");
}

void positions_emit(const stage_writer *w) {
  bool mixed = positions_mixed(w->s);
  str_add(w->out, "    wire [PE*SIMD*PROD_W-1:0] prod;\n");
  dataflow_run run = {0};
  for (int n = 0; mixed && dataflow_next_run(w->s, &run); n++)
    places(w, n, &run);
  str_add(w->out, "    genvar pe, lane;\n    generate\n");
  run = (dataflow_run){0};
  for (int n = 0; dataflow_next_run(w->s, &run); n++) {
    const char *block = arena_printf(w->mem, "block%d", n);
    if (mixed)
      scattered_block(w, n, block, &run);
    else
      multiplier_block(w, block, &run);
  }
  str_add(w->out, "    endgenerate\n\n");
}
