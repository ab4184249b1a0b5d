// SPDX-License-Identifier: Apache-2.0
//
// The top module: AXI4-Stream at the edge, one instance a layer, width converters between layers.
#include "compiler/target/common/cores.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/dataflow/emit_internal.h"
#include "genlib/scope.h"

// A stream's nets.
typedef struct {
  const char *valid, *ready, *data;
} stream;

// What stands for one layer in the top: its output, that of the width converter before it, and instances.
typedef struct {
  stream out, in, fast; // fast: before its register slice, where it has one
  const char *instance, *gearbox, *slice, *trace;
} layer_names;

static stream stream_of(scope *s, const char *id, const char *part) {
  return (stream){scope_name(s, "%s%s_valid", id, part), scope_name(s, "%s%s_ready", id, part),
                  scope_name(s, "%s%s_data", id, part)};
}

static layer_names *name_layers(arena *mem, const hw_design *design) {
  static const char *const FIXED[] = {"clk",           "rst",           "s_axis_tdata",  "s_axis_tvalid",
                                      "s_axis_tready", "s_axis_tlast",  "m_axis_tdata",  "m_axis_tvalid",
                                      "m_axis_tready", "m_axis_tlast",  "unused",        "end_of_image",
                                      "all_complete",  "stage_blocked", "stage_complete"};
  scope *s = scope_new(mem);
  for (size_t i = 0; i < BASE_COUNT(FIXED); i++)
    scope_take(s, FIXED[i]);
  layer_names *names = arena_new_array(mem, layer_names, design->count);
  for (size_t i = 0; i < design->count; i++) {
    const char *id = design->stages[i].id;
    names[i] = (layer_names){.instance = scope_name(s, "u_%s", id),
                             .gearbox = scope_name(s, "gearbox_%s", id),
                             .slice = scope_name(s, "slice_%s", id),
                             .fast = stream_of(s, id, "_fast"),
                             .out = stream_of(s, id, ""),
                             .in = stream_of(s, id, "_in"),
                             .trace = scope_name(s, "trace_%s", id)};
  }
  return names;
}

static void gearbox(const hw_stage *from, const hw_stage *to, const stream *in, const layer_names *n, str *out) {
  str_printf(out,
             "    wire %s, %s;\n"
             "    wire [%d:0] %s;\n"
             "    axgen_gearbox #(.CODE_W(%d), .IN(%d), .OUT(%d), .PER_PIXEL(%d)) %s (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(%s), .s_ready(%s), .s_data(%s),\n"
             "        .m_valid(%s), .m_ready(%s), .m_data(%s)\n"
             "    );\n",
             n->in.valid, n->in.ready, to->in_lanes * to->in_bits - 1, n->in.data, to->in_bits, from->out_lanes,
             to->in_lanes, to->in.c, n->gearbox, in->valid, in->ready, in->data, n->in.valid, n->in.ready, n->in.data);
}

// A register slice behind a layer: cuts the path of `ready`.
static void slice(const hw_stage *s, const layer_names *n, str *out) {
  int width = s->out_lanes * s->out_bits;
  str_printf(out,
             "    wire %s, %s;\n"
             "    wire [%d:0] %s;\n"
             "    axgen_slice #(.WIDTH(%d)) %s (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(%s), .s_ready(%s), .s_data(%s),\n"
             "        .m_valid(%s), .m_ready(%s), .m_data(%s)\n"
             "    );\n",
             n->out.valid, n->out.ready, width - 1, n->out.data, width, n->slice, n->fast.valid, n->fast.ready,
             n->fast.data, n->out.valid, n->out.ready, n->out.data);
}

static void layer_instance(const hw_design *design, size_t i, const layer_names *names, str *out) {
  const hw_stage *s = &design->stages[i], *before = i ? s - 1 : NULL;
  const layer_names *n = &names[i];
  str_printf(out, "\n    // %s: %d x %d x %d -> %d x %d x %d", s->name, s->in.c, s->in.h, s->in.w, s->out.c, s->out.h,
             s->out.w);
  if (s->kind == HW_MVU)
    str_printf(out, ", PE %d, SIMD %d, %lld cycle%s an image", s->pe, s->simd, (long long)s->cycles,
               plural((size_t)s->cycles));
  str_add(out, "\n");
  bool convert = before && before->out_lanes != s->in_lanes;
  if (convert)
    gearbox(before, s, &names[i - 1].out, n, out);
  const stream *in = convert ? &n->in : before ? &names[i - 1].out : NULL, *to = s->slice ? &n->fast : &n->out;
  str_printf(out,
             "    wire %s, %s;\n"
             "    wire [%d:0] %s;\n"
             "    layer_%s %s (\n"
             "        .clk(clk), .rst(rst),\n",
             to->valid, to->ready, s->out_lanes * s->out_bits - 1, to->data, s->id, n->instance);
  if (in)
    str_printf(out, "        .s_valid(%s), .s_ready(%s), .s_data(%s),\n", in->valid, in->ready, in->data);
  else
    str_printf(out, "        .s_valid(s_axis_tvalid), .s_ready(s_axis_tready), .s_data(s_axis_tdata[%d:0]),\n",
               s->in_lanes * s->in_bits - 1);
  str_printf(out, "        .m_valid(%s), .m_ready(%s), .m_data(%s)\n    );\n", to->valid, to->ready, to->data);
  if (s->slice)
    slice(s, n, out);
}

// Bit i of stage_complete: stage i has emitted all its beats; of stage_blocked: it waits for the stage behind it. The
// testbench reads both.
static void trace(const hw_design *design, const layer_names *names, str *out) {
  int count = (int)design->count;
  str_printf(out,
             "\n`ifdef AXGEN_TRACE\n    // every stream, written to trace/LAYER.hex in simulation\n"
             "    wire [%d:0] stage_complete, stage_blocked;\n"
             "    wire all_complete = &stage_complete;\n",
             count - 1);
  for (int i = 0; i < count; i++) {
    const hw_stage *s = &design->stages[i];
    const layer_names *n = &names[i];
    str_printf(out,
               "    assign stage_blocked[%d] = %s && !%s;\n"
               "    axgen_stream_trace #(.WIDTH(%d), .BEATS(%lld), .FILE(\"trace/%s.hex\")) %s (\n"
               "        .clk(clk), .rst(rst), .valid(%s), .ready(%s), .data(%s), .complete(stage_complete[%d])\n"
               "    );\n",
               i, n->out.valid, n->out.ready, s->out_lanes * s->out_bits, (long long)hw_output_beats(s), s->id,
               n->trace, n->out.valid, n->out.ready, n->out.data, i);
  }
  str_add(out, "`endif\n");
}

// The values of a beat, each extended to whole bytes, the first in the low bits.
static void output_bytes(const hw_stage *last, int value_bits, const char *data, str *out) {
  int bits = last->out_bits, more = value_bits - bits;
  str_add(out, "    assign m_axis_tdata = {");
  for (int i = last->out_lanes; i-- > 0;) {
    if (last->out_signed)
      str_printf(out, "{%d{%s[%d]}}, ", more, data, (i + 1) * bits - 1);
    else
      str_printf(out, "%d'd0, ", more);
    str_printf(out, "%s[%d:%d]%s", data, (i + 1) * bits - 1, i * bits, i ? ",\n        " : "};\n");
  }
}

void emit_top(arena *mem, const hw_design *design, str *out) {
  const hw_stage *first = &design->stages[0], *last = &design->stages[design->count - 1];
  const layer_names *names = name_layers(mem, design);
  const stream *result = &names[design->count - 1].out;
  int in_bits = emit_input_bytes(design) * 8, out_bits = emit_output_bytes(design) * 8;
  int value_bits = 8 * emit_value_bytes(design);
  int in_used = first->in_lanes * first->in_bits, out_used = last->out_lanes * last->out_bits;
  str_printf(
      out,
      "// Input   %d x %d pixels in raster order, %d channel%s, %d a beat, %d-bit %s codes, lowest channel in the\n"
      "//         low bits; s_axis_tlast is not needed and not looked at.\n"
      "// Output  %d value%s of %d bit%s (%s), each extended to %d bits, %d a beat, the first in the low bits;\n"
      "//         m_axis_tlast on an image's last beat.\n"
      "module " TARGET_TOP " (\n"
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
      first->in.h, first->in.w, first->in.c, first->in.c == 1 ? "" : "s", first->in_lanes, first->in_bits,
      first->in_signed ? "two's complement" : "unsigned", last->out.c * last->out.h * last->out.w,
      plural((size_t)net_shape_size(last->out)), last->out_bits, plural((size_t)last->out_bits),
      last->out_signed ? "two's complement" : "unsigned", value_bits, last->out_lanes, in_bits - 1, out_bits - 1);
  if (in_bits > in_used)
    str_printf(out, "    wire unused = &{1'b0, s_axis_tlast, s_axis_tdata[%d:%d]};\n", in_bits - 1, in_used);
  else
    str_add(out, "    wire unused = &{1'b0, s_axis_tlast};\n");
  for (size_t i = 0; i < design->count; i++)
    layer_instance(design, i, names, out);
  str_printf(out, "\n    assign m_axis_tvalid = %s;\n    assign %s = m_axis_tready;\n", result->valid, result->ready);
  if (out_bits > out_used)
    output_bytes(last, value_bits, result->data, out);
  else
    str_printf(out, "    assign m_axis_tdata = %s;\n", result->data);
  str_printf(out,
             "    axgen_last #(.BEATS(%lld)) end_of_image (\n"
             "        .clk(clk), .rst(rst), .valid(m_axis_tvalid), .ready(m_axis_tready), .last(m_axis_tlast)\n"
             "    );\n",
             (long long)hw_output_beats(last));
  trace(design, names, out);
  str_add(out, "endmodule\n\n`default_nettype wire\n");
}

void emit_structure(arena *mem, const hw_design *design, synth_structure *out) {
  const layer_names *names = name_layers(mem, design);
  synth_part *parts = arena_new_array(mem, synth_part, design->count + 1);
  for (size_t i = 0; i < design->count; i++) {
    const char **instances = arena_new_array(mem, const char *, 4);
    instances[0] = names[i].instance;
    instances[1] = names[i].gearbox;
    instances[2] = names[i].slice;
    parts[i] = (synth_part){.name = design->stages[i].name, .instances = instances};
  }
  *out = (synth_structure){.top = renamed_module(mem, design->cfg->name, TARGET_TOP),
                           .prefix = renamed_module(mem, design->cfg->name, ""),
                           .cores = CORES,
                           .core_count = CORE_IDS,
                           .kinds = ((1u << SYNTH_KIND_COUNT) - 1) & ~(1u << SYNTH_PES),
                           .unit = "layer",
                           .parts = parts,
                           .part_count = design->count + 1};
}
