// SPDX-License-Identifier: Apache-2.0
//
// axgen_approx_tree: balanced tree of axgen_approx_adder.
//
// Function    sum = N numbers of IN_W bits (IN_SIGNED: two's complement), extended to OUT_W bits and added up by adders of OUT_W
//             bits: neighbours of each level, 0 and 1, 2 and 3 ..., make the next one; the last of an odd number goes on as it is.
// Latency     0 (combinational), ceil(log2 N) adders deep.
// Throughput  one sum per cycle.
// Handshake   none.
// Legal       N, IN_W, OUT_W >= 1, IN_SIGNED 0 or 1; FAMILY, A, B as axgen_approx_adder.
`default_nettype none

module axgen_approx_tree #(
    parameter N         = 4,
    parameter IN_W      = 16,
    parameter IN_SIGNED = 1,
    parameter OUT_W     = 18,
    parameter FAMILY    = 0,
    parameter A         = 4,
    parameter B         = 0
) (
    input  wire [N*IN_W-1:0] s_data,
    output wire [OUT_W-1:0]  sum
);

    localparam LEVELS = (N > 1) ? $clog2(N) : 0;

    genvar l, k;
    generate
        if (N < 1 || IN_W < 1 || OUT_W < 1 || IN_SIGNED < 0 || IN_SIGNED > 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_approx_tree illegal ();
        end

        for (l = 0; l <= LEVELS; l = l + 1) begin : g_level
            localparam COUNT = (N + (1 << l) - 1) >> l;
            wire [COUNT*OUT_W-1:0] v;
            for (k = 0; k < COUNT; k = k + 1) begin : g_node
                if (l == 0) begin : g_leaf
                    axgen_extend #(.IN_W(IN_W), .IN_SIGNED(IN_SIGNED), .OUT_W(OUT_W)) u_leaf (
                        .s_data(s_data[k*IN_W +: IN_W]), .m_data(v[k*OUT_W +: OUT_W])
                    );
                end else if ((2 * k + 1) * (1 << (l - 1)) < N) begin : g_add
                    axgen_approx_adder #(.W(OUT_W), .FAMILY(FAMILY), .A(A), .B(B)) u_add (
                        .x(g_level[l-1].v[2*k*OUT_W +: OUT_W]), .y(g_level[l-1].v[(2*k+1)*OUT_W +: OUT_W]),
                        .sum(v[k*OUT_W +: OUT_W])
                    );
                end else begin : g_pass
                    assign v[k*OUT_W +: OUT_W] = g_level[l-1].v[2*k*OUT_W +: OUT_W];
                end
            end
        end
    endgenerate

    assign sum = g_level[LEVELS].v;

endmodule

`default_nettype wire
