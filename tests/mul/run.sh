#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Verilog and the C models of multipliers against their tables, all 65,536 pairs (8 bits), in Icarus and in Verilator; lint; the same
# bytes from run to run. Uses $BUILD/tests/mul/dump (default build). Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

CC=${CC:-gcc}
NAMES="exact8s exact8s_booth exact8us roup8s_p0_c4 roup8s_p1_c7 roup8s_p2_r0.8.3.6 roup8us_p0_c5 bam8s_h0_v3_t0 mul8s_1L2N
  exact8u_wallace_csel roup8s_p1_c6_usual_ks exact4s exact6s_booth roup6s_p1_r2.1.4 exact5x3us roup12s_p2_c9 exact16s_booth
  exact16u_csel exact4s@table exact8s@table exact6s@table"
# Closed forms of every family, sign and encoding: all pairs of narrow ones, samples of wide ones.
FUNCTIONS="exact6s roup6s_p1_r2.1.4 roup6u_p0_c5 roup6us_p1_c3 bam6s_h1_v4_t1 bam6u_h0_v3_t0 exact5x7su roup12s_p2_c9 roup16u_p0_c9
  exact16s exact16u bam12s_h2_v7_t1 bam16s_v12"
CORES="rtl_templates/common/axgen_fa.v rtl_templates/common/axgen_ha.v"

dump=$BUILD/tests/mul/dump
[ -x "$dump" ] || { fail "$dump is not there: run make test-build first"; echo "0 passed, 1 failed"; exit 1; }
# shellcheck disable=SC2086
"$dump" "$work/v" $NAMES && "$dump" "$work/v2" $NAMES || { fail "the dump"; echo "0 passed, 1 failed"; exit 1; }

if diff -r "$work/v" "$work/v2" >/dev/null; then ok "the same bytes twice"; else fail "the same bytes twice"; fi

# Names the results of one simulator: lines `ok   NAME: ...` and `FAIL NAME: ...`, and nothing else.
results() { # tool, file
  while IFS= read -r line; do
    case $line in
    "ok   "*) ok "$1: ${line#ok   }" ;;
    "FAIL "*) fail "$1: ${line#FAIL }" ;;
    *'$finish'*) ;;
    *) fail "$1: $line" ;;
    esac
  done <"$2"
  [ "$(grep -c -e '^ok ' -e '^FAIL ' "$2")" -gt 0 ] || fail "$1 gave no results"
}

if $CC -O1 -Wall -Wextra -Werror -o "$work/check" "$work"/v/check.c "$work"/v/mul_*.c 2>"$work/c.log"; then
  (cd "$work/v" && "$work/check" >"$work/c.txt" 2>&1)
  results "C model" "$work/c.txt"
else
  fail "C models: $(cat "$work/c.log")"
fi

(cd "$work/v" && exec verilator --binary --timing -O3 -Wno-fatal -Wno-lint -Wno-style --x-assign fast --top-module tb \
  -Mdir obj -j 2 -MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' tb.v mul_*.v $(printf "$OLDPWD/%s " $CORES) >verilator.log 2>&1) &
verilator_pid=$!

for f in "$work"/v/mul_*.v; do
  name=$(basename "$f" .v)
  # shellcheck disable=SC2086
  out=$(verilator --lint-only -Wall --top-module "$name" "$f" $CORES 2>&1; iverilog -g2005 -Wall -s "$name" -o /dev/null "$f" $CORES 2>&1)
  if [ -z "$out" ]; then ok "lint: $name"; else fail "lint: $name: $out"; fi
done

# shellcheck disable=SC2086
if iverilog -g2005 -Wall -o "$work/v/tb.vvp" "$work/v/tb.v" "$work"/v/mul_*.v $CORES >"$work/icarus.log" 2>&1; then
  (cd "$work/v" && vvp -n tb.vvp >"$work/icarus.txt" 2>&1)
  results icarus "$work/icarus.txt"
else
  fail "icarus: $(cat "$work/icarus.log")"
fi

functions=
for name in $FUNCTIONS; do functions="$functions $name@function"; done
# shellcheck disable=SC2086
"$dump" "$work/f" $functions && (cd "$work/f" && iverilog -g2005 -o tb.vvp tb.v mul_*.v && vvp -n tb.vvp) >"$work/functions.txt" 2>&1
results "closed form" "$work/functions.txt"

if wait $verilator_pid; then
  (cd "$work/v" && ./obj/Vtb >"$work/verilator.txt" 2>&1)
  grep -v '^- ' "$work/verilator.txt" >"$work/verilator.results"
  results verilator "$work/verilator.results"
else
  fail "verilator: $(cat "$work/v/verilator.log")"
fi

# The check itself must see a wrong gate.
"$dump" "$work/bad" exact4s@wrong &&
  (here=$PWD && cd "$work/bad" && iverilog -g2005 -o tb.vvp tb.v mul_exact4s.v "$here"/rtl_templates/common/axgen_[fh]a.v && vvp -n tb.vvp) \
    >"$work/bad.txt" 2>&1
if grep -q '^FAIL exact4s' "$work/bad.txt"; then ok "a wrong gate is seen"; else fail "a wrong gate is not seen"; fi

finish
