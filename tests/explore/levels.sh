#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every level: the fields, and each point as `axgen eval` and `axgen sim` see it.
. "$(dirname "$0")/lib.sh"

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
    python3 "$check" front "$work/tuned.json" "$work/tuned-$level" 6 >>"$work/err" && json "$work/tuned.json" 'j["tuned"]' &&
    "$axgen" eval "$work/tuned-$level/points/01/config.yaml" --json -q >"$work/eval" 2>"$work/err" &&
    python3 "$check" point "$work/tuned.json" 01 "$work/eval" >"$work/out" &&
    ! cmp -s "$work/tuned-$level/points/01/weights.safetensors" "$work/$level/points/01/weights.safetensors"
  judge "level $level, tuned: a point by axgen eval" $?
  [ $level = layer ] || continue
  "$axgen" sim "$work/tuned-$level/points/01/config.yaml" --images 1 --icarus -q >"$work/out" 2>"$work/err"
  judge "level $level, tuned: a point by axgen sim" $?
done

finish
