#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The styles of published files.
. "$(dirname "$0")/lib.sh"

# Small multipliers of our own, written as those are.
v adders.v <<'END'
/***
* Half and full adders after the module that uses them
***/
// MAE% = 0.00 %
// MAE = 0 
// FPGA_POWER = 0.24
// FPGA_LUT = 16


module mul3u_ADD ( A, B, O );
  input [2:0] A;
  input [2:0] B;
  output [5:0] O;

  wire C_1_0,C_1_1,C_2_0,C_2_1,C_3_0,S_1_0,S_1_1,S_2_0,S_2_1,S_3_0,S_3_1,C_3_1;

  SUMOF2 U1 (.A((A[0] & B[1])), .B((A[1] & B[0])), .YS(S_1_0), .YC(C_1_0));
  PDKGENFAX1 U2 (.A((A[0] & B[2])), .B((A[1] & B[1])), .C(C_1_0), .YS(S_1_1), .YC(C_1_1));
  SUMOF2 U3 (.A(S_1_1), .B((A[2] & B[0])), .YS(S_2_0), .YC(C_2_0));
  PDKGENFAX1 U4 (.A((A[1] & B[2])), .B((A[2] & B[1])), .C(C_1_1), .YS(S_2_1), .YC(C_2_1));
  SUMOF2 U5 (.A(S_2_1), .B(C_2_0), .YS(S_3_0), .YC(C_3_0));
  PDKGENFAX1 U6 (.A((A[2] & B[2])), .B(C_2_1), .C(C_3_0), .YS(S_3_1), .YC(C_3_1));
  assign O = {C_3_1,S_3_1,S_3_0,S_2_0,S_1_0,(A[0] & B[0])};

endmodule

/* mod */
module SUMOF2( input A, input B, output YC, output YS );
    assign YS = A ^ B;
    assign YC = A & B;
endmodule
/* mod */
module PDKGENFAX1( input A, input B, input C, output YS, output YC );
    assign YS = (A ^ B) ^ C;
    assign YC = (A & B) | (B & C) | (A & C);
endmodule
END
taken "adders that the file defines" "$work/adders.v" "" "module mul3u_ADD" "of them FA 3, HA 3" "WCE 0" "FPGA_POWER 0.24" "all 64 pairs"
has "a header with FPGA figures" "the header *agrees" "FPGA_LUT *16"
# The same with a carry that ignores C: the cell keeps its name and is no adder any more.
sed 's/(A & B) | (B & C) | (A & C)/A \& B/' "$work/adders.v" >"$work/approximate.v"
taken "an approximate adder under an adder's name" "$work/approximate.v" "" "of them FA 0, HA 3" "published MAE  *0 ; measured [0-9.]*  DIFFERS" "all 64 pairs"

# One of several widths: gates, as an instance may give it parameters.
v parameters.v <<'END'
module fa #(parameter W = 1)(input [W-1:0] a, b, c, output [W-1:0] s, co);
  assign s = a ^ b ^ c;
  assign co = (a & b) | (c & (a ^ b));
endmodule
module mul3u_fa(input [2:0] x, y, output [5:0] p);
  wire [2:0] r0 = x & {3{y[0]}}, r1 = x & {3{y[1]}}, r2 = x & {3{y[2]}};
  wire [2:0] s1, c1, s2, c2, h, k;
  fa #(.W(3)) u0({1'b0, r0[2:1]}, r1, 3'b0, s1, c1);
  fa #(.W(3)) u1({1'b0, s1[2:1]}, r2, c1, s2, c2);
  fa u2(s2[1], c2[0], 1'b0, h[0], k[0]), u3(s2[2], c2[1], k[0], h[1], k[1]), u4(1'b0, c2[2], k[1], h[2], k[2]);
  assign p = {h, s2[0], s1[0], r0[0]};
endmodule
END
taken "an adder with a parameter" "$work/parameters.v" "" "of them FA 0, HA 0" "WCE 0" "all 64 pairs"

taken "equations" "tests/import/list.v" "" "unsigned, as the module" "gates *5" "MAE 0.1250, WCE 2, EP 6.250" "DIFFERS"

v zero.v <<'END'
// MAE = 3.1
// EP% = 76.56 %
// WCRE% = 100.00 %
module mul3u_199Z ( A, B, O );
input [2:0] A;
input [2:0] B;
output [5:0] O;
assign O[5] = 1'b0;
assign O[4:0] = 5'b00000;
endmodule
END
taken "the constant 0" "$work/zero.v" "" "warning: .*not much nearer" "unsigned, as the module" "gates *0," "EP 76.562" "WCE 49" "DIFFERS"
sed 's/mul3u_199Z/m/' "$work/zero.v" >"$work/zero_unnamed.v"
refused "the constant 0 without a name that says what it is" "$work/zero_unnamed.v" "" "cannot be told from the values" "say which (--signed)"
taken "... which is asked for" "$work/zero_unnamed.v" "--signed no" "unsigned, as asked for" "warning: .*not much nearer"

finish
