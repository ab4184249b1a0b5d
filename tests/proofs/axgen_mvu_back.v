// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_back keeps AXI4-Stream's rules and gives as many beats as frames ended; it holds the ends of three.
module proof_axgen_mvu_back #(
    parameter ACC_W = 4
) (
    input wire       clk,
    input wire       rst,
    input wire       s_valid,
    input wire       m_ready,
    input wire       s_first,
    input wire       s_last,
    input wire       s_next,
    input wire [1:0] s_prod
);
    wire             s_ready, m_valid, m_next, group;
    wire [ACC_W-1:0] m_acc;
    wire [7:0]       count;
    wire [2:0]       word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_mvu_back #(.PE(1), .SIMD(1), .PROD_W(2), .ACC_W(ACC_W), .NF(2), .BIAS_FILE("rom.hex")) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_prod(s_prod), .s_first(s_first), .s_last(s_last), .s_next(s_next), .s_act(1'b0),
        .m_valid(m_valid), .m_ready(m_ready), .m_acc(m_acc), .m_next(m_next), .m_group(group)
    );
    proof_stream #(.WIDTH(ACC_W+2)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({group, m_next, m_acc}));
    proof_queue #(.WIDTH(1), .ROOM(3)) queue (                  // frames' ends are counted
        .clk(clk), .rst(rst), .push(s_valid && s_ready && s_last), .s_data(1'b0),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(word[0]), .count(count), .word(word)
    );

    (* hierconn *) wire \dut.g_tree.prod_valid ;
    (* hierconn *) wire \dut.g_tree.prod_last ;
    (* hierconn *) wire \dut.sum_valid ;
    (* hierconn *) wire \dut.sum_last ;
    always @*
        if (!rst)
            assert(count == m_valid + (\dut.g_tree.prod_valid && \dut.g_tree.prod_last ) + (\dut.sum_valid && \dut.sum_last ));
endmodule
