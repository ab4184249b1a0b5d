#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Assignments and foldings of LeNet-5: what no folding holds is moved, or refused with the folding that would fit; what `explore`
# finds at any level is what the folding holds; positions from a file.
. "$(dirname "$0")/../lib.sh"

config() { # name, more of the assignment, folding: LeNet-5 with E nearly everywhere
  printf 'network: %s\nmultipliers: {E: exact8s, R: roup8s_p0_c4}\nassignment: {default: E, %s}\ntarget: {kind: dataflow, folding: {%s}}\n' \
    "$root/models/lenet5-fashion/net.yaml" "$2" "$3" >"$work/$1.yaml"
}
python3 tests/positions/tables.py "$work"

config moved "conv1: {filters: {1: R, 4: R, 5: R}}" "conv1: {pe: 3, simd: 5}"
moved() { # filter 4 shares a PE with 1, whose lot is cast with it; 5 stands alone and becomes exact
  "$axgen" rtl "$work/moved.yaml" --legalize 2>"$work/err" &&
    grep -q 'layer conv1: 25 of 150 weights get another multiplier' "$work/err" &&
    json "$work/moved.out/rtl/manifest.json" 'any(l.get("weights_moved") == 25 for l in j["layers"])'
}
check "the fewest weights are moved" moved

# ---- what `explore` finds at any level is what the folding holds
cat >"$work/find.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
dataset: $(fashion_set train 0 100)
multipliers: {E: exact8s, A: roup8s_p3_c10, B: mul8s_1L2N}
explore: {}
target: {kind: dataflow, folding: {conv1: {pe: 3, simd: 5}, conv2: {pe: 8, simd: 10}, fc1: {pe: 4, simd: 4}, fc2: {pe: 4, simd: 2}}}
END
builds() { # level, and the points' configs are finer than a layer
  rm -rf "$work/found"
  "$axgen" explore "$work/find.yaml" --level "$1" --method random --max-evaluations 3 -q -o "$work/found" || return 1
  ls "$work"/found/points/*/*.npy >/dev/null || return 1
  for point in "$work"/found/points/*; do
    "$axgen" rtl "$point/config.yaml" || return 1
  done
}
for level in filter kernel weight position; do
  check "explore --level $level: its points build" builds $level
done

# ---- `positions: {file: ...}` is the assignment that it implies
map_of() { # positions or weights, file, module
  config map "conv2: {$1: {file: $2, multipliers: [E, R]}}" "conv2: {pe: 8, simd: 10}"
  "$axgen" rtl "$work/map.yaml" >/dev/null && grep -v sha256 "$work/map.out/rtl/layer_conv2.v" >"$3"
}
positions() {
  map_of positions at.npy "$work/by_position.v" && map_of weights each.npy "$work/by_weight.v" &&
    cmp "$work/by_position.v" "$work/by_weight.v" && grep -q AT1 "$work/by_position.v"
}
check "positions in a file" positions

# ---- what fits in no order is refused, with the folding that would fit
refused() { # title, assignment, folding, text...
  title=$1
  config refused "$2" "$3"
  shift 3
  "$axgen" rtl "$work/refused.yaml" >"$work/out" 2>"$work/err"
  status=$?
  for text; do
    grep -qF "$text" "$work/err" || status="without: $text"
  done
  if [ "$status" = 1 ] && [ ! -e "$work/refused.out" ]; then ok "refused: $title"; else fail "refused: $title ($status)"; fi
}
refused "taps of one lane" "conv1: {weights: {file: taps.npy, multipliers: [E, R]}}" "conv1: {pe: 6, simd: 1}" \
  "layer conv1: the dataflow target cannot build it: in filter 0, channel 0, the weights (0,0) and (0,1) come to the same multiplier and have R and E" \
  "it fits {pe: 6, simd: 25}"
refused "filters of one PE" "conv1: {filters: {0: R}}" "conv1: {pe: 3, simd: 1}" \
  "1 filter uses multiplier R, and with pe 3 each PE computes 2 filters; expected a multiple of 2 filters for each multiplier" \
  "it fits {pe: 6, simd: 1}"
refused "channels of one lane" "conv2: {kernels: {file: channels.npy, multipliers: [E, R]}}" "conv2: {pe: 1, simd: 2}" \
  "1 input channel uses the multipliers of channel 0, filter by filter, and a lane takes 3 channels" \
  "it fits {pe: 1, simd: 6}, or with another multiplier for 400 of its 2400 weights (--legalize)"

finish
