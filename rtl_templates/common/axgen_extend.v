// SPDX-License-Identifier: Apache-2.0
//
// axgen_extend: sign or zero extension (or truncation) of one number.
//
// Function    m_data = s_data extended from IN_W to OUT_W bits, by the sign when IN_SIGNED, else by zeros; the low OUT_W bits
//             when OUT_W < IN_W.
// Latency     0 (wires).
// Throughput  one number per cycle.
// Handshake   none.
// Legal       IN_W >= 1, OUT_W >= 1, IN_SIGNED 0 or 1.
`default_nettype none

module axgen_extend #(
    parameter IN_W      = 8,
    parameter IN_SIGNED = 1,
    parameter OUT_W     = 16
) (
    input  wire [IN_W-1:0]  s_data,
    output wire [OUT_W-1:0] m_data
);

    generate
        if (IN_W < 1 || OUT_W < 1 || IN_SIGNED < 0 || IN_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_extend illegal ();
        end

        if (OUT_W > IN_W) begin : g_extend
            assign m_data = {{(OUT_W-IN_W){(IN_SIGNED != 0) && s_data[IN_W-1]}}, s_data};
        end else if (OUT_W == IN_W) begin : g_same
            assign m_data = s_data;
        end else begin : g_cut
            wire unused = &{1'b0, s_data[IN_W-1:OUT_W]};
            assign m_data = s_data[OUT_W-1:0];
        end
    endgenerate

endmodule

`default_nettype wire
