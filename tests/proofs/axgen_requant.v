// SPDX-License-Identifier: Apache-2.0
//
// axgen_requant keeps AXI4-Stream's rules and loses and doubles no beat; it holds two.
module proof_axgen_requant #(
    parameter ACC_W = 4,
    parameter M_W   = 2
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire             m_ready,
    input wire [ACC_W-1:0] s_acc
);
    wire       s_ready, m_valid;
    wire [1:0] m_data, word;
    wire [7:0] count;

    proof_start start (.clk(clk), .rst(rst));
    axgen_requant #(.PE(1), .ACC_W(ACC_W), .M_W(M_W), .SHIFT(2), .OUT_W(2), .LO(-2), .HI(1), .NF(2), .MULT_FILE("rom.hex")) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_acc(s_acc), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(2)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(1), .ROOM(2)) queue (                  // beats are counted, not looked at
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(1'b0),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(word[0]), .count(count), .word(word)
    );

    (* hierconn *) wire \dut.prod_valid ;
    always @*
        if (!rst)
            assert(count == m_valid + \dut.prod_valid );
endmodule
