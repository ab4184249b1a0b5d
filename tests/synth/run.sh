#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Synthesis end to end: multipliers in two libraries, a tiny accelerator, the energy proxy, errors, nothing left behind.
# Uses $BUILD/tests/synth/* and $BUILD/axgen (default build). Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
axgen=$PWD/$BUILD/axgen
case $BUILD in /*) axgen=$BUILD/axgen ;; esac
OSU018=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
export AXGEN_DATA="$PWD"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export TMPDIR="$work/tmp"
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; failed=$((failed + 1)); }
check() { # what, command...
  what=$1
  shift
  if "$@"; then ok "$what"; else fail "$what"; fi
}
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 > 0 && a + 0 <= b) }'; }
figure() { awk -v m="$1" -v c="$2" '$1 == m { print $c; exit }' "$work/out"; } # multiplier, column
ends() { # what, status wanted, text wanted, command...
  what=$1 want=$2 text=$3
  shift 3
  "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ $got = "$want" ] && grep -q -- "$text" "$work/err" "$work/out"; then
    ok "$what"
  else
    fail "$what: exit $got, wanted $want and \`$text\`"
    cat "$work/err"
  fi
}

tools=$BUILD/tests/synth
[ -x "$tools/synthesise" ] || { fail "$tools/synthesise is not there: run make test-build first"; echo "0 passed, 1 failed"; exit 1; }

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
json() { tail -n 1 "$work/out" | python3 -c "import json, sys; j = json.load(sys.stdin); s = j['streams']; exit(not ($1))"; }
check "three streams, held operands take least" json "len(s) == 3 and s[2]['energy_fj'] < s[1]['energy_fj'] < s[0]['energy_fj'] <= 240"
check "sums and factors" json "all(abs(x['switching_fj'] + x['internal_fj'] - x['energy_fj']) < .01 and 1 < x['glitch_factor'] < 1.5 and x['zero_delay_fj'] < x['energy_fj'] and x['latest_ns'] <= j['delay_ns'] + .005 for x in s)"
check "the catalogue says the same" grep -q "^roup8s_p2_c8,.*,$(tail -n 1 "$work/out" | python3 -c "import json, sys; print(json.load(sys.stdin)['streams'][0]['energy_fj'])")," genlib/catalogue/axgen45.csv
printf '0 0\n5 5\n0 5\n0 5\n' >"$work/pairs"
ends "operands from a file" 0 '"operations":3' "$tools/measure" exact4s "$work/pairs"
check "one stream" json "len(s) == 1 and s[0]['hold'] == 1 and s[0]['energy_fj'] > 0"
ends "operands held" 0 '"hold":4' "$tools/measure" exact4s "$work/pairs" 4
check "b = 0 held: products do not move" json "s[0]['energy_fj'] < 20"
ends "operands out of range" 1 'pairs:2:1: error: operand a was expected, a number -8..7' sh -c "printf '0 0\n9 1\n' >\"$work/pairs\"; \"$tools/measure\" exact4s \"$work/pairs\""
ends "no such file" 1 'a text file with a pair' "$tools/measure" exact4s "$work/nowhere"
ends "a negative hold" 1 'not -3' "$tools/measure" exact4s uniform -3

# Variants: the published name is opened, recipes and pins are tried, the starred line is the least of its column.
least() { awk -v c="$1" '$1 == "circuit" { for (i = 1; i <= NF; i++) if ($i == "pins") p = i }
  /^[* ] [a-z]/ { x = $(NF + 1 - c); if (n++ == 0 || x < m) m = x; if ($1 == "*") best = x } END { exit !(n > 5 && best <= m * 1.002) }' "$work/out"; }
ends "variants for energy" 0 'bam8s_h0_v0_t3_array' "$tools/variants" energy mul8s_1L2N
check "the best takes the least energy" least 1
check "pins were exchanged" grep -q 'moved' "$work/out"
ends "variants for delay" 0 '^\* exact4s_' "$tools/variants" delay exact4s
check "the best is the fastest" least 2
check "Booth was tried" grep -q 'exact4s.*_booth' "$work/out"
ends "variants for area" 0 '^\* exact4s' "$tools/variants" area exact4s
check "the best is the smallest" least 3
ends "an unknown goal" 1 'area, energy or delay was expected' "$tools/variants" beauty exact4s
ends "the encoded operand stays where it matters" 0 'roup4s_p0_c3_ks' "$tools/variants" delay roup4s_p0_c3
check "no enca for roup" test -z "$(grep enca "$work/out")"

# The catalogue: built, gone on with, measured again where something changed.
printf 'exact4s roup4s_p0_c3\n# comment\nbam4s_h0_v2_t0\n' >"$work/names"
ends "a catalogue" 0 '^3 measured' "$tools/catalogue" "$work/names" "$work/cat.csv"
check "three rows" test "$(wc -l <"$work/cat.csv")" = 4
cp "$work/cat.csv" "$work/cat1.csv"
ends "nothing is measured twice" 0 '^0 measured' "$tools/catalogue" "$work/names" "$work/cat.csv"
check "the same catalogue" cmp -s "$work/cat.csv" "$work/cat1.csv"
sed '2d' "$work/cat1.csv" >"$work/cat.csv"
ends "a missing row is measured" 0 '^1 measured' "$tools/catalogue" "$work/names" "$work/cat.csv"
check "and the figures are the same" cmp -s "$work/cat.csv" "$work/cat1.csv"
sed '3s/[0-9a-f]*$/0000/' "$work/cat1.csv" >"$work/cat.csv"
ends "a row of another circuit is measured" 0 '^1 measured' "$tools/catalogue" "$work/names" "$work/cat.csv"
check "with the same figures" cmp -s "$work/cat.csv" "$work/cat1.csv"
echo nonsense >>"$work/names"
ends "an unknown name" 1 'there is no such multiplier' "$tools/catalogue" "$work/names" "$work/cat.csv"
ends "the shipped catalogue as a picture" 0 'drawn' "$tools/catalogue" genlib/catalogue/axgen45.csv mae,energy,held "$work/cat.svg"
check "is well-formed" python3 -c "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])" "$work/cat.svg"

# An accelerator.
"$tools/accelerator" tests/synth/tiny.yaml "$work/rtl" >"$work/out" 2>&1
status=$?
cat "$work/out"
passed=$((passed + $(grep -c '^ok ' "$work/out"))) failed=$((failed + $(grep -c '^FAIL ' "$work/out")))
check "the accelerator is synthesised" test $status = 0
sed "s|^target|technology: {liberty: $OSU018}\ntarget|" tests/synth/tiny.yaml |
  sed "s|\.\./config|$PWD/tests/config|" >"$work/osu.yaml"
ends "the accelerator in osu018" 0 'Slowest path' "$tools/accelerator" "$work/osu.yaml" "$work/rtl2"
awk '/^  cell \(DFF/ { skip = 1 } !skip { print } /^  }$/ { skip = 0 }' synth/liberty/axgen45.lib >"$work/noff.lib"
sed "s|$OSU018|$work/noff.lib|" "$work/osu.yaml" >"$work/noff.yaml"
ends "a library without flip-flops" 1 'flip-flop' "$tools/accelerator" "$work/noff.yaml" "$work/rtl3"

# A tile of the fgpu target, as cells and on an FPGA; the dataflow accelerator on an FPGA.
cat >"$work/tile.yaml" <<Y
network: $PWD/tests/config/tiny/net.yaml
dataset: {format: idx, images: images}
multipliers: {E: exact8s, L: roup8s_p0_c4}
assignment: {default: E, conv1: {filters: {1-2: L}}, conv2: {kernels: {"0-5,0": L}}}
target: {kind: fgpu, slots: 2, local_bytes: 128, cache_lines: 8, lids: {cv0: [L, E, L, L, E, L, L, L]}}
Y
{
  printf '\000\000\010\003\000\000\000\002\000\000\000\006\000\000\000\006'
  head -c 72 models/lenet5-fashion/weights.safetensors
} >"$work/images"
holds() { # what, file, condition on j
  check "$1" python3 -c "import json, sys; j = json.load(open(sys.argv[1])); exit(not ($3))" "$2"
}
near='lambda a, b: abs(a - b) < 1e-6 * b'
ends "a tile is synthesised" 0 'Slowest path' "$axgen" synth "$work/tile.yaml" --images 2 -o "$work/tile"
report=$work/tile/synth.json
holds "kinds and parts sum to the total" "$report" "(n := $near)(sum(v for k, v in j['area_um2'].items() if k != 'total'), j['area_um2']['total']) and n(sum(l['area_um2']['total'] for l in j['layers']), j['area_um2']['total'])"
holds "eight PEs with their multipliers, as large as on their own" "$report" "($near)(j['area_um2']['multipliers'], sum(n * next(m['area_um2'] for m in j['multiplier_types'] if m['multiplier'] == k) for k, n in (('exact8s', 2), ('roup8s_p0_c4', 6)))) and j['multipliers'] == 8"
holds "their registers are three copies of 2 slots x 64 lanes x 32 words" "$report" "next(l for l in j['layers'] if l['layer'] == 'PEs')['ram_bits'] == 8 * 3 * 2 * 8 * 32 * 32"
holds "a register-to-register path, from part to part" "$report" "1 < j['timing']['delay_ns'] < 4 and {j['timing']['from_layer'], j['timing']['to_layer']} <= {l['layer'] for l in j['layers']}"
holds "as many multiplications as the network has, some energy for each" "$report" "j['energy_proxy']['multiplications_per_image'] == 1530 and all(l['toggled_nj_per_image'] > 0 for l in j['energy_proxy']['layers'])"
ends "the report shows it" 0 'tile  .*[0-9]' "$axgen" report "$work/tile"
for kind in tile tiny; do
  config=$work/tile.yaml
  [ $kind = tiny ] && config=tests/synth/tiny.yaml
  ends "$kind on UltraScale+" 0 'BRAM36' "$axgen" synth "$config" --family xcup -o "$work/$kind"
  holds "$kind: no DSP is made of a multiplier, and the modules sum to the total" "$work/$kind/synth-xcup.json" "all(sum(m[k] for m in j['modules']) == j[k] > 0 for k in ('luts', 'flip_flops')) and all(m['luts'] > 40 and m['dsps'] == 0 for m in j['modules'] if m['module'].startswith('mul_')) and sum(m['module'].startswith('mul_') for m in j['modules']) == 2"
done
holds "registers are block RAMs; two DSPs a PE, for requantisation" "$work/tile/synth-xcup.json" "all(m['instances'] == 8 and m['block_rams_36k'] == 12 and m['dsps'] == 16 and m['luts_as_memory'] == 0 for m in j['modules'] if m['module'] == 'axgen_fgpu_pe') and j['dsps'] == 16"
ends "tiny on ECP5" 0 'BRAM18' "$axgen" synth tests/synth/tiny.yaml --family ecp5 -o "$work/tiny"
holds "tiny on ECP5: the modules sum to the total, DSPs requantise" "$work/tiny/synth-ecp5.json" "all(sum(m[k] for m in j['modules']) == j[k] for k in ('luts', 'luts_as_memory', 'flip_flops', 'block_rams_18k', 'dsps')) and j['luts'] > 5000 and j['flip_flops'] > 1000 and j['dsps'] > 0"
ends "an unknown family" 2 'expected xcup' "$axgen" synth tests/synth/tiny.yaml --family xc9

# The library can be rebuilt from its figures where they are at hand, and OpenSTA reads it without a warning.
echo "read_liberty synth/liberty/axgen45.lib" >"$work/read.tcl"
sta -no_splash -no_init -exit "$work/read.tcl" >"$work/out" 2>&1
check "OpenSTA reads axgen45 without a word" test "$(grep -ciE 'warn|error' "$work/out")" = 0
yosys -Q -T -p "read_liberty -lib synth/liberty/axgen45.lib; dfflibmap -liberty synth/liberty/axgen45.lib -info" >"$work/out" 2>&1
check "Yosys reads axgen45 without a warning" test "$(grep -ciE 'warning|error' "$work/out")" = 0
check "nothing is left behind" test -z "$(ls "$work/tmp")"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
