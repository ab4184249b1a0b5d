// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_back: second half of a matrix-vector unit: adder trees and accumulators.
//
// Function    For every pe: accumulator = bias(group, pe) + sum of the SIMD products of every word from s_first to s_last.
//             Groups come in the order 0, 1, .. NF-1, 0, .. ; m_group is the group of m_acc. Products have PROD_W bits
//             (two's complement if PROD_SIGNED), that of (pe, lane) at index pe*SIMD + lane; accumulators and biases are
//             signed, ACC_W bits, wide enough for every partial sum (the compiler sees to it; sums wrap modulo 2^ACC_W).
//             Weights with a zero point: each word takes WEIGHT_ZERO times the sum of the SIMD activations from the
//             accumulator. The PEs are GROUPS equal parts; part g has the activations [g*SIMD*CODE_W +: SIMD*CODE_W] of s_act,
//             which is not looked at when WEIGHT_ZERO = 0.
//             HOLD > 1: words come in blocks of up to HOLD, one word for each pixel of a block, up to the one with s_next;
//             each pixel has its own partial sums (a memory), and they leave one after the other, m_next with the block's last.
//             HOLD = 1: s_next belongs to every word.
//             LOAD = 1: the biases are a RAM that is written through load_* (axgen_store) while nothing passes.
//             CARRY_SAVE = 1: products and the sum so far go through one axgen_compressor, with one adder at its end, in the
//             place of a tree, a register behind it and an adder.
//             ADDER > 0: FAMILY of axgen_approx_adder, whose A and B are ADDER_A and ADDER_B, at ACC_W bits: with ADDER_SUM = 1 as the
//             adder from the sum so far (x) and a word's sum (y) to the next, with ADDER_TREE = 1 in the tree.
// Latency     3 cycles from a group's last word to its accumulators (products, tree, accumulators are registered), 2 with
//             CARRY_SAVE.
// Throughput  one word per cycle, also when every word is first and last.
// Handshake   valid/ready; s_ready is combinational from m_ready (one clock enable for all).
// Legal       PE, SIMD, PROD_W, ACC_W, NF, HOLD >= 1. BIAS_FILE: $readmemh, NF words of PE*ACC_W bits, for LOAD = 0.
//             CODE_W >= 1; LOAD, CODE_SIGNED, CARRY_SAVE, ADDER_SUM, ADDER_TREE 0 or 1, not CARRY_SAVE with these two;
//             GROUPS divides PE; WEIGHT_ZERO fits ACC_W bits. GROUP_W and LOAD_W are derived.
`default_nettype none

module axgen_mvu_back #(
    parameter         PE          = 1,
    parameter         SIMD        = 1,
    parameter         PROD_W      = 16,
    parameter         PROD_SIGNED = 1,
    parameter         ACC_W       = 24,
    parameter         NF          = 1,
    parameter         HOLD        = 1,
    parameter         BIAS_FILE   = "",
    parameter         CODE_W      = 8,
    parameter         CODE_SIGNED = 1,
    parameter         GROUPS      = 1,
    parameter integer WEIGHT_ZERO = 0,
    parameter         LOAD        = 0,
    parameter         CARRY_SAVE  = 0,
    parameter         ADDER       = 0,
    parameter         ADDER_A     = 4,
    parameter         ADDER_B     = 0,
    parameter         ADDER_SUM   = 0,
    parameter         ADDER_TREE  = 0,
    parameter         GROUP_W     = (NF > 1) ? $clog2(NF) : 1,
    parameter         LOAD_W      = (PE*ACC_W + 31) / 32
) (
    input  wire                                clk,
    input  wire                                rst,
    input  wire                                s_valid,
    output wire                                s_ready,
    input  wire [PE*SIMD*PROD_W-1:0]           s_prod,
    input  wire [GROUPS*SIMD*CODE_W-1:0]       s_act,
    input  wire                                s_first,
    input  wire                                s_last,
    input  wire                                s_next,
    output wire                                m_valid,
    input  wire                                m_ready,
    output wire [PE*ACC_W-1:0]                 m_acc,
    output wire [GROUP_W-1:0]                  m_group,
    output wire                                m_next,
    input  wire [LOAD_W-1:0]                   load_we,
    input  wire [GROUP_W-1:0]                  load_addr,
    input  wire [31:0]                         load_data
);

    localparam FULL_W = PROD_W + ((SIMD > 1) ? $clog2(SIMD) : 0);
    localparam SUM_W  = (FULL_W < ACC_W && ADDER_TREE == 0) ? FULL_W : ACC_W;

    generate
        if (PE < 1 || SIMD < 1 || PROD_W < 1 || PROD_SIGNED < 0 || PROD_SIGNED > 1 || ACC_W < 1 || NF < 1 || HOLD < 1
                || CARRY_SAVE < 0 || CARRY_SAVE > 1 || (CARRY_SAVE == 1 && (ADDER_SUM != 0 || ADDER_TREE != 0))
                || ADDER_SUM < 0 || ADDER_SUM > 1 || ADDER_TREE < 0 || ADDER_TREE > 1
                || CODE_W < 1 || CODE_SIGNED < 0 || CODE_SIGNED > 1 || GROUPS < 1 || PE % GROUPS != 0
                || GROUP_W != ((NF > 1) ? $clog2(NF) : 1) || LOAD_W != (PE*ACC_W + 31) / 32) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_mvu_back illegal ();
        end
    endgenerate

    // Three registers in a row: products, sums of the trees, accumulators. CARRY_SAVE leaves out the second. `read` is the
    // word whose bias and partial sums are looked up, `sum` the one after it, to which they are added.
    wire                    read_valid, read_first, read_last, read_next;
    wire [GROUPS*ACC_W-1:0] read_takes;                             // what the weights' zero point takes from it
    reg                     sum_valid, sum_first, sum_last, sum_next;
    reg                     acc_valid, acc_is_next;
    reg  [PE*ACC_W-1:0]     acc;
    wire [GROUPS*ACC_W-1:0] zero;                                   // read_takes of the word `sum`
    wire [PE*ACC_W-1:0]     acc_next;
    wire [PE*ACC_W-1:0]     partial;                                // sums so far of its pixel
    wire                    block_first;                            // the word `read` is its block's first pixel's
    wire [GROUP_W-1:0]      bias_group;
    wire [PE*ACC_W-1:0]     bias;
    wire                    free = !acc_valid || m_ready;
    wire                    bias_take = free && read_valid && read_first && block_first;
    wire [PE*ACC_W-1:0]     start = sum_first ? bias : partial;

    assign s_ready = free;
    assign m_valid = acc_valid;
    assign m_acc   = acc;
    assign m_next  = acc_is_next;

    axgen_count_value #(.N(NF)) u_bias_group (.clk(clk), .rst(rst), .en(bias_take), .value(bias_group));
    axgen_count_value #(.N(NF)) u_group (.clk(clk), .rst(rst), .en(acc_valid && m_ready && acc_is_next), .value(m_group));
    axgen_store #(.WIDTH(PE*ACC_W), .DEPTH(NF), .LOAD(LOAD), .INIT_FILE(BIAS_FILE)) u_bias (
        .clk(clk), .re(bias_take), .raddr(bias_group), .rdata(bias),
        .load_we(load_we), .load_addr(load_addr), .load_data(load_data)
    );

    // ---- sums of products ----------------------------------------------------------------------------------------
    genvar p, g;
    generate
        if (CARRY_SAVE == 0) begin : g_tree
            reg                       prod_valid, prod_first, prod_last, prod_next;
            reg  [PE*SIMD*PROD_W-1:0] prod;
            reg  [PE*SUM_W-1:0]       sum;
            wire [PE*SUM_W-1:0]       tree;
            assign read_valid = prod_valid;
            assign read_first = prod_first;
            assign read_last  = prod_last;
            assign read_next  = prod_next;
            for (p = 0; p < PE; p = p + 1) begin : g_pe
                wire [ACC_W-1:0] add, word;
                if (ADDER_TREE == 0) begin : g_exact
                    axgen_adder_tree #(.N(SIMD), .IN_W(PROD_W), .IN_SIGNED(PROD_SIGNED), .OUT_W(SUM_W)) u_tree (
                        .s_data(prod[p*SIMD*PROD_W +: SIMD*PROD_W]), .sum(tree[p*SUM_W +: SUM_W])
                    );
                end else begin : g_approx
                    axgen_approx_tree #(
                        .N(SIMD), .IN_W(PROD_W), .IN_SIGNED(PROD_SIGNED), .OUT_W(SUM_W), .FAMILY(ADDER), .A(ADDER_A), .B(ADDER_B)
                    ) u_tree (
                        .s_data(prod[p*SIMD*PROD_W +: SIMD*PROD_W]), .sum(tree[p*SUM_W +: SUM_W])
                    );
                end
                axgen_extend #(.IN_W(SUM_W), .IN_SIGNED(PROD_SIGNED), .OUT_W(ACC_W)) u_extend (
                    .s_data(sum[p*SUM_W +: SUM_W]), .m_data(add)
                );
                assign word = add - zero[p/(PE/GROUPS)*ACC_W +: ACC_W];
                axgen_approx_adder #(.W(ACC_W), .FAMILY((ADDER_SUM == 1) ? ADDER : 0), .A(ADDER_A), .B(ADDER_B)) u_add (
                    .x(start[p*ACC_W +: ACC_W]), .y(word), .sum(acc_next[p*ACC_W +: ACC_W])
                );
            end
            always @(posedge clk) begin
                if (rst)
                    prod_valid <= 1'b0;
                else if (free)
                    prod_valid <= s_valid;
                if (free && s_valid) begin
                    prod       <= s_prod;
                    prod_first <= s_first;
                    prod_last  <= s_last;
                    prod_next  <= s_next;
                end
                if (free && prod_valid)
                    sum <= tree;
            end
        end else begin : g_compressor
            localparam MORE = (WEIGHT_ZERO == 0) ? 1 : 2;
            reg  [PE*SIMD*PROD_W-1:0] prod;
            assign read_valid = s_valid;
            assign read_first = s_first;
            assign read_last  = s_last;
            assign read_next  = s_next;
            for (p = 0; p < PE; p = p + 1) begin : g_pe
                wire [2*ACC_W-1:0] more = {~zero[p/(PE/GROUPS)*ACC_W +: ACC_W] + 1'b1, start[p*ACC_W +: ACC_W]};
                axgen_compressor #(.N(SIMD), .IN_W(PROD_W), .IN_SIGNED(PROD_SIGNED), .MORE(MORE), .OUT_W(ACC_W)) u_sum (
                    .s_data(prod[p*SIMD*PROD_W +: SIMD*PROD_W]), .s_more(more[MORE*ACC_W-1:0]),
                    .sum(acc_next[p*ACC_W +: ACC_W])
                );
                if (MORE == 1) begin : g_no_zero
                    wire unused = &{1'b0, more};
                end
            end
            always @(posedge clk)
                if (free && s_valid)
                    prod <= s_prod;
        end
    endgenerate

    // ---- what the zero point of the weights takes away -----------------------------------------------------------
    generate
        if (WEIGHT_ZERO == 0) begin : g_no_zero
            wire unused = &{1'b0, s_act};
            assign read_takes = {(GROUPS*ACC_W){1'b0}};
            assign zero       = read_takes;
        end else begin : g_zero
            localparam [31:0] ZERO_32 = WEIGHT_ZERO;
            wire [GROUPS*SIMD*CODE_W-1:0] act;                      // of the word `read`
            reg  [GROUPS*ACC_W-1:0]       taken;
            wire [ACC_W-1:0]              factor;
            assign zero = taken;
            axgen_extend #(.IN_W(32), .OUT_W(ACC_W)) u_factor (.s_data(ZERO_32), .m_data(factor));
            for (g = 0; g < GROUPS; g = g + 1) begin : g_group
                wire [ACC_W-1:0] acts;
                axgen_adder_tree #(.N(SIMD), .IN_W(CODE_W), .IN_SIGNED(CODE_SIGNED), .OUT_W(ACC_W)) u_acts (
                    .s_data(act[g*SIMD*CODE_W +: SIMD*CODE_W]), .sum(acts)
                );
                assign read_takes[g*ACC_W +: ACC_W] = acts * factor;
            end
            if (CARRY_SAVE == 0) begin : g_act
                reg [GROUPS*SIMD*CODE_W-1:0] held;
                assign act = held;
                always @(posedge clk)
                    if (free && s_valid)
                        held <= s_act;
            end else begin : g_pass
                assign act = s_act;
            end
            always @(posedge clk)
                if (free && read_valid)
                    taken <= read_takes;
        end
    endgenerate

    // ---- partial sums: those of one pixel are the accumulators, those of several a memory ------------------------
    generate
        if (HOLD == 1) begin : g_one_pixel
            assign partial     = acc;
            assign block_first = 1'b1;
        end else begin : g_pixels
            localparam PIXEL_W = $clog2(HOLD);
            reg  [PIXEL_W-1:0]  pixel, sum_pixel;               // of the words `read` and `sum`
            reg                 sum_same;                       // the word before was the same pixel's: a block of one
            wire [PE*ACC_W-1:0] stored;
            assign block_first = (pixel == {PIXEL_W{1'b0}});
            assign partial     = sum_same ? acc : stored;
            axgen_ram #(.WIDTH(PE*ACC_W), .DEPTH(HOLD)) u_partial (
                .clk(clk), .we(free && sum_valid && !sum_last), .waddr(sum_pixel), .wdata(acc_next),
                .re(free && read_valid && !read_first), .raddr(pixel), .rdata(stored)
            );
            always @(posedge clk) begin
                if (rst)
                    pixel <= {PIXEL_W{1'b0}};
                else if (free && read_valid)
                    pixel <= read_next ? {PIXEL_W{1'b0}} : pixel + 1'b1;
                if (free && read_valid) begin
                    sum_pixel <= pixel;
                    sum_same  <= (pixel == sum_pixel);
                end
            end
        end
    endgenerate

    always @(posedge clk) begin
        if (rst) begin
            sum_valid <= 1'b0;
            acc_valid <= 1'b0;
        end else if (free) begin
            sum_valid <= read_valid;
            acc_valid <= sum_valid && sum_last;
        end
        if (free && read_valid) begin
            sum_first <= read_first;
            sum_last  <= read_last;
            sum_next  <= read_next;
        end
        if (free && sum_valid) begin
            acc         <= acc_next;
            acc_is_next <= sum_next;
        end
    end

endmodule

`default_nettype wire
