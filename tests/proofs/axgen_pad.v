// SPDX-License-Identifier: Apache-2.0
//
// axgen_pad keeps AXI4-Stream's rules.
module proof_axgen_pad #(
    parameter CODE_W = 2
) (
    input wire              clk,
    input wire              rst,
    input wire              s_valid,
    input wire              m_ready,
    input wire [CODE_W-1:0] s_data
);
    wire              s_ready, m_valid;
    wire [CODE_W-1:0] m_data;

    proof_start start (.clk(clk), .rst(rst));
    axgen_pad #(.LANES(1), .CODE_W(CODE_W), .C(1), .H(2), .W(2), .C0(0), .C1(1), .PT(1), .PR(1), .CODE(1), .LO(-2), .HI(1)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(CODE_W)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
endmodule
