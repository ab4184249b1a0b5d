// SPDX-License-Identifier: Apache-2.0
//
// In place of the full adder: one whose sum is an OR.
`default_nettype none

module axgen_fa (
    input  wire a,
    input  wire b,
    input  wire ci,
    output wire s,
    output wire co
);
  wire half = a ^ b;
  assign s  = half | ci;
  assign co = (a & b) | (half & ci);
endmodule

`default_nettype wire
