// SPDX-License-Identifier: Apache-2.0
//
// The top module: AXI4-Stream at the edge, one instance a layer, width converters between layers.
#include "compiler/target/dataflow/emit_internal.h"

static void gearbox(const hw_stage *from, const hw_stage *to, str *out) {
  str_printf(out,
             "    wire %s_in_valid, %s_in_ready;\n"
             "    wire [%d:0] %s_in;\n"
             "    axgen_gearbox #(.CODE_W(%d), .IN(%d), .OUT(%d), .PER_PIXEL(%d)) u_%s_gearbox (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(%s_valid), .s_ready(%s_ready), .s_data(%s_data),\n"
             "        .m_valid(%s_in_valid), .m_ready(%s_in_ready), .m_data(%s_in)\n"
             "    );\n",
             to->name, to->name, to->in_lanes * to->in_bits - 1, to->name, to->in_bits, from->out_lanes, to->in_lanes,
             to->in.c, to->name, from->name, from->name, from->name, to->name, to->name, to->name);
}

static void layer_instance(const hw_design *design, size_t i, str *out) {
  const hw_stage *s = &design->stages[i], *before = i ? s - 1 : NULL;
  str_printf(out, "\n    // %s: %d x %d x %d -> %d x %d x %d", s->name, s->in.c, s->in.h, s->in.w, s->out.c, s->out.h,
             s->out.w);
  if (s->kind == HW_MVU)
    str_printf(out, ", PE %d, SIMD %d, %lld cycles an image", s->pe, s->simd, (long long)s->cycles);
  str_add(out, "\n");
  bool convert = before && before->out_lanes != s->in_lanes;
  if (convert)
    gearbox(before, s, out);
  str_printf(out,
             "    wire %s_valid, %s_ready;\n"
             "    wire [%d:0] %s_data;\n"
             "    layer_%s u_%s (\n"
             "        .clk(clk), .rst(rst),\n",
             s->name, s->name, s->out_lanes * s->out_bits - 1, s->name, s->name, s->name);
  if (!before)
    str_printf(out, "        .s_valid(s_axis_tvalid), .s_ready(s_axis_tready), .s_data(s_axis_tdata[%d:0]),\n",
               s->in_lanes * s->in_bits - 1);
  else if (convert)
    str_printf(out, "        .s_valid(%s_in_valid), .s_ready(%s_in_ready), .s_data(%s_in),\n", s->name, s->name,
               s->name);
  else
    str_printf(out, "        .s_valid(%s_valid), .s_ready(%s_ready), .s_data(%s_data),\n", before->name, before->name,
               before->name);
  str_printf(out, "        .m_valid(%s_valid), .m_ready(%s_ready), .m_data(%s_data)\n    );\n", s->name, s->name,
             s->name);
}

static void trace(const hw_design *design, str *out) {
  str_add(out, "\n`ifdef AXGEN_TRACE\n    // every stream, written to trace/LAYER.hex in simulation\n");
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    str_printf(out,
               "    axgen_stream_trace #(.WIDTH(%d), .FILE(\"trace/%s.hex\")) trace_%s (\n"
               "        .clk(clk), .rst(rst), .valid(%s_valid), .ready(%s_ready), .data(%s_data)\n"
               "    );\n",
               s->out_lanes * s->out_bits, s->name, s->name, s->name, s->name, s->name);
  }
  str_add(out, "`endif\n");
}

void emit_top(const hw_design *design, str *out) {
  const hw_stage *first = &design->stages[0], *last = &design->stages[design->count - 1];
  int in_bits = emit_input_bytes(design) * 8, out_bits = emit_output_bytes(design) * 8;
  int in_used = first->in_lanes * first->in_bits, out_used = last->out_lanes * last->out_bits;
  str_printf(
      out,
      "// Input   %d x %d pixels in raster order, %d channel(s), %d a beat, %d-bit %s codes, lowest channel in the\n"
      "//         low bits; s_axis_tlast is not needed and not looked at.\n"
      "// Output  %d accumulators of %d bits (two's complement), %d a beat; m_axis_tlast on an image's last beat.\n"
      "module axgen_top (\n"
      "    input  wire clk,\n"
      "    input  wire rst, // synchronous, active high\n"
      "    input  wire [%d:0] s_axis_tdata,\n"
      "    input  wire s_axis_tvalid,\n"
      "    output wire s_axis_tready,\n"
      "    input  wire s_axis_tlast,\n"
      "    output wire [%d:0] m_axis_tdata,\n"
      "    output wire m_axis_tvalid,\n"
      "    input  wire m_axis_tready,\n"
      "    output wire m_axis_tlast\n"
      ");\n",
      first->in.h, first->in.w, first->in.c, first->in_lanes, first->in_bits,
      first->in_signed ? "two's complement" : "unsigned", last->out.c * last->out.h * last->out.w, last->out_bits,
      last->out_lanes, in_bits - 1, out_bits - 1);
  if (in_bits > in_used)
    str_printf(out, "    wire unused = &{1'b0, s_axis_tlast, s_axis_tdata[%d:%d]};\n", in_bits - 1, in_used);
  else
    str_add(out, "    wire unused = &{1'b0, s_axis_tlast};\n");
  for (size_t i = 0; i < design->count; i++)
    layer_instance(design, i, out);
  str_printf(out, "\n    assign m_axis_tvalid = %s_valid;\n    assign %s_ready = m_axis_tready;\n", last->name,
             last->name);
  if (out_bits > out_used)
    str_printf(out, "    assign m_axis_tdata = {%d'd0, %s_data};\n", out_bits - out_used, last->name);
  else
    str_printf(out, "    assign m_axis_tdata = %s_data;\n", last->name);
  str_printf(out,
             "    axgen_last #(.BEATS(%lld)) u_last (\n"
             "        .clk(clk), .rst(rst), .valid(m_axis_tvalid), .ready(m_axis_tready), .last(m_axis_tlast)\n"
             "    );\n",
             (long long)(net_shape_size(last->out) / last->out_lanes));
  trace(design, out);
  str_add(out, "endmodule\n\n`default_nettype wire\n");
}
