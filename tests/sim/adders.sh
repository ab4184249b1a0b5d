#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Approximate adders: co-simulation of random networks, foldings and holds, bit for bit, the adders of each family in the tree, from
# word to word, in both; lint; the fast engine against the reference; what cannot follow them refuses.
. "$(dirname "$0")/../lib.sh"

with() { # seed, adder, where
  random "$1"
  sed -i "s/, accumulate: carry_save//; s/^  clock_ns:.*/&\n  adder: $2\n  adder_in: $3/" "$work/r$1/config.yaml"
}
for row in 2:loa_k6:both 3:trunc_k2:sum 5:cut_s4_p2:tree 1002:cut_s7:both 1003:loa_k3:tree 1006:trunc_k4:both 101:cut_s5_p9:sum; do
  seed=${row%%:*} rest=${row#*:}
  with "$seed" "${rest%:*}" "${rest#*:}"
  check "random $seed, $rest: Icarus, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls "$seed"
done
"$axgen" rtl "$work/r1002/config.yaml" >"$work/out" 2>&1
lint "random 1002, cut" "$work/r1002/out/rtl"
check "the manifest names the adder" json "$work/r1002/out/rtl/manifest.json" \
  'all(l["adder"] == "cut_s7" and l["adder_in"] == "both" for l in j["layers"] if "pe" in l)'

finish
