// SPDX-License-Identifier: Apache-2.0
//
// The wrapper module of one layer: instances of the hand-written cores, and the array of multipliers. Which cores and
// with which parameters the graph says; here are the nets between them.
#include "compiler/base/escape.h"
#include "compiler/target/common/package.h"
#include "compiler/target/dataflow/emit_internal.h"

#include <string.h>

typedef struct {
  arena *mem;
  const dataflow_design *design;
  const dataflow_stage *s;
  const graph *g;
  int layer; // its instance in the graph
  str *out;
} writer;

static void module_head(const writer *w) {
  const dataflow_stage *s = w->s;
  const verilog_port ports[] = {{"clk", "", false, NULL},
                                {"rst", "", false, NULL},
                                {"s_valid", "", false, NULL},
                                {"s_ready", "", true, NULL},
                                {"s_data", verilog_range(w->mem, (int64_t)s->in_lanes * s->in_bits), false, NULL},
                                {"m_valid", "", true, NULL},
                                {"m_ready", "", false, NULL},
                                {"m_data", verilog_range(w->mem, (int64_t)s->out_lanes * s->out_bits), true, NULL}};
  verilog_module(dataflow_emit_module(w->mem, s), NULL, 0, ports, BASE_COUNT(ports), w->out);
}

// Whether a parameter before parameter `until` of instance `last` gets this constant.
static bool named_before(const writer *w, size_t last, size_t until, const char *constant) {
  for (size_t i = 0; i <= last; i++) {
    const graph_instance *x = &w->g->instances[i];
    for (size_t k = 0; x->within == w->layer && k < (i < last ? x->parameters.count : until); k++)
      if (x->parameters.list[k].constant && strcmp(x->parameters.list[k].constant, constant) == 0)
        return true;
  }
  return false;
}

// The constants that the parameters of the layer's cores get, each once.
static void constants(const writer *w) {
  for (size_t i = 0; i < w->g->instance_count; i++) {
    const graph_instance *x = &w->g->instances[i];
    for (size_t k = 0; x->within == w->layer && k < x->parameters.count; k++) {
      const verilog_binding *p = &x->parameters.list[k];
      if (p->constant && !named_before(w, i, k, p->constant))
        verilog_constant(p->constant, p->value, w->out);
    }
  }
  str_add(w->out, "\n");
}

static verilog_bindings clocked(const writer *w) {
  verilog_bindings b = {.mem = w->mem};
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_row(&b);
  return b;
}

// Nets as they are called behind a stream of that name: NAME_valid ...
static void bind(verilog_bindings *b, const char *port, const char *name) {
  arena *mem = b->mem;
  verilog_bind_stream(b, port, arena_printf(mem, "%s_valid", name), arena_printf(mem, "%s_ready", name),
                      arena_printf(mem, "%s_data", name));
}

static void instance(const writer *w, const char *name, const verilog_bindings *b) {
  const graph_instance *x = graph_find(w->g, w->layer, name);
  assert(x);
  verilog_instance(x->module, x->name, &x->parameters, b, w->out);
}

static void window(const writer *w) {
  verilog_wires((const char *const[]){"w_valid", "w_ready", "w_first", "w_last", "unused_end", NULL}, w->out);
  str_add(w->out, "    wire [TH*TW*G*CODE_W-1:0] w_data;\n");
  verilog_bindings b = clocked(w);
  bind(&b, "s", "s");
  bind(&b, "m", "w");
  verilog_bind(&b, "m_first", "w_first");
  verilog_bind(&b, "m_last", "w_last");
  verilog_bind(&b, "m_end", "unused_end");
  instance(w, "window", &b);
  str_add(w->out, "\n");
}

static void front(const writer *w) {
  str_add(w->out, "    // pairs each window word with its PE x SIMD weights\n");
  verilog_wires((const char *const[]){"f_valid", "f_ready", "f_first", "f_last", NULL}, w->out);
  str_add(w->out, "    wire [SIMD*CODE_W-1:0] act;\n    wire [PE*SIMD*WEIGHT_W-1:0] weight;\n");
  verilog_bindings b = clocked(w);
  verilog_bind(&b, "s_valid", "w_valid");
  verilog_bind(&b, "s_ready", "w_ready");
  verilog_bind(&b, "s_data", "w_data");
  verilog_bind(&b, "s_first", "w_first");
  verilog_bind(&b, "s_last", "w_last");
  verilog_row(&b);
  verilog_bind(&b, "m_valid", "f_valid");
  verilog_bind(&b, "m_ready", "f_ready");
  verilog_bind(&b, "m_act", "act");
  verilog_bind(&b, "m_weight", "weight");
  verilog_row(&b);
  verilog_bind(&b, "m_first", "f_first");
  verilog_bind(&b, "m_last", "f_last");
  instance(w, "front", &b);
  str_add(w->out, "\n");
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
static void multiplier_block(const writer *w, const char *block, const dataflow_run *run) {
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

static void multipliers(const writer *w) {
  str_add(w->out, "    wire [PE*SIMD*PROD_W-1:0] prod;\n"
                  "    genvar pe, lane;\n"
                  "    generate\n");
  dataflow_run run = {0};
  for (int n = 0; dataflow_next_run(w->s, &run); n++)
    multiplier_block(w, arena_printf(w->mem, "block%d", n), &run);
  str_add(w->out, "    endgenerate\n\n");
}

// Accumulators, as the stream `to`.
static void back(const writer *w, const char *to) {
  str_add(w->out, "    wire [(NF > 1 ? $clog2(NF) : 1)-1:0] unused_group;\n");
  verilog_bindings b = clocked(w);
  verilog_bind(&b, "s_valid", "f_valid");
  verilog_bind(&b, "s_ready", "f_ready");
  verilog_bind(&b, "s_prod", "prod");
  verilog_bind(&b, "s_first", "f_first");
  verilog_bind(&b, "s_last", "f_last");
  verilog_row(&b);
  verilog_bind(&b, "m_valid", "%s_valid", to);
  verilog_bind(&b, "m_ready", "%s_ready", to);
  verilog_bind(&b, "m_acc", "%s_data", to);
  verilog_bind(&b, "m_group", "unused_group");
  instance(w, "back", &b);
}

static void requant(const writer *w, const char *from) {
  str_add(w->out, "    // y = clamp((acc * m + 2^(SHIFT-1)) >> SHIFT, LO, HI), m of the channel from a ROM\n");
  verilog_bindings b = clocked(w);
  verilog_bind(&b, "s_valid", "%s_valid", from);
  verilog_bind(&b, "s_ready", "%s_ready", from);
  verilog_bind(&b, "s_acc", "%s_data", from);
  bind(&b, "m", "m");
  instance(w, "requant", &b);
}

static void share(const writer *w) {
  const dataflow_stage *s = w->s;
  str_printf(w->out, "    // the %d accumulators of a beat share %d requantiser%s: they come once in %d cycle%s\n",
             s->pe, s->out_lanes, plural((size_t)s->out_lanes), s->sf, plural((size_t)s->sf));
  verilog_wires((const char *const[]){"one_valid", "one_ready", NULL}, w->out);
  str_printf(w->out, "    wire [%d*ACC_W-1:0] one_data;\n", s->out_lanes);
  verilog_bindings b = clocked(w);
  bind(&b, "s", "acc");
  bind(&b, "m", "one");
  instance(w, "share", &b);
}

static void emit_mvu(const writer *w) {
  const dataflow_stage *s = w->s;
  bool shared = s->out_lanes != s->pe;
  window(w);
  front(w);
  multipliers(w);
  if (s->has_requant) {
    verilog_wires((const char *const[]){"acc_valid", "acc_ready", NULL}, w->out);
    str_add(w->out, "    wire [PE*ACC_W-1:0] acc_data;\n");
  }
  back(w, s->has_requant ? "acc" : "m");
  if (!s->has_requant)
    return;
  str_add(w->out, "\n");
  if (shared)
    share(w);
  requant(w, shared ? "one" : "acc");
}

static void emit_pool(const writer *w) {
  const dataflow_stage *s = w->s;
  if (s->has_requant) {
    verilog_wires((const char *const[]){"acc_valid", "acc_ready", NULL}, w->out);
    verilog_wire("acc_data", (int64_t)s->out_lanes * s->acc_bits, w->out);
  }
  verilog_bindings b = clocked(w);
  if (s->kind == DATAFLOW_POOL_WINDOW) {
    window(w);
    verilog_bind(&b, "s_valid", "w_valid");
    verilog_bind(&b, "s_ready", "w_ready");
    verilog_bind(&b, "s_data", "w_data");
    verilog_bind(&b, "s_first", "w_first");
    verilog_bind(&b, "s_last", "w_last");
  } else {
    bind(&b, "s", "s");
  }
  bind(&b, "m", s->has_requant ? "acc" : "m");
  instance(w, "pool", &b);
  if (!s->has_requant)
    return;
  str_add(w->out, "\n");
  requant(w, "acc");
}

void dataflow_emit_layer(arena *mem, const dataflow_design *design, const graph *g, const dataflow_stage *s, str *out) {
  writer w = {mem, design, s, g, graph_of_module(g, dataflow_emit_module(mem, s)), out};
  module_head(&w);
  constants(&w);
  if (s->kind == DATAFLOW_MVU)
    emit_mvu(&w);
  else
    emit_pool(&w);
  verilog_end(out);
}
