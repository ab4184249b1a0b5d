// SPDX-License-Identifier: Apache-2.0
//
// axgen_pool_op: one step of a pooling: the maximum or the sum so far and one more code, for WCH channels.
//
// Function    MAX: m_acc = first ? code : max(s_acc, code), ACC_W = CODE_W. SUM: m_acc = (first ? OFFSET : s_acc) + code, the code
//             extended to ACC_W bits, modulo 2^ACC_W.
// Latency     0 (combinational).
// Throughput  one step per cycle.
// Handshake   none.
// Legal       WCH, CODE_W >= 1; CODE_SIGNED 0 or 1; OP "MAX" (ACC_W = CODE_W) or "SUM" (ACC_W >= CODE_W). OFFSET: its
//             low ACC_W bits count.
`default_nettype none

module axgen_pool_op #(
    parameter CODE_W               = 8,
    parameter CODE_SIGNED          = 1,
    parameter WCH                  = 1,
    parameter OP                   = "MAX",
    parameter ACC_W                = 8,
    parameter signed [47:0] OFFSET = 0
) (
    input  wire                  first,
    input  wire [WCH*ACC_W-1:0]  s_acc,
    input  wire [WCH*CODE_W-1:0] code,
    output wire [WCH*ACC_W-1:0]  m_acc
);

    generate
        if (CODE_W < 1 || CODE_SIGNED < 0 || CODE_SIGNED > 1 || WCH < 1 || ACC_W < CODE_W) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_pool_op illegal ();
        end else if (!(OP == "SUM") && !(OP == "MAX" && ACC_W == CODE_W)) begin : g_illegal_op
            ILLEGAL_PARAMETER_axgen_pool_OP illegal ();
        end
    endgenerate

    genvar c;
    generate
        for (c = 0; c < WCH; c = c + 1) begin : g_channel
            wire [ACC_W-1:0] now = s_acc[c*ACC_W +: ACC_W];
            wire [ACC_W-1:0] one;
            axgen_extend #(.IN_W(CODE_W), .IN_SIGNED(CODE_SIGNED), .OUT_W(ACC_W)) u_code (
                .s_data(code[c*CODE_W +: CODE_W]), .m_data(one)
            );
            if (OP == "SUM") begin : g_sum
                wire [ACC_W-1:0] start;
                axgen_extend #(.IN_W(48), .OUT_W(ACC_W)) u_start (.s_data(OFFSET), .m_data(start));
                assign m_acc[c*ACC_W +: ACC_W] = (first ? start : now) + one;
            end else if (CODE_SIGNED != 0) begin : g_max_signed
                assign m_acc[c*ACC_W +: ACC_W] = (!first && $signed(now) > $signed(one)) ? now : one;
            end else begin : g_max
                assign m_acc[c*ACC_W +: ACC_W] = (!first && now > one) ? now : one;
            end
        end
    endgenerate

endmodule

`default_nettype wire
