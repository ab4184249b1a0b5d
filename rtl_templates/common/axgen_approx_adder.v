// SPDX-License-Identifier: Apache-2.0
//
// axgen_approx_adder: two numbers of W bits added up approximately (genlib/adders, docs/adders.md).
//
// Function    sum = x + y modulo 2^W, FAMILY 0; else
//             1 (loa)    the A low bits are x | y, the rest x + y with the carry x[A-1] & y[A-1];
//             2 (trunc)  the A low bits are 0, the rest x + y;
//             3 (cut)    segments of A bits, each the sum of its bits and of the B bits below it (as many as there are);
//             4          the B low bits are added up by number A of the modules that axgen_imported_adder holds, which a compiler
//                        writes; its carry goes into the sum of the rest. With W < B it sees x and y with their signs repeated.
// Latency     0 (combinational).
// Throughput  one sum per cycle.
// Handshake   none.
// Legal       W >= 1; FAMILY 0 to 4; A >= 1, and A < W for 1 and 2; B >= 0, and B >= 2 for 4.
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
        if (W < 1 || A < 1 || B < 0 || FAMILY < 0 || FAMILY > 4 || (FAMILY == 4 && B < 2) || ((FAMILY == 1 || FAMILY == 2) && A >= W)) begin : g_illegal
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
        end else if (FAMILY == 4) begin : g_imported
            wire [B-1:0] low_x, low_y;
            wire [B:0]   low;
            axgen_extend #(.IN_W(W), .OUT_W(B)) u_x (.s_data(x), .m_data(low_x));
            axgen_extend #(.IN_W(W), .OUT_W(B)) u_y (.s_data(y), .m_data(low_y));
            axgen_imported_adder #(.WHICH(A), .N(B)) u_low (.x(low_x), .y(low_y), .sum(low));
            if (W > B) begin : g_rest
                wire [W-B-1:0] carry;
                assign carry[0] = low[B];
                if (W - B > 1) begin : g_above
                    assign carry[W-B-1:1] = {(W-B-1){1'b0}};
                end
                assign sum = {x[W-1:B] + y[W-1:B] + carry, low[B-1:0]};
            end else begin : g_low
                wire unused = &{1'b0, low[B:W]};
                assign sum = low[W-1:0];
            end
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
