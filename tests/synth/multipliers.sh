#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers in two libraries, every pair checked; errors; energy by timed simulation.
. "$(dirname "$0")/lib.sh"

figure() { awk -v m="$1" -v c="$2" '$1 == m { print $c; exit }' "$work/out"; } # multiplier, column
# Multipliers, every pair checked against the table inside.
ends "multipliers in axgen45" 0 'all 65536 pairs' "$tools/synthesise" - exact8s exact8s_booth roup8s_p0_c4 roup8s_p1_c7 exact4s
check "exact8s: area" at_most "$(figure exact8s 2)" 285
check "exact8s: delay" at_most "$(figure exact8s 3)" 1.15
check "exact8s_booth: area" at_most "$(figure exact8s_booth 2)" 260
check "roup8s_p0_c4: area" at_most "$(figure roup8s_p0_c4 2)" 235
check "roup8s_p1_c7: area" at_most "$(figure roup8s_p1_c7 2)" 157
check "exact8s keeps its 48 full adders" grep -q '"exact8s".*"FA_X1":48' "$work/out"
cp "$work/out" "$work/first"
"$tools/synthesise" - exact8s exact8s_booth roup8s_p0_c4 roup8s_p1_c7 exact4s >"$work/out"
check "the same figures twice" cmp -s "$work/first" "$work/out"
ends "multipliers in osu018" 0 '"FAX1":48' "$tools/synthesise" $OSU018 exact8s roup8s_p1_c7
ends "16 bits, by seeded pairs" 0 '1048576 pairs' "$tools/synthesise" - roup16s_p2_c12
# Without adder cells the adders become gates.
awk '/^  cell \((FA|HA)_X1\)/ { skip = 1 } !skip { print } /^  }$/ { skip = 0 }' synth/liberty/axgen45.lib >"$work/gates.lib"
ends "a library without adders" 0 'all 65536 pairs' "$tools/synthesise" "$work/gates.lib" exact8s

# Errors.
ends "a wrong table is found, with the pair" 4 'a = 127, b = -127' "$tools/synthesise" - wrong:exact8s
awk '/^  cell \(INV_/ { skip = 1 } !skip { print } /^  }$/ { skip = 0 }' synth/liberty/axgen45.lib >"$work/noinv.lib"
ends "a library without inverter" 1 'no inverter' "$tools/synthesise" "$work/noinv.lib" exact8s
ends "a missing library" 1 'nowhere.lib' "$tools/synthesise" "$work/nowhere.lib" exact8s
head -c 40000 synth/liberty/axgen45.lib >"$work/cut.lib"
ends "a truncated library" 1 'cut.lib:[0-9]*:[0-9]*: error' "$tools/synthesise" "$work/cut.lib" exact8s
mkdir "$work/bin"
ends "no Yosys" 3 'yosys is not installed' env PATH="$work/bin" "$tools/synthesise" - exact8s
ln -s "$(command -v yosys)" "$work/bin/yosys"
ends "no OpenSTA" 3 'package opensta' env PATH="$work/bin" "$tools/synthesise" - exact8s

# Energy by timed simulation, three streams side by side; operands from a file.
ends "a measurement" 0 '"operands":"realistic","hold":32' "$tools/measure" roup8s_p2_c8
check "three streams, held operands take least" last "len(j['streams']) == 3 and j['streams'][2]['energy_fj'] < j['streams'][1]['energy_fj'] < j['streams'][0]['energy_fj'] <= 240"
check "sums and factors" last "all(abs(x['switching_fj'] + x['internal_fj'] - x['energy_fj']) < .01 and 1 < x['glitch_factor'] < 1.5 and x['zero_delay_fj'] < x['energy_fj'] and x['latest_ns'] <= j['delay_ns'] + .005 for x in j['streams'])"
check "the catalogue says the same" grep -q "^roup8s_p2_c8,.*,$(tail -n 1 "$work/out" | python3 -c "import json, sys; print(json.load(sys.stdin)['streams'][0]['energy_fj'])")," genlib/catalogue/axgen45.csv
printf '0 0\n5 5\n0 5\n0 5\n' >"$work/pairs"
ends "operands from a file" 0 '"operations":3' "$tools/measure" exact4s "$work/pairs"
check "one stream" last "len(j['streams']) == 1 and j['streams'][0]['hold'] == 1 and j['streams'][0]['energy_fj'] > 0"
ends "operands held" 0 '"hold":4' "$tools/measure" exact4s "$work/pairs" 4
check "b = 0 held: products do not move" last "j['streams'][0]['energy_fj'] < 20"
ends "operands out of range" 1 'pairs:2:1: error: operand a was expected, a number -8..7' sh -c "printf '0 0\n9 1\n' >\"$work/pairs\"; \"$tools/measure\" exact4s \"$work/pairs\""
ends "no such file" 1 'a text file with a pair' "$tools/measure" exact4s "$work/nowhere"
ends "a negative hold" 1 'not -3' "$tools/measure" exact4s uniform -3
check "by the recipe for each goal" sh -c "least() { $axgen mul measure roup8s_p0_c4 --operands uniform --for \$1 --json >$work/\$1.json; }; least area && least energy && least delay"
check "the best by it" python3 -c "
import json, sys
area, energy, delay = (json.load(open(sys.argv[1] + '/' + g + '.json')) for g in ('area', 'energy', 'delay'))
fj = lambda j: j['streams'][0]['energy_fj']
assert area['area_um2'] <= min(energy['area_um2'], delay['area_um2']) and area['area_um2'] < 230
assert delay['delay_ns'] <= min(area['delay_ns'], energy['delay_ns'])
assert fj(energy) < .9 * fj(area)
" "$work"
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
