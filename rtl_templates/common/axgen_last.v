// SPDX-License-Identifier: Apache-2.0
//
// axgen_last: marks the last beat of every packet of BEATS beats (makes tlast for a stream without one).
//
// Function    last is high while the beat offered or awaited is number BEATS-1 of its packet; it advances on valid && ready.
// Latency     0: last belongs to the beat that valid belongs to.
// Throughput  one beat per cycle.
// Handshake   watches valid and ready, drives neither.
// Legal       BEATS >= 1.
`default_nettype none

module axgen_last #(
    parameter BEATS = 1
) (
    input  wire clk,
    input  wire rst,
    input  wire valid,
    input  wire ready,
    output wire last
);

    axgen_count_last #(.N(BEATS)) u_count (
        .clk(clk), .rst(rst), .en(valid && ready), .last(last)
    );

endmodule

`default_nettype wire
