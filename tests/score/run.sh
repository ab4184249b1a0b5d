#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# axgen score on LeNet-5: tables, pictures and page are well-formed and agree with each other, are the same bytes whatever
# the number of threads, and bad input changes nothing. Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

verb=score
flow=flows/lenet5-score.yaml
"$axgen" score $flow --images 600 --representatives 12 -j1 -o "$work/one" >"$work/out" 2>"$work/err" || fail "score"
"$axgen" score $flow --images 600 --representatives 12 -j3 -o "$work/three" --json >"$work/json" 2>"$work/err" || fail "score -j3"
check "the same bytes with 1 and 3 threads" diff -r "$work/one" "$work/three"
check "--json prints what score.json holds" cmp -s "$work/json" "$work/three/score.json"
check "Table I is printed" grep -q '^L2N  *mul8s_1L2N  *[1-9].*e-0' "$work/out"
check "the gradients' time goes to stderr" grep -q '^gradients of 12 images: ' "$work/err"

check "table, JSON, pictures and page agree" python3 tests/score/check.py agree "$work/one"

# ---- the config's own assignment counts; a multiplier that fits nowhere has no score
own=$(changed_flow own 's#^  default: KV6#  default: L2N#; s#L12: mul8s_1L12#L12: exact4s#' lenet5-score)
"$axgen" score "$own" --images 200 --representatives 4 -o "$work/own" --json -q >"$work/json" 2>"$work/err"
check "the config's assignment, a multiplier of other operands" python3 tests/score/check.py own "$work/json"

# ---- bad input
refused "no representatives" 1 'representatives 0: expected at least 1' $flow --images 50 --representatives 0
refused "too many images" 1 'the data set has 10000' $flow --images 10001
refused "no labels" 1 'score. needs labels' "$(changed_flow unlabelled '/^  labels/d' lenet5-score)"
refused "an option of another verb" 2 'axgen score does not take --stalls' $flow --stalls 1
check "errors leave nothing behind" test ! -e "$work/never"

finish
