// SPDX-License-Identifier: Apache-2.0
//
// tb_icarus: the clock for tb_fgpu, or with AXI for tb_fgpu_axi, under Icarus. Simulation only.
`default_nettype none
`timescale 1ns / 1ns

module tb_icarus;
    parameter ADDR_W = 24;
    parameter LINES  = 4096;
    parameter AXI    = 0;
    parameter DATA_W = 256;
    reg clk;
    initial begin
        clk = 1'b0;
        forever #5 clk = !clk;
    end
    generate
        if (AXI != 0) begin : g_axi
            tb_fgpu_axi #(.LINES(LINES), .DATA_W(DATA_W)) tb (.clk(clk));
        end else begin : g_plain
            tb_fgpu #(.ADDR_W(ADDR_W), .LINES(LINES)) tb (.clk(clk));
        end
    endgenerate
endmodule

`default_nettype wire
