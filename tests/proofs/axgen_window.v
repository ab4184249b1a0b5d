// SPDX-License-Identifier: Apache-2.0
//
// axgen_window keeps AXI4-Stream's rules, its marks included.
module proof_axgen_window #(
    parameter CODE_W = 1
) (
    input wire              clk,
    input wire              rst,
    input wire              s_valid,
    input wire              m_ready,
    input wire [CODE_W-1:0] s_data
);
    wire                s_ready, m_valid, m_first, m_last, m_end;
    wire [2*CODE_W-1:0] m_data;

    proof_start start (.clk(clk), .rst(rst));
    axgen_window #(
        .CODE_W(CODE_W), .C(1), .H(3), .W(3), .KH(2), .KW(2), .PT(0), .PB(0), .PL(1), .PR(0), .TW(2), .ROWS(4), .REPEAT(2)
    ) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
        .m_first(m_first), .m_last(m_last), .m_end(m_end)
    );
    proof_stream #(.WIDTH(2*CODE_W+3)) sent (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({m_end, m_last, m_first, m_data})
    );
endmodule
