#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the test suites named on the command line (default: all) and adds up what they counted. A suite is a program that
# ends with `N passed, N failed` (and perhaps `, N skipped`), or a cmocka program; one that ends otherwise has failed.
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD # cores and libraries of this tree, wherever the build folder is
export AXGEN_DATA
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0

suite() {
  name=$1
  shift
  start=$(date +%s)
  "$@" >"$log" 2>&1
  status=$?
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  if [ -n "$last" ]; then
    set -- $(echo "$last" | tr -d ',' | awk '{print $1, $3, ($6 == "skipped") ? $5 : 0}')
  else # cmocka
    ok=$(grep -c '^\[       OK \]' "$log")
    bad=$(grep -c '^\[  FAILED  \] [^0-9]' "$log")
    set -- "$ok" "$bad" "$(grep -c '^\[  SKIPPED \] [^0-9]' "$log")"
    [ "$ok" -gt 0 ] || status=1
  fi
  [ "$status" != 0 ] && [ "$2" = 0 ] && set -- "$1" 1 "$3"
  printf '%-28s %6d passed %4d failed %4d skipped %5d s\n' "$name" "$1" "$2" "$3" $(($(date +%s) - start))
  [ "$status" = 0 ] && [ "$2" = 0 ] || cat "$log"
  [ "$3" = 0 ] || grep -iE '^(skip|\[  SKIPPED)' "$log"
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}


run_if() {
  name=$1
  shift
  [ -z "$SUITES" ] && { suite "$name" "$@"; return; }
  for w in $SUITES; do
    case $name in "$w"*) suite "$name" "$@"; return ;; esac
  done
}

SUITES="$*"
run_if layers sh tests/layers.sh
run_if spdx sh tests/spdx.sh
for test in "$BUILD"/tests/unit/*/test_*; do
  case $test in *.d | *.o) continue ;; esac
  [ -x "$test" ] && run_if "unit/$(basename "$(dirname "$test")")/$(basename "$test")" "$test"
done
for script in tests/*/run.sh; do
  run_if "$(basename "$(dirname "$script")")" sh "$script"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
