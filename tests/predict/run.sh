#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen predict` on LeNet-5 with a few hundred images: what it writes follows from what it measured, it goes on after a kill
# and gives the same whatever the threads, and the config's own assignment is predicted alike. Uses $BUILD/axgen. Ends with
# `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

verb=predict
check=$root/tests/predict/check.py
predict() { "$axgen" predict "$@" -q >"$work/out" 2>"$work/err"; }

cat >"$work/c.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
dataset: $(fashion_set train 50000 400)
multipliers: {E: exact8s, A: evo8s_mae53_energy, B: trunc8s_k7, C: roup8s_p2_c8, D: evo8s_mae340, F: evo8s_mae500}
explore: {calibration: $(fashion_set train 100 60)}
END

predict "$work/c.yaml" --assignments 16 --json -j1 -o "$work/one" && cp "$work/out" "$work/one.json" &&
  python3 "$check" study "$work/one.json" "$work/one" 16 2>>"$work/err"
judge "layers: the scores follow from the table" $?
predict "$work/c.yaml" --assignments 16 --json -j2 -o "$work/two" && python3 "$check" same "$work/one" "$work/two" 2>>"$work/err"
judge "one and two threads" $?
predict "$work/c.yaml" --assignments 16 --json -o "$work/one" && python3 "$check" remembered "$work/out" 2>>"$work/err" &&
  python3 "$check" same "$work/one" "$work/two" 2>>"$work/err"
judge "a second time: all from predict.db" $?
predict "$work/c.yaml" --assignments 8 --level filter --json -j1 -o "$work/filter" && cp "$work/out" "$work/filter.json" &&
  python3 "$check" study "$work/filter.json" "$work/filter" 8 2>>"$work/err"
judge "filters: the scores follow from the table" $?
for pause in 0.7 1.0 1.3; do
  killed_after $pause "$axgen" predict "$work/c.yaml" --assignments 8 --level filter -q -o "$work/killed"
done
predict "$work/c.yaml" --assignments 8 --level filter --json -o "$work/killed" && [ $killed -gt 0 ] &&
  python3 "$check" same "$work/filter" "$work/killed" 2>>"$work/err"
judge "killed $killed times, then to its end" $?
python3 "$check" interrupted "$axgen" "$work/c.yaml" "$work/stopped" >"$work/out" 2>"$work/err"
judge "interrupted: exit 130 and what there is so far" $?
predict "$work/c.yaml" --assignments 8 --level kernel --images 200 --no-bias-correction --json -o "$work/kernel" &&
  json "$work/out" 'j["images"] == 200' && grep -q 'E:[0-9]' "$work/kernel/predict.csv"
judge "kernels, without correction" $?

# ---- images of other kinds
sed '/calibration/s/ labels: [^ ]*,//' "$work/c.yaml" >"$work/unlabelled.yaml"
predict "$work/unlabelled.yaml" --assignments 8 --json -o "$work/unlabelled" && cp "$work/out" "$work/unlabelled.json" &&
  python3 "$check" study "$work/unlabelled.json" "$work/unlabelled" 8 2>>"$work/err"
judge "calibration images without labels: scores from the validation images" $?
predict "$work/c.yaml" --assignments 2 --images 1 -o "$work/single" && grep -q 'on 1 image; 2 random.* 0 lose' "$work/out" &&
  grep -q '^hawx  *-  *-  *-  *-  *-$' "$work/out" && ! grep -q nan "$work/out" &&
  json "$work/single/predict.json" 'j["mean_error"] is None and j["predictors"]["model"]["greatest_error"] is None'
judge "nothing in range: no figures" $?

# ---- the config's own assignment
python3 "$check" assigned "$work/one" 5 >"$work/line" && cat "$work/c.yaml" "$work/line" >"$work/own.yaml" &&
  predict "$work/own.yaml" --json && python3 "$check" own "$work/out" 5 "$work/one" 2>>"$work/err"
judge "the config's own assignment: as in the study" $?
predict "$work/own.yaml" && grep -q 'predicted to lose' "$work/out"
judge "in words" $?
sed 's/^assignment.*/assignment: {default: E}/' "$work/own.yaml" >"$work/exact.yaml"
predict "$work/exact.yaml" --json && json "$work/out" 'j["predicted_loss"] == 0'
judge "exact everywhere: nothing is lost" $?

# ---- refused
refused "no assignment" 1 'no `assignment` to predict' "$work/c.yaml"
refused "no assignments" 2 'expected a number from 1' "$work/c.yaml" --assignments 0
refused "too many" 2 'at most 100000' "$work/c.yaml" --assignments 100001
refused "another level" 2 'expected layer, filter, kernel or weight' "$work/c.yaml" --assignments 2 --level position
refused "a level of its own" 2 'only with --assignments' "$work/own.yaml" --level filter
printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\003abcdefghijkl' >"$work/small.idx"
sed "/calibration/s|images: [^,]*|images: $work/small.idx|; /calibration/s/ labels: [^ ]*, first: 100, count: 60//" "$work/c.yaml" >"$work/small.yaml"
refused "calibration images of another shape" 1 'calibration: ...}.: .*small.idx' "$work/small.yaml" --assignments 2
refused "more images than there are" 1 'the data set has 400' "$work/c.yaml" --assignments 2 --images 401

finish
