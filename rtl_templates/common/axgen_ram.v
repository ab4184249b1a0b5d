// SPDX-License-Identifier: Apache-2.0
//
// axgen_ram: memory with one write port and one combinational read port.
//
// Function    mem[waddr] <= wdata on a rising clk with we; rdata = mem[raddr] at once. A read of the address being written
//             gives the old word. Contents are unknown until written; there is no reset.
// Latency     0. The user registers rdata directly outside (an FPGA tool then infers a synchronous memory; the ASIC flow
//             treats the module as a memory macro and counts its bits).
// Throughput  one write and one read per cycle.
// Handshake   none.
// Legal       WIDTH >= 1, DEPTH >= 1. ADDR_W is derived: leave it alone. Addresses >= DEPTH are not written and read unknown.
`default_nettype none

module axgen_ram #(
    parameter WIDTH  = 8,
    parameter DEPTH  = 16,
    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              we,
    input  wire [ADDR_W-1:0] waddr,
    input  wire [WIDTH-1:0]  wdata,
    input  wire [ADDR_W-1:0] raddr,
    output wire [WIDTH-1:0]  rdata
);

    generate
        if (WIDTH < 1 || DEPTH < 1 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_ram illegal ();
        end
    endgenerate

    reg [WIDTH-1:0] mem [0:DEPTH-1];

    always @(posedge clk)
        if (we)
            mem[waddr] <= wdata;

    assign rdata = mem[raddr];

endmodule

`default_nettype wire
