// SPDX-License-Identifier: Apache-2.0
//
// axgen_slice is a queue of two words.
module proof_axgen_slice #(
    parameter WIDTH = 2
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire             m_ready,
    input wire [WIDTH-1:0] s_data
);
    wire               s_ready, m_valid;
    wire [WIDTH-1:0]   m_data;
    wire [7:0]         count;
    wire [2*WIDTH-1:0] word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_slice #(.WIDTH(WIDTH)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(WIDTH)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(WIDTH), .ROOM(2)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire [WIDTH-1:0] \dut.skid_data ;
    (* hierconn *) wire             \dut.skid_valid ;
    always @*
        if (!rst) begin
            assert(count == m_valid + \dut.skid_valid );
            if (\dut.skid_valid )
                assert(m_valid && \dut.skid_data == word[WIDTH +: WIDTH]);
        end
endmodule
