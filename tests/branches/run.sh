#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Branches of dataflow accelerators: random networks that part and meet, bit for bit on every branch, at the formula's rate, no
# FIFO fuller than it is deep; lint; FIFO depths by hand that are taken, warned about, refused; wrong keys.
# Uses $BUILD/axgen and $BUILD/tests/sim/random_net. Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

# As predicted to 3 %; at least so many FIFOs, none fuller than deep.
good() { # FIFOs, config, options...
  least=$1
  shift
  simulate "$@" && json "$work/out" "abs(j['cycles_per_image'] / j['predicted_cycles_per_image'] - 1) < 0.03 and
    len(j['fifos']) >= $least and all(1 <= f['most'] <= f['depth'] for f in j['fifos'])"
}

# ---- random networks
while read -r seed least what; do
  random "$seed"
  check "random $seed: $what" good "$least" "$work/r$seed/config.yaml" --icarus --images 3 --stalls "$seed"
done <<'END'
2184 1 a sum with the image's convolutions
2115 2 sums, pads, two FIFOs
2148 1 channels side by side
2004 1 channels sorted differently on two ways
3079 1 several images on their way at once
3071 2 poolings and pads, any widths
3130 1 channels side by side, zero points
2028 1 weights held for several groups of filters
2033 1 a wide layer behind held weights
END
for seed in 2115 2004 3130; do
  "$axgen" rtl "$work/r$seed/config.yaml" >"$work/out" 2>&1
  lint "random $seed" "$work/r$seed/out/rtl"
done

# ---- exactly as predicted
exactly() { # cycles, config
  simulate "$2" --icarus --images 4 &&
    json "$work/out" "j['cycles_per_image'] == j['predicted_cycles_per_image'] == $1"
}
while read -r net cycles what; do
  cp -r "tests/branches/rate/$net" "$work/$net"
  echo "output: $work/$net/out" >>"$work/$net/config.yaml"
  check "$what: $cycles cycles an image" exactly "$cycles" "$work/$net/config.yaml"
done <<'END'
block 224 a residual block whose slowest layer waits for the sum
held 540 the same with weights held
ring 408 held pixels that wait in their ring until another layer's are there
small 27 images of one pixel, many on their way, that come in pairs
pairs 36 an image of one pixel beside three layers: images come in pairs
pads 15 a chain whose only row of windows lies in the padding
END

# ---- no FIFO is deeper than it must be
shallower() { # seed, from, to, depth: a beat less, and the accelerator is slower or stands still
  less=$(changed "r$1/less" "s/^  folding:/  fifos: {$3: {$2: $(($4 - 1))}}\\n  folding:/" "$work/r$1/config.yaml")
  "$axgen" rtl "$less" >"$work/out" 2>"$work/err"
  grep -qE 'slow the accelerator|stands still' "$work/err"
}
for seed in 2004 2115 2148 3071 3130; do
  random "$seed"
  "$axgen" rtl "$work/r$seed/config.yaml" >"$work/out" 2>&1
  field "$work/r$seed/out/rtl/manifest.json" '"\n".join("%s %s %d" % (i["layer"], l["layer"], i["fifo_beats"])
    for l in j["layers"] for i in l["inputs"] if i.get("fifo_beats"))' >"$work/fifos"
  check "random $seed: FIFOs" test -s "$work/fifos"
  while read -r from to depth; do
    check "random $seed: $from to $to needs its $depth beats" shallower "$seed" "$from" "$to" "$depth"
  done <"$work/fifos"
done

# ---- depths by hand, in ResNet-8
resnet8() { # fifos -> out, err, status
  sed "s#\.\./models#$root/models#; s#^output:.*#output: $work/resnet8#; s#^  folding:#  fifos: $1\n  folding:#" \
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
depth=$(field "$work/resnet8/rtl/manifest.json" \
  'next(i["fifo_beats"] for l in j["layers"] if l["layer"] == "block1_add" for i in l["inputs"] if i["layer"] == "conv1")')
resnet8 "{block1_add: {conv1: $((depth + 100))}}"
says "a deeper FIFO is built" 0 "^conv1  *block1_add  *$((depth + 100)) " 'slow the accelerator'
resnet8 "{block1_add: {conv1: $((depth - 60))}}"
says "a shallower one: a warning says how much slower" 0 \
  'resnet8.yaml:[0-9]*: FIFOs of these depths slow the accelerator down: [0-9]* cycles an image instead of 36864 (+[0-9.]* %)' 'stands still'
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

finish
