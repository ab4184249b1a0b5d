// SPDX-License-Identifier: Apache-2.0
//
// axgen_fifo of one word (DEPTH = 1) is a queue of that.
module proof_axgen_fifo_one #(
    parameter WIDTH = 3
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire             m_ready,
    input wire [WIDTH-1:0] s_data
);
    wire             s_ready, m_valid;
    wire [WIDTH-1:0] m_data, word;
    wire [7:0]       count;

    proof_start start (.clk(clk), .rst(rst));
    axgen_fifo #(.WIDTH(WIDTH), .DEPTH(1)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(WIDTH)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(WIDTH), .ROOM(1)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );
    always @*
        if (!rst)
            assert(count == m_valid);
endmodule
