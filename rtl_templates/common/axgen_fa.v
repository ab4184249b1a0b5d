// SPDX-License-Identifier: Apache-2.0
//
// axgen_fa: full adder, {co, s} = a + b + ci. Combinational. A module of its own so that synthesis can put the
// technology's full-adder cell in its place; without one the equations below are as good as any.
`default_nettype none

module axgen_fa (
    input  wire a,
    input  wire b,
    input  wire ci,
    output wire s,
    output wire co
);
  wire half = a ^ b;
  assign s  = half ^ ci;
  assign co = (a & b) | (half & ci);
endmodule

`default_nettype wire
