// SPDX-License-Identifier: Apache-2.0
//
// axgen_compressor: many numbers added up in carry-save form: of three rows full adders make two, until two are left,
//                   which one adder adds.
//
// Function    sum = the sum of N numbers of IN_W bits (IN_SIGNED: two's complement), and of MORE numbers of OUT_W bits,
//             modulo 2^OUT_W. Signs are turned round, so that all bits count positive, and one constant corrects that.
// Latency     0 (combinational), about log1.5((N + MORE) / 2) full adders and an adder deep.
// Throughput  one sum per cycle.
// Handshake   none.
// Legal       N, MORE, IN_W, OUT_W >= 1, IN_SIGNED 0 or 1.
`default_nettype none

module axgen_compressor #(
    parameter N         = 4,
    parameter IN_W      = 16,
    parameter IN_SIGNED = 1,
    parameter MORE      = 1,
    parameter OUT_W     = 18
) (
    input  wire [N*IN_W-1:0]     s_data,
    input  wire [MORE*OUT_W-1:0] s_more,
    output wire [OUT_W-1:0]      sum
);

    // Rows after so many rounds.
    function integer rows(input integer rounds);
        integer l;
        begin
            rows = N + MORE;
            for (l = 0; l < rounds; l = l + 1)
                rows = rows - rows / 3;
        end
    endfunction

    // Rounds until two are left.
    function integer rounds(input integer from);
        integer left;
        begin
            rounds = 0;
            for (left = from; left > 2; left = left - left / 3)
                rounds = rounds + 1;
        end
    endfunction

    // What takes back the signs that were turned round.
    function [OUT_W-1:0] signs(input integer numbers);
        integer n;
        reg [OUT_W-1:0] one;
        begin
            for (n = 0; n < OUT_W; n = n + 1)
                one[n] = (n == IN_W - 1);
            signs = {OUT_W{1'b0}};
            for (n = 0; n < numbers; n = n + 1)
                signs = signs - one;
        end
    endfunction

    localparam             ROUNDS = rounds(N + MORE);
    localparam             USED   = (IN_W < OUT_W) ? IN_W : OUT_W;
    localparam             ABOVE  = OUT_W - USED;
    localparam [OUT_W-1:0] OFFSET = signs((IN_SIGNED == 1) ? N : 0);

    genvar l, k;
    generate
        if (N < 1 || MORE < 1 || IN_W < 1 || OUT_W < 1 || IN_SIGNED < 0 || IN_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_compressor illegal ();
        end

        for (l = 0; l <= ROUNDS; l = l + 1) begin : g_round
            localparam COUNT = rows(l);
            wire [COUNT*OUT_W-1:0] v;
            if (l == 0) begin : g_leaves
                assign v[N*OUT_W +: MORE*OUT_W] = s_more;
                for (k = 0; k < N; k = k + 1) begin : g_number
                    wire [IN_W-1:0] number = s_data[k*IN_W +: IN_W];
                    wire [IN_W-1:0] turned;
                    assign turned[IN_W-1] = number[IN_W-1] ^ (IN_SIGNED == 1);
                    if (IN_W > 1) begin : g_below
                        assign turned[IN_W-2:0] = number[IN_W-2:0];
                    end
                    assign v[k*OUT_W +: USED] = turned[USED-1:0];
                    if (ABOVE > 0) begin : g_above
                        assign v[k*OUT_W+USED +: ABOVE] = {ABOVE{1'b0}};
                    end
                    if (USED < IN_W) begin : g_unused
                        wire unused = &{1'b0, turned[IN_W-1:USED]};
                    end
                end
            end else begin : g_adders
                localparam BEFORE = rows(l - 1);
                localparam FULL   = BEFORE / 3;
                for (k = 0; k < FULL; k = k + 1) begin : g_full
                    wire [OUT_W-1:0] x    = g_round[l-1].v[3*k*OUT_W +: OUT_W];
                    wire [OUT_W-1:0] y    = g_round[l-1].v[(3*k+1)*OUT_W +: OUT_W];
                    wire [OUT_W-1:0] z    = g_round[l-1].v[(3*k+2)*OUT_W +: OUT_W];
                    wire [OUT_W-1:0] half = x ^ y;
                    wire [OUT_W:0]   up   = {(x & y) | (half & z), 1'b0};
                    wire             unused = &{1'b0, up[OUT_W]};
                    assign v[2*k*OUT_W +: OUT_W]     = half ^ z;
                    assign v[(2*k+1)*OUT_W +: OUT_W] = up[OUT_W-1:0];
                end
                if (BEFORE > 3 * FULL) begin : g_left
                    assign v[COUNT*OUT_W-1:2*FULL*OUT_W] = g_round[l-1].v[BEFORE*OUT_W-1:3*FULL*OUT_W];
                end
            end
        end
    endgenerate

    assign sum = g_round[ROUNDS].v[0 +: OUT_W] + g_round[ROUNDS].v[OUT_W +: OUT_W] + OFFSET;

endmodule

`default_nettype wire
