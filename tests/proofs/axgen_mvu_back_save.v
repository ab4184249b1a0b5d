// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_back with CARRY_SAVE = 1: AXI4-Stream's rules, as many beats as frames ended, of which it holds the ends of two, and each
// is the sum of its frame's products and a bias of rom.hex, which take turns.
module proof_axgen_mvu_back_save #(
    parameter ACC_W = 4
) (
    input wire       clk,
    input wire       rst,
    input wire       s_valid,
    input wire       m_ready,
    input wire       s_first,
    input wire       s_last,
    input wire       s_next,
    input wire [3:0] s_prod
);
    wire             s_ready, m_valid, m_next, m_group;
    wire [ACC_W-1:0] m_acc;
    wire [7:0]       count;
    wire [2*ACC_W-1:0] word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_mvu_back #(.PE(1), .SIMD(2), .PROD_W(2), .ACC_W(ACC_W), .NF(2), .BIAS_FILE("rom.hex"), .CARRY_SAVE(1)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_prod(s_prod), .s_first(s_first), .s_last(s_last), .s_next(s_next), .s_act(2'b0),
        .m_valid(m_valid), .m_ready(m_ready), .m_acc(m_acc), .m_next(m_next), .m_group(m_group)
    );
    proof_stream #(.WIDTH(ACC_W+2)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({m_group, m_next, m_acc}));

    // ---- the same, word by word as it comes ----------------------------------------------------------------------
    reg              seen, group;                               // a word has come; whose bias is next
    reg  [ACC_W-1:0] run;
    wire             take = s_valid && s_ready;
    wire [ACC_W-1:0] products = {{(ACC_W-2){s_prod[1]}}, s_prod[1:0]} + {{(ACC_W-2){s_prod[3]}}, s_prod[3:2]};
    wire [ACC_W-1:0] run_next = (s_first ? (group ? 4'd2 : 4'd1) : run) + products;
    always @(posedge clk)
        if (rst) begin
            seen  <= 1'b0;
            group <= 1'b0;
        end else if (take) begin
            seen  <= 1'b1;
            run   <= run_next;
            group <= group ^ s_first;
        end
    always @*
        assume(rst || !s_valid || seen || s_first);
    proof_queue #(.WIDTH(ACC_W), .ROOM(2)) queue (
        .clk(clk), .rst(rst), .push(take && s_last), .s_data(run_next),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_acc), .count(count), .word(word)
    );

    (* hierconn *) wire \dut.sum_valid ;
    (* hierconn *) wire \dut.sum_first ;
    (* hierconn *) wire \dut.sum_last ;
    (* hierconn *) wire [ACC_W-1:0] \dut.bias ;
    (* hierconn *) wire [ACC_W-1:0] \dut.acc ;
    (* hierconn *) wire [3:0] \dut.g_compressor.prod ;
    (* hierconn *) wire \dut.bias_group ;
    wire [3:0]       prod = \dut.g_compressor.prod ;
    wire [ACC_W-1:0] inside = {{(ACC_W-2){prod[1]}}, prod[1:0]} + {{(ACC_W-2){prod[3]}}, prod[3:2]};
    wire [ACC_W-1:0] value = !\dut.sum_valid ? \dut.acc : (\dut.sum_first ? \dut.bias : \dut.acc ) + inside;
    always @*
        if (!rst) begin
            assert(count == m_valid + (\dut.sum_valid && \dut.sum_last ));
            assert(\dut.bias_group == group);
            assert(!\dut.sum_valid || seen);
            assert(!m_valid || seen);
            if (seen)
                assert(run == value);
            if (\dut.sum_valid && \dut.sum_first )
                assert(\dut.bias == (group ? 4'd1 : 4'd2));
            if (\dut.sum_valid && \dut.sum_last )
                assert(value == (m_valid ? word[ACC_W +: ACC_W] : word[ACC_W-1:0]));
        end
endmodule
