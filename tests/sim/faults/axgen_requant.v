// SPDX-License-Identifier: Apache-2.0
//
// In place of the requantiser: one that never takes a beat.
`default_nettype none

module axgen_requant #(
    parameter         PE         = 1,
    parameter         ACC_W      = 24,
    parameter         ACC_SIGNED = 1,
    parameter         M_W        = 16,
    parameter         SHIFT      = 16,
    parameter         OUT_W      = 8,
    parameter         OUT_SIGNED = 1,
    parameter integer LO         = -128,
    parameter integer HI         = 127,
    parameter integer ZERO       = 0,
    parameter         NF         = 1,
    parameter         REPEAT     = 1,
    parameter         SHARED     = 0,
    parameter         MULT_FILE  = "",
    parameter         LOAD       = 0,
    parameter         GROUP_W    = (NF > 1) ? $clog2(NF) : 1,
    parameter         LOAD_W     = (((SHARED != 0) ? M_W : PE*M_W) + 31) / 32
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                s_valid,
    output wire                s_ready,
    input  wire [PE*ACC_W-1:0] s_acc,
    output wire                m_valid,
    input  wire                m_ready,
    output wire [PE*OUT_W-1:0] m_data,
    input  wire [LOAD_W-1:0]   load_we,
    input  wire [GROUP_W-1:0]  load_addr,
    input  wire [31:0]         load_data
);

    assign s_ready = 1'b0;
    assign m_valid = 1'b0;
    assign m_data  = {(PE*OUT_W){1'b0}};

endmodule

`default_nettype wire
