#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen report` on files that are not what eval, sim and synth write: an error that names file and key, nothing written.
# Uses $BUILD/axgen. Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"
cd "$work" || exit 1
mkdir d

# file, its text (or - for what is there already), what the error says
refused() {
  [ "$2" = - ] || printf '%s' "$2" >"d/$1.json"
  timeout 20 "$axgen" report d -o page >out 2>err
  got=$?
  if [ $got = 1 ] && grep -qF -e "d/$1.json" err && grep -qF -e "$3" err && [ ! -e page ] && [ ! -s out ]; then
    ok "$1.json: $3"
  else
    fail "$1.json $(printf '%s' "$2" | head -c 60): exit $got, wanted \`$3\`"
  fi
  rm -f d/*.json
}
for value in '[1]' '7' '"x"' 'null' 'true'; do
  refused synth "{\"area_um2\": $value}" '`area_um2`: expected an object'
  refused synth "{\"timing\": $value}" '`timing`: expected an object'
  refused synth "{\"energy_proxy\": $value}" '`energy_proxy`: expected an object'
  refused synth "{\"layers\": [{}, $value]}" '`layers[1]`: expected an object'
done
for value in '{}' '7' '"x"' 'null' 'false'; do
  refused synth "{\"layers\": $value}" '`layers`: expected a list'
done
for value in '{}' '[1]' '"1"' 'null' 'true'; do
  refused eval "{\"top1\": $value}" '`top1`: expected a number'
  refused sim "{\"cycles_per_image\": $value}" '`cycles_per_image`: expected a number'
  refused synth "{\"area_um2\": {\"total\": $value}}" '`area_um2.total`: expected a number'
  refused synth "{\"timing\": {\"delay_ns\": $value}}" '`timing.delay_ns`: expected a number'
  refused synth "{\"layers\": [{\"layer\": \"a\", \"area_um2\": {\"adders\": $value}}]}" \
    '`layers[0].area_um2.adders`: expected a number'
done
refused sim '{"bit_exact": 1}' '`bit_exact`: expected true or false, found a number'
refused synth '{"layers": [{"layer": 5}]}' '`layers[0].layer`: expected a text, found a number'
refused synth '{"layers": [{"area_um2": []}]}' '`layers[0].area_um2`: expected an object, found a list'
refused eval '{"top1": 1.5}' '`top1`: expected 0 to 1'
refused eval '{"images": -1}' '`images`: expected 0 to'
refused eval '{"top1": NaN}' 'not JSON'
refused eval '{"images": 1e999}' 'beyond what a double holds'
refused eval '{"top1": 0.5, "top1": 0.6}' '`top1` is given twice'
refused synth '{"timing": {"delay_ns": 1, "delay_ns": 2}}' '`delay_ns` is given twice'
refused synth '{"layers": [{"layer": "a\u001b[2J"}]}' 'control character'
refused eval '' 'not JSON'
refused eval '[]' 'expected a JSON object'
refused eval '{"top1": 0.5} {}' 'not JSON'
refused eval '{"top1": 0.5' 'not JSON'
printf '{"top1": 0.5\000}' >d/eval.json
refused eval - 'a zero byte'
{ printf '{"a":'; head -c 100000 /dev/zero | tr '\0' '['; } >d/eval.json
refused eval - 'nested too deeply'
{ printf '{"a":"'; head -c 17000000 /dev/zero | tr '\0' 'x'; printf '"}'; } >d/eval.json
refused eval - 'expected at most'

# What is right stays so: numbers of which one is 0, and missing ones.
mkdir e
echo '{"top1": 0.5, "images": 10}' >d/eval.json
echo '{"area_um2": {"total": 0, "multipliers": 0}, "layers": []}' >d/synth.json
echo '{"area_um2": {"total": 5}, "timing": {"delay_ns": 1.5}, "layers": [{"layer": "a"}, {}]}' >e/synth.json
if "$axgen" report d e -o page >out 2>err && ! grep -qE 'nan|inf' page/report.svg out &&
  python3 -c "import xml.etree.ElementTree as e; e.parse('page/report.svg')"; then ok "figures that are 0 or missing"; else fail "figures that are 0 or missing"; fi

finish
