// SPDX-License-Identifier: Apache-2.0
//
// axgen_pool_window: overlapping or padded pooling of the words of an axgen_window with GROUPS = C/G.
//
// Function    One beat out per frame s_first .. s_last (the KH*KW taps of WCH channels of one window): their maximum, or OFFSET
//             and their sum.
//             The window generator: G = WCH, TH = TW = 1, GROUPS = C/G, REPEAT = 1, PAD_CODE = the lowest code (MAX) or
//             the zero code (SUM). The blocks of channels follow one another, so one accumulator does.
// Latency     1 cycle from s_last to the result.
// Throughput  one word per cycle, also when every word is first and last.
// Handshake   valid/ready; s_ready is combinational from m_ready.
// Legal       CODE_W, WCH >= 1; CODE_SIGNED 0 or 1; OP "MAX" with ACC_W = CODE_W, or "SUM" with ACC_W >= CODE_W +
//             clog2(taps) (sums wrap modulo 2^ACC_W; with unsigned codes and OFFSET = 0 they are unsigned).
`default_nettype none

module axgen_pool_window #(
    parameter CODE_W               = 8,
    parameter CODE_SIGNED          = 1,
    parameter WCH                  = 1,
    parameter OP                   = "MAX",
    parameter ACC_W                = 8,
    parameter signed [47:0] OFFSET = 0
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  s_valid,
    output wire                  s_ready,
    input  wire [WCH*CODE_W-1:0] s_data,
    input  wire                  s_first,
    input  wire                  s_last,
    output wire                  m_valid,
    input  wire                  m_ready,
    output wire [WCH*ACC_W-1:0]  m_data
);

    reg                  valid;
    reg  [WCH*ACC_W-1:0] acc;
    wire [WCH*ACC_W-1:0] next;

    axgen_pool_op #(.CODE_W(CODE_W), .CODE_SIGNED(CODE_SIGNED), .WCH(WCH), .OP(OP), .ACC_W(ACC_W), .OFFSET(OFFSET)) u_op (
        .first(s_first), .s_acc(acc), .code(s_data), .m_acc(next)
    );

    assign s_ready = !valid || m_ready;
    assign m_valid = valid;
    assign m_data  = acc;

    always @(posedge clk) begin
        if (rst)
            valid <= 1'b0;
        else if (s_ready)
            valid <= s_valid && s_last;
        if (s_valid && s_ready)
            acc <= next;
    end

endmodule

`default_nettype wire
