#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# parts.sh FOLDER: a suite of several scripts. Runs tests/FOLDER/*.sh (not run.sh and lib.sh), each at most ten minutes, and adds
# up what they counted; each ends with `N passed, N failed` (and perhaps `, N skipped`). One of them alone: sh tests/FOLDER/PART.sh
set -u
cd "$(dirname "$0")/.." || exit 1
total_passed=0 total_failed=0 total_skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
folder=$1
for script in "tests/$folder"/*.sh; do
  case $script in */run.sh | */lib.sh) continue ;; esac
  timeout -k 10 600 sh "$script" >"$log" 2>&1
  status=$?
  sed "s#^#$(basename "$script" .sh): #" "$log"
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  set -- $(echo "${last:-0 passed, 0 failed}" | tr -d ',')
  [ "$status" = 0 ] || [ "$3" -gt 0 ] || set -- "$1" passed 1 failed
  total_passed=$((total_passed + $1)) total_failed=$((total_failed + $3)) total_skipped=$((total_skipped + ${5:-0}))
done
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" = 0 ]
