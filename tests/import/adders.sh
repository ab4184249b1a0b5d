#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Adders in published styles: taken, measured, written; what is none is refused.
. "$(dirname "$0")/lib.sh"

kind=adder
ripple() { awk -v name="$1" -v bits="$2" -v ored="$3" -v cut="$4" -v header="${5-}" -f tests/import/adder.awk | v "$1.v"; }

# What they compute, in another language, over all pairs.
figures() { # bits, ored, cut
  python3 - "$@" <<'P'
import sys
bits, ored, cut = map(int, sys.argv[1:])
errors = []
for a in range(2 ** bits):
    for b in range(2 ** bits):
        total, carry = 0, 0
        for i in range(bits):
            x, y = a >> i & 1, b >> i & 1
            total |= (x | y if i < ored else x ^ y ^ carry) << i
            carry = x & y if i < ored or i == cut else x + y + carry > 1
        errors.append(total + (carry << bits) - a - b)
size = [abs(e) for e in errors]
print(f"MAE {sum(size) / len(size):.4f}, WCE {max(size)}, EP {100 * sum(e != 0 for e in errors) / len(size):.3f} %")
print(f"bias {sum(errors) / len(errors):.4f}")
P
}
ripple add8u_X 8 2 4
figures 8 2 4 >"$work/want"
taken "8 bits" "$work/add8u_X.v" "" "sum = O (9 bits)" "f(a,b) = f(b,a) *100.00 %" "all 65536 pairs" "$(sed -n 1p "$work/want")" "$(sed -n 2p "$work/want")"
ripple add10u_X 10 0 6
figures 10 0 6 >"$work/want"
taken "10 bits, only carries are lost" "$work/add10u_X.v" "" "all 1048576 pairs: the file as Yosys" "$(sed -n 1p "$work/want")" "$(sed -n 2p "$work/want")"
printf '%s\n' 'MAE% = 1.44 %' 'MAE = 7.4' 'WCE = 33' 'EP% = 54.30 %' 'PDK45_PWR = 0.013 mW' >"$work/header"
ripple add8u_H 8 2 4 "$work/header"
taken "a header that is right" "$work/add8u_H.v" "" "published MAE  *7.4 ; measured 7.35" "published WCE *33" "the header *agrees" "(of their circuit"
sed -i 's/WCE = 33/WCE = 43/' "$work/header"
ripple add8u_H 8 2 4 "$work/header"
taken "a header that is wrong" "$work/add8u_H.v" "" "published WCE *43 ; measured 33 *DIFFERS"
# Other names, another order, another range, adder cells, a module below.
echo 'module top(output wire [0:8] s, input [1:8] y, x); wire [8:0] t = x + y; assign s = t; endmodule' | v names.v
taken "other names, orders and ranges" "$work/names.v" "--a x --name my.adder" "a = x (8 bits), b = y" "MAE 0.0000, WCE 0" "my.adder.net"
taken "a parameter" "tests/import/adder.v" "--param W=6" "b = B (6 bits), sum = S (7 bits)" "FA 4, HA 1" "MAE 1.0000, WCE 2"
check "its netlist says what it is" grep -q ': an adder of unsigned numbers' "$work/o/add8u_X.net"
check "its report is JSON" json "$work/o/add8u_X.import.json" 'j["kind"] == "adder" and j["bits"] == 8 and j["wce"] == 33'

head='module m(input [7:0] A, B, output [8:0] O);'
echo 'module m(input [7:0] A, B, input c, output [8:0] O); assign O = A + B + c; endmodule' | v carry.v
refused "a carry in" "$work/carry.v" "" "3 input ports and 1 output"
echo 'module m(input [7:0] A, B, output [7:0] O); assign O = A + B; endmodule' | v narrow.v
refused "no carry out" "$work/narrow.v" "" "sum of 8; two of n bits were expected, and a sum of n + 1, with the carry"
echo 'module m(input [7:0] A, input [6:0] B, output [8:0] O); assign O = A + B; endmodule' | v unequal.v
refused "unequal operands" "$work/unequal.v" "" "operands of 8 and 7 bits and a sum of 9"
echo 'module m(input [19:0] A, B, output [20:0] O); assign O = A + B; endmodule' | v wide.v
refused "20 bits" "$work/wide.v" "" "2 to 16 bits each"
echo 'module m(input [999:0] A, B, output [1000:0] O); assign O = A + B; endmodule' | v wider.v
refused "1000 bits" "$work/wider.v" "" "operands of 1000 and 1000 bits"
echo 'module m(input signed [7:0] A, B, output signed [8:0] O); assign O = A + B; endmodule' | v signed.v
refused "signed numbers" "$work/signed.v" "" "it adds signed numbers"
echo "$head assign O = A - B; endmodule" | v minus.v
refused "a subtractor" "$work/minus.v" "" "it subtracts (a - b)"
echo "$head assign O = A[3:0] * B[3:0]; endmodule" | v product.v
refused "a multiplier" "$work/product.v" "" "it is far from a + b"
echo "$head wire n; assign O = {A + B} ^ n; endmodule" | v undriven.v
refused "an undriven net" "$work/undriven.v" "" "no driver\|undefined"
echo "$head wire x, y; assign x = ~(y & A[0]); assign y = x ^ B[0]; assign O = (A + B) ^ x; endmodule" | v loop.v
refused "a loop" "$work/loop.v" "" "combinational loop goes through"
echo 'module m(input [9:0] A, B, output [10:0] O); assign O = A == 9 ? 11'"'"'bx : A + B; endmodule' | v undefined.v
refused "an undefined sum" "$work/undefined.v" "" "its sum is undefined\|its sum depends on an undefined"
echo "$head reg [8:0] q; assign O = q; always @(posedge A[0]) q <= A + B; endmodule" | v register.v
refused "a register" "$work/register.v" "" "holds a register"
head -c 900 "$work/add8u_X.v" | v half.v
refused "half a file" "$work/half.v" "" "half.v"
refused "a table" "$work/o/add8u_X.import.json" "" "expected Verilog"

# Read again.
if "$axgen" adder show "$work/o/add8u_X.net" >"$work/out" 2>&1; then has "show" "all 65536 pairs" "WCE *33$" "area [0-9.]* um2, delay"; else fail "show: $(cat "$work/out")"; fi
if "$axgen" adder show loa_k2 --bits 14 --json >"$work/out" 2>&1; then ok "show of a family's"; else fail "show of a family's"; fi
check "sampled, as it says" json "$work/out" 'not j["exhaustive"] and j["pairs"] == 2 ** 22 and 0.623 < j["mae"] < 0.627'
if "$axgen" adder gen "$work/o/add8u_X.net" -o "$work/g" >"$work/out" 2>&1 && grep -v '^//' "$work/o/adder_add8u_X.v" >"$work/ours" && grep -v '^//' "$work/g/adder_add8u_X.v" | cmp -s - "$work/ours"; then ok "gen writes what import wrote"; else fail "gen: $(cat "$work/out")"; fi
verb=adder
no() { # what, text, arguments
  what=$1 text=$2
  shift 2
  if "$axgen" adder "$@" >"$work/out" 2>&1; then fail "$what"; else has "refused: $what" "$text"; fi
}
no "other bits than its own" "it adds up 8 bits; --bits 12" show "$work/o/add8u_X.net" --bits 12
no "too few bits" "made for at least 9 bits" show loa_k8 --bits 8
no "no number of bits" "expected bits of an operand, 2 to 16" show loa_k8 --bits 8x8
no "Verilog, not imported" "axgen adder import" show "$work/add8u_X.v"
no "a multiplier's netlist" "two operands of 2 to 16 bits each, and a sum of one bit more" show genlib/evolved/evo8u_mae1.net
printf 'axgen-netlist 1 8 8 9\nAND 2 99\nOUT 2 3 4 5 6 7 8 9 10\n' | v bad.net
no "a gate that reads what is not there" "bad.net:2:7: error: input net: a number 0..17" show "$work/bad.net"
awk 'BEGIN { print "axgen-netlist 1 8 8 9"; for (i = 0; i < 70000; i++) print "NOT " i + 2; print "OUT 70000 70001 70002 70003 70004 70005 70006 70007 70008" }' | v many.net
no "70000 gates" "70000 gates; an adder has at most 65536" show "$work/many.net"
if "$axgen" mul show "$work/o/add8u_X.net" >"$work/out" 2>&1; then fail "an adder is no multiplier"; else has "refused: as a multiplier" "a comment like"; fi

finish
