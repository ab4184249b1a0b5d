// SPDX-License-Identifier: Apache-2.0
//
// proof_start: the first cycle is one of reset; later ones may be too.
module proof_start (
    input wire clk,
    input wire rst
);
    reg started = 1'b0;
    always @(posedge clk)
        started <= 1'b1;
    always @*
        assume(started || rst);
endmodule
