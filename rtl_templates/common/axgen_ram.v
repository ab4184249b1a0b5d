// SPDX-License-Identifier: Apache-2.0
//
// axgen_ram: memory with one write port and one read port on one clock. To be replaced: put an SRAM macro or a block RAM of
//            the same ports and timing into this file, or leave it to the FPGA tool, which finds a block RAM in it.
//
// Function    On a rising clk: lane i of mem[waddr], LANE_W bits, <= lane i of wdata where we[i] is 1 (LANE_W = WIDTH: one lane,
//             8: byte enables); rdata <= mem[raddr] with re. Without re rdata stands still, also over writes to the word it
//             came from. A read of the address that is written in the same cycle gives anything (here: unknown lanes) and
//             the write is done: no core of axgen looks at such a word. Contents are unknown until written; no reset.
// Latency     1 cycle from raddr and re to rdata; a word can be read from the cycle after its write on.
// Throughput  one write and one read per cycle.
// Handshake   none.
// Legal       WIDTH >= 1, a multiple of LANE_W >= 1; DEPTH >= 1. ADDR_W is derived: leave it alone. Addresses >= DEPTH are
//             not written and read unknown.
`default_nettype none

module axgen_ram #(
    parameter WIDTH  = 8,
    parameter LANE_W = WIDTH,
    parameter DEPTH  = 16,
    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire                    clk,
    input  wire [WIDTH/LANE_W-1:0] we,
    input  wire [ADDR_W-1:0]       waddr,
    input  wire [WIDTH-1:0]        wdata,
    input  wire                    re,
    input  wire [ADDR_W-1:0]       raddr,
    output reg  [WIDTH-1:0]        rdata
);

    generate
        if (WIDTH < 1 || LANE_W < 1 || WIDTH % LANE_W != 0 || DEPTH < 1 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1))
        begin : g_illegal
            ILLEGAL_PARAMETER_axgen_ram illegal ();
        end
    endgenerate

    reg [WIDTH-1:0] mem [0:DEPTH-1];

    integer i;
    always @(posedge clk)
        for (i = 0; i < WIDTH / LANE_W; i = i + 1)
            if (we[i])
                mem[waddr][i*LANE_W +: LANE_W] <= wdata[i*LANE_W +: LANE_W];

    // By lanes: a read of the whole word as unknown makes FPGA tools add logic for it where there are lanes.
    integer k;
    always @(posedge clk)
        for (k = 0; k < WIDTH / LANE_W; k = k + 1)
            if (re)
                rdata[k*LANE_W +: LANE_W] <= (we[k] && waddr == raddr) ? {LANE_W{1'bx}} : mem[raddr][k*LANE_W +: LANE_W];

endmodule

`default_nettype wire
