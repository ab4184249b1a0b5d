#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What happens to a program in the world: signals, full disks, tools that lie, names that bite. Runs tests/hostile/*.sh, each
# at most five minutes, and adds up what they counted; each ends with `N passed, N failed` (and perhaps `, N skipped`).
set -u
cd "$(dirname "$0")/../.." || exit 1
total_passed=0 total_failed=0 total_skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for script in tests/hostile/*.sh; do
  case $script in */run.sh | */lib.sh) continue ;; esac
  timeout -k 10 300 sh "$script" >"$log" 2>&1
  status=$?
  sed "s#^#$(basename "$script" .sh): #" "$log"
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  set -- $(echo "${last:-0 passed, 0 failed}" | tr -d ',')
  [ "$status" = 0 ] || [ "$3" -gt 0 ] || set -- "$1" passed 1 failed
  total_passed=$((total_passed + $1)) total_failed=$((total_failed + $3)) total_skipped=$((total_skipped + ${5:-0}))
done
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" = 0 ]
