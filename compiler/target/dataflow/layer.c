// SPDX-License-Identifier: Apache-2.0
//
// The wrapper module of one layer: instances of the hand-written cores. Which cores and
// with which parameters the graph says; here are the nets between them.
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

#include <string.h>

static void module_head(const stage_writer *w) {
  const dataflow_stage *s = w->s;
  int count = 0;
  verilog_port *ports = arena_new_array(w->mem, verilog_port, 3 * (size_t)s->input_count + 5 + LOAD_PORTS + FEED_PORTS);
  ports[count++] = (verilog_port){"clk", "", false, NULL};
  ports[count++] = (verilog_port){"rst", "", false, NULL};
  count += (int)load_ports(w->mem, s, ports + count);
  count += (int)feed_layer_ports(w->mem, s, ports + count);
  for (int i = 0; i < s->input_count; i++) {
    const char *port = stage_port(w->mem, s, i),
               *width = verilog_range(w->mem, (int64_t)dataflow_input_lanes(s, i) * s->inputs[i].bits);
    ports[count++] = (verilog_port){arena_printf(w->mem, "%s_valid", port), "", false, NULL};
    ports[count++] = (verilog_port){arena_printf(w->mem, "%s_ready", port), "", true, NULL};
    ports[count++] = (verilog_port){arena_printf(w->mem, "%s_data", port), width, false, NULL};
  }
  ports[count++] = (verilog_port){"m_valid", "", true, NULL};
  ports[count++] = (verilog_port){"m_ready", "", false, NULL};
  ports[count++] = (verilog_port){"m_data", verilog_range(w->mem, (int64_t)s->out_lanes * s->out_bits), true, NULL};
  verilog_module(dataflow_emit_module(w->mem, s), NULL, 0, ports, (size_t)count, w->out);
}

// Whether a parameter before parameter `until` of instance `last` gets this constant.
static bool named_before(const stage_writer *w, size_t last, size_t until, const char *constant) {
  for (size_t i = 0; i <= last; i++) {
    const graph_instance *x = &w->g->instances[i];
    for (size_t k = 0; x->within == w->layer && k < (i < last ? x->parameters.count : until); k++)
      if (x->parameters.list[k].constant && strcmp(x->parameters.list[k].constant, constant) == 0)
        return true;
  }
  return false;
}

// The constants that the parameters of the layer's cores get, each once.
static void constants(const stage_writer *w) {
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

verilog_bindings stage_clocked(const stage_writer *w) {
  verilog_bindings b = {.mem = w->mem};
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_row(&b);
  return b;
}

// Nets as they are called behind a stream of that name: NAME_valid ...
void stage_bind(verilog_bindings *b, const char *port, const char *name) {
  arena *mem = b->mem;
  verilog_bind_stream(b, port, arena_printf(mem, "%s_valid", name), arena_printf(mem, "%s_ready", name),
                      arena_printf(mem, "%s_data", name));
}

void stage_emit_instance(const stage_writer *w, const char *name, const verilog_bindings *b) {
  const graph_instance *x = graph_find(w->g, w->layer, name);
  assert(x);
  verilog_instance(x->module, x->name, &x->parameters, b, w->out);
}

void dataflow_emit_layer(arena *mem, const dataflow_design *design, const graph *g, const dataflow_stage *s, str *out) {
  stage_writer w = {mem, design, s, g, graph_of_module(g, dataflow_emit_module(mem, s)), out};
  module_head(&w);
  constants(&w);
  STAGE_KINDS[s->kind].emit(&w);
  verilog_end(out);
}
