// SPDX-License-Identifier: Apache-2.0
//
// axgen_clamp: keeps codes within bounds.
//
// Function    Each of LANES codes of CODE_W bits becomes the nearest one from LO to HI.
// Latency     0 (combinational).
// Throughput  LANES codes per cycle.
// Handshake   none.
// Legal       LANES >= 1, CODE_W 1..30, SIGNED 0 or 1, LO <= HI, both representable in CODE_W bits.
`default_nettype none

module axgen_clamp #(
    parameter         LANES  = 1,
    parameter         CODE_W = 8,
    parameter         SIGNED = 1,
    parameter integer LO     = -128,
    parameter integer HI     = 127
) (
    input  wire [LANES*CODE_W-1:0] s_data,
    output wire [LANES*CODE_W-1:0] m_data
);

    localparam integer MIN = (SIGNED != 0) ? -(1 << (CODE_W - 1)) : 0;
    localparam integer MAX = (SIGNED != 0) ? (1 << (CODE_W - 1)) - 1 : (1 << CODE_W) - 1;
    localparam [31:0] LO_32 = LO;
    localparam [31:0] HI_32 = HI;

    generate
        if (LANES < 1 || CODE_W < 1 || CODE_W > 30 || SIGNED < 0 || SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_clamp illegal ();
        end else if (LO > HI || LO < MIN || HI > MAX) begin : g_illegal_range
            ILLEGAL_PARAMETER_axgen_clamp_LO_HI illegal ();
        end
        if (LO == MIN && HI == MAX) begin : g_wires
            assign m_data = s_data;
        end else begin : g_clamp
            genvar l;
            for (l = 0; l < LANES; l = l + 1) begin : g_lane
                wire [CODE_W:0] code;
                axgen_extend #(.IN_W(CODE_W), .IN_SIGNED(SIGNED), .OUT_W(CODE_W + 1)) u_code (
                    .s_data(s_data[l*CODE_W +: CODE_W]), .m_data(code)
                );
                wire below = ($signed(code) < $signed(LO_32[CODE_W:0]));
                wire above = ($signed(code) > $signed(HI_32[CODE_W:0]));
                assign m_data[l*CODE_W +: CODE_W] = below ? LO_32[CODE_W-1:0] : above ? HI_32[CODE_W-1:0] : code[CODE_W-1:0];
            end
        end
    endgenerate

endmodule

`default_nettype wire
