#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Variants of multipliers and the catalogue.
. "$(dirname "$0")/lib.sh"

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
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
