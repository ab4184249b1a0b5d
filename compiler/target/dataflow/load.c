// SPDX-License-Identifier: Apache-2.0
//
// Words that are loaded: the chain from the accelerator's port through the layers that take some, weights, biases and
// factors in this order, and what stands at its beginning.
#include "compiler/target/dataflow/load.h"

#include <stdlib.h>
#include <string.h>

#define CORE(id) CORES[CORE_##id].name

bool dataflow_loads(const dataflow_design *design) {
  for (size_t i = 0; i < design->count; i++)
    if (design->stages[i].load)
      return true;
  return false;
}

// ---- describing -----------------------------------------------------------------------------------------------------
void load_describe_words(const stage_inside *x, const graph_memory *memory) {
  int i = graph_add_within(x->g, x->layer, CORE(LOAD), arena_printf(x->g->mem, "load_%s", memory->name), 1);
  graph_set(x->g, i, "WIDTH", "%lld", (long long)memory->width);
  graph_set(x->g, i, "DEPTH", "%lld", (long long)memory->depth);
}

graph_stream *load_describe_source(graph *g) {
  return graph_from_outside(g, "s_cfg_axis", "cfg_valid", "cfg_ready", "cfg_data", 1, LOAD_BITS, false);
}

graph_stream *load_describe_layer(const stage_inside *x, graph_stream *words) {
  graph *g = x->g;
  verilog_bind(&g->instances[x->layer].ports, "cfg_rst", "rst");
  graph_to(words, x->layer, "cfg");
  return x->s->load_on ? graph_from(g, x->layer, "cfg_m", arena_printf(g->mem, "%s_cfg", x->s->id), 1, LOAD_BITS, false)
                       : NULL;
}

int64_t dataflow_load_beats(const graph *g) {
  int64_t beats = 0;
  for (size_t i = 0; i < g->memory_count; i++) {
    const graph_memory *m = &g->memories[i];
    int within = g->instances[m->instance].within;
    if (within != GRAPH_TOP && graph_find(g, within, arena_printf(g->mem, "load_%s", m->name)))
      beats += m->depth * div_ceil(m->width, 32);
  }
  return beats;
}

void load_describe_port(graph *g, const dataflow_design *design) {
  int loaders = 0, i = graph_add_within(g, GRAPH_TOP, CORE(LOAD_PORT), "load_port", 1);
  for (size_t k = 0; k < g->instance_count; k++)
    loaders += strcmp(g->instances[k].module, CORE(LOAD)) == 0;
  graph_set(g, i, "BEATS", "%lld", (long long)dataflow_load_beats(g));
  graph_set(g, i, "LOADERS", "%d", loaders);
  graph_set(g, i, "IMAGE_BEATS", "%lld", (long long)dataflow_image_beats(design));
}

// ---- writing: the top -----------------------------------------------------------------------------------------------
void load_emit_port(arena *mem, const graph *g, str *out) {
  const graph_instance *port = graph_find(g, GRAPH_TOP, "load_port");
  str_add(out, "\n    // words come first; while they do, all that computes is reset and images wait\n");
  verilog_wires((const char *const[]){"cfg_valid", "cfg_ready", "image_valid", "image_ready", "run_rst", NULL}, out);
  verilog_wire("cfg_data", LOAD_BITS, out);
  verilog_bindings b = {.mem = mem};
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_bind_stream(&b, "s", "s_cfg_axis_tvalid", "s_cfg_axis_tready", "s_cfg_axis_tdata");
  verilog_bind(&b, "s_last", "s_cfg_axis_tlast");
  verilog_bind_stream(&b, "m", "cfg_valid", "cfg_ready", "cfg_data");
  verilog_bind(&b, "in_valid", "s_axis_tvalid");
  verilog_bind(&b, "in_ready", "s_axis_tready");
  verilog_bind(&b, "out_valid", "image_valid");
  verilog_bind(&b, "out_ready", "image_ready");
  verilog_row(&b);
  verilog_bind(&b, "result", "m_axis_tvalid && m_axis_tready && m_axis_tlast");
  verilog_bind(&b, "run_rst", "run_rst");
  verilog_instance(port->module, port->name, &port->parameters, &b, out);
}

// ---- writing: the ports of a layer ---------------------------------------------------------------------------------
size_t load_ports(arena *mem, const dataflow_stage *s, verilog_port *ports) {
  size_t n = 0;
  if (!s->load)
    return 0;
  ports[n++] = (verilog_port){"cfg_rst", "", false, "as rst, but not while words come"};
  ports[n++] = (verilog_port){"cfg_valid", "", false, NULL};
  ports[n++] = (verilog_port){"cfg_ready", "", true, NULL};
  ports[n++] = (verilog_port){"cfg_data", verilog_range(mem, LOAD_BITS), false, NULL};
  if (!s->load_on)
    return n;
  ports[n++] = (verilog_port){"cfg_m_valid", "", true, "words for later layers"};
  ports[n++] = (verilog_port){"cfg_m_ready", "", false, NULL};
  ports[n++] = (verilog_port){"cfg_m_data", verilog_range(mem, LOAD_BITS), true, NULL};
  return n;
}

// ---- the words ------------------------------------------------------------------------------------------------------
void load_add_words(const char *text, str *out) {
  for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
    for (const char *rest = end; rest > line;) {
      int digits = rest - line < 8 ? (int)(rest - line) : 8;
      rest -= digits;
      str_printf(out, "%.*s%.*s\n", 8 - digits, "00000000", digits, rest);
    }
}

void load_add_file(arena *mem, const char *words, fileset *out) {
  size_t size = strlen(words) / 9 * 4;
  uint8_t *data = arena_new_array(mem, uint8_t, size);
  for (size_t i = 0; i < size; i += 4, words += 9) {
    uint32_t word = (uint32_t)strtoul(words, NULL, 16);
    for (int k = 0; k < 4; k++)
      data[i + (size_t)k] = (uint8_t)(word >> 8 * k);
  }
  fileset_add(mem, out, LOAD_FILE, data, size);
}
