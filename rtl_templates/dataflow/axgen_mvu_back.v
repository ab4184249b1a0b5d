// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_back: second half of a matrix-vector unit: adder trees and accumulators.
//
// Function    For every pe: accumulator = bias(group, pe) + sum of the SIMD products of every word from s_first to s_last.
//             Groups come in the order 0, 1, .. NF-1, 0, .. ; m_group is the group of m_acc. Products have PROD_W bits
//             (two's complement if PROD_SIGNED), that of (pe, lane) at index pe*SIMD + lane; accumulators and biases are
//             signed, ACC_W bits, wide enough for every partial sum (the compiler sees to it; sums wrap modulo 2^ACC_W).
// Latency     3 cycles from a group's last word to its accumulators (products, tree, accumulators are registered).
// Throughput  one word per cycle, also when every word is first and last.
// Handshake   valid/ready; s_ready is combinational from m_ready (one clock enable for all).
// Legal       PE, SIMD, PROD_W, ACC_W, NF >= 1. BIAS_FILE: $readmemh, NF words of PE*ACC_W bits. GROUP_W is derived.
`default_nettype none

module axgen_mvu_back #(
    parameter PE          = 1,
    parameter SIMD        = 1,
    parameter PROD_W      = 16,
    parameter PROD_SIGNED = 1,
    parameter ACC_W       = 24,
    parameter NF          = 1,
    parameter BIAS_FILE   = "",
    parameter GROUP_W     = (NF > 1) ? $clog2(NF) : 1
) (
    input  wire                      clk,
    input  wire                      rst,
    input  wire                      s_valid,
    output wire                      s_ready,
    input  wire [PE*SIMD*PROD_W-1:0] s_prod,
    input  wire                      s_first,
    input  wire                      s_last,
    output wire                      m_valid,
    input  wire                      m_ready,
    output wire [PE*ACC_W-1:0]       m_acc,
    output wire [GROUP_W-1:0]        m_group
);

    localparam FULL_W = PROD_W + ((SIMD > 1) ? $clog2(SIMD) : 0);
    localparam SUM_W  = (FULL_W < ACC_W) ? FULL_W : ACC_W;

    generate
        if (PE < 1 || SIMD < 1 || PROD_W < 1 || PROD_SIGNED < 0 || PROD_SIGNED > 1 || ACC_W < 1 || NF < 1
                || GROUP_W != ((NF > 1) ? $clog2(NF) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_mvu_back illegal ();
        end
    endgenerate

    reg                       prod_valid, prod_first, prod_last;    // stage 1: products
    reg  [PE*SIMD*PROD_W-1:0] prod;
    reg                       sum_valid, sum_first, sum_last;       // stage 2: sums of the trees, and the bias
    reg  [PE*SUM_W-1:0]       sum;
    reg                       acc_valid;                            // stage 3: accumulators
    reg  [PE*ACC_W-1:0]       acc;
    wire [PE*SUM_W-1:0]       tree;
    wire [PE*ACC_W-1:0]       acc_next;
    wire [GROUP_W-1:0]        bias_group;
    wire [PE*ACC_W-1:0]       bias;
    wire                      free = !acc_valid || m_ready;
    wire                      bias_take = free && prod_valid && prod_first;

    assign s_ready = free;
    assign m_valid = acc_valid;
    assign m_acc   = acc;

    axgen_count_value #(.N(NF)) u_bias_group (.clk(clk), .rst(rst), .en(bias_take), .value(bias_group));
    axgen_count_value #(.N(NF)) u_group (.clk(clk), .rst(rst), .en(acc_valid && m_ready), .value(m_group));
    axgen_rom #(.WIDTH(PE*ACC_W), .DEPTH(NF), .INIT_FILE(BIAS_FILE)) u_bias (
        .clk(clk), .re(bias_take), .raddr(bias_group), .rdata(bias)
    );

    genvar p;
    generate
        for (p = 0; p < PE; p = p + 1) begin : g_pe
            wire [ACC_W-1:0] add;
            axgen_adder_tree #(.N(SIMD), .IN_W(PROD_W), .IN_SIGNED(PROD_SIGNED), .OUT_W(SUM_W)) u_tree (
                .s_data(prod[p*SIMD*PROD_W +: SIMD*PROD_W]), .sum(tree[p*SUM_W +: SUM_W])
            );
            axgen_extend #(.IN_W(SUM_W), .IN_SIGNED(PROD_SIGNED), .OUT_W(ACC_W)) u_extend (
                .s_data(sum[p*SUM_W +: SUM_W]), .m_data(add)
            );
            assign acc_next[p*ACC_W +: ACC_W] = (sum_first ? bias[p*ACC_W +: ACC_W] : acc[p*ACC_W +: ACC_W]) + add;
        end
    endgenerate

    always @(posedge clk) begin
        if (rst) begin
            prod_valid <= 1'b0;
            sum_valid  <= 1'b0;
            acc_valid  <= 1'b0;
        end else if (free) begin
            prod_valid <= s_valid;
            sum_valid  <= prod_valid;
            acc_valid  <= sum_valid && sum_last;
        end
        if (free && s_valid) begin
            prod       <= s_prod;
            prod_first <= s_first;
            prod_last  <= s_last;
        end
        if (free && prod_valid) begin
            sum       <= tree;
            sum_first <= prod_first;
            sum_last  <= prod_last;
        end
        if (free && sum_valid)
            acc <= acc_next;
    end

endmodule

`default_nettype wire
