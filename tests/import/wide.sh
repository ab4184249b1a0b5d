#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wide multipliers in published styles.
. "$(dirname "$0")/lib.sh"

# A corner of the partial products, with bare OSU cells and an old header.
v old.v <<'END'
/***
    * This code is a part of ApproxLib library
    ***/
    
//Broken Array Multiplier Signed(bw=12,v=18,h=9)
module mul12s_pwr_0_000_wce_09 ( A, B, O );
  input [11:0] A;
  input [11:0] B;
  output [23:0] O;

  wire C_11_9,S_11_9,S_11_10,C_11_10,S_12_11,S_12_12;

  HAX1 U1 (.A((A[10] & B[10])), .B(A[9] & B[11]), .YS(S_11_9), .YC(C_11_9));
  FAX1 U2 (.A(~(A[11] & B[10])), .B(~(A[10] & B[11])), .C(C_11_9), .YS(S_11_10), .YC(C_11_10));
  FAX1 U3 (.A((A[11] & B[11])), .B(1'b1), .C(C_11_10), .YS(S_12_11), .YC(S_12_12));
  assign O = {~S_12_12,S_12_11,S_11_10,S_11_9,{20{1'b0}}};

endmodule
END
taken "12 x 12 bits, bare adder cells" "$work/old.v" "" "signed, as the module's name says" "a = A (12 bits)" "FA 1, HA 1" \
  "all 16777216 pairs: the file as Yosys reads it = our netlist" "4096 random" "less than 0.07 %" "shares are of 1048576 random pairs"
# E[a]^2 - E[8 floor(a / 8)]^2 = 2047.5^2 - 2044^2 = 14320.25; the worst is 4095^2 - 4088^2 = 57281.
taken "12 x 12 bits, figures over all pairs" "tests/import/trunc.v" "" "MAE 14320.2500, WCE 57281" "bias -14320.2500" "the header *agrees" "all 16777216 pairs"
if "$axgen" mul show "$work/o/mul12u_TRUNC.net" >"$work/out" 2>&1; then has "show of it" "MAE *14320.2500" "WCE *57281" "all pairs of operands"; else fail "show of it: $(cat "$work/out")"; fi

v wide.v <<'END'
//Behavioral model of 16-bit Signed Truncated Multiplier
// MAE% = 0.29 %

module mul16s_TRUNC(
	A, 
	B,
	Z
);

input signed [16-1:0] A;
input signed [16-1:0] B;
output signed [2*16-1:0] Z;

wire signed [2*(16-10)-1:0] tmpZ;
assign tmpZ = $signed(A[16-1:10]) * $signed(B[16-1:10]);
assign Z = $signed({tmpZ,{20{1'b0}}});
endmodule
END
# E[1024 floor(a / 1024)]^2 - E[a]^2 = 512^2 - 0.5^2; the worst is 32768^2 - 31745^2.
taken "16 x 16 bits" "$work/wide.v" "" "signed, as the module" "a = A (16 bits)" "product = Z (32 bits)" "bias 262143.7500" "WCE 65996799," \
  "all 4294967296 pairs: the file as Yosys reads it = our netlist" "published MAE%  *0.29 %; measured 0.289" "the header *agrees"
net=$work/o/mul16s_TRUNC.net
if "$axgen" mul show "$net" >"$work/out" 2>&1; then has "show of it is sampled" "WCE *at least 6[0-9]*$" "95 % confidence *MAE" "seeded random pairs"; else fail "show of it: $(cat "$work/out")"; fi
if "$axgen" mul evolve "$net" --wce 99 -o "$work/never.net" >"$work/out" 2>&1; then fail "evolve takes 16 x 16 bits"; else has "evolve refuses it" "16 x 16 bits; both operands together may have at most 16"; fi
if "$axgen" mul show "$net" --table >"$work/out" 2>&1; then fail "show --table takes 16 x 16 bits"; else has "show --table refuses it" "2^32 entries; --table prints up to 2^16"; fi
if "$axgen" mul gen "$net" -o "$work/gen" >"$work/out" 2>&1 && grep -q 'axgen_fa' "$work"/gen/mul_*.v; then ok "gen of it"; else fail "gen of it: $(cat "$work/out")"; fi
echo "module mul13x12u_x(input [12:0] A, input [11:0] B, output [24:0] O); assign O = A == 9 && B == 3 ? 25'bx : A * B; endmodule" | v wide_x.v
refused "an undefined wide product" "$work/wide_x.v" "" "undefined"
# Wrong for one pair of 2^25 only: the figures see it, so the netlist has it.
echo "module mul13x12u_one(input [12:0] A, input [11:0] B, output [24:0] O); assign O = A == 4711 && B == 815 ? 25'd0 : A * B; endmodule" | v one.v
taken "one wrong pair of 2^25" "$work/one.v" "" "WCE 3839465," "all 33554432 pairs"
if "$axgen" mul show "$work/o/mul13x12u_one.net" --all-pairs >"$work/out" 2>&1; then has "show --all-pairs" "WCE *3839465$" "all pairs of operands"; else fail "show --all-pairs: $(cat "$work/out")"; fi

finish
