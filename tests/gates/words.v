// SPDX-License-Identifier: Apache-2.0
//
// axgen_ram and axgen_rom as a netlist has them: the words stand outside, the register behind them is flip-flops.
(* blackbox *) module axgen_ram_words #(
    parameter WIDTH  = 8,
    parameter LANE_W = 8,
    parameter DEPTH  = 16,
    parameter ADDR_W = 4
) (
    input  wire                    clk,
    input  wire [WIDTH/LANE_W-1:0] we,
    input  wire [ADDR_W-1:0]       waddr,
    input  wire [WIDTH-1:0]        wdata,
    input  wire                    re,
    input  wire [ADDR_W-1:0]       raddr,
    output wire [WIDTH-1:0]        rdata
);
endmodule

(* blackbox *) module axgen_rom_words #(
    parameter WIDTH     = 8,
    parameter DEPTH     = 16,
    parameter INIT_FILE = "",
    parameter ADDR_W    = 4
) (
    input  wire              re,
    input  wire [ADDR_W-1:0] raddr,
    output wire [WIDTH-1:0]  rdata
);
endmodule

`ifdef MEMORIES
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
    wire [WIDTH-1:0] word;
    axgen_ram_words #(.WIDTH(WIDTH), .LANE_W(LANE_W), .DEPTH(DEPTH), .ADDR_W(ADDR_W)) words (
        .clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(re), .raddr(raddr), .rdata(word)
    );
    always @(posedge clk)
        if (re)
            rdata <= word;
endmodule

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
    wire [WIDTH-1:0] word;
    axgen_rom_words #(.WIDTH(WIDTH), .DEPTH(DEPTH), .INIT_FILE(INIT_FILE), .ADDR_W(ADDR_W)) words (
        .re(re), .raddr(raddr), .rdata(word)
    );
    always @(posedge clk)
        if (re)
            rdata <= word;
endmodule
`endif
