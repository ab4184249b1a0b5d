// SPDX-License-Identifier: Apache-2.0
//
// What fills the memories of a layer, and the write ports of the cores that have them.
#include "compiler/target/dataflow/load.h"

#include <string.h>

static const graph_memory *memory_of(const stage_writer *w, const char *what) {
  for (size_t i = 0; i < w->g->memory_count; i++) {
    const graph_memory *m = &w->g->memories[i];
    if (w->g->instances[m->instance].within == w->layer && strcmp(m->name, what) == 0)
      return m;
  }
  assert(!"a memory of the layer");
  return NULL;
}

// The streams before and behind what loads one of a layer's memories.
static const char *before(const dataflow_stage *s, const char *what) {
  if (strcmp(what, "bias") == 0)
    return "weights_cfg";
  return strcmp(what, "mult") == 0 && s->kind == DATAFLOW_MVU ? "bias_cfg" : "cfg";
}

static bool is_last(const dataflow_stage *s, const char *what) {
  return strcmp(what, s->has_requant ? "mult" : "bias") == 0;
}

static void emit_loader(const stage_writer *w, const char *what, int lanes, int address_bits) {
  arena *mem = w->mem;
  bool last = is_last(w->s, what), ends = last && !w->s->load_on;
  const char *to = last ? ends ? "unused_cfg" : "cfg_m" : arena_printf(mem, "%s_cfg", what);
  if (!last || ends) {
    verilog_wires((const char *const[]){arena_printf(mem, "%s_valid", to), NULL}, w->out);
    verilog_wire(arena_printf(mem, "%s_data", to), LOAD_BITS, w->out);
    if (!ends)
      verilog_wires((const char *const[]){arena_printf(mem, "%s_ready", to), NULL}, w->out);
  }
  verilog_wire(arena_printf(mem, "%s_we", what), lanes, w->out);
  verilog_wire(arena_printf(mem, "%s_addr", what), address_bits, w->out);
  verilog_wire(arena_printf(mem, "%s_word", what), 32, w->out);
  verilog_bindings b = {.mem = mem};
  verilog_bind(&b, "clk", "clk");
  verilog_bind(&b, "rst", "cfg_rst");
  stage_bind(&b, "s", before(w->s, what));
  verilog_bind_stream(&b, "m", arena_printf(mem, "%s_valid", to), ends ? "1'b1" : arena_printf(mem, "%s_ready", to),
                      arena_printf(mem, "%s_data", to));
  verilog_bind(&b, "load_we", "%s_we", what);
  verilog_bind(&b, "load_addr", "%s_addr", what);
  verilog_bind(&b, "load_data", "%s_word", what);
  stage_emit_instance(w, arena_printf(mem, "load_%s", what), &b);
}

void load_emit_nothing(int64_t width, int64_t depth, verilog_bindings *b) {
  verilog_row(b);
  verilog_bind(b, "load_we", "%d'd0", (int)div_ceil(width, 32));
  verilog_bind(b, "load_addr", "%d'd0", bits_unsigned((uint64_t)depth - 1));
  verilog_bind(b, "load_data", "32'd0");
}

void load_emit_words(const stage_writer *w, const char *what, verilog_bindings *b) {
  const graph_memory *m = memory_of(w, what);
  int lanes = (int)div_ceil(m->width, 32), address_bits = bits_unsigned((uint64_t)m->depth - 1);
  if (w->s->load) {
    verilog_row(b);
    emit_loader(w, what, lanes, address_bits);
    verilog_bind(b, "load_we", "%s_we", what);
    verilog_bind(b, "load_addr", "%s_addr", what);
    verilog_bind(b, "load_data", "%s_word", what);
    return;
  }
  load_emit_nothing(m->width, m->depth, b);
}
