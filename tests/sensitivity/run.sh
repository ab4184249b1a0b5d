#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen sensitivity` on LeNet-5: its values are what `axgen eval` and `axgen explore` find, the same whatever the
# threads, killed and resumed; a layer without products; what is refused. Uses $BUILD/axgen. Ends with
# `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

verb=sensitivity
check=$root/tests/sensitivity/check.py
sensitivity() { "$axgen" sensitivity "$@" -q >"$work/out" 2>"$work/err"; }

python3 "$check" zeros "$work/zero.npy"
cat >"$work/c.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
dataset: $(fashion_set train 50000 400)
multipliers: {E: exact8s, B: mul8s_1L2N, Z: {file: zero.npy, index: signed}}
explore: {calibration: $(fashion_set train 100 60), cost: {E: 10, B: 5, Z: 1}}
output: results
END

sensitivity "$work/c.yaml" --images 300 --json -j1 -o "$work/one" && cp "$work/out" "$work/one.json" &&
  python3 "$check" fields "$work/one.json" "$work/one" 300 2>>"$work/err"
judge "fields and files" $?
python3 "$check" evaluated "$axgen" "$work/c.yaml" "$work/one.json" >"$work/out" 2>"$work/err"
judge "as axgen eval of the same assignments" $?
python3 "$check" constant "$work/one.json" "$root/models/lenet5-fashion" "$fashion/train-labels-idx1-ubyte.gz" 50000 \
  >"$work/out" 2>"$work/err"
judge "a last layer without products answers its greatest bias" $?
free=$(changed free 's/first: 50000, count: 400/first: 50000, count: 300/; s/explore: {/&freeze: {conv1: E, fc1: E, fc2: E, fc3: E}, /')
"$axgen" explore "$free" --level layer --method exhaustive -q -o "$work/explored" >"$work/out" 2>"$work/err" &&
  python3 "$check" explored "$work/one.json" "$work/explored/history.csv" conv2 2>>"$work/err"
judge "corrected as by axgen explore" $?
sensitivity "$work/c.yaml" --images 300 -j2 -o "$work/two" && grep -q '^fc3 .* 0.00 ' "$work/out" &&
  python3 "$check" same "$work/one" "$work/two" 2>>"$work/err"
judge "one and two threads; the tables" $?

# ---- killed, interrupted, and on from the database
for pause in 0.3 0.5 0.8; do
  killed_after $pause "$axgen" sensitivity "$work/c.yaml" --images 300 -j1 -q -o "$work/killed"
done
sensitivity "$work/c.yaml" --images 300 -o "$work/killed" && [ $killed -gt 0 ] &&
  python3 "$check" same "$work/one" "$work/killed" 2>>"$work/err"
judge "killed $killed times, then to its end" $?
sensitivity "$work/c.yaml" --images 300 --json -o "$work/one" && json "$work/out" 'j["remembered"] > 0' &&
  python3 "$check" remembered "$work/out" 2>>"$work/err" && python3 "$check" same "$work/two" "$work/one" 2>>"$work/err"
judge "a second time: all from sensitivity.db" $?
python3 "$check" interrupted "$axgen" "$work/c.yaml" "$work/stopped" >"$work/out" 2>"$work/err"
judge "interrupted: exit 130, no tables, and on from there" $?

# ---- less of it
sensitivity "$(changed frozen 's/explore: {/&freeze: {conv1: B, fc1: E}, /')" --images 50 --no-bias-correction --json -o "$work/less" &&
  python3 "$check" less "$work/out" 2>>"$work/err"
judge "--no-bias-correction, frozen layers" $?
sensitivity "$(changed narrow 's/E: exact8s,/E: exact4s,/')" --images 50 --json -o "$work/narrow" &&
  python3 "$check" narrow "$work/out" "$work/narrow/sensitivity.csv" 2>>"$work/err"
judge "a multiplier of other widths has no values" $?
sed "/^explore:/d; s/^output/assignment: {default: B}\noutput/" "$work/c.yaml" >"$work/plain.yaml"
sensitivity "$work/plain.yaml" --images 50 --json -o "$work/plain" && grep -q 'validation images serve' "$work/err"
judge "a config for eval: a warning, and the exact network is what it compares with" $?

# ---- what is refused, and leaves nothing
refused "no images" 1 '--images 0' "$work/c.yaml" --images 0
refused "more images than there are" 1 'the data set has 400' "$work/c.yaml" --images 401
refused "no labels" 1 'labels' "$(changed t1 '/^dataset/s/ labels: [^ ]*,//')"
refused "no data set" 1 'no `dataset:`' "$(changed t2 '/^dataset/d')"
refused "nothing to measure" 1 'no layer to measure' \
  "$(changed t3 's/explore: {/&freeze: {conv1: E, conv2: E, fc1: E, fc2: E, fc3: E}, /')"
refused "a formula's name" 1 'formula' "$(changed t4 's/E: exact8s/"=E": exact8s/; s/E: 10/"=E": 10/')"
refused "option of another verb" 2 'does not take --level' "$work/c.yaml" --level layer
refused "no config" 1 'nowhere.yaml' "$work/nowhere.yaml"
mkdir "$work/held"
echo 'no database' >"$work/held/sensitivity.db"
sensitivity "$work/c.yaml" -o "$work/held"
[ $? = 1 ] && grep -q 'sensitivity.db' "$work/err" && [ "$(cat "$work/held/sensitivity.db")" = 'no database' ] &&
  [ "$(ls "$work/held")" = sensitivity.db ]
judge "a file that is no database stays" $?

finish
