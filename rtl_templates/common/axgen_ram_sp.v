// SPDX-License-Identifier: Apache-2.0
//
// axgen_ram_sp: memory with a single port that reads or writes, some lanes of a word or all. To be replaced: put an SRAM
//               macro with one port into this file; as it stands it is an axgen_ram, of which half is idle.
//
// Function    On a rising clk with en: lane i of mem[addr], LANE_W bits, is written with lane i of wdata where we[i] is 1;
//             where no bit of we is 1, rdata <= mem[addr]. Without en nothing changes. After a write rdata is anything
//             until the next read (here it stands still). Contents are unknown until written; there is no reset.
// Latency     1 cycle from addr and en to rdata.
// Throughput  one read or one write per cycle.
// Handshake   none.
// Legal       WIDTH >= 1, a multiple of LANE_W >= 1; DEPTH >= 1. ADDR_W is derived: leave it alone. Addresses >= DEPTH are
//             not written and read unknown.
`default_nettype none

module axgen_ram_sp #(
    parameter WIDTH  = 32,
    parameter LANE_W = 8,
    parameter DEPTH  = 16,
    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire                    clk,
    input  wire                    en,
    input  wire [WIDTH/LANE_W-1:0] we,
    input  wire [ADDR_W-1:0]       addr,
    input  wire [WIDTH-1:0]        wdata,
    output wire [WIDTH-1:0]        rdata
);

    generate
        if (WIDTH < 1 || LANE_W < 1 || WIDTH % LANE_W != 0 || DEPTH < 1 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1))
        begin : g_illegal
            ILLEGAL_PARAMETER_axgen_ram_sp illegal ();
        end
    endgenerate

    wire read = en && !(|we);
    axgen_ram #(.WIDTH(WIDTH), .LANE_W(LANE_W), .DEPTH(DEPTH)) u_ram (
        .clk(clk), .we(en ? we : {WIDTH/LANE_W{1'b0}}), .waddr(addr), .wdata(wdata), .re(read), .raddr(addr), .rdata(rdata)
    );

endmodule

`default_nettype wire
