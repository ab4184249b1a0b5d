// SPDX-License-Identifier: Apache-2.0
//
// The wrapper module of one layer: instances of the hand-written cores, and the array of multipliers.
#include "compiler/base/escape.h"
#include "compiler/target/common/package.h"
#include "compiler/target/dataflow/emit_internal.h"

#include <string.h>

static void module_head(const hw_stage *s, str *out) {
  str_printf(out,
             "module layer_%s (\n"
             "    input  wire clk,\n"
             "    input  wire rst,\n"
             "    input  wire s_valid,\n"
             "    output wire s_ready,\n"
             "    input  wire [%d:0] s_data,\n"
             "    output wire m_valid,\n"
             "    input  wire m_ready,\n"
             "    output wire [%d:0] m_data\n"
             ");\n",
             s->id, s->in_lanes * s->in_bits - 1, s->out_lanes * s->out_bits - 1);
}

static void parameter(str *out, const char *name, int64_t value) {
  str_printf(out, "    localparam integer %-10s = %lld;\n", name, (long long)value);
}

static void window_parameters(const hw_stage *s, int repeat, str *out) {
  const struct {
    const char *name;
    int64_t value;
  } p[] = {{"C", s->in.c},    {"H", s->in.h},    {"W", s->in.w},      {"KH", s->kh},       {"KW", s->kw},
           {"SH", s->sh},     {"SW", s->sw},     {"PT", s->pt},       {"PB", s->pb},       {"PL", s->pl},
           {"PR", s->pr},     {"G", s->block.g}, {"TH", s->block.th}, {"TW", s->block.tw}, {"WCH", s->wch},
           {"ROWS", s->rows}, {"REPEAT", repeat}};
  for (size_t i = 0; i < BASE_COUNT(p); i++)
    parameter(out, p[i].name, p[i].value);
}

static void window_instance(const hw_stage *s, const char *in, int channel_major, str *out) {
  uint32_t pad = (uint32_t)s->pad_code & (s->in_bits < 32 ? (1u << s->in_bits) - 1 : ~0u);
  str_printf(out,
             "    wire w_valid, w_ready, w_first, w_last, unused_end;\n"
             "    wire [TH*TW*G*CODE_W-1:0] w_data;\n"
             "    axgen_window #(\n"
             "        .CODE_W(CODE_W), .C(C), .H(H), .W(W), .KH(KH), .KW(KW), .SH(SH), .SW(SW),\n"
             "        .PT(PT), .PB(PB), .PL(PL), .PR(PR), .G(G), .TH(TH), .TW(TW), .WCH(WCH), .ROWS(ROWS),\n"
             "        .REPEAT(REPEAT), .PAD_CODE(%u), .CHANNEL_MAJOR(%d)\n"
             "    ) window (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(%s_valid), .s_ready(%s_ready), .s_data(%s_data),\n"
             "        .m_valid(w_valid), .m_ready(w_ready), .m_data(w_data),\n"
             "        .m_first(w_first), .m_last(w_last), .m_end(unused_end)\n"
             "    );\n\n",
             pad, channel_major, in, in, in);
}

// Text of an operand of `have` bits widened to `want` bits.
static char *widened(arena *mem, const char *name, const char *index, int have, int want, bool is_signed) {
  char *slice = arena_printf(mem, "%s[(%s)*%d +: %d]", name, index, have, have);
  if (want == have)
    return slice;
  if (!is_signed)
    return arena_printf(mem, "{%d'd0, %s}", want - have, slice);
  return arena_printf(mem, "{{%d{%s[(%s)*%d + %d]}}, %s}", want - have, name, index, have, have - 1, slice);
}

// PEs [first, end) with one multiplier.
static void multiplier_block(arena *mem, const hw_stage *s, const mul *m, int block, int first, int end, str *out) {
  const mul_sig *g = &m->sig;
  const char *at = "pe*SIMD + lane";
  str_printf(out,
             "    // PE %d..%d: %s\n"
             "    for (pe = %d; pe < %d; pe = pe + 1) begin : block%d\n"
             "        for (lane = 0; lane < SIMD; lane = lane + 1) begin : lanes\n"
             "            wire %s[%d:0] product;\n"
             "            %s mul (\n"
             "                .a(%s),\n"
             "                .b(%s),\n"
             "                .p(product)\n"
             "            );\n",
             first, end - 1, escaped(mem, escape_comment, m->name), first, end, block, g->p_signed ? "signed " : "",
             g->p_bits - 1, m->ident, widened(mem, "act", "lane", s->in_bits, g->a_bits, s->in_signed),
             widened(mem, "weight", at, s->weight_bits, g->b_bits, s->weight_signed));
  if (g->p_bits == s->prod_bits)
    str_printf(out, "            assign prod[(%s)*PROD_W +: PROD_W] = product;\n", at);
  else if (g->p_signed)
    str_printf(out, "            assign prod[(%s)*PROD_W +: PROD_W] = {{%d{product[%d]}}, product};\n", at,
               s->prod_bits - g->p_bits, g->p_bits - 1);
  else
    str_printf(out, "            assign prod[(%s)*PROD_W +: PROD_W] = {%d'd0, product};\n", at,
               s->prod_bits - g->p_bits);
  str_add(out, "        end\n    end\n");
}

static void multipliers(arena *mem, const hw_design *design, const hw_stage *s, str *out) {
  str_add(out, "    wire [PE*SIMD*PROD_W-1:0] prod;\n"
               "    genvar pe, lane;\n"
               "    generate\n");
  int block = 0;
  for (int first = 0, end; first < s->pe; first = end) {
    uint8_t m = s->muls[(size_t)first * (size_t)s->simd];
    for (end = first + 1; end < s->pe && s->muls[(size_t)end * (size_t)s->simd] == m;)
      end++;
    multiplier_block(mem, s, design->muls[m], block++, first, end, out);
  }
  str_add(out, "    endgenerate\n\n");
}

static void requant_instance(const hw_stage *s, const char *rom, const char *in, str *out) {
  str_printf(out,
             "    // y = clamp((acc * m + 2^(SHIFT-1)) >> SHIFT, LO, HI), m of the channel from a ROM\n"
             "    axgen_requant #(\n"
             "        .PE(%d), .ACC_W(ACC_W), .M_W(%d), .SHIFT(%d), .OUT_W(%d), .OUT_SIGNED(%d), .LO(%d), .HI(%d),\n"
             "        .NF(%d), .MULT_FILE({`%s, \"/%s_mult.hex\"})\n"
             "    ) requant (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(%s_valid), .s_ready(%s_ready), .s_acc(%s_data),\n"
             "        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)\n"
             "    );\n",
             s->out_lanes, s->mult_bits, s->shift, s->out_bits, s->out_signed, s->lo, s->hi, s->out.c / s->out_lanes,
             rom, s->id, in, in, in);
}

static void emit_mvu(arena *mem, const hw_design *design, const hw_stage *s, const char *rom, str *out) {
  module_head(s, out);
  parameter(out, "CODE_W", s->in_bits);
  parameter(out, "WEIGHT_W", s->weight_bits);
  window_parameters(s, s->nf, out);
  parameter(out, "PE", s->pe);
  parameter(out, "SIMD", s->simd);
  parameter(out, "NF", s->nf);
  parameter(out, "SF", s->sf);
  parameter(out, "PROD_W", s->prod_bits);
  parameter(out, "ACC_W", s->acc_bits);
  str_add(out, "\n");
  window_instance(s, "s", 0, out);
  str_printf(out,
             "    // pairs each window word with its PE x SIMD weights\n"
             "    wire f_valid, f_ready, f_first, f_last;\n"
             "    wire [SIMD*CODE_W-1:0] act;\n"
             "    wire [PE*SIMD*WEIGHT_W-1:0] weight;\n"
             "    axgen_mvu_front #(\n"
             "        .CODE_W(CODE_W), .WEIGHT_W(WEIGHT_W), .PE(PE), .SIMD(SIMD), .NF(NF), .SF(SF),\n"
             "        .WEIGHT_FILE({`%s, \"/%s_weights.hex\"})\n"
             "    ) front (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(w_valid), .s_ready(w_ready), .s_data(w_data), .s_first(w_first), .s_last(w_last),\n"
             "        .m_valid(f_valid), .m_ready(f_ready), .m_act(act), .m_weight(weight),\n"
             "        .m_first(f_first), .m_last(f_last)\n"
             "    );\n\n",
             rom, s->id);
  multipliers(mem, design, s, out);
  const char *acc = s->has_requant ? "acc" : "m";
  if (s->has_requant)
    str_add(out, "    wire acc_valid, acc_ready;\n"
                 "    wire [PE*ACC_W-1:0] acc_data;\n");
  str_printf(out,
             "    wire [(NF > 1 ? $clog2(NF) : 1)-1:0] unused_group;\n"
             "    axgen_mvu_back #(\n"
             "        .PE(PE), .SIMD(SIMD), .PROD_W(PROD_W), .PROD_SIGNED(%d), .ACC_W(ACC_W), .NF(NF),\n"
             "        .BIAS_FILE({`%s, \"/%s_bias.hex\"})\n"
             "    ) back (\n"
             "        .clk(clk), .rst(rst),\n"
             "        .s_valid(f_valid), .s_ready(f_ready), .s_prod(prod), .s_first(f_first), .s_last(f_last),\n"
             "        .m_valid(%s_valid), .m_ready(%s_ready), .m_acc(%s_data), .m_group(unused_group)\n"
             "    );\n",
             s->prod_signed, rom, s->id, acc, acc, acc);
  if (s->has_requant) {
    const char *in = "acc";
    str_add(out, "\n");
    if (s->out_lanes != s->pe) {
      str_printf(out,
                 "    // the %d accumulators of a beat share %d requantiser%s: they come once in %d cycle%s\n"
                 "    wire one_valid, one_ready;\n"
                 "    wire [%d*ACC_W-1:0] one_data;\n"
                 "    axgen_gearbox #(.CODE_W(ACC_W), .IN(PE), .OUT(%d), .PER_PIXEL(%d)) share (\n"
                 "        .clk(clk), .rst(rst),\n"
                 "        .s_valid(acc_valid), .s_ready(acc_ready), .s_data(acc_data),\n"
                 "        .m_valid(one_valid), .m_ready(one_ready), .m_data(one_data)\n"
                 "    );\n",
                 s->pe, s->out_lanes, plural((size_t)s->out_lanes), s->sf, plural((size_t)s->sf), s->out_lanes,
                 s->out_lanes, s->out.c);
      in = "one";
    }
    requant_instance(s, rom, in, out);
  }
  str_add(out, "endmodule\n\n`default_nettype wire\n");
}

static void emit_pool(const hw_stage *s, const char *rom, str *out) {
  bool windowed = s->kind == HW_POOL_WINDOW;
  module_head(s, out);
  parameter(out, "CODE_W", s->in_bits);
  parameter(out, "ACC_W", s->acc_bits);
  if (windowed)
    window_parameters(s, 1, out);
  str_add(out, "\n");
  const char *to = s->has_requant ? "acc" : "m";
  if (s->has_requant)
    str_printf(out,
               "    wire acc_valid, acc_ready;\n"
               "    wire [%d:0] acc_data;\n",
               s->out_lanes * s->acc_bits - 1);
  if (windowed) {
    window_instance(s, "s", 1, out);
    str_printf(out,
               "    axgen_pool_window #(\n"
               "        .CODE_W(CODE_W), .CODE_SIGNED(%d), .WCH(WCH), .OP(\"%s\"), .ACC_W(ACC_W)\n"
               "    ) pool (\n"
               "        .clk(clk), .rst(rst),\n"
               "        .s_valid(w_valid), .s_ready(w_ready), .s_data(w_data), .s_first(w_first), .s_last(w_last),\n",
               s->in_signed, s->is_max ? "MAX" : "SUM");
  } else {
    str_printf(out,
               "    axgen_pool #(\n"
               "        .CODE_W(CODE_W), .CODE_SIGNED(%d), .C(%d), .WCH(%d), .H(%d), .W(%d), .KH(%d), .KW(%d),\n"
               "        .OP(\"%s\"), .ACC_W(ACC_W)\n"
               "    ) pool (\n"
               "        .clk(clk), .rst(rst),\n"
               "        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),\n",
               s->in_signed, s->in.c, s->wch, s->in.h, s->in.w, s->kh, s->kw, s->is_max ? "MAX" : "SUM");
  }
  str_printf(out, "        .m_valid(%s_valid), .m_ready(%s_ready), .m_data(%s_data)\n    );\n", to, to, to);
  if (s->has_requant) {
    str_add(out, "\n");
    requant_instance(s, rom, "acc", out);
  }
  str_add(out, "endmodule\n\n`default_nettype wire\n");
}

void emit_layer(arena *mem, const hw_design *design, const hw_stage *s, str *out) {
  const char *rom = package_rom(mem, design->cfg->name);
  if (s->kind == HW_MVU)
    emit_mvu(mem, design, s, rom, out);
  else
    emit_pool(s, rom, out);
}
