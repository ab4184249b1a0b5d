// SPDX-License-Identifier: Apache-2.0
//
// axgen_gearbox between widths of which neither divides the other is a queue of codes.
module proof_axgen_gearbox #(
    parameter CODE_W = 2,
    parameter IN     = 2,
    parameter OUT    = 3
) (
    input wire                 clk,
    input wire                 rst,
    input wire                 s_valid,
    input wire                 m_ready,
    input wire [IN*CODE_W-1:0] s_data
);
    localparam ROOM    = IN + OUT + ((IN < OUT) ? IN : OUT) - 1;
    localparam COUNT_W = $clog2(ROOM + 1);
    wire                   s_ready, m_valid;
    wire [OUT*CODE_W-1:0]  m_data;
    wire [7:0]             count;
    wire [ROOM*CODE_W-1:0] word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_gearbox #(.CODE_W(CODE_W), .IN(IN), .OUT(OUT), .PER_PIXEL(IN * OUT)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(OUT*CODE_W)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(CODE_W), .IN(IN), .OUT(OUT), .ROOM(ROOM)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire [COUNT_W-1:0]     \dut.genblk2.genblk1.g_general.count ;
    (* hierconn *) wire [ROOM*CODE_W-1:0] \dut.genblk2.genblk1.g_general.hold ;
    wire [ROOM*CODE_W-1:0] hold = \dut.genblk2.genblk1.g_general.hold ;
    integer i;
    always @*
        if (!rst) begin
            assert(count == \dut.genblk2.genblk1.g_general.count );
            for (i = 0; i < ROOM; i = i + 1)
                if (i < count)
                    assert(hold[i*CODE_W +: CODE_W] == word[i*CODE_W +: CODE_W]);
        end
endmodule
