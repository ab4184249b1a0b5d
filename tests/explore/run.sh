#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen explore` on LeNet-5 with a few hundred images: every level and method, what it writes, that its points are what
# it says, that it goes on after a kill and gives the same whatever the threads. Uses $BUILD/axgen. Ends with
# `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
check=$PWD/tests/explore/check.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; sed 's/^/     /' "$work/out" "$work/err" 2>/dev/null | head -n 12; failed=$((failed + 1)); }
judge() { if [ "$2" = 0 ]; then ok "$1"; else fail "$1"; fi; } # what, status
explore() { "$axgen" explore "$@" -q >"$work/out" 2>"$work/err"; }
refused() { # what, exit status, text, arguments...: and no folder
  what=$1 want=$2 text=$3
  shift 3
  rm -rf "$work/never"
  explore "$@" -o "$work/never"
  got=$?
  if [ $got = "$want" ] && grep -q -e "$text" "$work/err" && [ ! -e "$work/never" ]; then ok "$what"; else
    fail "$what: exit $got, wanted $want with \`$text\`"
  fi
}

fashion=/usr/share/datasets/fashion-mnist
set_of() { # train or t10k, first, count
  echo "{format: idx, images: $fashion/$1-images-idx3-ubyte.gz, labels: $fashion/$1-labels-idx1-ubyte.gz, first: $2, count: $3}"
}
cat >"$work/c.yaml" <<END
network: $PWD/models/lenet5-fashion/net.yaml
dataset: $(set_of train 50000 300)
multipliers: {E: exact8s, A: roup8s_p0_c4, B: roup8s_p1_c7, C: roup8s_p2_c9}
explore:
  calibration: $(set_of train 100 60)
  test: $(set_of t10k 100 200)
  freeze: {fc3: E, conv1: A}
target: {kind: dataflow, folding: {conv1: {pe: 6, simd: 5}, conv2: {pe: 8, simd: 10}, fc1: {pe: 4, simd: 4}, fc2: {pe: 4}}}
output: out
END
changed() { # name, sed script
  sed "$2" "$work/c.yaml" >"$work/$1.yaml"
  cmp -s "$work/c.yaml" "$work/$1.yaml" && fail "$1: the sed script changed nothing"
  echo "$work/$1.yaml"
}

# ---- every level: the fields, and each point as eval sees it
for level in layer filter kernel weight position; do
  explore "$work/c.yaml" --level $level --max-evaluations 6 --json -o "$work/$level" && cp "$work/out" "$work/$level.json" &&
    python3 "$check" front "$work/$level.json" "$work/$level" 6 >>"$work/err"
  judge "level $level: fields, files, freezes" $?
  for config in "$work/$level"/points/01/config.yaml "$work/$level"/points/03/config.yaml; do
    [ -e "$config" ] || continue
    point=$(basename "$(dirname "$config")")
    "$axgen" eval "$config" --json -q >"$work/eval" 2>"$work/err" &&
      python3 "$check" point "$work/$level.json" "$point" "$work/eval" >"$work/out"
    judge "level $level: point $point by axgen eval" $?
  done
done
"$axgen" sim "$work/layer/points/01/config.yaml" --images 1 --icarus -q >"$work/out" 2>"$work/err"
judge "level layer: a point by axgen sim" $?

# ---- other weights: eval and the hardware see them as the search did
for level in layer kernel; do
  explore "$work/c.yaml" --level $level --tune --max-evaluations 6 --json -o "$work/tuned-$level" && cp "$work/out" "$work/tuned.json" &&
    python3 "$check" front "$work/tuned.json" "$work/tuned-$level" 6 >>"$work/err" && grep -q '"tuned":.true' "$work/tuned.json" &&
    "$axgen" eval "$work/tuned-$level/points/01/config.yaml" --json -q >"$work/eval" 2>"$work/err" &&
    python3 "$check" point "$work/tuned.json" 01 "$work/eval" >"$work/out" &&
    ! cmp -s "$work/tuned-$level/points/01/weights.safetensors" "$work/$level/points/01/weights.safetensors"
  judge "level $level, tuned: a point by axgen eval" $?
  [ $level = layer ] || continue
  "$axgen" sim "$work/tuned-$level/points/01/config.yaml" --images 1 --icarus -q >"$work/out" 2>"$work/err"
  judge "level $level, tuned: a point by axgen sim" $?
done

# ---- the same whatever the threads, killed, and from the database
explore "$work/c.yaml" --level filter --max-evaluations 6 --json -j1 -o "$work/one" &&
  explore "$work/c.yaml" --level filter --max-evaluations 6 --json -j2 -o "$work/two" &&
  python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "one and two threads" $?
killed=0
for pause in 0.6 0.8 1.0; do
  "$axgen" explore "$work/c.yaml" --level filter --max-evaluations 6 -q -o "$work/killed" >"$work/out" 2>"$work/err" &
  pid=$!
  sleep $pause
  kill -9 $pid 2>/dev/null && killed=$((killed + 1))
  wait $pid 2>/dev/null
done
explore "$work/c.yaml" --level filter --max-evaluations 6 --json -o "$work/killed" && [ $killed -gt 0 ] &&
  python3 "$check" same "$work/one" "$work/killed" >>"$work/err"
judge "killed $killed times, then to its end" $?
explore "$work/c.yaml" --level filter --max-evaluations 6 --json -o "$work/one" &&
  python3 "$check" remembered "$work/out" "$work/one/explore.json" >>"$work/err" &&
  python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "a second time: all from explore.db" $?

# SIGINT as soon as something was evaluated: the front so far. Without a target, whose folding would make some draws equal.
python3 "$check" interrupted "$axgen" "$(changed free '/^target/d')" "$work/stopped" >"$work/out" 2>"$work/err"
judge "interrupted: exit 130 and a front" $?

# ---- every method, within its evaluations and multipliers
small=$(changed small 's/, conv1: A/, conv1: A, fc1: B, fc2: C/') # one layer is free: exhaustive can
for method in model hawx nsga2 alwann greedy random exhaustive; do
  config=$work/c.yaml
  [ $method = exhaustive ] && config=$small
  explore "$config" --level layer --method $method --max-evaluations 12 --json -o "$work/$method" &&
    python3 "$check" front "$work/out" "$work/$method" 12 >>"$work/err"
  judge "method $method: at most 12 evaluations" $?
done
free=$(changed free 's/freeze: .*/freeze: {}/')
for method in model nsga2 alwann hawx; do
  explore "$free" --level filter --method $method --max-multipliers 2 --max-evaluations 6 --json -o "$work/few-$method" &&
    python3 "$check" multipliers "$work/few-$method" 2 >>"$work/err"
  judge "method $method: two multipliers" $?
done
explore "$work/c.yaml" --level layer --objective area --max-evaluations 4 --json -o "$work/area" &&
  python3 "$check" front "$work/out" "$work/area" 4 area >>"$work/err"
judge "objective area" $?
# ---- layers of different widths: each relative to the exact multiplier of its own. Products: conv1 117600, conv2 240000,
# fc1 48000, fc2 10080, fc3 840; exact ones cost 10, in fc1 4; only conv2 may have another.
python3 "$check" narrow models/lenet5-fashion "$work/narrow" >"$work/out" 2>"$work/err"
wide="$work/narrow/c.yaml"
sed "s|^network: .*|network: net.yaml|; s|^multipliers: .*|multipliers: {E: exact8s, B: roup8s_p0_c4, N: exact8x4s}|
  s|freeze: .*|freeze: {fc3: E, conv1: E, fc1: N, fc2: E}\\n  cost: {E: 10, B: 8, N: 4}|" "$work/c.yaml" >"$wide"
explore "$wide" --level layer --method exhaustive --json -o "$work/widths" &&
  python3 "$check" costs "$work/out" 1 "$(python3 -c 'print(1 - 480000 / (3685200 + 192000))')" >>"$work/err"
judge "widths: relative to exact ones of each layer's" $?
sed 's/N: exact8x4s/N: trunc8x4s_k1/' "$wide" >"$work/narrow/d.yaml"
refused "widths: a cost relative to nothing" 1 'layer `fc1` takes is exact' "$work/narrow/d.yaml"

# ---- calibration images with labels of other things
printf '\0\0\10\1\0\0\352\140' >"$work/labels"
head -c 60000 /dev/zero | tr '\0' '\310' >>"$work/labels"
other=$(changed other "/calibration/s|labels: [^,]*|labels: $work/labels|")
explore "$other" --level layer --method hawx --max-evaluations 2 --json -o "$work/other"
judge "calibration images with others' labels" $?
explore "$(changed wrong "/test/s|images: [^,]*|images: $fashion/train-images-idx3-ubyte.gz|; /test/s|labels: [^,]*|labels: $work/labels|")" \
  -o "$work/never"
[ $? = 1 ] && grep -q 'labels up to 200' "$work/err" && grep -q 'explore: {test: ...}' "$work/err"
judge "labels of others: which images" $?

explore "$work/c.yaml" --level weight --plan --json -o "$work/plan" && grep -q '"most_evaluations":.100' "$work/out" &&
  [ ! -e "$work/plan" ]
judge "--plan writes nothing" $?

# ---- names with all that is special somewhere
odd="$work/a 'b' \"c\" {d} #e: \$(f)"
mkdir "$odd"
"$axgen" mul gen roup8s_p1_c7 -o "$work/gen" >"$work/out" 2>"$work/err"
cp "$work/gen/mul_roup8s_p1_c7.hex" "$odd/t 'x' {y}, #z.hex"
python3 - "$work/c.yaml" "$odd" "t 'x' {y}, #z.hex" >"$odd/c.yaml" <<'END'
import json, re, sys
text = open(sys.argv[1]).read()
text = text.replace("B: roup8s_p1_c7", '"B b: \'": {file: %s, index: signed}' % json.dumps(sys.argv[3]))
text = text.replace("explore:", "explore:\n  cost: {E: 10, A: 9, \"B b: '\": 6, C: 5}")
print(text, end="")
END
explore "$odd/c.yaml" --level filter --max-evaluations 6 --json -o "$odd/out dir" && cp "$work/out" "$work/odd.json"
judge "odd names" $?
for config in "$odd/out dir"/points/0[12]/config.yaml; do
  [ -e "$config" ] || continue
  point=$(basename "$(dirname "$config")")
  (cd / && "$axgen" eval "$config" --json -q) >"$work/eval" 2>"$work/err" &&
    python3 "$check" point "$work/odd.json" "$point" "$work/eval" >"$work/out"
  judge "odd names: point $point" $?
done

# ---- what is refused, and leaves nothing
refused "unknown level" 2 'expected layer, filter, kernel, weight or position' "$work/c.yaml" --level channel
refused "unknown method" 2 'expected one of model, ' "$work/c.yaml" --method magic
refused "unknown objective" 2 'expected energy or area' "$work/c.yaml" --objective delay
for loss in 1 nan 0.1x; do
  refused "--max-loss '$loss'" 2 'expected a drop in accuracy' "$work/c.yaml" --max-loss "$loss"
done
refused "no evaluations" 2 '--max-evaluations' "$work/c.yaml" --max-evaluations 0
refused "no multipliers" 2 '--max-multipliers' "$work/c.yaml" --max-multipliers 0
refused "option of another verb" 2 'does not take --stalls' "$work/c.yaml" --stalls 1
refused "positions without a target" 1 '--level position needs a target' "$(changed t1 '/^target/d')" --level position
refused "area without a target" 1 '--objective area needs a target' "$(changed t2 '/^target/d')" --objective area
refused "no validation images" 1 'no `dataset:` with the validation images' "$(changed t3 '/^dataset/d')"
refused "no labels" 1 'labels' "$(changed t4 '/^dataset/s/ labels: [^ ]*,//')"
refused "more images than there are" 1 'are asked for' "$(changed t5 's/first: 50000/first: 59900/')"
refused "a cost for some only" 1 '`B` has none' "$(changed t6 's/^explore:/explore:\n  cost: {E: 10, A: 9}/')"
refused "a multiplier of other widths only" 1 'none of the multipliers takes' \
  "$(changed t7 's/^multipliers:.*/multipliers: {E: exact8u}/; /freeze:/d')"
refused "exhaustive, with too few evaluations" 1 'sets of decisions' "$work/c.yaml" --method exhaustive
explore "$work/c.yaml" --level filter --max-evaluations 4 --json -o "$work/one" && cp "$work/out" "$work/less.json" &&
  python3 "$check" front "$work/less.json" "$work/one" 4 >>"$work/err"
judge "fewer points take the place of more" $?
mkdir "$work/held"
echo 'no database' >"$work/held/explore.db"
explore "$work/c.yaml" -o "$work/held"
[ $? = 1 ] && grep -q 'explore.db' "$work/err" && [ "$(cat "$work/held/explore.db")" = 'no database' ] &&
  [ "$(ls "$work/held")" = explore.db ]
judge "a file that is no database stays" $?

echo "$passed passed, $failed failed"
[ $failed = 0 ]
