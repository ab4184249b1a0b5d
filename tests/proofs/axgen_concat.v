// SPDX-License-Identifier: Apache-2.0
//
// axgen_concat gives every beat once, of each pixel those of input 0 before those of input 1, and takes none out of turn.
module proof_axgen_concat #(
    parameter CODE_W = 2
) (
    input wire                clk,
    input wire                rst,
    input wire [1:0]          s_valid,
    input wire                m_ready,
    input wire [2*CODE_W-1:0] s_data
);
    localparam FIRST = 1, SECOND = 2;                           // beats of a pixel
    wire [1:0]        s_ready;
    wire              m_valid;
    wire [CODE_W-1:0] m_data, word;
    wire [7:0]        count;
    reg  [7:0]        at;                                       // beat of the pixel
    wire              turn = at >= FIRST;
    wire              push = s_valid[turn] && s_ready[turn];

    proof_start start (.clk(clk), .rst(rst));
    axgen_concat #(.LANES(1), .CODE_W(CODE_W), .N(2), .BEATS(SECOND * 65536 + FIRST), .LO(-2), .HI(1)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(CODE_W)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(CODE_W), .ROOM(1)) queue (
        .clk(clk), .rst(rst), .push(push), .s_data(turn ? s_data[CODE_W +: CODE_W] : s_data[0 +: CODE_W]),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );
    always @(posedge clk)
        if (rst)
            at <= 0;
        else if (push)
            at <= at == FIRST + SECOND - 1 ? 0 : at + 1;

    (* hierconn *) wire [1:0]  \dut.turn ;
    (* hierconn *) wire [15:0] \dut.beat ;
    always @*
        if (!rst) begin
            assert(at < FIRST + SECOND && \dut.turn == (turn ? 2 : 1) && \dut.beat == (turn ? at - FIRST : at));
            assert(!s_ready[!turn] && count == m_valid);
        end
endmodule
