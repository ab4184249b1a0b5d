#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers by (PE, lane) in the dataflow target: random networks whose layers mix them, bit for bit in Icarus; lint in
# three tools; what the manifest says of the positions. Uses $BUILD/axgen and $BUILD/tests/sim/random_net.
# Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
random_net=$PWD/$BUILD/tests/sim/random_net
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; [ -f "$work/err" ] && cat "$work/err"; failed=$((failed + 1)); }
check() { # what, command...
  what=$1
  shift
  if "$@" >"$work/out" 2>"$work/err"; then ok "$what"; else fail "$what"; cat "$work/out"; fi
}
exact() { grep -q '"bit_exact":[[:space:]]*true' "$1"; }
simulate() { # config, options...
  "$axgen" sim "$@" --icarus --json >"$work/json" && exact "$work/json"
}

# ---- multipliers at random positions, as the filters and channels come
for seed in 203 205 207; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  check "random $seed: bit-exact, stalls" simulate "$work/r$seed/config.yaml" --images 1 --stalls $seed
done

# ---- filters and channels in an order of their own: layers sort them, or they are permuted between layers
for seed in 300 301 304; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  check "random $seed: another order, stalls" simulate "$work/r$seed/config.yaml" --images 1 --stalls $seed
done
permuted=0
for seed in 400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418 419 420; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed" 2>"$work/err" || continue
  "$axgen" rtl "$work/r$seed/config.yaml" 2>"$work/err" | grep -q 'in another order: [1-9][0-9]* bits of registers' || continue
  check "random $seed: permuted, stalls" simulate "$work/r$seed/config.yaml" --images 1 --stalls $seed
  permuted=$seed
  [ -e "$work/permuted" ] && break
  touch "$work/permuted"
done
mkdir -p "$work/r4006"
"$random_net" 4006 "$work/r4006"
check "random 4006: branches, stalls" simulate "$work/r4006/config.yaml" --images 1 --stalls 3

# ---- assignments that no folding holds: moved to the nearest, which fits and computes what `eval` says of it
for seed in 5001 5006 5007 5008 5011 5012; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  legalized() {
    ! "$axgen" rtl "$work/r$seed/config.yaml" 2>"$work/err" && grep -q 'another multiplier for [1-9][0-9]* of its [0-9]* weights' "$work/err" &&
      simulate "$work/r$seed/config.yaml" --images 1 --legalize --stalls $seed
  }
  check "random $seed: legalised" legalized
done
printf 'network: %s/models/lenet5-fashion/net.yaml\nmultipliers: {E: exact8s, R: roup8s_p0_c4}\nassignment: {default: E, conv1: {filters: {1: R, 4: R, 5: R}}}\ntarget: {kind: dataflow, folding: {conv1: {pe: 3, simd: 5}}}\n' \
  "$PWD" >"$work/moved.yaml"
moved() { # filter 4 shares a PE with 1, whose lot is cast with it; 5 stands alone and becomes exact
  "$axgen" rtl "$work/moved.yaml" --legalize &&
    grep -q 'layer conv1: 25 of 150 weights get another multiplier' "$work/err" && grep -q '"weights_moved":[[:space:]]*25' "$work/moved.out/rtl/manifest.json"
}
check "the fewest weights are moved" moved

# ---- what `explore` finds at any level is what the folding holds
cat >"$work/find.yaml" <<END
network: $PWD/models/lenet5-fashion/net.yaml
dataset: {format: idx, images: /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz, labels: /usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz, count: 100}
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
python3 - "$work" <<'END'
import random, sys
def npy(name, shape, values):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % ", ".join(map(str, shape))
    head += " " * (-(11 + len(head)) % 64) + "\n"
    open(sys.argv[1] + name, "wb").write(b"\x93NUMPY\1\0" + bytes([len(head) % 256, len(head) // 256]) + head.encode() + bytes(values))
random.seed(7)
at = [[random.randrange(2) for lane in range(10)] for pe in range(8)]
npy("/at.npy", (8, 10), sum(at, []))
npy("/each.npy", (16, 6, 5, 5), [at[f % 8][x * 2 + c % 2] for f in range(16) for c in range(6) for y in range(5) for x in range(5)])
END
map_of() { # the assignment: what stands where
  printf 'network: %s/models/lenet5-fashion/net.yaml\nmultipliers: {E: exact8s, R: roup8s_p0_c4}\nassignment: {default: E, conv2: {%s, multipliers: [E, R]}}}\ntarget: {kind: dataflow, folding: {conv2: {pe: 8, simd: 10}}}\n' \
    "$PWD" "$1" >"$work/map.yaml"
  "$axgen" rtl "$work/map.yaml" >/dev/null && cp "$work/map.out/rtl/layer_conv2.v" "$2.v" && sed -i '/sha256/d' "$2.v"
}
positions() {
  map_of "positions: {file: at.npy" "$work/by_position" && map_of "weights: {file: each.npy" "$work/by_weight" &&
    cmp "$work/by_position.v" "$work/by_weight.v" && grep -q AT1 "$work/by_position.v"
}
check "positions in a file" positions

# ---- three tools read it
lint() { # seed, what must be there
  "$axgen" rtl "$work/r$1/config.yaml" &&
    (cd "$work/r$1/out/rtl" && grep -q "$2" ./*.v &&
      verilator --lint-only -Wall -f axgen.f --top-module axgen_top &&
      iverilog -g2005 -Wall -tnull -s axgen_top -f axgen.f 2>&1 | grep -v timescale >"$work/lint"
      [ ! -s "$work/lint" ] && yosys -q -p "read_verilog $(grep -v '^#' axgen.f | tr '\n' ' '); hierarchy -check -top axgen_top; proc; check -assert")
}
check "random 205: lint" lint 205 'localparam \[PE\*SIMD-1:0\] AT2'
check "random $permuted: lint, permuted" lint $permuted 'axgen_permute #'

# ---- the manifest: where each stands, and as many as it says
manifest() {
  python3 - "$work/r205/out/rtl/manifest.json" <<'END'
import json, sys
for layer in json.load(open(sys.argv[1]))["layers"]:
    places, have = layer["positions"], layer["multipliers"]
    assert len(places) == layer["pe"] and all(len(row) == layer["simd"] for row in places)
    for i, m in enumerate(have):
        assert m["count"] == sum(row.count(i) for row in places) > 0, m
END
}
check "random 205: manifest" manifest

# ---- what fits in no order is refused, with the folding that would fit
cat >"$work/net.py" <<'END'
import sys
def npy(path, shape, values):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % ", ".join(map(str, shape))
    head += " " * (-(11 + len(head)) % 64) + "\n"
    open(path, "wb").write(b"\x93NUMPY\1\0" + bytes([len(head) % 256, len(head) // 256]) + head.encode() + bytes(values))
npy(sys.argv[1] + "/taps.npy", (6, 1, 5, 5), [1] + [0] * 149)
npy(sys.argv[1] + "/channels.npy", (16, 6), ([1] + [0] * 5) * 16)
END
python3 "$work/net.py" "$work"
refused() { # title, assignment, folding, text...
  title=$1
  printf 'network: %s/models/lenet5-fashion/net.yaml\nmultipliers: {E: exact8s, R: roup8s_p0_c4}\nassignment: {default: E, %s}\ntarget: {kind: dataflow, folding: {%s}}\n' \
    "$PWD" "$2" "$3" >"$work/refused.yaml"
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

echo "$passed passed, $failed failed"
[ $failed = 0 ]
