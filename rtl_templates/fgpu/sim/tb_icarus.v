// SPDX-License-Identifier: Apache-2.0
//
// tb_icarus: the clock for tb_fgpu under Icarus. Simulation only.
`default_nettype none
`timescale 1ns / 1ns

module tb_icarus;
    parameter ADDR_W = 24;
    parameter LINES  = 4096;
    reg clk;
    initial begin
        clk = 1'b0;
        forever #5 clk = !clk;
    end
    tb_fgpu #(.ADDR_W(ADDR_W), .LINES(LINES)) tb (.clk(clk));
endmodule

`default_nettype wire
