// SPDX-License-Identifier: Apache-2.0
//
// axgen_join: joins streams of whole pixels along their channels (axgen_concat does so beat by beat, where all numbers of
//             channels have a large enough divisor).
//
// Function    A pixel of each of N inputs, side by side in s_data (that of input 0 lowest), becomes a pixel of all their
//             channels, LANES codes, each clamped to LO..HI.
// Latency     1 cycle.
// Throughput  one pixel per cycle.
// Handshake   valid/ready; an input is ready when all are valid (inputs only: m_valid waits for nothing); s_ready is
//             combinational from m_ready.
// Legal       LANES, N >= 1; CODE_W 1..30; SIGNED 0 or 1; LO <= HI, both representable in CODE_W bits.
`default_nettype none

module axgen_join #(
    parameter         LANES  = 3,
    parameter         CODE_W = 8,
    parameter         SIGNED = 1,
    parameter         N      = 2,
    parameter integer LO     = -128,
    parameter integer HI     = 127
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [N-1:0]            s_valid,
    output wire [N-1:0]            s_ready,
    input  wire [LANES*CODE_W-1:0] s_data,
    output wire                    m_valid,
    input  wire                    m_ready,
    output wire [LANES*CODE_W-1:0] m_data
);

    generate
        if (LANES < 1 || CODE_W < 1 || N < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_join illegal ();
        end
    endgenerate

    reg                     valid;
    reg  [LANES*CODE_W-1:0] data;
    wire [LANES*CODE_W-1:0] clamped;
    wire                    free = !valid || m_ready;
    wire                    take = free && (&s_valid);

    axgen_clamp #(.LANES(LANES), .CODE_W(CODE_W), .SIGNED(SIGNED), .LO(LO), .HI(HI)) u_clamp (
        .s_data(s_data), .m_data(clamped)
    );

    assign s_ready = {N{take}};
    assign m_valid = valid;
    assign m_data  = data;

    always @(posedge clk) begin
        if (rst)
            valid <= 1'b0;
        else if (free)
            valid <= take;
        if (take)
            data <= clamped;
    end

endmodule

`default_nettype wire
