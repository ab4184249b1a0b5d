// SPDX-License-Identifier: Apache-2.0
//
// The top module: AXI4-Stream at the edge, between them what the graph says.
#include "compiler/target/common/rename.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

#include <string.h>

// The values of a beat, each extended to whole bytes, the first in the low bits.
static void output_bytes(const graph_stream *s, int value_bits, str *out) {
  int bits = s->bits, more = value_bits - bits;
  str_add(out, "    assign m_axis_tdata = {");
  for (int i = s->lanes; i-- > 0;) {
    if (s->is_signed)
      str_printf(out, "{%d{%s[%d]}}, ", more, s->data, (i + 1) * bits - 1);
    else
      str_printf(out, "%d'd0, ", more);
    str_printf(out, "%s[%d:%d]%s", s->data, (i + 1) * bits - 1, i * bits, i ? ",\n        " : "};\n");
  }
}

static const char *code(bool is_signed) { return is_signed ? "two's complement" : "unsigned"; }

static void print_head(arena *mem, const dataflow_design *design, const graph *g, str *out) {
  const dataflow_image *first = &design->image;
  const dataflow_stage *last = dataflow_last(design);
  int values = (int)net_shape_size(last->out);
  str_printf(
      out,
      "// Input   %d x %d pixels in raster order, %d channel%s, %d a beat, %d-bit %s codes, lowest channel in the\n"
      "//         low bits; s_axis_tlast is not needed and not looked at.\n"
      "// Output  %d value%s of %d bit%s (%s), each extended to %d bits, %d a beat, the first in the low bits;\n"
      "//         m_axis_tlast on an image's last beat.\n",
      first->shape.h, first->shape.w, first->shape.c, plural((size_t)first->shape.c), first->lanes, first->bits,
      code(first->is_signed), values, plural((size_t)values), last->out_bits, plural((size_t)last->out_bits),
      code(last->out_signed), 8 * dataflow_emit_value_bytes(design), last->out_lanes);
  if (dataflow_loads(design))
    str_printf(out,
               "// Loaded  %lld words of 32 bits, before the first image and whenever none is inside; an early\n"
               "//         s_cfg_axis_tlast begins anew, it is not needed with the last word.\n",
               (long long)dataflow_load_beats(g));
  if (dataflow_feeds(design))
    str_add(out, "// Streamed  s_weights_*_axis: the words of a layer's weights, over and over, as the layer takes "
                 "them. Each port has a\n"
                 "//         supply of its own, which waits for no other port.\n");
  size_t count;
  const verilog_port *ports = dataflow_emit_ports(mem, design, &count);
  verilog_module(TARGET_TOP, NULL, 0, ports, count, out);
}

const verilog_port *dataflow_emit_ports(arena *mem, const dataflow_design *design, size_t *count) {
  const verilog_port fixed[] = {
      {"clk", "", false, NULL},
      {"rst", "", false, "synchronous, active high"},
      {"s_axis_tdata", verilog_range(mem, 8 * dataflow_emit_input_bytes(design)), false, NULL},
      {"s_axis_tvalid", "", false, NULL},
      {"s_axis_tready", "", true, NULL},
      {"s_axis_tlast", "", false, NULL},
      {"m_axis_tdata", verilog_range(mem, 8 * dataflow_emit_output_bytes(design)), true, NULL},
      {"m_axis_tvalid", "", true, NULL},
      {"m_axis_tready", "", false, NULL},
      {"m_axis_tlast", "", true, NULL},
      {"s_cfg_axis_tdata", "[31:0]", false, NULL},
      {"s_cfg_axis_tvalid", "", false, NULL},
      {"s_cfg_axis_tready", "", true, NULL},
      {"s_cfg_axis_tlast", "", false, NULL}};
  verilog_port *ports = arena_new_array(mem, verilog_port, BASE_COUNT(fixed) + FEED_PORTS * design->count);
  *count = BASE_COUNT(fixed) - (dataflow_loads(design) ? 0 : 4);
  memcpy(ports, fixed, *count * sizeof *ports);
  for (size_t i = 0; i < design->count; i++)
    *count += feed_top_ports(mem, &design->stages[i], ports + *count);
  return ports;
}

// What leaves the last layer becomes the output port; the end of an image is counted there.
static void print_output(arena *mem, const dataflow_design *design, const graph *g, str *out) {
  const graph_stream *s = graph_result(g);
  const graph_instance *end = graph_find(g, GRAPH_TOP, "end_of_image");
  str_printf(out, "\n    assign m_axis_tvalid = %s;\n    assign %s = m_axis_tready;\n", s->valid, s->ready);
  if (8 * dataflow_emit_output_bytes(design) > graph_width(s))
    output_bytes(s, 8 * dataflow_emit_value_bytes(design), out);
  else
    str_printf(out, "    assign m_axis_tdata = %s;\n", s->data);
  verilog_bindings b = {.mem = mem};
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_bind(&b, "valid", "m_axis_tvalid");
  verilog_bind(&b, "ready", "m_axis_tready");
  verilog_bind(&b, "last", "m_axis_tlast");
  verilog_instance(end->module, end->name, &end->parameters, &b, out);
}

void dataflow_emit_top(arena *mem, const dataflow_design *design, const graph *g, str *out) {
  int in_bits = dataflow_emit_input_bytes(design) * 8, in_used = design->image.lanes * design->image.bits;
  print_head(mem, design, g, out);
  str_add(out, "    wire unused = &{1'b0, s_axis_tlast");
  if (in_bits > in_used)
    str_printf(out, ", s_axis_tdata[%d:%d]", in_bits - 1, in_used);
  feed_emit_unused(mem, design, out);
  str_add(out, "};\n");
  if (dataflow_loads(design))
    load_emit_port(mem, g, out);
  graph_print(g, out);
  print_output(mem, design, g, out);
  graph_print_traces(g, out);
  verilog_end(out);
}
