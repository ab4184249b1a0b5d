// SPDX-License-Identifier: Apache-2.0
//
// axgen_transpose keeps AXI4-Stream's rules.
module proof_axgen_transpose #(
    parameter NF   = 2,
    parameter HOLD = 2
) (
    input wire       clk,
    input wire       rst,
    input wire       s_valid,
    input wire       s_next,
    input wire       m_ready,
    input wire [1:0] s_data
);
    wire       s_ready, m_valid;
    wire [1:0] m_data;

    proof_start start (.clk(clk), .rst(rst));
    axgen_transpose #(.WIDTH(2), .NF(NF), .HOLD(HOLD)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_next(s_next),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(2)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
endmodule
