#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tiny accelerator end to end, in two libraries; the libraries themselves.
. "$(dirname "$0")/lib.sh"

# An accelerator.
"$tools/accelerator" tests/synth/tiny.yaml "$work/rtl" >"$work/out" 2>&1
status=$?
cat "$work/out"
passed=$((passed + $(grep -c '^ok ' "$work/out"))) failed=$((failed + $(grep -c '^FAIL ' "$work/out")))
check "the accelerator is synthesised" test $status = 0
sed "s|^target|technology: {liberty: $OSU018}\ntarget|" tests/synth/tiny.yaml |
  sed "s|\.\./config|$root/tests/config|" >"$work/osu.yaml"
ends "the accelerator in osu018" 0 'Slowest path' "$tools/accelerator" "$work/osu.yaml" "$work/rtl2"
# Low bits that are constant, at both ends of a port: what Yosys writes of them OpenSTA takes for the head of another module.
sed "s|\.\./config|$root/tests/config|; /^  conv1/d; s/, folding.*/, adder: trunc_k5, folding: {conv1: {pe: 4, simd: 3}, conv2: {pe: 2, simd: 9}, fc1: {simd: 3}}}/" \
  tests/synth/tiny.yaml >"$work/low.yaml"
ends "low bits that are constant are timed" 0 'Slowest path.*: [12]\.[0-9]* ns' timeout 60 "$tools/accelerator" "$work/low.yaml" "$work/rtl4"
awk '/^  cell \(DFF/ { skip = 1 } !skip { print } /^  }$/ { skip = 0 }' synth/liberty/axgen45.lib >"$work/noff.lib"
sed "s|$OSU018|$work/noff.lib|" "$work/osu.yaml" >"$work/noff.yaml"
ends "a library without flip-flops" 1 'flip-flop' "$tools/accelerator" "$work/noff.yaml" "$work/rtl3"

# The library can be rebuilt from its figures where they are at hand, and OpenSTA reads it without a warning.
echo "read_liberty synth/liberty/axgen45.lib" >"$work/read.tcl"
sta -no_splash -no_init -exit "$work/read.tcl" >"$work/out" 2>&1
check "OpenSTA reads axgen45 without a word" test "$(grep -ciE 'warn|error' "$work/out")" = 0
yosys -Q -T -p "read_liberty -lib synth/liberty/axgen45.lib; dfflibmap -liberty synth/liberty/axgen45.lib -info" >"$work/out" 2>&1
check "Yosys reads axgen45 without a warning" test "$(grep -ciE 'warning|error' "$work/out")" = 0
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
