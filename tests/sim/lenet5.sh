#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Co-simulation of LeNet-5: foldings from one multiplier a layer to a fully unrolled first convolution (150 multipliers), bit for
# bit; lint; the same bytes twice.
. "$(dirname "$0")/../lib.sh"

folded() { # name, conv1, conv2, fc1, fc2, fc3 as PE,SIMD or PE,SIMD,HOLD
  awk -v d="$root" -v a="$2" -v b="$3" -v c="$4" -v e="$5" -v f="$6" -v out="$work/$1" '
    function fold(name, v,   p) { split(v ",1", p, ","); printf "    %s: {pe: %s, simd: %s, hold: %s}\n", name, p[1], p[2], p[3] }
    /^network:/ { print "network: " d "/models/lenet5-fashion/net.yaml"; next }
    /^output:/ { print "output: " out; next }
    /^  folding:/ { print; fold("conv1", a); fold("conv2", b); fold("fc1", c); fold("fc2", e); fold("fc3", f); skip = 1; next }
    skip && /^    / { next }
    { skip = 0; print }' flows/lenet5-dataflow.yaml >"$work/$1.yaml"
}
folded one    1,1  1,1   1,1   1,1  1,1
folded odd    3,5,9 4,6,4   8,10  7,5  5,3
folded wide   2,25,28 16,3,10  15,16 6,20 2,12
folded unroll 6,25 16,25 30,8  12,5 10,2

same_bytes() { # configuration, its folder
  "$axgen" rtl "$1" && rm -rf "$work/first" && cp -R "$2/rtl" "$work/first" && "$axgen" rtl "$1" && diff -r "$work/first" "$2/rtl"
}
for f in one odd wide unroll; do
  check "lenet5 $f: the same bytes twice" same_bytes "$work/$f.yaml" "$work/$f"
  lint "lenet5 $f" "$work/$f/rtl"
  check "lenet5 $f: Verilator, stalls" simulate "$work/$f.yaml" --images 6 --stalls 7
done
check "lenet5 unroll: Icarus, stalls" simulate "$work/unroll.yaml" --icarus --images 1 --stalls 3

finish
