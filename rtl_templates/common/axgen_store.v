// SPDX-License-Identifier: Apache-2.0
//
// axgen_store: words that a core looks up: read-only, or loaded before use (axgen_load writes them).
//
// Function    LOAD = 0: an axgen_rom with the contents of INIT_FILE; the write port is not looked at.
//             LOAD = 1: LOAD_W axgen_ram side by side, of 32 bits, the last one of what is left. On a rising clk lane i of word
//             load_addr becomes load_data (its low bits where it is narrower) where load_we[i] is 1.
//             rdata <= word raddr on a rising clk with re, otherwise it stands still.
// Latency     1 cycle from raddr and re to rdata; a word can be read from the cycle after its write on.
// Throughput  one read per cycle, and one write.
// Handshake   none.
// Legal       WIDTH >= 1, DEPTH >= 1; LOAD 0 or 1. LOAD_W and ADDR_W are derived: leave them alone. A word is not read in the
//             cycle in which it is written.
`default_nettype none

module axgen_store #(
    parameter WIDTH     = 8,
    parameter DEPTH     = 16,
    parameter LOAD      = 0,
    parameter INIT_FILE = "",
    parameter LOAD_W    = (WIDTH + 31) / 32,
    parameter ADDR_W    = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              re,
    input  wire [ADDR_W-1:0] raddr,
    output wire [WIDTH-1:0]  rdata,
    input  wire [LOAD_W-1:0] load_we,
    input  wire [ADDR_W-1:0] load_addr,
    input  wire [31:0]       load_data
);

    generate
        if (WIDTH < 1 || DEPTH < 1 || LOAD < 0 || LOAD > 1 || LOAD_W != (WIDTH + 31) / 32
                || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_store illegal ();
        end
    endgenerate

    genvar i;
    generate
        if (LOAD == 0) begin : g_rom
            wire unused = &{1'b0, load_we, load_addr, load_data};
            axgen_rom #(.WIDTH(WIDTH), .DEPTH(DEPTH), .INIT_FILE(INIT_FILE)) u_rom (
                .clk(clk), .re(re), .raddr(raddr), .rdata(rdata)
            );
        end else begin : g_ram
            wire unused = &{1'b0, load_data};
            for (i = 0; i < LOAD_W; i = i + 1) begin : g_lane
                localparam LANE_W = (WIDTH - 32*i < 32) ? WIDTH - 32*i : 32;
                axgen_ram #(.WIDTH(LANE_W), .DEPTH(DEPTH)) u_ram (
                    .clk(clk), .we(load_we[i]), .waddr(load_addr), .wdata(load_data[LANE_W-1:0]),
                    .re(re), .raddr(raddr), .rdata(rdata[32*i +: LANE_W])
                );
            end
        end
    endgenerate

endmodule

`default_nettype wire
