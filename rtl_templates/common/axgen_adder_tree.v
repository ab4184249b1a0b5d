// SPDX-License-Identifier: Apache-2.0
//
// axgen_adder_tree: balanced tree of adders.
//
// Function    sum = the sum of N numbers of IN_W bits (IN_SIGNED: two's complement), to OUT_W bits. Inner nodes are no wider
//             than their operands need. Sums are exact when OUT_W >= IN_W + clog2(N), else modulo 2^OUT_W.
// Latency     0 (combinational), ceil(log2 N) adders deep.
// Throughput  one sum per cycle.
// Handshake   none.
// Legal       N >= 1, IN_W >= 1, OUT_W >= 1, IN_SIGNED 0 or 1.
`default_nettype none

module axgen_adder_tree #(
    parameter N         = 4,
    parameter IN_W      = 16,
    parameter IN_SIGNED = 1,
    parameter OUT_W     = 18
) (
    input  wire [N*IN_W-1:0] s_data,
    output wire [OUT_W-1:0]  sum
);

    localparam LEVELS = (N > 1) ? $clog2(N) : 0;
    localparam TOP_W  = (IN_W + LEVELS < OUT_W) ? IN_W + LEVELS : OUT_W;

    generate
        if (N < 1 || IN_W < 1 || OUT_W < 1 || IN_SIGNED < 0 || IN_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_adder_tree illegal ();
        end

        genvar l, k;
        for (l = 0; l <= LEVELS; l = l + 1) begin : g_level
            localparam COUNT = (N + (1 << l) - 1) >> l;         // nodes of this level, from pairs of the level before
            localparam FULL  = IN_W + l;
            localparam NODE  = (FULL < OUT_W) ? FULL : OUT_W;
            wire [COUNT*NODE-1:0] v;
            for (k = 0; k < COUNT; k = k + 1) begin : g_node
                if (l == 0) begin : g_leaf
                    assign v[k*NODE +: NODE] = s_data[k*IN_W +: NODE];
                    if (NODE < IN_W) begin : g_unused
                        wire unused = &{1'b0, s_data[k*IN_W+NODE +: IN_W-NODE]};
                    end
                end else begin : g_inner
                    localparam PAIR = (2 * k + 1) * (1 << (l - 1)) < N;
                    localparam PREV = (FULL - 1 < OUT_W) ? FULL - 1 : OUT_W;
                    wire [PREV-1:0] x = g_level[l-1].v[2*k*PREV +: PREV];
                    wire [NODE-1:0] xx;
                    axgen_extend #(.IN_W(PREV), .IN_SIGNED(IN_SIGNED), .OUT_W(NODE)) u_x (.s_data(x), .m_data(xx));
                    if (PAIR) begin : g_add
                        wire [PREV-1:0] y = g_level[l-1].v[(2*k+1)*PREV +: PREV];
                        wire [NODE-1:0] yy;
                        axgen_extend #(.IN_W(PREV), .IN_SIGNED(IN_SIGNED), .OUT_W(NODE)) u_y (.s_data(y), .m_data(yy));
                        assign v[k*NODE +: NODE] = xx + yy;
                    end else begin : g_pass
                        assign v[k*NODE +: NODE] = xx;
                    end
                end
            end
        end
    endgenerate

    axgen_extend #(.IN_W(TOP_W), .IN_SIGNED(IN_SIGNED), .OUT_W(OUT_W)) u_sum (.s_data(g_level[LEVELS].v), .m_data(sum));

endmodule

`default_nettype wire
