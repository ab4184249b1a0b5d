#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Co-simulation of random networks, foldings and filter-level assignments, with and without stalls, bit for bit: any schemes,
# rows left over, high pads; lint.
. "$(dirname "$0")/../lib.sh"

for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
  random $seed
  check "random $seed: Icarus, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 4 --stalls $seed
done

# ---- all schemes, any widths and clamps, groups, averages of the taps inside the image
for seed in 1000 1001 1002 1003 1005 1006 1007 1008 1009 1011 1012 1013; do
  random $seed
  check "random $seed: Icarus, any scheme, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls $seed
done
for seed in 3 1002 1003; do # 1002 has groups
  "$axgen" rtl "$work/r$seed/config.yaml" >"$work/out" 2>&1
  lint "random $seed" "$work/r$seed/out/rtl"
done
check "random 2: Icarus, multipliers as gates in the accelerator" \
  "$axgen" sim "$work/r2/config.yaml" --icarus --images 2 --mul-gates

# ---- rows that no later window reads leave their stage after the last logit
for seed in 15 37 46 62; do
  random $seed
  check "random $seed: Icarus, rows left over" simulate "$work/r$seed/config.yaml" --icarus --images 2
  check "random $seed: Icarus, rows left over, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls 5
done
check "random 37: Verilator, rows left over" simulate "$work/r37/config.yaml" --images 3

# ---- pads as high as the kernel and higher: windows of padding alone
for seed in 101 104 105 108; do
  random $seed
  check "random $seed: Icarus, high pads" simulate "$work/r$seed/config.yaml" --icarus --images 3
  check "random $seed: Icarus, high pads, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 3 --stalls 4
done

finish
