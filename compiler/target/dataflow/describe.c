// SPDX-License-Identifier: Apache-2.0
//
// The plan as a graph: one instance a layer; between them register slices, forks, permutations and width converters;
// and what each layer is made of.
#include "compiler/base/escape.h"
#include "compiler/target/common/package.h"
#include "compiler/target/dataflow/accesses.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

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
  graph_memory memory = {
      .instance = instance, .name = what, .role = SYNTH_ROM, .width = width, .depth = depth, .count = 1};
  if (x->s->load) {
    memory.role = SYNTH_RAM;
    graph_set(x->g, instance, "LOAD", "1");
    load_describe_words(x, &memory);
  } else {
    memory.file = arena_printf(mem, "rom/%s_%s.hex", x->s->id, what);
    graph_set(x->g, instance, parameter, "{`%s, \"/%s_%s.hex\"}", package_rom(mem, x->design->cfg->name), x->s->id,
              what);
  }
  graph_add_memory(x->g, memory);
}

static const char *note(arena *mem, const dataflow_stage *s) {
  const char *text = arena_printf(mem, "%s: %d x %d x %d -> %d x %d x %d", escaped(mem, escape_comment, s->name),
                                  s->in.c, s->in.h, s->in.w, s->out.c, s->out.h, s->out.w);
  if (!STAGE_KINDS[s->kind].multiplies)
    return text;
  const char *hold = s->hold > 1 ? arena_printf(mem, ", hold %d", s->hold) : "";
  return arena_printf(mem, "%s, PE %d, SIMD %d%s, %lld cycle%s an image", text, s->pe, s->simd, hold,
                      (long long)s->cycles, plural((size_t)s->cycles));
}

// The streams between the layers while the graph grows: branch[i][k] is on its way to input k of stage i.
typedef struct {
  graph *g;
  const dataflow_design *design;
  graph_stream ***branch;
  graph_stream *words; // that are loaded, on their way to the next layer that takes some
} streams;

// A width converter that `in` goes through. Its nets are named after `name`.
static graph_stream *through_gearbox(graph *g, graph_stream *in, int channels, int lanes, const char *instance,
                                     const char *name) {
  if (in->lanes == lanes)
    return in;
  int i = graph_add(g, CORE(GEARBOX), instance);
  graph_set(g, i, "CODE_W", "%d", in->bits);
  graph_set(g, i, "IN", "%d", in->lanes);
  graph_set(g, i, "OUT", "%d", lanes);
  graph_set(g, i, "PER_PIXEL", "%d", channels);
  graph_to(in, i, "s");
  return graph_from(g, i, "m", name, lanes, in->bits, in->is_signed);
}

// A FIFO that keeps what a branch brings early.
static graph_stream *through_fifo(graph *g, graph_stream *in, int64_t depth, const char *id) {
  int i = graph_add(g, CORE(FIFO), arena_printf(g->mem, "fifo_%s", id));
  graph_set(g, i, "WIDTH", "%d", graph_width(in));
  graph_set(g, i, "DEPTH", "%lld", (long long)depth);
  graph_to(in, i, "s");
  if (depth > 2) // else it is registers
    graph_add_memory(g, (graph_memory){.instance = i,
                                       .name = "fifo",
                                       .role = SYNTH_RAM,
                                       .width = graph_width(in),
                                       .depth = depth - 1,
                                       .count = 1});
  graph_stream *out = graph_from(g, i, "m", arena_printf(g->mem, "%s_kept", id), in->lanes, in->bits, in->is_signed);
  graph_watch(g, out, in, depth);
  return out;
}

// Another order of channels, and another width.
static graph_stream *through_permutation(graph *g, graph_stream *in, const int *from, const dataflow_input *to,
                                         int lanes, const char *id) {
  int channels = to->shape.c;
  int *place = arena_new_array(g->mem, int, (size_t)channels); // of the network's channel in the stream that comes
  for (int i = 0; i < channels; i++)
    place[stage_channel(from, i)] = i;
  str order = {0};
  for (int i = channels; i-- > 0;)
    str_printf(&order, "%s16'd%d", order.len ? ", " : "{", place[stage_channel(to->order, i)]);
  int i = graph_add(g, CORE(PERMUTE), arena_printf(g->mem, "permute_%s", id));
  graph_set(g, i, "CODE_W", "%d", in->bits);
  graph_set(g, i, "IN", "%d", in->lanes);
  graph_set(g, i, "OUT", "%d", lanes);
  graph_set(g, i, "PER_PIXEL", "%d", channels);
  graph_set(g, i, "ORDER", "%s}", order.data);
  str_free(&order);
  graph_to(in, i, "s");
  return graph_from(g, i, "m", arena_printf(g->mem, "%s_sorted", id), lanes, in->bits, in->is_signed);
}

// What brings a stream to input k of a layer, as wide as that takes it.
static graph_stream *to_input(streams *x, int index, int k) {
  graph *g = x->g;
  const dataflow_stage *s = &x->design->stages[index];
  const dataflow_input *in = &s->inputs[k];
  const char *id = s->input_count == 1 ? s->id : arena_printf(g->mem, "%s_%d", s->id, k);
  const dataflow_stage *from = in->source == DATAFLOW_IMAGE ? NULL : &x->design->stages[in->source];
  graph_stream *now = x->branch[index][k];
  bool forked = dataflow_receivers(x->design, in->source, NULL) > 1;
  if (in->fifo)
    now = through_fifo(g, now, in->fifo, id);
  if (in->fifo || forked) { // simulations look at it a second time
    graph_carries(g, now, now->name, from ? from->node : 0, in->shape, from ? from->order : NULL);
    now->branch = s->name;
  }
  if (dataflow_is_permuted(x->design, in))
    return through_permutation(g, now, from ? from->order : NULL, in, dataflow_input_lanes(s, k), id);
  return through_gearbox(g, now, in->shape.c, dataflow_input_lanes(s, k), arena_printf(g->mem, "gearbox_%s", id),
                         arena_printf(g->mem, "%s_in", id));
}

// A register slice behind a layer: cuts the path of `ready`.
static graph_stream *behind_slice(graph *g, graph_stream *fast, const dataflow_stage *s) {
  int i = graph_add(g, CORE(SLICE), arena_printf(g->mem, "slice_%s", s->id));
  graph_set(g, i, "WIDTH", "%d", graph_width(fast));
  graph_to(fast, i, "s");
  return graph_from(g, i, "m", s->id, s->out_lanes, s->out_bits, s->out_signed);
}

static const char *id_of(const dataflow_design *design, int source) {
  return source == DATAFLOW_IMAGE ? "image" : design->stages[source].id;
}

// A stream to those that take it: itself, or what leaves a fork.
static void to_receivers(streams *x, int source, graph_stream *s) {
  graph *g = x->g;
  const dataflow_design *design = x->design;
  int n = dataflow_receivers(design, source, NULL), fork = GRAPH_TOP;
  if (n > 1) {
    fork = graph_add(g, CORE(FORK), arena_printf(g->mem, "fork_%s", id_of(design, source)));
    graph_set(g, fork, "WIDTH", "%d", graph_width(s));
    graph_set(g, fork, "N", "%d", n);
    graph_to(s, fork, "s");
  }
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++)
      if (design->stages[i].inputs[k].source == source)
        x->branch[i][k] =
            n == 1 ? s
                   : graph_from(g, fork, "m",
                                arena_printf(g->mem, "%s_to_%s", id_of(design, source), design->stages[i].id), s->lanes,
                                s->bits, s->is_signed);
}

// The layer of stage `index`, with what stands before and behind it.
static void add_layer(streams *x, int index) {
  graph *g = x->g;
  const dataflow_stage *s = &x->design->stages[index];
  size_t first = g->instance_count;
  graph_part(g, s->name);
  for (int k = 0; k < s->input_count; k++)
    x->branch[index][k] = to_input(x, index, k);
  stage_inside in = {g, x->design, s,
                     graph_add(g, dataflow_emit_module(g->mem, s), arena_printf(g->mem, "u_%s", s->id))};
  g->instances[first].note = note(g->mem, s);
  for (int k = 0; k < s->input_count; k++)
    graph_to(x->branch[index][k], in.layer, stage_port(g->mem, s, k));
  STAGE_KINDS[s->kind].describe(&in);
  if (s->load)
    x->words = load_describe_layer(&in, x->words);
  if (s->stream)
    feed_describe_layer(&in);
  const char *name = s->slice ? arena_printf(g->mem, "%s_fast", s->id) : s->id;
  graph_stream *out = graph_from(g, in.layer, "m", name, s->out_lanes, s->out_bits, s->out_signed);
  if (s->slice)
    out = behind_slice(g, out, s);
  graph_carries(g, out, s->id, s->node, s->out, s->order);
  to_receivers(x, index, out);
}

const char *dataflow_emit_module(arena *mem, const dataflow_stage *s) { return arena_printf(mem, "layer_%s", s->id); }

// What the top declares by itself.
static scope *top_names(arena *mem, const dataflow_design *design) {
  static const char *const FIXED[] = {"clk",
                                      "rst",
                                      "s_axis_tdata",
                                      "s_axis_tvalid",
                                      "s_axis_tready",
                                      "s_axis_tlast",
                                      "m_axis_tdata",
                                      "m_axis_tvalid",
                                      "m_axis_tready",
                                      "m_axis_tlast",
                                      "unused",
                                      "end_of_image",
                                      "all_complete",
                                      "stage_blocked",
                                      "stage_complete",
                                      "s_cfg_axis_tdata",
                                      "s_cfg_axis_tvalid",
                                      "s_cfg_axis_tready",
                                      "s_cfg_axis_tlast",
                                      "cfg_valid",
                                      "cfg_ready",
                                      "cfg_data",
                                      "image_valid",
                                      "image_ready",
                                      "run_rst",
                                      "load_port"};
  scope *names = scope_new(mem);
  for (size_t i = 0; i < BASE_COUNT(FIXED); i++)
    scope_take(names, FIXED[i]);
  for (size_t i = 0; i < design->count; i++) {
    verilog_port ports[FEED_PORTS];
    for (size_t n = feed_top_ports(mem, &design->stages[i], ports); n-- > 0;)
      scope_take(names, ports[n].name);
  }
  return names;
}

graph *dataflow_emit_graph(arena *mem, const dataflow_design *design) {
  graph *g = graph_new(mem, top_names(mem, design), "layer", ((1u << SYNTH_KIND_COUNT) - 1) & ~(1u << SYNTH_PES));
  for (size_t i = 0; i < design->count; i++)
    graph_keep_name(g, design->stages[i].id);
  const dataflow_image *image = &design->image;
  const char *data = arena_printf(mem, "s_axis_tdata[%d:0]", image->lanes * image->bits - 1);
  bool loads = dataflow_loads(design);
  streams x = {g, design, arena_new_array(mem, graph_stream **, design->count), NULL};
  for (size_t i = 0; i < design->count; i++)
    x.branch[i] = arena_new_array(mem, graph_stream *, (size_t)design->stages[i].input_count);
  graph_stream *s =
      graph_from_outside(g, "s_axis", loads ? "image_valid" : "s_axis_tvalid", loads ? "image_ready" : "s_axis_tready",
                         data, image->lanes, image->bits, image->is_signed);
  if (loads) {
    g->reset = "run_rst";
    x.words = load_describe_source(g);
  }
  if (dataflow_receivers(design, DATAFLOW_IMAGE, NULL) > 1)
    graph_part(g, design->cfg->net->nodes[0].name);
  to_receivers(&x, DATAFLOW_IMAGE, s);
  for (size_t i = 0; i < design->count; i++)
    add_layer(&x, (int)i);
  graph_part(g, NULL);
  int end = graph_add_within(g, GRAPH_TOP, CORE(LAST), "end_of_image", 1);
  graph_set(g, end, "BEATS", "%lld", (long long)dataflow_output_beats(dataflow_last(design)));
  if (loads)
    load_describe_port(g, design);
  accesses_count(design, g);
  return g;
}
