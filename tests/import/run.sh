#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers from elsewhere, as Verilog in several styles and as tables; what must be refused, and why. Uses $BUILD/axgen (default build),
# Yosys and Icarus. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
axgen=$BUILD/axgen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; failed=$((failed + 1)); }

[ -x "$axgen" ] || { fail "$axgen is not there: run make first"; echo "0 passed, 1 failed"; exit 1; }
export AXGEN_DATA="${AXGEN_DATA:-$PWD}"

# The patterns that follow must all be in the output.
has() { # name, pattern ...
  name=$1
  shift
  for pattern; do
    if ! grep -q -e "$pattern" "$work/out"; then
      fail "$name: no \`$pattern\` in: $(cat "$work/out")"
      return
    fi
  done
  ok "$name"
}
taken() { # name, file, options, pattern ...
  name=$1 file=$2 options=$3
  shift 3
  # shellcheck disable=SC2086
  if "$axgen" mul import "$file" -o "$work/o" $options >"$work/out" 2>&1; then has "$name" "$@"; else fail "$name: $(cat "$work/out")"; fi
}
refused() { # name, file, options, pattern ...
  name=$1 file=$2 options=$3
  shift 3
  rm -rf "$work/no"
  # shellcheck disable=SC2086
  if "$axgen" mul import "$file" -o "$work/no" $options >"$work/out" 2>&1; then fail "$name is taken: $(cat "$work/out")"
  elif [ -e "$work/no" ]; then fail "$name: refused, but something was written"
  else has "refused: $name" "$@"; fi
}
mkdir "$work/o"
v() { cat >"$work/$1"; }

# ---- what is taken -------------------------------------------------------------------------------------------------------------------
v right.txt <<'END'
/***
* A header in the manner of EvoApproxLib
***/
// MAE% = 0.0019 %
// MAE = 1.2 
// WCE% = 0.0076 %
// WCE = 5.0 
// WCRE% = 500.00 %
// EP% = 50.00 %
// MSE = 3.8 
END
sed 's/WCE = 5.0/WCE = 6.0/' "$work/right.txt" >"$work/wrong.txt"
awk -v signed=0 -v omit=0 -v name=mul8u_mine -f tests/import/array.awk >"$work/u.v"
awk -v signed=1 -v omit=2 -v name=mul8s_mine -v header="$work/right.txt" -f tests/import/array.awk >"$work/s.v"
awk -v signed=1 -v omit=2 -v name=multiplier -v header="$work/wrong.txt" -f tests/import/array.awk >"$work/w.v"
all='all 65536 pairs: Yosys'
taken "PDKGEN array, unsigned" "$work/u.v" "" "unsigned, as the module's name says" "MAE 0.0000, WCE 0" "100.00 %" "of them FA 48, HA 8" "$all"
taken "signed with header" "$work/s.v" "" "signed, as the module's name says" "MAE 1.2500, WCE 5" "the header *agrees" "f(a,b) = f(b,a) *100.00" "$all"
taken "a header that is wrong" "$work/w.v" "" "signed, found from the values" "published WCE  *6 ; measured 5  DIFFERS" "published MAE .*1.25$" "does not describe"
# The mean is 1.25, printed as 1.2; their percentage is of that.
sed 's/MAE% = 0.0019/MAE% = 0.0018/' "$work/right.txt" >"$work/rounded.txt"
awk -v signed=1 -v omit=2 -v name=mul8s_rounded -v header="$work/rounded.txt" -f tests/import/array.awk >"$work/r.v"
taken "a percentage of a rounded figure" "$work/r.v" "" "MAE% *0.0018 %; measured 0.0019.*follows from their rounded figure" "the header *agrees"
taken "our Verilog again" "$work/o/mul_mul8s_mine.v" "" "signed, as the module" "MAE 1.2500, WCE 5" "HA [1-9]" "$all"
if [ "$(sed -n '/^axgen/,$p' "$work/o/mul8s_mine.net" | wc -l)" -gt 50 ]; then ok "the netlist file"; else fail "the netlist file"; fi
"$axgen" mul show "$work/o/mul8s_mine.net" --table >"$work/net.txt" && "$axgen" mul show "$work/o/mul8s_mine.bin" --table >"$work/bin.txt"
if [ -s "$work/net.txt" ] && cmp -s "$work/net.txt" "$work/bin.txt"; then ok "netlist and table by their paths"; else fail "netlist and table by their paths"; fi
taken "the table of it" "$work/o/mul8s_mine.bin" "" "two's complement codes" "MAE 1.2500, WCE 5"

v gates.v <<'END'
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
END
taken "primitives" "$work/gates.v" "" "a = x (2 bits), b = y (3 bits), product = product (5 bits)" "unsigned, found from the values" "WCE 0" "proven equal *all 32 pairs"
taken "b before a" "$work/gates.v" "--a y" "a = y (3 bits), b = x (2 bits)" "WCE 0"
refused "the wrong reading" "$work/gates.v" "--signed yes" "signed it is farther from a \* b than unsigned"

v mixed.sv <<'END'
module cell_row #(parameter W = 4) (input logic [0:W-1] act, input logic signed [3:0] w, output logic signed [7:0] \out.p );
  always_comb begin
    \out.p = $signed({1'b0, act}) * w;
  end
endmodule
module top_of_it(input [0:3] act, input [3:0] w, output [7:0] \out.p );
  cell_row #(.W(4)) r(act, w, \out.p );
endmodule
END
taken "behavioural, hierarchy, parameters, [0:3]" "$work/mixed.sv" "" "module top_of_it" "a unsigned and b signed, found from the values" "WCE 0" "FA [1-9]"

v table.v <<'END'
module table3u(input [2:0] a, b, output reg [5:0] p);
  function [5:0] times(input [2:0] x, y); integer i; begin
    times = 0;
    for (i = 0; i < 3; i = i + 1) if (y[i]) times = times + ({3'b0, x} << i);
  end endfunction
  always @* case ({a, b})
    6'b111_111: p = 48;
    default: p = times(a, b);
  endcase
endmodule
END
taken "functions and a case" "$work/table.v" "" "unsigned, as the module's name says" "WCE 1," "EP 1.562"

# ---- the styles of published files ----------------------------------------------------------------------------------------------------
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

v list.v <<'END'
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
END
taken "equations" "$work/list.v" "" "unsigned, as the module" "gates *5" "MAE 0.1250, WCE 2, EP 6.250" "DIFFERS"

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
v trunc.v <<'END'
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
END
# E[a]^2 - E[8 floor(a / 8)]^2 = 2047.5^2 - 2044^2 = 14320.25; the worst is 4095^2 - 4088^2 = 57281.
taken "12 x 12 bits, figures over all pairs" "$work/trunc.v" "" "MAE 14320.2500, WCE 57281" "bias -14320.2500" "the header *agrees" "all 16777216 pairs"
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

# A Yosys that gets one gate of the circuit wrong: the proof must find it.
mkdir "$work/bad"
cat >"$work/bad/yosys" <<END
#!/bin/sh
"$(command -v yosys)" "\$@" || exit
[ ! -f flat.json ] || sed -i '0,/\\\$_AND_/s//\$_OR_/' flat.json
END
chmod +x "$work/bad/yosys"
for file in list trunc; do
  PATH=$work/bad:$PATH "$axgen" mul import "$work/$file.v" -o "$work/no" >"$work/out" 2>&1
  [ $? = 4 ] && has "a circuit that is not the file's ($file)" "for a = .* it gives 0x.*, the imported netlist 0x" || fail "a wrong circuit passes: $(cat "$work/out")"
done
cat >"$work/bad/yosys" <<END
#!/bin/sh
"$(command -v yosys)" "\$@" || exit
! grep -qs '"mul12u_TRUNC"' plain.json || sed -i 's/\\\$_AND_/\$_XOR_/' plain.json
END
PATH=$work/bad:$PATH "$axgen" mul import "$work/trunc.v" -o "$work/no" >"$work/out" 2>&1
[ $? = 4 ] && has "a reading of the file that is not the circuit's" "it gives 0x.*, the imported netlist 0x" || fail "a wrong reading passes: $(cat "$work/out")"

# ---- options -------------------------------------------------------------------------------------------------------------------------
v two_tops.v <<'END'
module first(input [2:0] x, y, output [5:0] p); assign p = x * y; endmodule
module second(input [2:0] x, y, output [5:0] p); assign p = $signed(x) * $signed(y); endmodule
END
taken "--module, --name" "$work/two_tops.v" "--module second --name mine" "^mine  .*module second" "signed, found from the values" "o/mine.net"
refused "a module that is not there" "$work/two_tops.v" "--module third" "no module .third.; there are: .first. (.*two_tops.v:1), .second. (.*two_tops.v:2)"
refused "two modules that could be it" "$work/two_tops.v" "" "several modules" ".first. (.*two_tops.v:1), .second. (.*two_tops.v:2); say which (--module)"
refused "a module's name that is none" "$work/two_tops.v" "--module a;b" "expected letters, digits"
refused "a name that is a path" "$work/two_tops.v" "--module second --name ../x" "expected letters, digits"
refused "a wrong port" "$work/gates.v" "--a z" "no input port .z.; its inputs are .x. and .y."
refused "a wrong --signed" "$work/gates.v" "--signed maybe" "expected yes, no, us or su"
refused "the wrong --signed" "$work/trunc.v" "--signed us" "a unsigned and b signed it is farther from a \* b than unsigned"
refused "--index of Verilog" "$work/gates.v" "--index signed" "Verilog does not take --index"
refused "--b-major of Verilog" "$work/gates.v" "--b-major" "Verilog does not take --b-major"
table=$work/o/mul8s_mine.bin
taken "--index" "$table" "--index signed --name other" "^other " "two's complement codes (as asked for)" "MAE 1.2500"
taken "--b-major" "$table" "--b-major" "rows are b" "MAE 1.2500"
refused "a wrong --index" "$table" "--index codes" "expected signed, unsigned, offset, us or su"
refused "a wrong --product-offset" "$table" "--product-offset 1e3" "expected a number from -65536 to 65536"
refused "--product-offset of Verilog" "$work/gates.v" "--product-offset 1" "Verilog does not take --product-offset"
refused "--a of a table" "$table" "--a A" "a table does not take --a"
refused "--signed of a table" "$table" "--signed yes" "a table does not take --signed"
refused "--module of a table" "$table" "--module m" "a table does not take --module"

# ---- files, includes, parameters, testbenches ------------------------------------------------------------------------------------------
mkdir -p "$work/parts/inc"
echo 'module my_ha(input x, y, output s, co); assign s = x ^ y, co = x & y; endmodule' >"$work/parts/ha.v"
echo '`define WIDTH 8
`define TIMES(x, y = b) ((x) * (y))' >"$work/parts/inc/defs.vh"
v parts/top.v <<'END'
module mt(input [1:0] a, b, output [3:0] p);
  wire c;
  assign p[0] = a[0] & b[0];
  my_ha h1(a[1] & b[0], a[0] & b[1], p[1], c);
  my_ha h2(a[1] & b[1], c, p[2], p[3]);
endmodule
END
taken "two files" "$work/parts/top.v" "$work/parts/ha.v" "module mt" "HA 2" "WCE 0" "file itself in Icarus"
refused "one of two files" "$work/parts/top.v" "" "uses .my_ha."
v parts/macros.v <<'END'
`include "defs.vh" // WIDTH
module mm(input [`WIDTH-1:0] a, b, output [2*`WIDTH-1:0] p);
  assign p =
    `TIMES(a
    ); /* `undefined in a comment */
`ifdef NEVER
  initial $fopen("never", "w");
`elsif SYNTHESIS
  wire [7:0] unused = `WIDTH;
`else
  neither
`endif
endmodule
END
taken "macros, an include of -I" "$work/parts/macros.v" "-I $work/parts/inc" "module mm: a = a (8 bits)" "WCE 0" "file itself in Icarus"
refused "an include that is not found" "$work/parts/macros.v" "" "macros.v:1:1: error: .*no file defs.vh"
sed 's/p =/p = `NO +/' "$work/parts/macros.v" >"$work/parts/nomacro.v"
refused "a macro that is not there" "$work/parts/nomacro.v" "-I $work/parts/inc" "nomacro.v:3:14: error: .NO: there is no such macro"
sed 's/TIMES(a/TIMES(a +/' "$work/parts/macros.v" >"$work/parts/syntax.v"
refused "a fault in a macro's use, at its line" "$work/parts/syntax.v" "-I $work/parts/inc" "syntax.v:[45]: ERROR: syntax error"
echo 'module par(x, y, z); parameter W = 4; parameter K = 1; input [W-1:0] x, y; output [2*W-1:0] z; assign z = x * y * K; endmodule' | v par.v
taken "a parameter" "$work/par.v" "--param W=6" "a = x (6 bits)" "WCE 0" "all 4096 pairs" "file itself in Icarus"
taken "two parameters" "$work/par.v" "--param W=6 --param K=32'h1" "a = x (6 bits)" "WCE 0"
refused "a parameter that is not there" "$work/par.v" "--param Q=6" "it has no parameter .Q."
refused "a parameter's value that is none" "$work/par.v" "--param W=6;shell" "expected NAME=VALUE"
v tb.v <<'END'
module m8(input [7:0] a, input [7:0] b, output [15:0] p); assign p = a*b; endmodule
module unused_adder(input a, b, output s, c); assign {c, s} = a + b; endmodule
module tb; reg [7:0] a, b; wire [15:0] p; m8 d(a,b,p);
  initial begin a = 1; b = 2; #10 $display("%d", p); $dumpfile("x.vcd"); $finish; end
endmodule
END
taken "a testbench beside it" "$work/tb.v" "" "module m8" "WCE 0" "all 65536 pairs"
taken "... with --module" "$work/tb.v" "--module m8" "module m8" "WCE 0"
echo 'module top(input clk, input [3:0] a, b, output reg [7:0] q); wire [7:0] p; core c(a, b, p); always @(posedge clk) q <= p; endmodule
module core(input [3:0] a, b, output [7:0] p); assign p = a * b; endmodule' | v clocked_top.v
refused "a clocked module around it" "$work/clocked_top.v" "" "3 input ports" "other modules, which --module takes: .core. (.*clocked_top.v:2)"
taken "... of which --module takes the core" "$work/clocked_top.v" "--module core" "module core" "WCE 0"

# ---- what a source must not do -----------------------------------------------------------------------------------------------------------
body='(input [3:0] a, b, output [7:0] p); assign p = a * b;'
evil() { # name, lines, pattern ...: refused, and no file appears
  printf '%s\n' "$2" >"$work/evil.v"
  evil_name=$1
  shift 2
  (cd "$work" && AXGEN_DATA=$AXGEN_DATA timeout 60 "$here/$axgen" mul import evil.v -o no >out 2>&1)
  evil_rc=$?
  if [ -e "$work/pwned" ] || [ -e "$work/no" ]; then fail "$evil_name: something was written"; rm -rf "$work/pwned" "$work/no"
  elif [ $evil_rc != 1 ]; then fail "$evil_name: exit status $evil_rc: $(cat "$work/out")"
  else has "refused: $evil_name" "$@"; fi
}
here=$PWD
evil "a system task" "module m$body initial \$fopen(\"$work/pwned\", \"w\"); endmodule" "evil.v:1: .\$fopen."
evil "a task from a macro's parts" "\`define F \$fo\`\`pen
module m$body initial \`F(\"$work/pwned\", \"w\"); endmodule" "evil.v:2: .\$fopen."
evil "an escaped task" "module m$body initial \\\$fopen (\"$work/pwned\", \"w\"); endmodule" "does not take it\|refused\|\$fopen"
evil "a task for Icarus only" "module m$body
\`ifndef YOSYS
initial \$fopen(\"$work/pwned\", \"w\");
\`endif
initial \$system(\"touch $work/pwned\"); endmodule" "evil.v:5: .\$system."
evil "a memory from a file" "module m$body reg [7:0] r [0:3]; initial \$readmemh(\"/etc/passwd\", r); endmodule" "\$readmemh"
evil "a file from elsewhere" "\`include \"/etc/passwd\"
module m$body endmodule" "evil.v:1:1: error: .*lies outside"
evil "a device" "\`include \"/dev/zero\"" "no file\|outside"
evil "C code" "import \"DPI-C\" function int system(input string s);
module m$body endmodule" "evil.v:1: a function in C"
evil "a task behind a number" "module m$body reg [7:0] r [0:3]; initial #1\$readmemh(\"/etc/passwd\", r); endmodule" "evil.v:1: a blank was expected"
evil "C code in what is a string to some" "$(printf 'module m%s\nwire \\x\f" ; import "DPI-C" function integer abort(); localparam Q = abort(); wire \\y\f" ;\nendmodule' "$body")" "evil.v:2: "
evil "C code in pieces" "$(printf 'module m%s\nim\rport "DPI-C" function integer abort(); localparam Q = abort();\nendmodule' "$body")" "syntax error"
evil "a command in a name" "module \\m;!touch\${IFS}pwned $body endmodule" "characters other than"
evil "a macro of itself" "\`define A \`A \`A
module m$body \`A endmodule" "nested more than"
bomb='`define M0 wire'
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26; do bomb="$bomb
\`define M$i \`M$((i - 1)) \`M$((i - 1))"; done
evil "macros that double" "$bomb
module m$body \`M26 endmodule" "expanded more than\|grow"
evil "a condition without end" "\`ifdef A
module m$body endmodule" "ends inside of"
evil "a comment without end" "module m$body /* endmodule" "evil.v:1:.*comment does not end"
# Tools end at 4 GiB: whichever gives up, axgen says so and writes nothing.
echo "module m$body reg [63:0] r [0:1073741823]; wire [63:0] q = r[a]; endmodule" | v memory.v
"$axgen" mul import "$work/memory.v" -o "$work/no" >"$work/out" 2>&1
rc=$?
if { [ $rc = 1 ] || [ $rc = 3 ]; } && [ ! -e "$work/no" ]; then ok "a memory of all there is"; else fail "a memory of all there is: $rc, $(cat "$work/out")"; fi
printf 'module m%s\n// synopsys translate_off\ninitial $fopen("%s/pwned", "w");\n// synopsys translate_on\n`ifdef SIM\ninitial $fopen("%s/pwned", "w");\n`endif\nendmodule\n' "$body" "$work" "$work" >"$work/hidden.v"
taken "tasks that synthesis does not see" "$work/hidden.v" "" "module m" "WCE 0" "file itself in Icarus"
if [ -e "$work/pwned" ]; then fail "they ran"; else ok "and they do not run"; fi
echo "module m(input [3:0] a, b, output [7:0] p); wire [7:0] \\\$t = a * b; assign p = \\\$t ; endmodule" | sed 's/\\\\/\\/g' | v dollar.v
taken "a dollar in a name" "$work/dollar.v" "" "WCE 0" "all 256 pairs: Yosys" "the file itself was not simulated"

# ---- functions in C ------------------------------------------------------------------------------------------------------------------------
v mul8u_and.c <<'END'
// MAE% = 0.68 %
// WCE = 1785
#include <stdint.h>
uint16_t mul8u_and(uint8_t a, uint8_t b)
{
   uint16_t w, v; w = a & 0xF8; v = w * b; return v;
}
END
taken "a C function" "$work/mul8u_and.c" "" "function mul8u_and: a = a (8 bits)" "unsigned, as the module's name says" "MAE 446.2500, WCE 1785" "header *agrees" \
  "all 65536 pairs: the C function, evaluated here, = our netlist"
v ba.c <<'END'
/* evolved functions have B first, and 64 bits for all */
#include <stdlib.h>
uint64_t mul2u_BA(const uint64_t B,const uint64_t A)
{
   uint64_t O, t_1, t_2[2];   int avg=0;
   t_1=((B >> 1)&1)&((A >> 0)&1);
   t_2[0]=((B >> 0)&1)&((A >> 1)&1); t_2[1] = t_1 ^ t_2[0];
   O = 0;
   O |= (((A >> 0)&1)&((B >> 0)&1)) << 0;
   O |= (t_2[1]&1) << 1;
   O |= (((A >> 1)&1)&1) << 2;
   O |= (0&1) << 3;
   return O;
}
END
taken "B before A" "$work/ba.c" "" "a = A (2 bits), b = B (2 bits)" "all 16 pairs"
if [ "$("$axgen" mul show "$work/o/mul2u_BA.net" --table | awk '$1 == 2 && $2 == 0 {print $3}')" = 4 ]; then ok "a is A"; else fail "a is A"; fi
v types.c <<'END'
int32_t times(int8_t x, int8_t y) { int8_t hi = x & ~3; int s = (x < 0) != (y < 0) ? -1 : 1; (void)s; return (int32_t)hi * y + (x == 0 && y > 5 || !y ? 1 : 0) - (y >= 0 ? 0 : 1 << 1); }
END
taken "C's types and operators" "$work/types.c" "" "signed, as its types say" "all 65536 pairs"
if command -v gcc >/dev/null; then # the same function, by a compiler
  printf '#include <stdint.h>\n#include <stdio.h>\n%s\nint main(void) { for (int a = 0; a < 256; a++) for (int b = 0; b < 256; b++) printf("%%d %%d %%d\\n", (int8_t)a, (int8_t)b, (int)times((int8_t)a, (int8_t)b)); }\n' "$(cat "$work/types.c")" >"$work/main.c"
  gcc -w -o "$work/main" "$work/main.c" && "$work/main" >"$work/want" && "$axgen" mul show "$work/o/times.net" --table >"$work/got"
  if cmp -s "$work/want" "$work/got"; then ok "they are C's"; else fail "they are C's: $(diff "$work/want" "$work/got" | head -3)"; fi
fi
v mul12s_t.c <<'END'
int32_t mul12s_t(int16_t A, int16_t B) { uint32_t P = ((A >> 2) * (B >> 2)) << (2 * 2); return P & 0xFFFFFF; }
END
taken "12 x 12 bits in C" "$work/mul12s_t.c" "" "a = A (12 bits), b = B (12 bits), product = the result (24 bits)" "signed, as the module's name says" "sampled .*pairs: the C function"
for mul in roup8s_p1_c7 bam8u_h0_v4_t0 roup8us_p1_c7; do # the last has products of 17 bits
  "$axgen" mul gen $mul --format c --name model -o "$work/c" >/dev/null && "$axgen" mul import "$work/c/model.c" --name back -o "$work/c" >"$work/out" 2>&1
  "$axgen" mul show $mul --table >"$work/want" && "$axgen" mul show "$work/c/back.net" --table >"$work/got"
  if cmp -s "$work/want" "$work/got"; then ok "our C model of $mul and back"; else fail "our C model of $mul and back: $(cat "$work/out")"; fi
done
c() { printf '%s\n' "$2" >"$work/f.c"; c_name=$1; shift 2; refused "$c_name" "$work/f.c" "" "$@"; }
c "a loop in C" "int f(char a, char b) { int p = 0;
 for (;;) p += a; return p; }" "f.c:2:2: error: .for.: only straight-line code"
c "a call in C" "int f(char a, char b) { return system(a); }" "f.c:1:32: error: .system. is not declared; functions and globals are not taken"
c "a macro in C" "#define X 1
int f(char a, char b) { return a * b; }" "f.c:1:1: error: .*only #include is taken"
c "a pointer in C" "int f(char *a, char b) { return *a; }" "f.c:1:12: error: "
c "a division in C" "int f(char a, char b) { return a * b / 3; }" "a division is not taken"
c "a value that is not set" "short f(char a, char b) { short c; return c * a; }" "f.c:1:43: error: .c. has no value here"
c "a shift too far" "int f(char a, char b) { return a << 32; }" "has no defined value"
c "a deep expression" "int f(char a, char b) { return $(printf '%1000s' | tr ' ' '('); }" "nested more than 200"
c "an adder in C" "uint16_t f(uint8_t a, uint8_t b) { return a + b; }" "it adds (a + b)"

# ---- tables --------------------------------------------------------------------------------------------------------------------------
# What `mul gen --format` writes is read back as the same function, mixed signs and products of 17 bits too.
for mul in mul8s_1KVP exact8u roup8us_p1_c7; do
  "$axgen" mul show "$mul" --table >"$work/want"
  for format in bin h npy hex; do
    if [ "$mul" = roup8us_p1_c7 ] && [ "$format" = bin ]; then
      "$axgen" mul gen $mul --format bin -o "$work/f" >"$work/out" 2>&1 || has "17 bits do not fit into TFApprox's words" "products take 17 bits"
      continue
    fi
    "$axgen" mul gen "$mul" --format $format --name t -o "$work/f" >/dev/null && "$axgen" mul import "$work/f/t.$format" -o "$work/f/$mul" >"$work/out" 2>&1 &&
      "$axgen" mul show "$work/f/$mul/t.bin" --table >"$work/got"
    if cmp -s "$work/want" "$work/got"; then ok "$mul as .$format and back"; else fail "$mul as .$format and back: $(cat "$work/out")"; fi
    rm -f "$work/got"
  done
done
if [ "$("$axgen" mul gen exact8u --format c -o "$work/only_c" && ls "$work/only_c")" = "$work/only_c/mul_exact8u.c
mul_exact8u.c" ]; then ok "--format c"; else fail "--format c"; fi
"$axgen" mul gen exact8u --format bin -o "$work/f" >/dev/null
if [ "$(wc -c <"$work/f/mul_exact8u.bin")" = 131072 ] && [ "$(od -An -tu2 -j$((2 * (255 * 256 + 254))) -N2 "$work/f/mul_exact8u.bin" | tr -d ' ')" = 64770 ]; then ok "TFApprox's layout"; else fail "TFApprox's layout"; fi
if "$axgen" mul gen exact16s --format npy -o "$work/no" >"$work/out" 2>&1; then fail "gen --format of 16 x 16 bits"; else has "gen --format of 16 x 16 bits" "writes up to 2^16"; fi
if "$axgen" mul gen exact8s --format tar -o "$work/no" >"$work/out" 2>&1; then fail "an unknown format"; else has "an unknown format" "expected bin, h, npy, hex or c"; fi

# Nothing near a product; products stored + 32768; a constant, whose import is remembered by the file.
"$axgen" mul show exact8s --table | awk '{print $3 + 32768}' >"$work/shifted.txt"
refused "products that are stored with an offset" "$work/shifted.txt" "" "cannot be told" "less about 32768 .* index signed"
taken "... with it named" "$work/shifted.txt" "--product-offset 32768" "two's complement codes" "MAE 0.0000"
"$axgen" mul show exact8u --table | awk '{print ($1 * 7919 + $2 * 104729) % 65536}' >"$work/noise.txt"
refused "a table that is no product" "$work/noise.txt" "" "cannot be told"
head -c 131072 /dev/zero >"$work/zero.bin"
refused "a constant" "$work/zero.bin" "" "cannot be told" "index: .."
taken "a constant that is asked for" "$work/zero.bin" "--index su" "a signed and b unsigned (as asked for)" "warning"
if "$axgen" mul show "$work/o/zero.bin" >"$work/out" 2>&1; then has "its import is remembered" "a signed 8 bits .*b unsigned 8 bits"; else fail "its import is remembered: $(cat "$work/out")"; fi
mkdir "$work/net"
cp models/lenet5-fashion/net.yaml models/lenet5-fashion/weights.safetensors "$work/net/"
data=/usr/share/datasets/fashion-mnist
"$axgen" mul import "$work/zero.bin" --index signed -o "$work/net/imported" >/dev/null 2>&1
cp "$work/o/mul8s_mine.net" "$work/zero.bin" "$work/net/"
config() { printf 'network: net.yaml\ndataset: {format: idx, images: %s/t10k-images-idx3-ubyte.gz, labels: %s/t10k-labels-idx1-ubyte.gz}\nmultipliers: {E: exact8s, Z: %s}\nassignment: {default: E, conv2: Z}\n' $data $data "$1" >"$work/net/c.yaml"; }
for z in imported/zero.bin "{file: zero.bin, index: signed}" mul8s_mine.net; do
  config "$z"
  if "$axgen" eval "$work/net/c.yaml" -n 10 >"$work/out" 2>&1; then has "a configuration with $z" "top-1"; else fail "a configuration with $z: $(cat "$work/out")"; fi
done
config zero.bin
if "$axgen" eval "$work/net/c.yaml" -n 10 >"$work/out" 2>&1; then fail "a configuration guesses"; else has "a configuration does not guess" "c.yaml:3:30: error: .*cannot be told"; fi

# ---- what is refused -----------------------------------------------------------------------------------------------------------------
head='module m(input [3:0] A, B, output [7:0] O);'
echo "module m(input clk, input [3:0] A, B, output reg [7:0] O); always @(posedge clk) O <= A * B; endmodule" | v clocked.v
refused "a clock" "$work/clocked.v" "" "3 input ports and 1 output"
echo "$head reg [7:0] q; assign O = q; always @(posedge A[0]) q <= A * B; endmodule" | v register.v
refused "a register" "$work/register.v" "" "holds a register" "register.v:1"
echo "$head reg [7:0] q; assign O = q; always @* if (A[0]) q = A * B; endmodule" | v latch.v
refused "a latch" "$work/latch.v" "" "holds a latch"
echo "$head wire x, y; assign x = ~(y & A[0]); assign y = x ^ B[0]; assign O = {A * B} ^ x; endmodule" | v loop.v
refused "a loop" "$work/loop.v" "" "combinational loop goes through"
echo "module m(input [3:0] A, B, output [6:0] O); assign O = A * B; endmodule" | v narrow.v
refused "a narrow product" "$work/narrow.v" "" "takes 8 bits; the output .O. has 7"
echo "module m(input [16:0] A, input [3:0] B, output [20:0] O); assign O = A * B; endmodule" | v wider.v
refused "a wide operand" "$work/wider.v" "" "operands of 17 and 4 bits; 2 to 16 bits each"
echo "module m(input [3:0] A, B, output [3:0] H, L); assign {H, L} = A * B; endmodule" | v two.v
refused "two outputs" "$work/two.v" "" "2 output ports"
echo "$head MYCELL u(A[0], B[0], O[0]); assign O[7:1] = 0; endmodule" | v cell.v
refused "an unknown cell" "$work/cell.v" "" "uses .MYCELL."
echo "$head assign O = A * ; endmodule" | v syntax.v
refused "no Verilog" "$work/syntax.v" "" "yosys does not take it: .*syntax error"
echo "$head wire n; assign O = {A * B} ^ n; endmodule" | v undriven.v
refused "an undriven net" "$work/undriven.v" "" "no driver\|undefined" # Yosys ties it to x
v drivers.v <<'END'
module h(input x, input y, output s, output c); assign s = x ^ y; assign c = x & y; endmodule
module two_drivers(input [1:0] a, input [1:0] b, output [3:0] p);
  wire n; assign p[0] = a[0] & b[0];
  nand (n, a[1], b[0]);

  h h0(n, 1'b1, p[1], n);
  h h1(a[1] & b[1], a[0] & b[1], p[2], p[3]);
endmodule
END
refused "a net with two drivers" "$work/drivers.v" "" "the net .n. has two drivers: .*drivers.v:6 (instance .h0., .*drivers.v:1), and .*drivers.v:4$"
echo "$head assign O = (A == 9 && B == 3) ? 8'bx : A * B; endmodule" | v undefined.v
refused "an undefined product" "$work/undefined.v" "" "undefined"
echo "$head assign O = A + B; endmodule" | v adder.v
refused "an adder" "$work/adder.v" "" "it adds (a + b) and does not multiply"
echo "module add8u_x(input [7:0] A, B, output [8:0] O); assign O = {A[7:2], 2'b0} + B; endmodule" | v adder8.v
refused "an approximate adder of 8 bits" "$work/adder8.v" "" "it adds (a + b)"
echo "module sub8s(input signed [7:0] A, B, output signed [8:0] O); assign O = A - B; endmodule" | v subtractor.v
refused "a subtractor" "$work/subtractor.v" "" "it subtracts (a - b)"
echo "module m(input [3:0] A, B, inout [7:0] O); assign O = A * B; endmodule" | v inout.v
refused "an inout port" "$work/inout.v" "" "inout"
: | v empty.v
refused "an empty file" "$work/empty.v" "" "no module with ports"
refused "a missing file" "$work/none.v" "" "none.v"

# ---- what would keep a tool busy for minutes ------------------------------------------------------------------------------------------
repeat() { awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'; }
soon() { # name, status, seconds, file, options, pattern
  rm -rf "$work/no"
  # shellcheck disable=SC2086
  timeout "$3" "$axgen" mul import "$4" -o "$work/no" $5 >"$work/out" 2>&1
  got=$?
  if [ $got = "$2" ] && [ ! -e "$work/no" ]; then has "within $3 s: $1" "$6"; else fail "$1: exit $got"; fi
}
head='module m(input [3:0] a, input [3:0] b, output reg [7:0] p);'
{ echo "$head always @* p ="; repeat 20000 '('; echo 'a * b'; repeat 20000 ')'; echo '; endmodule'; } >"$work/deep.v"
soon "20,000 brackets" 1 10 "$work/deep.v" "" 'deep.v:2: brackets and blocks nested more than 1000 deep'
{ echo "$head always @*"; repeat 50000 'begin '; echo 'p = a * b;'; repeat 50000 'end '; echo 'endmodule'; } >"$work/begin.v"
soon "50,000 blocks" 1 10 "$work/begin.v" "" 'begin.v:2: brackets and blocks nested more than 1000 deep'
{ echo "$head always @*"; repeat 900 'begin '; echo 'p = a * b;'; repeat 900 'end '; echo 'endmodule'; } >"$work/begin.v"
taken "900 blocks" "$work/begin.v" "" "WCE 0"
{ echo 'module m(input [3:0] a'; repeat 100000 ', b'; echo ', output [7:0] p); endmodule'; } >"$work/ports.v"
soon "100,000 ports" 1 10 "$work/ports.v" "" 'ports.v:1: module `m` has more than 4096 ports'
for name in first second third; do
  echo "module $name(input [3:0] a, input [3:0] b, output [7:0] p); genvar i;"
  echo 'generate for (i = 0; i < 100000000; i = i + 1) begin : g wire x; end endgenerate assign p = a * b; endmodule'
done >"$work/loop.v"
soon "three generate loops of 10^8 steps" 3 12 "$work/loop.v" "--time-limit 2" 'did not finish within 2 s together; --time-limit'
soon "no time at all" 1 10 "$work/loop.v" "--time-limit 0" 'expected at least 1 second'
# A module that cannot be the multiplier, as it has other ports than three, costs no run of a tool.
{ head -n 2 "$work/loop.v" | sed 's/input .3:0. a, //'; printf '%s\n' "$head always @* p = a * b; endmodule"; } >"$work/two.v"
taken "of two tops the one with three ports" "$work/two.v" "--time-limit 20" "module m" "WCE 0"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
