// SPDX-License-Identifier: Apache-2.0
//
// axgen_count_value: axgen_count for those who need only `value`.
//
// Function    As axgen_count; latency, throughput, handshake and legal parameters too.
`default_nettype none

module axgen_count_value #(
    parameter N       = 4,
    parameter VALUE_W = (N > 1) ? $clog2(N) : 1
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               en,
    output wire [VALUE_W-1:0] value
);

    wire unused_last;
    axgen_count #(.N(N)) u_count (.clk(clk), .rst(rst), .en(en), .value(value), .last(unused_last));

endmodule

`default_nettype wire
