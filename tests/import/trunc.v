// SPDX-License-Identifier: Apache-2.0
//Behavioral model of 12-bit Truncated Multiplier
// MAE = 14320.2 
// WCE = 57281 
module mul12u_TRUNC(
	A, 
	B,
	Z
);

input [12-1:0] A;
input [12-1:0] B;
output [2*12-1:0] Z;

wire [2*(12-3)-1:0] tmpZ;
assign tmpZ = A[12-1:3] * B[12-1:3];
assign Z = {tmpZ,{6{1'b0}}};
endmodule
