// SPDX-License-Identifier: Apache-2.0
// MAE = 0.19
module mul2u_CGP (
    A,
    B,
    O
);

input [1:0] A;
input [1:0] B;
output [3:0] O;

wire sig_4,sig_5,sig_6,sig_7,sig_8;

assign sig_4 = B[0] & A[0];
assign sig_5 = B[0] & A[1];
assign sig_6 = A[0] & B[1];
assign sig_7 = A[1] & B[1];
assign sig_8 = sig_5 | sig_6;

assign O[3] = 1'b0;
assign O[2] = sig_7;
assign O[1] = sig_8;
assign O[0] = sig_4;

endmodule
