// SPDX-License-Identifier: Apache-2.0
//
// axgen_span: counts modulo BEFORE + N + BEHIND and says when it is within the N in the middle.
//
// Function    From 0 on, one further with en. middle: the count is from BEFORE to BEFORE + N - 1. last: it is the largest.
// Latency     0: both belong to the count of this cycle.
// Throughput  one step per cycle.
// Handshake   none.
// Legal       BEFORE, BEHIND >= 0, N >= 1.
`default_nettype none

module axgen_span #(
    parameter BEFORE = 1,
    parameter N      = 2,
    parameter BEHIND = 1
) (
    input  wire clk,
    input  wire rst,
    input  wire en,
    output wire middle,
    output wire last
);

    localparam ALL = BEFORE + N + BEHIND;
    localparam W   = (ALL > 1) ? $clog2(ALL) : 1;
    localparam [31:0] FIRST = BEFORE;
    localparam [31:0] END   = BEFORE + N - 1;

    generate
        if (BEFORE < 0 || N < 1 || BEHIND < 0) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_span illegal ();
        end
        if (BEFORE == 0 && BEHIND == 0) begin : g_all
            assign middle = 1'b1;
            axgen_count_last #(.N(ALL)) u_count (.clk(clk), .rst(rst), .en(en), .last(last));
        end else begin : g_part
            wire [W-1:0] at;
            wire from, to;
            axgen_count #(.N(ALL)) u_count (.clk(clk), .rst(rst), .en(en), .value(at), .last(last));
            if (BEFORE == 0) begin : g_from_0
                assign from = 1'b1;
            end else begin : g_from
                assign from = (at >= FIRST[W-1:0]);
            end
            if (BEHIND == 0) begin : g_to_end
                assign to = 1'b1;
            end else begin : g_to
                assign to = (at <= END[W-1:0]);
            end
            assign middle = from && to;
        end
    endgenerate

endmodule

`default_nettype wire
