#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [NAME...]: each parser (tests/fuzz/NAME.c; default: all) on the inputs that once broke it, then on damaged input:
# for FUZZ_SECONDS, or where that is not set on the same 20,000 inputs every time (as many of them as 6 s allow), so that
# `make test` says the same of the same program. What breaks one is kept in build/fuzz/found/NAME; once mended it belongs
# in regressions/NAME. The seed is fixed: FUZZ_SEED for another.
cd "$(dirname "$0")/../.." || exit 1
seconds=${FUZZ_SECONDS:-6} runs=-runs=20000 seed=${FUZZ_SEED:-1} passed=0 failed=0
[ -z "${FUZZ_SECONDS:-}" ] || runs=-runs=-1
shm=/dev/shm # inputs are files: in memory they are written a hundred times faster
[ -w "$shm" ] || shm=${TMPDIR:-/tmp}
work=$(mktemp -d "$shm/axgen-fuzz-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
export TMPDIR="$work"

if ! make --no-print-directory fuzz-build >"$work/build" 2>&1; then
  tail -n 40 "$work/build"
  echo "FAIL the build"
  echo "0 passed, 1 failed"
  exit 1
fi
driver=$(cat build/fuzz/driver)
[ $# -gt 0 ] || set -- $(for f in tests/fuzz/*.c; do basename "$f" .c; done)

mkdir -p build/fuzz/found/driver/broken
run() { # LOG ARGUMENT...: the parser $name
  log=$1
  shift
  UBSAN_OPTIONS=print_stacktrace=1 "build/fuzz/$driver/tests/fuzz/$name" -seed="$seed" -timeout=60 -rss_limit_mb=3000 \
    -detect_leaks=0 -artifact_prefix="build/fuzz/found/$name/" "$@" >"$log" 2>&1
}
broken() { # WHAT LOG
  echo "FAIL $name: $1"
  grep -aE '^fuzz:|ERROR|runtime error|Assertion|^ +#[0-9]+ |Test unit written|SUMMARY' "$2" | head -n 40
  failed=$((failed + 1))
}

# The drivers find what they are for.
name=driver/broken
for fault in "a:heap-buffer-overflow" "u:runtime error" "t:processor time" "m:more memory" "l:not given back" \
  "f:a file appeared" "e:ended the program|fuzz target exited"; do
  printf '%s' "${fault%%:*}" >"$work/fault"
  if run "$work/log" "$work/fault" || ! grep -qaE "${fault#*:}" "$work/log"; then
    broken "${fault#*:}: not found" "$work/log"
  else
    passed=$((passed + 1))
  fi
done
rm -rf build/fuzz/found/driver

for name; do
  if [ ! -e "tests/fuzz/$name.c" ]; then
    echo "FAIL there is no parser $name"
    failed=$((failed + 1))
    continue
  fi
  new=build/fuzz/new/$name
  rm -rf "$new"
  # Long runs go on from what earlier ones found; the short one of `make test` is the same every time.
  [ -z "${FUZZ_SECONDS:-}" ] || new=build/fuzz/corpus/$name
  mkdir -p "build/fuzz/found/$name" "$new" "$work/$name/seeds"
  for input in tests/fuzz/regressions/"$name"/*; do
    [ -e "$input" ] || continue
    if run "$work/log" "$input"; then
      passed=$((passed + 1))
    else
      broken "$input" "$work/log"
    fi
  done
  if ! "build/fuzz/$driver/tests/fuzz/$name" --seeds "$work/$name/seeds" >"$work/log" 2>&1; then
    broken "no seeds" "$work/log"
    continue
  fi
  dict=
  [ ! -e "tests/fuzz/$name.dict" ] || dict=-dict=tests/fuzz/$name.dict
  if run "$work/log" -print_final_stats=1 "$runs" -max_total_time="$seconds" $dict "$new" "$work/$name/seeds"; then
    n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
    printf '%-15s %9s executions (%s)\n' "$name" "${n:-0}" "$driver"
    if [ "${n:-0}" -gt 0 ]; then
      passed=$((passed + 1))
    else
      broken "nothing was executed" "$work/log"
    fi
  else
    broken "damaged input" "$work/log"
  fi
  rm -rf "$work/$name"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
