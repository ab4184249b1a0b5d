// SPDX-License-Identifier: Apache-2.0
// Of W bits, the lowest left out, in full adders of a module of its own.
module cell_fa(input x, y, z, output s, c);
  assign s = x ^ y ^ z;
  assign c = x & y | z & (x ^ y);
endmodule
module lower #(parameter W = 4) (input [W-1:0] A, B, output [W:0] S);
  wire [W:0] c;
  assign c[0] = 1'b0;
  assign S[0] = 1'b0;
  assign c[1] = 1'b0;
  genvar i;
  generate
    for (i = 1; i < W; i = i + 1) begin : bits
      cell_fa u(A[i], B[i], c[i], S[i], c[i+1]);
    end
  endgenerate
  assign S[W] = c[W];
endmodule
