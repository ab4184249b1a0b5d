// SPDX-License-Identifier: Apache-2.0
//
// axgen_gearbox to a multiple of the width is a queue of one beat's codes.
module proof_axgen_gearbox_widen #(
    parameter CODE_W = 2,
    parameter IN     = 2,
    parameter OUT    = 6
) (
    input wire                 clk,
    input wire                 rst,
    input wire                 s_valid,
    input wire                 m_ready,
    input wire [IN*CODE_W-1:0] s_data
);
    localparam PLACES = OUT / IN;
    wire                  s_ready, m_valid;
    wire [OUT*CODE_W-1:0] m_data, word;
    wire [7:0]            count;

    proof_start start (.clk(clk), .rst(rst));
    axgen_gearbox #(.CODE_W(CODE_W), .IN(IN), .OUT(OUT), .PER_PIXEL(OUT)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(OUT*CODE_W)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(CODE_W), .IN(IN), .OUT(OUT), .ROOM(OUT)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire [OUT*CODE_W-1:0]     \dut.genblk2.genblk1.g_widen.hold ;
    (* hierconn *) wire [$clog2(PLACES)-1:0] \dut.genblk2.genblk1.g_widen.place ;
    wire [OUT*CODE_W-1:0] hold  = \dut.genblk2.genblk1.g_widen.hold ;
    wire [7:0]            place = \dut.genblk2.genblk1.g_widen.place ;
    integer i;
    always @*
        if (!rst) begin
            assert(place < PLACES && !(m_valid && place != 0));
            assert(count == (m_valid ? OUT : place * IN));
            for (i = 0; i < OUT; i = i + 1)
                if (i < count)
                    assert(hold[i*CODE_W +: CODE_W] == word[i*CODE_W +: CODE_W]);
        end
endmodule
