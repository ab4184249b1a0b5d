// SPDX-License-Identifier: Apache-2.0
//
// axgen_add takes its two streams beat by beat together, and what it gives are their rounded, clamped sums in order.
module proof_axgen_add (
    input wire              clk,
    input wire              rst,
    input wire              a_valid,
    input wire              b_valid,
    input wire              m_ready,
    input wire signed [1:0] a_data,
    input wire signed [1:0] b_data
);
    localparam signed [7:0] LO = -1, HI = 1;
    wire       a_ready, b_ready, m_valid;
    wire [1:0] m_data;
    wire [7:0] count;
    wire [3:0] word;

    wire signed [7:0] sum = a_data * 2 + b_data + 1;            // MA = 2, MB = 1, SHIFT = 1
    wire signed [7:0] half = sum >>> 1;
    wire signed [7:0] y = half < LO ? LO : half > HI ? HI : half;

    proof_start start (.clk(clk), .rst(rst));
    axgen_add #(.LANES(1), .A_W(2), .B_W(2), .M_W(2), .MA(2), .MB(1), .SHIFT(1), .OUT_W(2), .LO(LO), .HI(HI)) dut (
        .clk(clk), .rst(rst), .a_valid(a_valid), .a_ready(a_ready), .a_data(a_data),
        .b_valid(b_valid), .b_ready(b_ready), .b_data(b_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(2)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(2), .ROOM(2)) queue (
        .clk(clk), .rst(rst), .push(a_valid && a_ready), .s_data(y[1:0]),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire       \dut.sum_valid ;
    (* hierconn *) wire [1:0] \dut.out_next ;
    always @*
        if (!rst) begin
            assert((a_valid && a_ready) == (b_valid && b_ready));
            assert(count == m_valid + \dut.sum_valid );
            if (\dut.sum_valid )
                assert(\dut.out_next == (m_valid ? word[3:2] : word[1:0]));
        end
endmodule
