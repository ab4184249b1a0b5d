#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [SUITE...]: runs the test suites whose names begin so (default: all), $AXGEN_JOBS (default: a core each) at a
# time, and adds up what they counted. A suite is a program that ends with `N passed, N failed` (and perhaps `, N skipped`),
# or a cmocka program; one that ends otherwise has failed.
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD # cores and libraries of this tree, wherever the build folder is
AXGEN_CACHE= # nothing of one run is found by the next
export BUILD AXGEN_DATA AXGEN_CACHE

# One suite: its report to standard output at once, its three numbers to $counts/NAME.
suite() {
  name=$1 log=$counts/log.$$
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
  {
    printf '%-28s %6d passed %4d failed %4d skipped %5d s\n' "$name" "$1" "$2" "$3" $(($(date +%s) - start))
    [ "$status" = 0 ] && [ "$2" = 0 ] || cat "$log"
    [ "$3" = 0 ] || grep -iE '^(skip|\[  SKIPPED)' "$log"
  } >"$log.report"
  cat "$log.report"
  echo "$1 $2 $3" >"$counts/$(echo "$name" | tr / .).count"
}
if [ "${1:-}" = --one ]; then
  counts=$2 name=$3
  case $name in
    layers | spdx) suite "$name" sh "tests/$name.sh" ;;
    unit/*) suite "$name" "$BUILD/tests/$name" ;;
    *) suite "$name" sh "tests/$name/run.sh" ;;
  esac
  exit 0
fi

# All names, those that take longest first.
names() {
  for name in sim synth rtl fgpu hostile fuzz import mul timed; do echo "$name"; done
  for script in tests/*/run.sh; do basename "$(dirname "$script")"; done
  echo layers
  echo spdx
  for test in "$BUILD"/tests/unit/*/test_*; do
    case $test in *.d | *.o) continue ;; esac
    [ -x "$test" ] && echo "unit/$(basename "$(dirname "$test")")/$(basename "$test")"
  done
}
chosen() {
  while read -r name; do
    [ -n "$*" ] || echo "$name"
    for w; do
      case $name in "$w"*) echo "$name" && break ;; esac
    done
  done
}
counts=$(mktemp -d) || exit 1
trap 'rm -rf "$counts"' EXIT
names | awk '!seen[$0]++' >"$counts/all"
for w; do
  grep -q "^$w" "$counts/all" || { echo "no suite begins with \`$w\`" >&2 && exit 2; }
done
chosen "$@" <"$counts/all" >"$counts/names"
xargs -r -P "${AXGEN_JOBS:-$(nproc)}" -n 1 sh tests/run.sh --one "$counts" <"$counts/names"
set -- $(cat "$counts"/*.count 2>/dev/null | awk '{p += $1; f += $2; s += $3} END {print p + 0, f + 0, s + 0}')
# A suite that left no numbers was killed.
lost=$(($(wc -l <"$counts/names") - $(ls "$counts" | grep -c '\.count$')))
echo "$1 passed, $(($2 + lost)) failed, $3 skipped"
[ $(($2 + lost)) = 0 ] && [ "$1" -gt 0 ]
