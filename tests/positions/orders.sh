#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random networks whose layers are given by positions with orders of filters and channels: each layer has the multipliers, and passes
# its channels, as the configuration says, and where neighbours differ they are permuted; bit for bit in Icarus.
. "$(dirname "$0")/../lib.sh"

given() { # seed
  random "$1" && python3 tests/positions/orders.py write "$work/r$1" "$1" && "$axgen" rtl "$work/r$1/config.yaml" >"$work/out" 2>"$work/err" &&
    python3 tests/positions/orders.py check "$work/r$1" 2>"$work/err"
}
permuted() { # seed
  given "$1" && json "$work/r$1/out/rtl/manifest.json" 'any("permuted_to" in i for l in j["layers"] for i in l["inputs"])'
}
for seed in 300 4001 4002; do
  check "random $seed: orders are kept, with permutations between" permuted $seed
done
for seed in 301 2020 4006; do
  check "random $seed: orders are kept" given $seed
  check "random $seed: orders given, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 1 --stalls $seed
done

# ---- a depthwise layer's filters go with their channels: in the order of the layer before, or permuted behind the image
depthwise() { # seed, layer, what must be in the manifest
  random "$1" && python3 tests/positions/depthwise.py "$work/r$1" "$2" && "$axgen" rtl "$work/r$1/config.yaml" >"$work/out" 2>"$work/err" &&
    json "$work/r$1/out/rtl/manifest.json" "$3"
}
check "random 6087: a depthwise layer's order is that of the layer before" depthwise 6087 conv3 \
  'any(l["layer"] == "conv3" and l["channel_order"] and "permuted_to" not in l["inputs"][0] for l in j["layers"])'
check "random 6019: the image is permuted for a depthwise layer" depthwise 6019 conv1 'any("permuted_to" in l["inputs"][0] for l in j["layers"])'
check "random 6019: depthwise, stalls" simulate "$work/r6019/config.yaml" --icarus --images 1 --stalls 3

finish
