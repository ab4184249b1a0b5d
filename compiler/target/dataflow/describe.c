// SPDX-License-Identifier: Apache-2.0
//
// The plan as a graph: one instance a layer, width converters and register slices between them, and what each layer
// is made of.
#include "compiler/base/escape.h"
#include "compiler/target/common/package.h"
#include "compiler/target/dataflow/emit_internal.h"

#define CORE(id) CORES[CORE_##id].name

// A parameter and the constant of the layer's module that has its name.
typedef struct {
  const char *name;
  int64_t value;
} constant;

static void set_constants(graph *g, int instance, const constant *c, size_t count) {
  for (size_t i = 0; i < count; i++)
    graph_set_constant(g, instance, c[i].name, c[i].name, c[i].value);
}

// What a layer is described with.
typedef struct {
  graph *g;
  const dataflow_design *design;
  const dataflow_stage *s;
  int layer; // its instance
} inside;

static int add_core(const inside *x, core_id core, const char *name) {
  return graph_add_within(x->g, x->layer, CORES[core].name, name, 1);
}

// A ROM image as a parameter, and the memory that holds it.
static void set_rom(const inside *x, int instance, const char *parameter, const char *what, int64_t width,
                    int64_t depth) {
  arena *mem = x->g->mem;
  graph_set(x->g, instance, parameter, "{`%s, \"/%s_%s.hex\"}", package_rom(mem, x->design->cfg->name), x->s->id, what);
  graph_add_memory(x->g, (graph_memory){.instance = instance,
                                        .name = what,
                                        .role = SYNTH_ROM,
                                        .width = width,
                                        .depth = depth,
                                        .count = 1,
                                        .file = arena_printf(mem, "rom/%s_%s.hex", x->s->id, what)});
}

static void add_window(const inside *x, int repeat, bool channel_major) {
  const dataflow_stage *s = x->s;
  const constant c[] = {{"CODE_W", s->in_bits}, {"C", s->in.c},      {"H", s->in.h},      {"W", s->in.w},
                        {"KH", s->kh},          {"KW", s->kw},       {"SH", s->sh},       {"SW", s->sw},
                        {"PT", s->pt},          {"PB", s->pb},       {"PL", s->pl},       {"PR", s->pr},
                        {"G", s->block.g},      {"TH", s->block.th}, {"TW", s->block.tw}, {"WCH", s->wch},
                        {"ROWS", s->rows},      {"REPEAT", repeat}};
  uint32_t pad = (uint32_t)s->pad_code & (s->in_bits < 32 ? (1u << s->in_bits) - 1 : ~0u);
  int i = add_core(x, CORE_WINDOW, "window");
  set_constants(x->g, i, c, BASE_COUNT(c));
  graph_set(x->g, i, "PAD_CODE", "%u", pad);
  graph_set(x->g, i, "CHANNEL_MAJOR", "%d", channel_major);
  graph_add_memory(
      x->g, (graph_memory){.instance = i,
                           .name = "line buffer",
                           .role = SYNTH_RAM,
                           .width = (int64_t)s->wch * s->in_bits,
                           .depth = (int64_t)s->rows / s->block.th * dataflow_bank_columns(s) * (s->in.c / s->wch),
                           .count = (int64_t)s->block.th * s->block.tw});
}

static void add_requant(const inside *x) {
  const dataflow_stage *s = x->s;
  int i = add_core(x, CORE_REQUANT, "requant");
  graph_set(x->g, i, "PE", "%d", s->out_lanes);
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
  graph_set(x->g, i, "M_W", "%d", s->mult_bits);
  graph_set(x->g, i, "SHIFT", "%d", s->shift);
  graph_set(x->g, i, "OUT_W", "%d", s->out_bits);
  graph_set(x->g, i, "OUT_SIGNED", "%d", s->out_signed);
  graph_set(x->g, i, "LO", "%d", s->lo);
  graph_set(x->g, i, "HI", "%d", s->hi);
  graph_set(x->g, i, "NF", "%d", s->out.c / s->out_lanes);
  set_rom(x, i, "MULT_FILE", "mult", (int64_t)s->out_lanes * s->mult_bits, s->out.c / s->out_lanes);
}

// One instance for each run of PEs with the same multiplier.
static void add_multipliers(const inside *x) {
  const dataflow_stage *s = x->s;
  dataflow_run run = {0};
  for (int n = 0; dataflow_next_run(s, &run); n++) {
    const mul *m = x->design->muls[run.mul];
    int i = graph_add_within(x->g, x->layer, m->ident, arena_printf(x->g->mem, "block%d", n),
                             (int64_t)(run.end - run.first) * s->simd);
    x->g->instances[i].mul = m;
  }
}

static void add_mvu(const inside *x) {
  const dataflow_stage *s = x->s;
  const constant front[] = {{"CODE_W", s->in_bits}, {"WEIGHT_W", s->weight_bits},
                            {"PE", s->pe},          {"SIMD", s->simd},
                            {"NF", s->nf},          {"SF", s->sf}};
  const constant back[] = {{"PE", s->pe}, {"SIMD", s->simd}, {"PROD_W", s->prod_bits}};
  add_window(x, s->nf, false);
  int i = add_core(x, CORE_MVU_FRONT, "front");
  set_constants(x->g, i, front, BASE_COUNT(front));
  set_rom(x, i, "WEIGHT_FILE", "weights", (int64_t)s->pe * s->simd * s->weight_bits, (int64_t)s->nf * s->sf);
  add_multipliers(x);
  i = add_core(x, CORE_MVU_BACK, "back");
  set_constants(x->g, i, back, BASE_COUNT(back));
  graph_set(x->g, i, "PROD_SIGNED", "%d", s->prod_signed);
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
  graph_set_constant(x->g, i, "NF", "NF", s->nf);
  set_rom(x, i, "BIAS_FILE", "bias", (int64_t)s->pe * s->acc_bits, s->nf);
  if (s->has_requant && s->out_lanes != s->pe) {
    i = add_core(x, CORE_GEARBOX, "share");
    graph_set_constant(x->g, i, "CODE_W", "ACC_W", s->acc_bits);
    graph_set_constant(x->g, i, "IN", "PE", s->pe);
    graph_set(x->g, i, "OUT", "%d", s->out_lanes);
    graph_set(x->g, i, "PER_PIXEL", "%d", s->out.c);
  }
}

static void add_pool(const inside *x) {
  const dataflow_stage *s = x->s;
  bool windowed = s->kind == DATAFLOW_POOL_WINDOW;
  if (windowed)
    add_window(x, 1, true);
  int i = add_core(x, windowed ? CORE_POOL_WINDOW : CORE_POOL, "pool");
  graph_set_constant(x->g, i, "CODE_W", "CODE_W", s->in_bits);
  graph_set(x->g, i, "CODE_SIGNED", "%d", s->in_signed);
  if (windowed) {
    graph_set_constant(x->g, i, "WCH", "WCH", s->wch);
  } else {
    const constant c[] = {{"C", s->in.c}, {"WCH", s->wch}, {"H", s->in.h},
                          {"W", s->in.w}, {"KH", s->kh},   {"KW", s->kw}};
    for (size_t k = 0; k < BASE_COUNT(c); k++)
      graph_set(x->g, i, c[k].name, "%lld", (long long)c[k].value);
    graph_add_memory(x->g, (graph_memory){.instance = i,
                                          .name = "row",
                                          .role = SYNTH_RAM,
                                          .width = (int64_t)s->wch * s->acc_bits,
                                          .depth = (int64_t)s->out.w * (s->in.c / s->wch),
                                          .count = 1});
  }
  graph_set(x->g, i, "OP", "\"%s\"", s->is_max ? "MAX" : "SUM");
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
}

static const char *note(arena *mem, const dataflow_stage *s) {
  const char *text = arena_printf(mem, "%s: %d x %d x %d -> %d x %d x %d", escaped(mem, escape_comment, s->name),
                                  s->in.c, s->in.h, s->in.w, s->out.c, s->out.h, s->out.w);
  if (s->kind != DATAFLOW_MVU)
    return text;
  return arena_printf(mem, "%s, PE %d, SIMD %d, %lld cycle%s an image", text, s->pe, s->simd, (long long)s->cycles,
                      plural((size_t)s->cycles));
}

// What brings the stream `in` to the width of a layer: itself, or what leaves a converter.
static graph_stream *to_width(graph *g, graph_stream *in, const dataflow_stage *s) {
  if (in->lanes == s->in_lanes)
    return in;
  int i = graph_add(g, CORE(GEARBOX), arena_printf(g->mem, "gearbox_%s", s->id));
  graph_set(g, i, "CODE_W", "%d", s->in_bits);
  graph_set(g, i, "IN", "%d", in->lanes);
  graph_set(g, i, "OUT", "%d", s->in_lanes);
  graph_set(g, i, "PER_PIXEL", "%d", s->in.c);
  graph_to(in, i, "s");
  return graph_from(g, i, "m", arena_printf(g->mem, "%s_in", s->id), s->in_lanes, s->in_bits, s->in_signed);
}

// A register slice behind a layer: cuts the path of `ready`.
static graph_stream *behind_slice(graph *g, graph_stream *fast, const dataflow_stage *s) {
  int i = graph_add(g, CORE(SLICE), arena_printf(g->mem, "slice_%s", s->id));
  graph_set(g, i, "WIDTH", "%d", graph_width(fast));
  graph_to(fast, i, "s");
  return graph_from(g, i, "m", s->id, s->out_lanes, s->out_bits, s->out_signed);
}

// The layer of a stage, which takes `in`; returns what leaves it.
static graph_stream *add_layer(graph *g, const dataflow_design *design, const dataflow_stage *s, graph_stream *in) {
  size_t first = g->instance_count;
  graph_part(g, s->name);
  in = to_width(g, in, s);
  inside x = {g, design, s, graph_add(g, dataflow_emit_module(g->mem, s), arena_printf(g->mem, "u_%s", s->id))};
  g->instances[first].note = note(g->mem, s);
  graph_to(in, x.layer, "s");
  if (s->kind == DATAFLOW_MVU)
    add_mvu(&x);
  else
    add_pool(&x);
  if (s->has_requant)
    add_requant(&x);
  const char *name = s->slice ? arena_printf(g->mem, "%s_fast", s->id) : s->id;
  graph_stream *out = graph_from(g, x.layer, "m", name, s->out_lanes, s->out_bits, s->out_signed);
  if (s->slice)
    out = behind_slice(g, out, s);
  graph_carries(g, out, s->id, s->node, s->out, s->order);
  return out;
}

const char *dataflow_emit_module(arena *mem, const dataflow_stage *s) { return arena_printf(mem, "layer_%s", s->id); }

graph *dataflow_emit_graph(arena *mem, const dataflow_design *design) {
  static const char *const FIXED[] = {"clk",           "rst",           "s_axis_tdata",  "s_axis_tvalid",
                                      "s_axis_tready", "s_axis_tlast",  "m_axis_tdata",  "m_axis_tvalid",
                                      "m_axis_tready", "m_axis_tlast",  "unused",        "end_of_image",
                                      "all_complete",  "stage_blocked", "stage_complete"};
  scope *names = scope_new(mem);
  for (size_t i = 0; i < BASE_COUNT(FIXED); i++)
    scope_take(names, FIXED[i]);
  graph *g = graph_new(mem, names, "layer", ((1u << SYNTH_KIND_COUNT) - 1) & ~(1u << SYNTH_PES));
  const dataflow_stage *first = &design->stages[0], *last = &design->stages[design->count - 1];
  const char *data = arena_printf(mem, "s_axis_tdata[%d:0]", first->in_lanes * first->in_bits - 1);
  graph_stream *s =
      graph_from_outside(g, "s_axis_tvalid", "s_axis_tready", data, first->in_lanes, first->in_bits, first->in_signed);
  for (size_t i = 0; i < design->count; i++)
    s = add_layer(g, design, &design->stages[i], s);
  graph_part(g, NULL);
  int end = graph_add_within(g, GRAPH_TOP, CORE(LAST), "end_of_image", 1);
  graph_set(g, end, "BEATS", "%lld", (long long)dataflow_output_beats(last));
  return g;
}
