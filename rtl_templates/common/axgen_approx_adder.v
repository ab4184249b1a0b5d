// SPDX-License-Identifier: Apache-2.0
//
// axgen_approx_adder: two numbers of W bits added up approximately (genlib/adders, docs/adders.md).
//
// Function    sum = x + y modulo 2^W, FAMILY 0; else
//             1 (loa)    the A low bits are x | y, the rest x + y with the carry x[A-1] & y[A-1];
//             2 (trunc)  the A low bits are 0, the rest x + y;
//             3 (cut)    segments of A bits, each the sum of its bits and of the B bits below it (as many as there are).
// Latency     0 (combinational).
// Throughput  one sum per cycle.
// Handshake   none.
// Legal       W >= 1; FAMILY 0 to 3; A >= 1, and A < W for 1 and 2; B >= 0.
`default_nettype none

module axgen_approx_adder #(
    parameter W      = 16,
    parameter FAMILY = 0,
    parameter A      = 4,
    parameter B      = 0
) (
    input  wire [W-1:0] x,
    input  wire [W-1:0] y,
    output wire [W-1:0] sum
);

    genvar s;
    generate
        if (W < 1 || A < 1 || B < 0 || FAMILY < 0 || FAMILY > 3 || ((FAMILY == 1 || FAMILY == 2) && A >= W)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_approx_adder illegal ();
        end else if (FAMILY == 0) begin : g_exact
            assign sum = x + y;
        end else if (FAMILY == 1) begin : g_loa
            wire [W-A-1:0] carry;
            assign carry[0] = x[A-1] & y[A-1];
            if (W - A > 1) begin : g_above
                assign carry[W-A-1:1] = {(W-A-1){1'b0}};
            end
            assign sum = {x[W-1:A] + y[W-1:A] + carry, x[A-1:0] | y[A-1:0]};
        end else if (FAMILY == 2) begin : g_trunc
            wire unused = &{1'b0, x[A-1:0], y[A-1:0]};
            assign sum = {x[W-1:A] + y[W-1:A], {A{1'b0}}};
        end else begin : g_cut
            for (s = 0; s * A < W; s = s + 1) begin : g_segment
                localparam AT     = s * A;
                localparam BITS   = (W - AT < A) ? W - AT : A;
                localparam BEFORE = (AT < B) ? AT : B;
                wire [BITS+BEFORE-1:0] part = x[AT-BEFORE +: BITS+BEFORE] + y[AT-BEFORE +: BITS+BEFORE];
                assign sum[AT +: BITS] = part[BEFORE +: BITS];
                if (BEFORE > 0) begin : g_carry
                    wire unused = &{1'b0, part[BEFORE-1:0]};
                end
            end
        end
    endgenerate

endmodule

`default_nettype wire
