// SPDX-License-Identifier: Apache-2.0
//
// axgen_tap: position in a window of N taps; like axgen_count, with both ends.
//
// Function    steps 0, 1, .. N-1, 0, .. in every cycle with en; first: position 0, last: position N-1. rst returns to 0.
// Latency     first and last are one comparison behind the register. N = 1 costs nothing.
// Throughput  one step per cycle.
// Handshake   none.
// Legal       N >= 1.
`default_nettype none

module axgen_tap #(
    parameter N = 2
) (
    input  wire clk,
    input  wire rst,
    input  wire en,
    output wire first,
    output wire last
);

    localparam VALUE_W = (N > 1) ? $clog2(N) : 1;
    wire [VALUE_W-1:0] value;

    axgen_count #(.N(N)) u_count (.clk(clk), .rst(rst), .en(en), .value(value), .last(last));
    assign first = (value == {VALUE_W{1'b0}});

endmodule

`default_nettype wire
