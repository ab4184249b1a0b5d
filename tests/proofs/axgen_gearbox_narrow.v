// SPDX-License-Identifier: Apache-2.0
//
// axgen_gearbox to a divisor of the width is a queue of one beat's codes.
module proof_axgen_gearbox_narrow #(
    parameter CODE_W = 2,
    parameter IN     = 6,
    parameter OUT    = 2
) (
    input wire                 clk,
    input wire                 rst,
    input wire                 s_valid,
    input wire                 m_ready,
    input wire [IN*CODE_W-1:0] s_data
);
    localparam PLACES = IN / OUT;
    wire                  s_ready, m_valid;
    wire [OUT*CODE_W-1:0] m_data;
    wire [7:0]            count;
    wire [IN*CODE_W-1:0]  word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_gearbox #(.CODE_W(CODE_W), .IN(IN), .OUT(OUT), .PER_PIXEL(IN)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(OUT*CODE_W)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(CODE_W), .IN(IN), .OUT(OUT), .ROOM(IN)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire [IN*CODE_W-1:0]       \dut.genblk2.g_narrow.hold ;
    (* hierconn *) wire [$clog2(PLACES)-1:0]  \dut.genblk2.g_narrow.u_place.unused_value ;
    wire [IN*CODE_W-1:0] hold  = \dut.genblk2.g_narrow.hold ;
    wire [7:0]           place = \dut.genblk2.g_narrow.u_place.unused_value ;
    integer i;
    always @*
        if (!rst) begin
            assert(place < PLACES && (m_valid || place == 0));
            assert(count == (m_valid ? IN - place * OUT : 0));
            for (i = 0; i < IN; i = i + 1)
                if (i < count)
                    assert(hold[i*CODE_W +: CODE_W] == word[i*CODE_W +: CODE_W]);
        end
endmodule
