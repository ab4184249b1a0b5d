// SPDX-License-Identifier: Apache-2.0
//
// axgen_round: rounding shift and clamp, the end of every requantisation.
//
// Function    m_data = clamp(((s_data + 2^(SHIFT-1)) >>> SHIFT) + ZERO, LO, HI), exact. s_data is signed. The rounding constant
//             costs no long adder: (x + 2^(s-1)) >>> s = (x >>> s) + bit s-1 of x; nor does ZERO: it is added behind the clamp
//             to LO-ZERO .. HI-ZERO.
// Latency     0 (combinational).
// Throughput  one number per cycle.
// Handshake   none.
// Legal       IN_W 1..64, SHIFT 1..47, OUT_W 1..30, OUT_SIGNED 0 or 1, LO <= HI; LO, HI, ZERO representable in
//             OUT_W bits.
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

    localparam integer MIN = (OUT_SIGNED != 0) ? -(1 << (OUT_W - 1)) : 0;
    localparam integer MAX = (OUT_SIGNED != 0) ? (1 << (OUT_W - 1)) - 1 : (1 << OUT_W) - 1;

    generate
        if (IN_W < 1 || IN_W > 64 || SHIFT < 1 || SHIFT > 47 || OUT_W < 1 || OUT_W > 30
                || OUT_SIGNED < 0 || OUT_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_round illegal ();
        end else if (LO > HI || LO < MIN || HI > MAX || ZERO < MIN || ZERO > MAX) begin : g_illegal_range
            ILLEGAL_PARAMETER_axgen_round_LO_HI illegal ();
        end
    endgenerate

    localparam WIDE_W  = (IN_W > SHIFT + 1) ? IN_W : SHIFT + 1; // so that there is a bit above the shift
    localparam RAW_W   = WIDE_W - SHIFT + 1;
    localparam CLAMP_W = (RAW_W > OUT_W + 1) ? RAW_W : OUT_W + 1;
    localparam [31:0] LO_32   = LO;
    localparam [31:0] HI_32   = HI;
    localparam [31:0] ZERO_32 = ZERO;
    localparam [31:0] BOTTOM  = LO - ZERO;                      // OUT_W + 1 bits hold a difference of two codes
    localparam [31:0] TOP     = HI - ZERO;

    wire [WIDE_W-1:0]  wide;
    wire [CLAMP_W-1:0] floor, lo, hi;
    axgen_extend #(.IN_W(IN_W),         .OUT_W(WIDE_W))  u_wide  (.s_data(s_data), .m_data(wide));
    axgen_extend #(.IN_W(WIDE_W-SHIFT), .OUT_W(CLAMP_W)) u_floor (.s_data(wide[WIDE_W-1:SHIFT]), .m_data(floor));
    axgen_extend #(.IN_W(OUT_W+1),      .OUT_W(CLAMP_W)) u_lo    (.s_data(BOTTOM[OUT_W:0]), .m_data(lo));
    axgen_extend #(.IN_W(OUT_W+1),      .OUT_W(CLAMP_W)) u_hi    (.s_data(TOP[OUT_W:0]), .m_data(hi));

    wire [CLAMP_W-1:0] y = floor + {{(CLAMP_W-1){1'b0}}, wide[SHIFT-1]};
    wire below = ($signed(y) < $signed(lo));
    wire above = ($signed(y) > $signed(hi));

    assign m_data = below ? LO_32[OUT_W-1:0] : above ? HI_32[OUT_W-1:0] : y[OUT_W-1:0] + ZERO_32[OUT_W-1:0];

    generate
        if (SHIFT > 1) begin : g_unused
            wire unused = &{1'b0, wide[SHIFT-2:0]};
        end
    endgenerate

endmodule

`default_nettype wire
