// SPDX-License-Identifier: Apache-2.0
//
// The plan as a graph: one instance a layer, width converters and register slices between them, and what each layer
// is made of.
#include "compiler/base/escape.h"
#include "compiler/target/common/package.h"
#include "compiler/target/dataflow/stage.h"

#define CORE(id) CORES[CORE_##id].name

void stage_set_constants(graph *g, int instance, const stage_constant *c, size_t count) {
  for (size_t i = 0; i < count; i++)
    graph_set_constant(g, instance, c[i].name, c[i].name, c[i].value);
}

int stage_core(const stage_inside *x, core_id core, const char *name) {
  return graph_add_within(x->g, x->layer, CORES[core].name, name, 1);
}

void stage_set_rom(const stage_inside *x, int instance, const char *parameter, const char *what, int64_t width,
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

static const char *note(arena *mem, const dataflow_stage *s) {
  const char *text = arena_printf(mem, "%s: %d x %d x %d -> %d x %d x %d", escaped(mem, escape_comment, s->name),
                                  s->in.c, s->in.h, s->in.w, s->out.c, s->out.h, s->out.w);
  if (!STAGE_KINDS[s->kind].multiplies)
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
  stage_inside x = {g, design, s, graph_add(g, dataflow_emit_module(g->mem, s), arena_printf(g->mem, "u_%s", s->id))};
  g->instances[first].note = note(g->mem, s);
  graph_to(in, x.layer, "s");
  STAGE_KINDS[s->kind].describe(&x);
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
