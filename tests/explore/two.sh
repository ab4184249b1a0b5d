#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two figures at once: the front in three dimensions, what points cost, the same bytes, resumed, by every method; and what
# the report makes of it.
. "$(dirname "$0")/lib.sh"

free=$(changed free 's/freeze: .*/freeze: {}/')
both() { explore "$free" --objective energy,area --json "$@"; }
both --level layer --max-evaluations 24 -j1 -o "$work/one" && cp "$work/out" "$work/one.json" &&
  python3 "$check" two "$work/out" "$work/one" 24 energy area >>"$work/err"
judge "energy and area: the front, by all that was judged" $?
python3 "$check" energies "$axgen" "$work/one.json" 2>"$work/err" && python3 "$check" areas "$axgen" "$work/one.json" 2>>"$work/err"
judge "energy and area: by products and by places" $?
both --level layer --max-evaluations 24 -j2 -o "$work/two" && python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "energy and area: one and two threads" $?
for pause in 0.4 0.6 0.8; do
  killed_after $pause "$axgen" explore "$free" --objective energy,area --level layer --max-evaluations 24 -q -o "$work/killed"
done
both --level layer --max-evaluations 24 -o "$work/killed" && [ $killed -gt 0 ] && python3 "$check" same "$work/one" "$work/killed" >>"$work/err"
judge "energy and area: killed $killed times, then to its end" $?
both --level layer --max-evaluations 24 -o "$work/one" && json "$work/out" 'j["remembered"] == j["evaluations"]' &&
  python3 "$check" same "$work/one" "$work/two" >>"$work/err"
judge "energy and area: a second time all from explore.db" $?

for method in hawx nsga2 alwann greedy random; do
  both --level filter --method $method --max-evaluations 12 -o "$work/$method" &&
    python3 "$check" two "$work/out" "$work/$method" 12 energy area >>"$work/err"
  judge "energy and area, $method" $?
done
small=$(changed small 's/freeze: .*/freeze: {fc3: E, conv1: A, fc1: B, fc2: C}/')
explore "$small" --objective area,energy --level layer --method exhaustive --json -o "$work/all" &&
  python3 "$check" two "$work/out" "$work/all" 4 area energy >>"$work/err"
judge "area and energy, exhaustive" $?
both --level position --max-multipliers 2 --max-evaluations 8 -o "$work/few" && python3 "$check" multipliers "$work/few" 2 >>"$work/err" &&
  python3 "$check" two "$work/out" "$work/few" 8 energy area >>"$work/err"
judge "energy and area, positions: two multipliers" $?
explore "$(changed kept 's/freeze: .*/freeze: {conv1: A, fc3: E}/')" --objective energy,area --level filter --max-loss 0.05 --json -o "$work/kept" &&
  python3 "$check" two "$work/out" "$work/kept" 100 energy area >>"$work/err" && json "$work/out" 'j["max_loss"] == 0.05' &&
  ! grep -L 'conv1"\{0,1\}: "\{0,1\}A' "$work"/kept/points/*/config.yaml | grep -q .
judge "energy and area: layers frozen" $?
tile=$(changed tile 's/^target.*/target: {kind: fgpu, cvs: 2}/; s/freeze:.*/freeze: {}/')
explore "$tile" --objective energy,area --level position --max-evaluations 14 --json -o "$work/tile" &&
  python3 "$check" two "$work/out" "$work/tile" 14 energy area >>"$work/err"
judge "energy and area, a tile's positions" $?
both --level layer --plan -o "$work/plan" && json "$work/out" 'j["most_evaluations"] == 100' && [ ! -e "$work/plan" ]
judge "energy and area: --plan" $?

# ---- the report
explore "$free" --level layer --max-evaluations 6 -o "$work/energy"
"$axgen" report "$work/one" "$work/energy" -o "$work/report" --json >"$work/out" 2>"$work/err" && python3 "$check" reported "$work/out" "$work/report" "$work/one" >>"$work/err"
judge "energy and area: axgen report" $?
cp -R "$work/one" "$work/lacks"
sed -i '0,/"area":/s//"air":/; 0,/"savings"/s//"spared"/' "$work/lacks/explore.json"
"$axgen" report "$work/lacks" >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'points\[0\].savings`: expected a value' "$work/err"
judge "axgen report: no savings" $?
cp "$work/one/explore.json" "$work/lacks/explore.json"
cut -d, -f1-6 "$work/one/history.csv" >"$work/lacks/history.csv"
"$axgen" report "$work/lacks" >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'history.csv:2: expected 7 numbers' "$work/err"
judge "axgen report: a history of one figure" $?

# ---- what is refused
for objective in energy,energy energy, ,area energy,magic energy,area,delay energy,area, 'energy, area'; do
  refused "--objective '$objective'" 2 'expected energy, area or delay, or two of them' "$work/c.yaml" --objective "$objective"
done
refused "energy and delay of multipliers" 2 'it needs --price design' "$work/c.yaml" --objective energy,delay
refused "energy and area without a target" 1 '--objective area needs a target' "$(changed none '/^target/d')" --objective energy,area

finish
