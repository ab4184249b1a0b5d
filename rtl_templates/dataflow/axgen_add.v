// SPDX-License-Identifier: Apache-2.0
//
// axgen_add: requantised sum of two streams (residual connection).
//
// Function    y = clamp((((a - A_ZERO)*MA + (b - B_ZERO)*MB + 2^(SHIFT-1)) >>> SHIFT) + OUT_ZERO, LO, HI) for LANES codes a
//             beat, exact; factors and zero points are constants of the layer. One beat of a meets one beat of b.
// Latency     2 cycles (sum, result) from the later of the two beats.
// Throughput  one beat per cycle.
// Handshake   valid/ready; a_ready waits for b_valid and the other way round (inputs only: m_valid waits for nothing);
//             a_ready and b_ready are combinational from m_ready.
// Legal       LANES >= 1; A_W, B_W, M_W 1..16; A_SIGNED, B_SIGNED 0 or 1; 0 <= MA, MB < 2^M_W; SHIFT 1..47; OUT_W 1..30;
//             LO <= HI, OUT_ZERO, all representable in OUT_W bits; A_ZERO in A_W, B_ZERO in B_W bits.
`default_nettype none

module axgen_add #(
    parameter         LANES      = 1,
    parameter         A_W        = 8,
    parameter         A_SIGNED   = 1,
    parameter integer A_ZERO     = 0,
    parameter         B_W        = 8,
    parameter         B_SIGNED   = 1,
    parameter integer B_ZERO     = 0,
    parameter         M_W        = 16,
    parameter integer MA         = 1,
    parameter integer MB         = 1,
    parameter         SHIFT      = 1,
    parameter         OUT_W      = 8,
    parameter         OUT_SIGNED = 1,
    parameter integer OUT_ZERO   = 0,
    parameter integer LO         = -128,
    parameter integer HI         = 127
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   a_valid,
    output wire                   a_ready,
    input  wire [LANES*A_W-1:0]   a_data,
    input  wire                   b_valid,
    output wire                   b_ready,
    input  wire [LANES*B_W-1:0]   b_data,
    output wire                   m_valid,
    input  wire                   m_ready,
    output wire [LANES*OUT_W-1:0] m_data
);

    localparam ZEROS = (A_ZERO != 0 || B_ZERO != 0) ? 1 : 0;
    localparam SUM_W = ((A_W > B_W) ? A_W : B_W) + M_W + 2 + ZEROS;
    localparam integer A_MIN = (A_SIGNED != 0) ? -(1 << (A_W - 1)) : 0;
    localparam integer A_MAX = (A_SIGNED != 0) ? (1 << (A_W - 1)) - 1 : (1 << A_W) - 1;
    localparam integer B_MIN = (B_SIGNED != 0) ? -(1 << (B_W - 1)) : 0;
    localparam integer B_MAX = (B_SIGNED != 0) ? (1 << (B_W - 1)) - 1 : (1 << B_W) - 1;
    localparam integer OUT_MIN = (OUT_SIGNED != 0) ? -(1 << (OUT_W - 1)) : 0;
    localparam integer OUT_MAX = (OUT_SIGNED != 0) ? (1 << (OUT_W - 1)) - 1 : (1 << OUT_W) - 1;
    localparam [31:0] MA_32       = MA;
    localparam [31:0] MB_32       = MB;
    localparam [31:0] A_ZERO_32   = A_ZERO;
    localparam [31:0] B_ZERO_32   = B_ZERO;

    generate
        if (LANES < 1 || A_W < 1 || A_W > 16 || B_W < 1 || B_W > 16 || M_W < 1 || M_W > 16
                || A_SIGNED < 0 || A_SIGNED > 1 || B_SIGNED < 0 || B_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_add illegal ();
        end else if (MA < 0 || MA >= (1 << M_W) || MB < 0 || MB >= (1 << M_W)) begin : g_illegal_factor
            ILLEGAL_PARAMETER_axgen_add_MA_MB illegal ();
        end else if (A_ZERO < A_MIN || A_ZERO > A_MAX || B_ZERO < B_MIN || B_ZERO > B_MAX || OUT_ZERO < OUT_MIN
                || OUT_ZERO > OUT_MAX) begin : g_illegal_zero
            ILLEGAL_PARAMETER_axgen_add_ZERO illegal ();
        end
    endgenerate

    reg                    sum_valid, out_valid;
    reg  [LANES*SUM_W-1:0] sum;
    reg  [LANES*OUT_W-1:0] out;
    wire [LANES*SUM_W-1:0] sum_next;
    wire [LANES*OUT_W-1:0] out_next;
    wire                   out_free = !out_valid || m_ready;
    wire                   sum_free = !sum_valid || out_free;
    wire                   take     = a_valid && b_valid && sum_free;

    assign a_ready = b_valid && sum_free;
    assign b_ready = a_valid && sum_free;
    assign m_valid = out_valid;
    assign m_data  = out;

    genvar l;
    generate
        for (l = 0; l < LANES; l = l + 1) begin : g_lane
            wire signed [SUM_W-1:0] a, b, ma, mb, za, zb;
            axgen_extend #(.IN_W(A_W), .IN_SIGNED(A_SIGNED), .OUT_W(SUM_W)) u_a (.s_data(a_data[l*A_W +: A_W]), .m_data(a));
            axgen_extend #(.IN_W(B_W), .IN_SIGNED(B_SIGNED), .OUT_W(SUM_W)) u_b (.s_data(b_data[l*B_W +: B_W]), .m_data(b));
            axgen_extend #(.IN_W(M_W), .IN_SIGNED(0), .OUT_W(SUM_W)) u_ma (.s_data(MA_32[M_W-1:0]), .m_data(ma));
            axgen_extend #(.IN_W(M_W), .IN_SIGNED(0), .OUT_W(SUM_W)) u_mb (.s_data(MB_32[M_W-1:0]), .m_data(mb));
            axgen_extend #(.IN_W(A_W), .IN_SIGNED(A_SIGNED), .OUT_W(SUM_W)) u_za (.s_data(A_ZERO_32[A_W-1:0]), .m_data(za));
            axgen_extend #(.IN_W(B_W), .IN_SIGNED(B_SIGNED), .OUT_W(SUM_W)) u_zb (.s_data(B_ZERO_32[B_W-1:0]), .m_data(zb));
            assign sum_next[l*SUM_W +: SUM_W] = a * ma + b * mb - (za * ma + zb * mb); // the last two are constants
            axgen_round #(
                .IN_W(SUM_W), .SHIFT(SHIFT), .OUT_W(OUT_W), .OUT_SIGNED(OUT_SIGNED), .LO(LO), .HI(HI), .ZERO(OUT_ZERO)
            ) u_round (
                .s_data(sum[l*SUM_W +: SUM_W]), .m_data(out_next[l*OUT_W +: OUT_W])
            );
        end
    endgenerate

    always @(posedge clk) begin
        if (rst) begin
            sum_valid <= 1'b0;
            out_valid <= 1'b0;
        end else begin
            if (sum_free)
                sum_valid <= take;
            if (out_free)
                out_valid <= sum_valid;
        end
        if (take)
            sum <= sum_next;
        if (out_free && sum_valid)
            out <= out_next;
    end

endmodule

`default_nettype wire
