#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Waveforms of a co-simulation: whole files, or none.
. "$(dirname "$0")/../lib.sh"

random 3
is_fst() { [ "$(head -c 9 "$1" | od -An -tx1 | tr -d ' \n')" = 000000000000000149 ]; } # the header block, 329 bytes
check "random 3: Verilator, stalls, waveforms" simulate "$work/r3/config.yaml" --images 4 --stalls 1 --trace "$work/v.fst"
is_fst "$work/v.fst" && ok "waveforms: FST by Verilator" || fail "waveforms: FST by Verilator"
check "waveforms: FST by Icarus runs" simulate "$work/r3/config.yaml" --icarus --images 2 --trace "$work/i.fst"
is_fst "$work/i.fst" && ok "waveforms: FST by Icarus" || fail "waveforms: FST by Icarus"
echo old >"$work/i.vcd"
check "waveforms: VCD by Icarus runs" simulate "$work/r3/config.yaml" --icarus --images 2 --trace "$work/i.vcd"
grep -q 'var wire .* m_axis_tdata' "$work/i.vcd" && grep -q enddefinitions "$work/i.vcd" && [ "$(grep -c '^#' "$work/i.vcd")" -gt 1000 ] &&
  ok "waveforms: VCD by Icarus" || fail "waveforms: VCD by Icarus"
whole=$(wc -c <"$work/i.vcd")
AXGEN_WAVES_MOST=1000000 "$axgen" sim "$work/r3/config.yaml" --icarus --images 2 --trace "$work/short.vcd" >"$work/out" 2>"$work/err"
[ $? = 0 ] && grep -q 'largest size' "$work/err" && [ "$(wc -c <"$work/short.vcd")" -lt $((whole / 2)) ] &&
  ok "waveforms: no larger than allowed" || fail "waveforms: no larger than allowed"
for bad in x.txt nowhere/x.fst; do
  "$axgen" sim "$work/r3/config.yaml" --icarus --trace "$work/$bad" >"$work/out" 2>"$work/err"
  [ $? = 1 ] && grep -q 'waveforms' "$work/err" && [ ! -e "$work/$bad" ] && ok "waveforms: $bad is refused" || fail "waveforms: $bad"
done

finish
