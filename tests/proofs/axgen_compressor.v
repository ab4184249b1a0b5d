// SPDX-License-Identifier: Apache-2.0
//
// axgen_compressor gives the sum of what comes to it, for all numbers: once more by plain additions, to OUT_W bits.
module proof_axgen_compressor #(
    parameter N         = 3,
    parameter IN_W      = 3,
    parameter IN_SIGNED = 1,
    parameter MORE      = 1,
    parameter OUT_W     = 6
) (
    input wire                  clk,
    input wire                  rst,
    input wire [N*IN_W-1:0]     s_data,
    input wire [MORE*OUT_W-1:0] s_more
);
    wire [OUT_W-1:0] sum;
    integer          i;
    reg [OUT_W-1:0]  exact;

    proof_start start (.clk(clk), .rst(rst));
    axgen_compressor #(.N(N), .IN_W(IN_W), .IN_SIGNED(IN_SIGNED), .MORE(MORE), .OUT_W(OUT_W)) dut (
        .s_data(s_data), .s_more(s_more), .sum(sum)
    );

    always @* begin
        exact = 0;
        for (i = 0; i < N; i = i + 1)
            if (IN_SIGNED)
                exact = exact + {{(OUT_W+IN_W){s_data[i*IN_W+IN_W-1]}}, s_data[i*IN_W +: IN_W]};
            else
                exact = exact + s_data[i*IN_W +: IN_W];
        for (i = 0; i < MORE; i = i + 1)
            exact = exact + s_more[i*OUT_W +: OUT_W];
        assert(sum == exact);
    end
endmodule
