// SPDX-License-Identifier: Apache-2.0
//
// axgen_requant: requantisation of accumulators, with a factor per output channel.
//
// Function    y = clamp(((acc*m + 2^(SHIFT-1)) >>> SHIFT) + ZERO, LO, HI) for PE channels a beat, exact; m is unsigned. Beat
//             number n (counted from reset) takes its PE factors from memory word n/REPEAT modulo NF; SHARED = 1: a word has one
//             factor for all of them. ReLU is LO = ZERO. A factor for each pixel (a mean over the taps inside the image):
//             SHARED = 1, NF the pixels of an image, REPEAT the beats of one.
//             LOAD = 1: the factors are a RAM that is written through load_* (axgen_store) while rst is 1: the first word is
//             read in the cycle after.
// Latency     2 cycles (product, result). After reset one cycle passes before the first beat is taken.
// Throughput  one beat per cycle.
// Handshake   valid/ready; s_ready is combinational from m_ready.
// Legal       PE, NF, REPEAT >= 1; SHARED 0 or 1; M_W 1..16; ACC_W + M_W <= 64 (63 when acc is unsigned, ACC_SIGNED = 0); SHIFT 1..47; OUT_W 1..30;
//             LO <= HI; LO, HI, ZERO representable in OUT_W bits.
//             MULT_FILE: $readmemh, NF words of PE*M_W bits (SHARED: M_W), for LOAD = 0. LOAD 0 or 1. GROUP_W and LOAD_W are
//             derived.
`default_nettype none

module axgen_requant #(
    parameter         PE         = 1,
    parameter         ACC_W      = 24,
    parameter         ACC_SIGNED = 1,
    parameter         M_W        = 16,
    parameter         SHIFT      = 16,
    parameter         OUT_W      = 8,
    parameter         OUT_SIGNED = 1,
    parameter integer LO         = -128,
    parameter integer HI         = 127,
    parameter integer ZERO       = 0,
    parameter         NF         = 1,
    parameter         REPEAT     = 1,
    parameter         SHARED     = 0,
    parameter         MULT_FILE  = "",
    parameter         LOAD       = 0,
    parameter         GROUP_W    = (NF > 1) ? $clog2(NF) : 1,
    parameter         LOAD_W     = (((SHARED != 0) ? M_W : PE*M_W) + 31) / 32
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                s_valid,
    output wire                s_ready,
    input  wire [PE*ACC_W-1:0] s_acc,
    output wire                m_valid,
    input  wire                m_ready,
    output wire [PE*OUT_W-1:0] m_data,
    input  wire [LOAD_W-1:0]   load_we,
    input  wire [GROUP_W-1:0]  load_addr,
    input  wire [31:0]         load_data
);

    localparam WORD_W  = (SHARED != 0) ? M_W : PE * M_W;
    localparam PROD_W  = ACC_W + M_W + ((ACC_SIGNED != 0) ? 0 : 1);

    generate
        if (PE < 1 || ACC_W < 1 || M_W < 1 || M_W > 16 || PROD_W > 64 || ACC_SIGNED < 0 || ACC_SIGNED > 1
                || NF < 1 || REPEAT < 1 || SHARED < 0 || SHARED > 1 || GROUP_W != ((NF > 1) ? $clog2(NF) : 1)
                || LOAD_W != (WORD_W + 31) / 32) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_requant illegal ();
        end
    endgenerate

    reg                   primed;                               // factor holds the coming beat's factors
    reg                   prod_valid, out_valid;
    reg  [PE*PROD_W-1:0]  prod;
    reg  [PE*OUT_W-1:0]   out;
    wire [PE*PROD_W-1:0]  prod_next;
    wire [PE*OUT_W-1:0]   out_next;
    wire [GROUP_W-1:0]    group;
    wire [WORD_W-1:0]     factor;
    wire                  repeat_last;
    wire                  out_free  = !out_valid || m_ready;
    wire                  prod_free = !prod_valid || out_free;
    wire                  take      = s_valid && s_ready;
    wire                  fetch     = (take && repeat_last) || !primed;

    assign s_ready = prod_free && primed;
    assign m_valid = out_valid;
    assign m_data  = out;

    axgen_count_last #(.N(REPEAT)) u_repeat (.clk(clk), .rst(rst), .en(take), .last(repeat_last));
    axgen_count_value #(.N(NF)) u_group (.clk(clk), .rst(rst), .en(fetch), .value(group));
    axgen_store #(.WIDTH(WORD_W), .DEPTH(NF), .LOAD(LOAD), .INIT_FILE(MULT_FILE)) u_factors (
        .clk(clk), .re(fetch), .raddr(group), .rdata(factor),
        .load_we(load_we), .load_addr(load_addr), .load_data(load_data)
    );

    genvar p;
    generate
        for (p = 0; p < PE; p = p + 1) begin : g_pe
            wire signed [PROD_W-1:0] a, m;
            axgen_extend #(.IN_W(ACC_W), .IN_SIGNED(ACC_SIGNED), .OUT_W(PROD_W)) u_a (
                .s_data(s_acc[p*ACC_W +: ACC_W]), .m_data(a)
            );
            axgen_extend #(.IN_W(M_W), .IN_SIGNED(0), .OUT_W(PROD_W)) u_m (
                .s_data(factor[((SHARED != 0) ? 0 : p)*M_W +: M_W]), .m_data(m)
            );
            assign prod_next[p*PROD_W +: PROD_W] = a * m;
            axgen_round #(
                .IN_W(PROD_W), .SHIFT(SHIFT), .OUT_W(OUT_W), .OUT_SIGNED(OUT_SIGNED), .LO(LO), .HI(HI), .ZERO(ZERO)
            ) u_round (
                .s_data(prod[p*PROD_W +: PROD_W]), .m_data(out_next[p*OUT_W +: OUT_W])
            );
        end
    endgenerate

    always @(posedge clk) begin
        if (rst) begin
            primed     <= 1'b0;
            prod_valid <= 1'b0;
            out_valid  <= 1'b0;
        end else begin
            primed <= 1'b1;
            if (prod_free)
                prod_valid <= take;
            if (out_free)
                out_valid <= prod_valid;
        end
        if (take)
            prod <= prod_next;
        if (out_free && prod_valid)
            out <= out_next;
    end

endmodule

`default_nettype wire
