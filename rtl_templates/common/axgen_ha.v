// SPDX-License-Identifier: Apache-2.0
//
// axgen_ha: half adder, {co, s} = a + b. Combinational. A module of its own so that synthesis can put the technology's
// half-adder cell in its place.
`default_nettype none

module axgen_ha (
    input  wire a,
    input  wire b,
    output wire s,
    output wire co
);
  assign s  = a ^ b;
  assign co = a & b;
endmodule

`default_nettype wire
