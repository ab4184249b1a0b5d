// SPDX-License-Identifier: Apache-2.0
//
// What stands inside a layer where its weights are streamed.
#include "compiler/target/dataflow/feed.h"

void feed_describe_words(const stage_inside *x) {
  int i = stage_core(x, CORE_WEIGHT_PORT, "weight_port");
  graph_set(x->g, i, "WIDTH", "PE*SIMD*WEIGHT_W");
  graph_set(x->g, i, "WORDS", "NF*SF");
}

void feed_emit_words(const stage_writer *w, verilog_bindings *b) {
  if (!w->s->stream) {
    verilog_wires((const char *const[]){"unused_word_ready", NULL}, w->out);
    verilog_row(b);
    verilog_bind_stream(b, "w", "1'b0", "unused_word_ready", "{PE*SIMD*WEIGHT_W{1'b0}}");
    return;
  }
  verilog_wires((const char *const[]){"word_valid", "word_ready", NULL}, w->out);
  str_add(w->out, "    wire [PE*SIMD*WEIGHT_W-1:0] word_data;\n");
  verilog_bindings port = {.mem = w->mem};
  verilog_bind(&port, "clk", "clk");
  verilog_bind(&port, "rst", "weights_rst");
  verilog_bind(&port, "run_rst", "rst");
  stage_bind(&port, "s", "weights");
  stage_bind(&port, "m", "word");
  stage_emit_instance(w, "weight_port", &port);
  verilog_row(b);
  stage_bind(b, "w", "word");
}
