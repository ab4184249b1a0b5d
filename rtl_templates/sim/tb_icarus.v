// SPDX-License-Identifier: Apache-2.0
//
// tb_icarus: the clock for tb_dataflow where no C++ makes it (Icarus). IN_W, OUT_W as there.
`default_nettype none

module tb_icarus;

    parameter IN_W  = 8;
    parameter OUT_W = 8;

    reg clk = 1'b0;
    always #5 clk = ~clk;

    tb_dataflow #(.IN_W(IN_W), .OUT_W(OUT_W)) tb (.clk(clk));

endmodule

`default_nettype wire
