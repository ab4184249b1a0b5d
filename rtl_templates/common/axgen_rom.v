// SPDX-License-Identifier: Apache-2.0
//
// axgen_rom: read-only memory, contents from a $readmemh file. To be replaced: put a mask ROM, or a RAM that something loads
//            before use, of the same ports and timing into this file, or leave it to the FPGA tool.
//
// Function    rdata <= mem[raddr] on a rising clk with re, otherwise it stands still; INIT_FILE has DEPTH words in
//             hexadecimal.
// Latency     1 cycle from raddr and re to rdata.
// Throughput  one read per cycle.
// Handshake   none.
// Legal       WIDTH >= 1, DEPTH >= 1. ADDR_W is derived: leave it alone. Addresses >= DEPTH read unknown. An
//             empty INIT_FILE leaves the contents unknown (for lint).
`default_nettype none

module axgen_rom #(
    parameter WIDTH     = 8,
    parameter DEPTH     = 16,
    parameter INIT_FILE = "",
    parameter ADDR_W    = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              re,
    input  wire [ADDR_W-1:0] raddr,
    output reg  [WIDTH-1:0]  rdata
);

    generate
        if (WIDTH < 1 || DEPTH < 1 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_rom illegal ();
        end
    endgenerate

    reg [WIDTH-1:0] mem [0:DEPTH-1];

    generate
        if (INIT_FILE != "") begin : g_init
            initial $readmemh(INIT_FILE, mem);
        end else begin : g_empty
            initial mem[0] = {WIDTH{1'b0}};
        end
    endgenerate

    always @(posedge clk)
        if (re)
            rdata <= mem[raddr];

endmodule

`default_nettype wire
