#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Branches of dataflow accelerators: random networks that part and meet, bit for bit on every branch, at the formula's rate, no
# FIFO fuller than it is deep; lint; FIFO depths by hand that are taken, warned about, refused; wrong keys.
# Uses $BUILD/axgen and $BUILD/tests/sim/random_net. Ends with `N passed, N failed`.
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

# What a simulation's JSON must say; the rate within 3 % of what was predicted; `least` FIFOs, none fuller than deep.
good() { # file, least
  tr -d ' \t",' <"$1" | awk -F: -v least="$2" '
    { v[$1] = $2 }
    $1 == "depth" { depth = $2; fifos++ }
    $1 == "most" { over += $2 > depth || $2 < 1 }
    END { r = v["cycles_per_image"] / v["predicted_cycles_per_image"]
          exit !(v["bit_exact"] == "true" && v["values_compared"] > 0 && r > 0.97 && r < 1.03 && !over && fifos >= least) }'
}
lint() { # what, folder
  (cd "$2" && verilator --lint-only -Wall -f axgen.f --top-module axgen_top) >"$work/err" 2>&1 &&
    [ ! -s "$work/err" ] && ok "$1: verilator -Wall" || fail "$1: verilator -Wall"
  (cd "$2" && iverilog -g2005 -Wall -tnull -s axgen_top -f axgen.f) >"$work/all" 2>&1
  grep -v 'timescale' "$work/all" >"$work/err"
  [ ! -s "$work/err" ] && ok "$1: iverilog -Wall" || fail "$1: iverilog -Wall"
}
network() { # seed
  mkdir -p "$work/$1" && "$random_net" "$1" "$work/$1" 2>"$work/err" || fail "random $1: making it"
}

# ---- random networks
while read -r seed least what; do
  network "$seed"
  "$axgen" sim "$work/$seed/config.yaml" --json --icarus --images 3 --stalls "$seed" >"$work/out" 2>"$work/err" &&
    good "$work/out" "$least" && ok "random $seed: $what" || { fail "random $seed: $what"; cat "$work/out"; }
done <<'END'
2184 1 a sum with the image's convolutions
2115 4 sums, pads, four FIFOs
2148 1 channels side by side
2004 1 channels sorted differently on two ways
3079 1 several images on their way at once
3071 2 poolings and pads, any widths
3130 1 channels side by side, zero points
END
for seed in 2115 2004 3130; do
  network "$seed"
  "$axgen" rtl "$work/$seed/config.yaml" >"$work/err" 2>&1 && lint "random $seed" "$work/$seed/out/rtl"
done

# ---- depths by hand, in ResNet-8
resnet8() { # fifos -> out, err, status
  sed "s#\.\./models#$PWD/models#; s#^output:.*#output: $work/resnet8#; s#^  folding:#  fifos: $1\n  folding:#" \
    flows/resnet8-dataflow.yaml >"$work/resnet8.yaml"
  "$axgen" rtl "$work/resnet8.yaml" >"$work/out" 2>"$work/err"
  status=$?
}
says() { # what, expected status, text in out or err, text in neither
  if [ "$status" = "$2" ] && cat "$work/out" "$work/err" | grep -q "$3" && ! cat "$work/out" "$work/err" | grep -q "$4"; then
    ok "$1"
  else
    fail "$1: exit $status, wanted $2 and: $3"
  fi
}
resnet8 '{}'
says "computed depths are listed" 0 '^conv1  *block1_add  *[0-9][0-9]*  *8  *[0-9]' 'slow the accelerator'
depth=$(awk '$1 == "conv1" && $2 == "block1_add" { print $3 }' "$work/out")
resnet8 "{block1_add: {conv1: $((depth + 100))}}"
says "a deeper FIFO is built" 0 "^conv1  *block1_add  *$((depth + 100)) " 'slow the accelerator'
resnet8 "{block1_add: {conv1: $((depth - 60))}}"
says "a shallower one: a warning says how much slower" 0 \
  'resnet8.yaml:[0-9]*: FIFOs of these depths slow the accelerator down: [0-9]* cycles an image instead of 36864 (+[0-9.]* %)' 'error'
resnet8 "{block1_add: {conv1: $((depth / 2))}}"
says "one with which all stands still is refused" 1 'layer block1_add waits for block1_conv2' 'slow the accelerator'
grep -q "expected $depth beats from conv1 to block1_add" "$work/err" && ok "with the depth that it takes" ||
  fail "with the depth that it takes"
resnet8 '{block1_add: {conv1: 0}}'
says "none at all is refused" 1 'stands still' 'slow the accelerator'
[ -e "$work/resnet8/rtl/manifest.json" ] && ok "and what was there is left alone" || fail "and what was there is left alone"
resnet8 '{block1_conv2: {block1_conv1: 5}}'
says "one where none is needed is built" 0 '^block1_conv1  *block1_conv2  *5 ' 'slow the accelerator'
resnet8 '{block1_sum: {conv1: 5}}'
says "an unknown layer" 1 'fifos: expected a layer of the network behind its input, found `block1_sum`' 'slow'
resnet8 '{block1_add: {block1_conv1: 5}}'
says "a layer that it does not take" 1 'block1_add: expected a layer that it takes as an input, found `block1_conv1`' 'slow'
resnet8 '{block1_add: {conv1: -1}}'
says "a negative depth" 1 'resnet8.yaml:[0-9]*:[0-9]*: error: ' 'slow'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
