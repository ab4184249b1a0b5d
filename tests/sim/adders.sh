#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Approximate adders: co-simulation of random networks, foldings and holds, bit for bit, the adders of each family in the tree, from
# word to word, in both; imported ones; lint; the fast engine against the reference; what cannot follow them refuses.
. "$(dirname "$0")/../lib.sh"

with() { # seed, adder, where
  random "$1"
  sed -i "s/, accumulate: carry_save//; s#^  clock_ns:.*#&\n  adder: $2\n  adder_in: $3#" "$work/r$1/config.yaml"
}
for row in 2:loa_k6:both 3:trunc_k2:sum 5:cut_s4_p2:tree 1002:cut_s7:both 1003:loa_k3:tree 1006:trunc_k4:both 101:cut_s5_p9:sum; do
  seed=${row%%:*} rest=${row#*:}
  with "$seed" "${rest%:*}" "${rest#*:}"
  check "random $seed, $rest: Icarus, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls "$seed"
done
"$axgen" rtl "$work/r1002/config.yaml" >"$work/out" 2>&1
lint "random 1002, cut" "$work/r1002/out/rtl"
# ---- imported ones, narrower and wider than the accumulators, two in one network
ripple() { awk -v name="$1" -v bits="$2" -v ored="$3" -v cut="$4" -f tests/import/adder.awk >"$work/$1.v" && "$axgen" adder import "$work/$1.v" -o "$work" >"$work/out" 2>&1; }
check "imported: 8 bits" ripple add8u_R 8 2 4
check "imported: 12 bits" ripple add12u_R 12 3 7
for row in 2:add8u_R:both 1003:add12u_R:sum 1006:add12u_R:tree 101:add8u_R:both; do
  seed=${row%%:*} rest=${row#*:}
  with "$seed" "../${rest%:*}.net" "${rest#*:}"
  check "random $seed, imported $rest: Icarus, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls "$seed"
  for what in --reference --explain; do
    "$axgen" eval --json --images 20 $what "$work/r$seed/config.yaml" 2>/dev/null | grep correct >"$work/eval$what"
  done
  check "random $seed, imported $rest: eval is the reference" cmp "$work/eval--reference" "$work/eval--explain"
done

with 1003 ../add12u_R.net both
sed -i '0,/{pe:/s/{pe:/{adder: ..\/add8u_R.net, pe:/' "$work/r1003/config.yaml"
check "random 1003, two imported: Icarus" simulate "$work/r1003/config.yaml" --icarus --images 3
"$axgen" rtl "$work/r1003/config.yaml" >"$work/out" 2>&1
check "both are there" sh -c "ls $work/r1003/out/rtl/adder_1_add8u_R.v $work/r1003/out/rtl/adder_2_add12u_R.v"

"$axgen" eval --json --images 2 "$work/r1003/config.yaml" >"$work/eval" 2>"$work/err"
check "eval names them" json "$work/eval" 'set(j["adders"].values()) == {"add8u_R.net", "add12u_R.net"}'

# ---- as they stand in an accelerator, of any width, against a third definition
"$axgen" rtl "$work/r2/config.yaml" >"$work/out" 2>&1
lint "imported" "$work/r2/out/rtl"
pairs() { # W: 20,000 random pairs
  cat >"$work/tb.v" <<V
module tb;
  reg [$1-1:0] x, y, want; wire [$1-1:0] sum; integer i, k, wrong; reg carry; reg [46:0] a, b;
  axgen_approx_adder #(.W($1), .FAMILY(4), .A(1), .B(8)) dut (.x(x), .y(y), .sum(sum));
  initial begin
    wrong = 0;
    for (i = 0; i < 20000; i = i + 1) begin
      x = {\$random, \$random}; y = {\$random, \$random};
      a = {{47{x[$1-1]}}, x}; b = {{47{y[$1-1]}}, y};
      for (k = 0; k < $1; k = k + 1) begin
        want[k] = k < 2 ? a[k] | b[k] : a[k] ^ b[k] ^ carry;
        carry = k < 2 || k == 4 ? a[k] & b[k] : (a[k] & b[k]) | (carry & (a[k] ^ b[k]));
      end
      #1 if (sum !== want) wrong = wrong + 1;
    end
    if (wrong == 0) \$display("equal"); else \$display("%0d wrong", wrong);
  end
endmodule
V
  (cd "$work/r2/out/rtl" && iverilog -g2005 -s tb -o "$work/tb" "$work/tb.v" axgen_imported_adder.v adder_1_*.v cores/*.v) && "$work/tb" | grep -q '^equal$'
}
for w in 2 5 8 9 21 33; do check "imported: 8 bits of $w in Icarus" pairs $w; done
check "the manifest names the adder" json "$work/r1002/out/rtl/manifest.json" \
  'all(l["adder"] == "cut_s7" and l["adder_in"] == "both" for l in j["layers"] if "pe" in l)'

finish
