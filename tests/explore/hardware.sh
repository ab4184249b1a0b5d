#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What hardware holds: with a folding kernels are its places, a tile has a multiplier for each PE; every point builds as it is.
. "$(dirname "$0")/lib.sh"

for level in filter kernel position; do
  explore "$work/c.yaml" --level $level --max-evaluations 6 --json -o "$work/$level" || fail "level $level"
done
python3 "$check" level_alike "$work/kernel" "$work/position" >"$work/out" 2>"$work/err"
judge "kernels of a folding: its places" $?
builds() { # what, folder: axgen rtl takes each
  count=0
  for config in "$2"/points/*/config.yaml; do
    "$axgen" rtl "$config" -o "$work/rtl" >"$work/out" 2>"$work/err" || break
    count=$((count + 1))
  done
  [ $count -ge 1 ] && [ $count = "$(ls "$2/points" | wc -l)" ]
  judge "$1: axgen rtl takes every point" $?
}
for level in filter kernel; do builds "folding, level $level" "$work/$level"; done

# A tile: a multiplier for each PE, as fast as with one multiplier everywhere; or the PEs that are given. A layer that is
# frozen is not in it.
tile=$(changed tile 's/^target.*/target: {kind: fgpu, cvs: 2}/; s/freeze:.*/freeze: {}/')
explore "$tile" --level position --max-evaluations 14 --json -o "$work/tile" && cp "$work/out" "$work/tile.json"
judge "fgpu: positions" $?
builds "fgpu: positions" "$work/tile"
for config in "$work"/tile/points/*/config.yaml; do
  "$axgen" fgpu run "$config" --images 1 --json 2>>"$work/err" | tr -d '\n\t' >>"$work/tile.runs"
  echo >>"$work/tile.runs"
done
python3 "$check" tile "$work/tile.json" "$work/tile.runs" >"$work/out" 2>>"$work/err"
judge "fgpu: positions: the cycles of one multiplier everywhere" $?
for method in nsga2 hawx; do
  explore "$tile" --level position --method $method --objective area --max-evaluations 6 --json -o "$work/tile-$method"
  judge "fgpu: positions, area, $method" $?
done
explore "$(changed frozen 's/^target.*/target: {kind: fgpu}/')" --level position --max-evaluations 8 --json -o "$work/frozen" &&
  python3 "$check" front "$work/out" "$work/frozen" 8 >>"$work/err"
judge "fgpu: positions, with layers frozen" $?
given=$(changed given 's/^target.*/target: {kind: fgpu, lids: {cv0: [E, E, E, B, B, C, C, C]}}/; s/freeze:.*/freeze: {}/')
for level in position weight; do
  explore "$given" --level $level --max-evaluations 6 --json -o "$work/given-$level" &&
    ! grep -q '"A"' "$work/given-$level"/points/*/config.yaml
  judge "fgpu: PEs given, level $level: theirs only" $?
  builds "fgpu: PEs given, level $level" "$work/given-$level"
done
refused "fgpu: area of PEs that are given" 1 'no multipliers given' "$given" --level position --objective area
refused "fgpu: area of layers" 1 'needs --level position' "$tile" --level layer --objective area
refused "fgpu: a layer frozen to what no PE has" 1 'none of the multipliers that the target has' \
  "$(changed none 's/^target.*/target: {kind: fgpu, lids: {cv0: [E, E, E, E, B, B, B, B]}}/')" --level layer

finish
