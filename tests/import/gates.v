// SPDX-License-Identifier: Apache-2.0
`timescale 1ns/1ps
module gates(product, x, y); // 2 x 3 bits, primitives with delays, odd order of ports
  output [4:0] product; input [1:0] x; input [2:0] y;
  wire [2:0] r0, r1; wire c1, c2, t;
  and #3 g0(r0[0], y[0], x[0]), g1(r0[1], y[1], x[0]), g2(r0[2], y[2], x[0]);
  and g3(r1[0], y[0], x[1]), g4(r1[1], y[1], x[1]), g5(r1[2], y[2], x[1]);
  buf (product[0], r0[0]);
  xor #2 (product[1], r0[1], r1[0]);  and (c1, r0[1], r1[0]);
  xor (t, r0[2], r1[1]); xor (product[2], t, c1);
  assign c2 = (r0[2] & r1[1]) | (t & c1);
  assign product[3] = r1[2] ^ c2, product[4] = r1[2] & c2;
endmodule
