// SPDX-License-Identifier: Apache-2.0
//
// axgen_count: one level of a loop nest.
//
// Function    value runs 0, 1, .. N-1, 0, .. and steps in every cycle with en; last says that value is N-1. A level's en is
//             the inner level's en && last. N = 1 costs nothing: value = 0, last = 1.
// Latency     value and last are registered or constant (last: one comparison behind the register).
// Throughput  one step per cycle.
// Handshake   none.
// Legal       N >= 1. VALUE_W is derived: leave it alone.
`default_nettype none

module axgen_count #(
    parameter N       = 4,
    parameter VALUE_W = (N > 1) ? $clog2(N) : 1
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               en,
    output wire [VALUE_W-1:0] value,
    output wire               last
);

    localparam [31:0] LAST = N - 1;

    generate
        if (N < 1 || VALUE_W != ((N > 1) ? $clog2(N) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_count illegal ();
        end

        if (N == 1) begin : g_one
            wire unused = &{1'b0, clk, rst, en};
            assign value = 1'b0;
            assign last  = 1'b1;
        end else begin : g_many
            reg [VALUE_W-1:0] count;
            always @(posedge clk)
                if (rst)
                    count <= {VALUE_W{1'b0}};
                else if (en)
                    count <= last ? {VALUE_W{1'b0}} : count + 1'b1;
            assign value = count;
            assign last  = (count == LAST[VALUE_W-1:0]);
        end
    endgenerate

endmodule

`default_nettype wire
