#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers from elsewhere, as Verilog in several styles and as tables; what must be refused, and why. Uses $BUILD/libaxgen.a (default
# build), Yosys and Icarus. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
CC=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; failed=$((failed + 1)); }

[ -f "$BUILD/libaxgen.a" ] || { fail "$BUILD/libaxgen.a is not there: run make first"; echo "0 passed, 1 failed"; exit 1; }
# shellcheck disable=SC2046
$CC -std=c11 -D_GNU_SOURCE -O1 -I. $(pkg-config --cflags libcjson) -o "$work/import" tests/import/import.c compiler/cli/verb_import.c \
  "$BUILD/libaxgen.a" $(pkg-config --libs yaml-0.1 libcjson libprotobuf-c zlib libmd) -lm -fopenmp || { echo "0 passed, 1 failed"; exit 1; }
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
taken() { # name, file, arguments of import or "", pattern ...
  name=$1 file=$2 arguments=$3
  shift 3
  # shellcheck disable=SC2086
  if "$work/import" "$file" "$work/o" $arguments >"$work/out" 2>&1; then has "$name" "$@"; else fail "$name: $(cat "$work/out")"; fi
}
refused() { # name, file, arguments of import or "", pattern ...
  name=$1 file=$2 arguments=$3
  shift 3
  rm -rf "$work/no"
  # shellcheck disable=SC2086
  if "$work/import" "$file" "$work/no" $arguments >"$work/out" 2>&1; then fail "$name is taken: $(cat "$work/out")"
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
all='65536 pairs: Yosys'
taken "PDKGEN array, unsigned" "$work/u.v" "" "unsigned, as the module's name says" "MAE 0.0000, WCE 0" "100.00 %" "of them FA 48, HA 8" "$all"
taken "signed with header" "$work/s.v" "" "signed, as the module's name says" "MAE 1.2500, WCE 5" "the header *agrees" "f(a,b) = f(b,a) *100.00" "$all"
taken "a header that is wrong" "$work/w.v" "0" "signed, found from the values" "published WCE  *6 ; measured 5  DIFFERS" "published MAE .*1.25$" "does not describe"
taken "our Verilog again" "$work/o/mul_mul8s_mine.v" "" "signed, as the module" "MAE 1.2500, WCE 5" "HA [1-9]" "$all"
if [ "$(sed -n '/^axgen/,$p' "$work/o/mul8s_mine.net" | wc -l)" -gt 50 ]; then ok "the netlist file"; else fail "the netlist file"; fi
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
taken "primitives" "$work/gates.v" "0" "a = x (2 bits), b = y (3 bits), product = product (5 bits)" "unsigned, found from the values" "WCE 0" "proven equal *32 pairs"
taken "b before a" "$work/gates.v" "0 y" "a = y (3 bits), b = x (2 bits)" "WCE 0"
refused "the wrong reading" "$work/gates.v" "1" "signed it is farther from a \* b than unsigned"

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
taken "behavioural, hierarchy, parameters, [0:3]" "$work/mixed.sv" "0" "module top_of_it" "a unsigned and b signed, found from the values" "WCE 0" "FA [1-9]"

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
taken "functions and a case" "$work/table.v" "0" "unsigned, as the module's name says" "WCE 1," "EP 1.562"

# ---- what is refused -----------------------------------------------------------------------------------------------------------------
head='module m(input [3:0] A, B, output [7:0] O);'
echo "module m(input clk, input [3:0] A, B, output reg [7:0] O); always @(posedge clk) O <= A * B; endmodule" | v clocked.v
refused "a clock" "$work/clocked.v" "0" "3 input ports and 1 output"
echo "$head reg [7:0] q; assign O = q; always @(posedge A[0]) q <= A * B; endmodule" | v register.v
refused "a register" "$work/register.v" "0" "holds a register" "line 1"
echo "$head reg [7:0] q; assign O = q; always @* if (A[0]) q = A * B; endmodule" | v latch.v
refused "a latch" "$work/latch.v" "0" "holds a latch"
echo "$head wire x, y; assign x = ~(y & A[0]); assign y = x ^ B[0]; assign O = {A * B} ^ x; endmodule" | v loop.v
refused "a loop" "$work/loop.v" "0" "combinational loop goes through"
echo "module m(input [3:0] A, B, output [6:0] O); assign O = A * B; endmodule" | v narrow.v
refused "a narrow product" "$work/narrow.v" "0" "takes 8 bits; the output .O. has 7"
echo "module m(input [11:0] A, B, output [23:0] O); assign O = A * B; endmodule" | v wide.v
refused "wide operands" "$work/wide.v" "0" "operands of 12 and 12 bits"
echo "module m(input [3:0] A, B, output [3:0] H, L); assign {H, L} = A * B; endmodule" | v two.v
refused "two outputs" "$work/two.v" "0" "2 output ports"
echo "$head MYCELL u(A[0], B[0], O[0]); assign O[7:1] = 0; endmodule" | v cell.v
refused "an unknown cell" "$work/cell.v" "0" "uses .MYCELL."
echo "$head assign O = A * ; endmodule" | v syntax.v
refused "no Verilog" "$work/syntax.v" "0" "yosys does not take it: .*syntax error"
echo "$head wire n; assign O = {A * B} ^ n; endmodule" | v undriven.v
refused "an undriven net" "$work/undriven.v" "0" "no driver\|undefined"
echo "$head assign O = (A == 9 && B == 3) ? 8'bx : A * B; endmodule" | v undefined.v
refused "an undefined product" "$work/undefined.v" "0" "undefined"
echo "$head assign O = A + B; endmodule" | v adder.v
refused "an adder" "$work/adder.v" "0" "cannot be told from the values\|farther"
echo "module m(input [3:0] A, B, inout [7:0] O); assign O = A * B; endmodule" | v inout.v
refused "an inout port" "$work/inout.v" "0" "inout"
: | v empty.v
refused "an empty file" "$work/empty.v" "0" "no module\|does not take it"
refused "a missing file" "$work/none.v" "0" "none.v"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
