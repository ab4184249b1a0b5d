// SPDX-License-Identifier: Apache-2.0
//
// axgen_count_last: axgen_count for those who need only `last`.
//
// Function    As axgen_count; latency, throughput, handshake and legal parameters too.
`default_nettype none

module axgen_count_last #(
    parameter N = 4
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               en,
    output wire               last
);

    wire [((N > 1) ? $clog2(N) : 1)-1:0] unused_value;
    axgen_count #(.N(N)) u_count (.clk(clk), .rst(rst), .en(en), .value(unused_value), .last(last));

endmodule

`default_nettype wire
