#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen report` on files that are not what the other verbs write: an error that names file and key, nothing written.
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
area='"area_um2": {"total": 3, "adders": 3}'
refused synth "{$area, \"layers\": [{\"layer\": \"a\", $area}, {\"layer\": \"b\", $area}]}" '`area_um2.total`: expected 6, the sum of its parts, found 3'
memory='"area_um2": {"total": 3, "sram": 3}, "nj_per_image"'
refused synth "{$area, \"memories\": {$memory: 1, \"layers\": [{\"layer\": \"a\", $memory: 1}, {\"layer\": \"b\"}, {\"layer\": \"c\", $memory: 1}]}}" '`memories.area_um2.total`: expected 6'
refused synth "{$area, \"memories\": {$memory: 1, \"layers\": [{\"layer\": \"a\", $memory: 2}]}}" '`memories.nj_per_image`: expected 2'
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
# The whole design's energy: what cannot be, and sums that are not their parts'.
energy() { # what, its text in place of the good one's (the same key), what the error says
  refused synth "$(python3 -c '
import json, sys
e = {"nj_per_image": 3, "with_memories_nj_per_image": 10, "kinds": {"adders": 2, "leakage": 1}, "memories_nj_per_image": 3, "memory_leakage_nj_per_image": 1,
     "external_nj_per_image": 3, "images": 2, "cycles_per_image": 64, "glitches": {"nj_per_image_without": 2, "ci95_nj_per_image": 0},
     "coverage": {"nets": 9, "nets_measured": 8, "nets_toggled": 7},
     "layers": [{"layer": "a", "nj_per_image": 3, "kinds": {"adders": 2, "leakage": 1}, "memories_nj_per_image": 3, "memory_leakage_nj_per_image": 1}]}
at = e
*path, last = sys.argv[1].split(".")
for key in path:
    at = at[int(key) if key.isdigit() else key]
at[last] = json.loads(sys.argv[2])
print(json.dumps({"area_um2": {"total": 1}, "energy": e}))' "$1" "$2")" "$3"
}
energy coverage.nets 0 '`energy.coverage.nets`: expected 1 to'
energy coverage.nets_measured 10 '`energy.coverage.nets_measured`: expected 0 to 9, found 10'
energy coverage.nets_toggled 9 '`energy.coverage.nets_toggled`: expected 0 to 8, found 9'
energy images 0 '`energy.images`: expected 1 to'
energy nj_per_image 2.5 '`energy.nj_per_image`: expected 3, the sum of its parts, found 2.5'
energy kinds.adders 4 '`energy.nj_per_image`: expected 5, the sum of its parts, found 3'
energy kinds.adders -2 '`energy.kinds.adders`: expected 0 to'
energy kinds.adders 1e300 '`energy.kinds.adders`: expected 0 to'
energy with_memories_nj_per_image 11 '`energy.with_memories_nj_per_image`: expected 10, the sum of its parts, found 11'
energy layers.0.kinds.adders 1 '`energy.layers[0].nj_per_image`: expected 2, the sum of its parts, found 3'
energy layers.0.memories_nj_per_image 4 '`energy.layers`: expected 7, the sum of its parts, found 8'
refused synth '{"area_um2": {"total": 5, "adders": 3, "control": 1}}' '`area_um2.total`: expected 4, the sum of its parts, found 5'

# The other verbs' files.
for value in '{}' '[1]' '"1"' 'true'; do
  refused explore "{\"points\": [{\"saving\": $value}]}" '`points[0].saving`: expected a number'
  refused sensitivity "{\"sensitivities\": [{\"loss\": $value}]}" '`sensitivities[0].loss`: expected a number'
  refused score "{\"blocks\": [{\"layers\": [{\"score\": $value}]}]}" '`blocks[0].layers[0].score`: expected a number'
  refused energy "{\"multipliers\": [{\"moving\": {\"nj_per_image\": $value}}]}" '`multipliers[0].moving.nj_per_image`: expected a number'
  refused synth "{\"energy\": {\"nj_per_image\": 1, \"with_memories_nj_per_image\": 1, \"kinds\": {\"registers\": $value}}}" '`energy.kinds.registers`: expected a number'
  refused cost "{\"area_um2\": {\"total\": $value}, \"nj_per_image\": {}}" '`area_um2.total`: expected a number'
  refused synth "{\"memories\": {\"area_um2\": {\"sram\": $value}}}" '`memories.area_um2.sram`: expected a number'
done
refused explore '{"points": [{"saving": 2}]}' '`points[0].saving`: expected'
refused explore '{"points": [{"test": {"interval": [0, 1, 2]}}]}' '`points[0].test.interval`: 3 elements, expected at most 2'
refused explore '{"points": [{"test": {"interval": ["a", 1]}}]}' '`points[0].test.interval[0]`: expected a number'
refused explore "{\"points\": [$(yes '{},' | head -n 5000 | tr -d '\n'){}]}" '`points`: 5001 elements, expected at most 4096'
refused score '{"blocks": [{"layers": [{"filters": [1, null]}]}]}' '`blocks[0].layers[0].filters[1]`: expected a number'
refused sim '{"fifos": [{"depth": "a"}]}' '`fifos[0].depth`: expected a number'

# Of whole files: each key that its verb always writes taken away, or null.
whole='{"network": "n", "level": "layer", "method": "model", "objective": "energy", "max_loss": 0.01, "evaluations": 5,
  "hypervolume": 0.5, "exact": {"top1": 0.9}, "points": [{"saving": 0.5, "validation": {"top1": 0.9, "loss": 0}, "meets": true,
  "test": {"top1": 0.9, "loss": 0, "interval": [-0.1, 0.1]}}]}'
sensitivities='{"network": "n", "images": 10, "exact": {"top1": 0.9}, "sensitivities": [{"layer": "a", "loss": null}]}'
scores='{"network": "n", "images": 10, "top1": 0.9, "blocks": []}'
without() { # file, text, where, key
  refused "$1" "$(python3 -c 'import json, sys
doc, (where, key) = json.loads(sys.argv[1]), sys.argv[2:]
at = eval("doc" + where)
del at[key]
print(json.dumps(doc))' "$2" "$3" "$4")" "$4\`: expected a value"
}
for key in network level method objective max_loss evaluations hypervolume exact points; do without explore "$whole" "" $key; done
for key in saving validation meets; do without explore "$whole" '["points"][0]' $key; done
for key in top1 loss interval; do without explore "$whole" '["points"][0]["test"]' $key; done
two=$(echo "$whole" | sed 's/"energy"/"energy,area"/; s/"saving": 0.5/&, "savings": {"energy": 0.5, "area": 0.25}/')
without explore "$two" '["points"][0]' savings
without explore "$two" '["points"][0]["savings"]' area
refused explore "$(echo "$two" | sed 's/0.25/2/')" '`points[0].savings.area`: expected'
refused explore "$(echo "$two" | sed 's/0.25/"a"/')" '`points[0].savings.area`: expected a number'
refused explore "$(echo "$two" | sed 's/{"energy": 0.5, "area": 0.25}/[0.5, 0.25]/')" '`points[0].savings`: expected'
refused explore "$(echo "$two" | sed 's/energy,area/energy,area,delay/')" '`points[0].savings.area,delay`: expected a value'
for key in top1 loss; do without explore "$whole" '["points"][0]["validation"]' $key; done
without explore "$whole" '["exact"]' top1
for key in network images exact sensitivities; do without sensitivity "$sensitivities" "" $key; done
without sensitivity "$sensitivities" '["exact"]' top1
without synth '{"area_um2": {"total": 5}}' "" area_um2
without synth '{"area_um2": {"total": 5}}' '["area_um2"]' total
for key in nj_per_image with_memories_nj_per_image kinds; do
  without synth '{"area_um2": {"total": 5}, "energy": {"nj_per_image": 1, "with_memories_nj_per_image": 1, "kinds": {}}}' '["energy"]' $key
done
for key in area_um2 nj_per_image; do without cost '{"area_um2": {"total": 5}, "nj_per_image": {"total": 5}}' "" $key; done
for key in network images top1 blocks; do without score "$scores" "" $key; done
refused explore '{"points": [{}]}' '`points[0].saving`: expected a value, as `axgen` writes it, found no such key'
refused explore "$(echo "$whole" | sed 's/"hypervolume": 0.5/"hypervolume": null/')" '`hypervolume`: expected a value'
refused explore "$(echo "$whole" | sed 's/-0.1, //')" '`points[0].test.interval`: expected 2 numbers, found 1'
refused explore "$(echo "$whole" | sed 's/-0.1, /-1e308, /')" '`points[0].test.interval[0]`: expected -1e+18 to 1e+18'
refused sensitivity '{"sensitivities": [{"interval": [0.5]}]}' '`sensitivities[0].interval`: expected 2 numbers, found 1'
for json in explore sensitivity score; do
  case $json in explore) text=$whole ;; sensitivity) text=$sensitivities ;; *) text=$scores ;; esac
  echo "$text" >"d/$json.json"
  if "$axgen" report d -o page >out 2>err && ! grep -qwE -e '-?(nan|inf)' page/* out; then ok "a whole $json.json"; else fail "a whole $json.json"; fi
  rm -rf d/*.json page
done

# A file in a folder of the folder: d/$1, its text, what the error says.
below() {
  mkdir -p "d/$(dirname "$1")"
  echo "$whole" >d/explore.json
  printf '%s' "$2" >"d/$1"
  "$axgen" report d -o page >out 2>err
  got=$?
  if [ $got = 1 ] && grep -qF -e "d/$1" err && grep -qF -e "$3" err && [ ! -e page ] && [ ! -s out ]; then
    ok "$1: $3"
  else
    fail "$1 $2: exit $got, wanted \`$3\`"
  fi
  rm -rf d
  mkdir d
}
point() { printf 'multipliers: {E: exact8s, A: evo8s_mae4}\nassignment:\n  conv1: %s\n' "$1"; }
layer='"layer": "a", "pe": 2, "simd": 1, "multipliers": [{"name": "exact8s", "pes": 1}, {"name": "evo8s_mae4", "pes": 1}]'
below rtl/manifest.json "{\"layers\": [{$layer, \"positions\": [[0]]}]}" '`layers[0].positions`: expected 2 rows, found 1'
below rtl/manifest.json "{\"layers\": [{$layer, \"positions\": [[0], [2]]}]}" '`layers[0].positions[1]`: expected 2 rows of 1 numbers below 2'
below rtl/manifest.json "{\"layers\": [{$layer, \"positions\": [[0], 7]}]}" '`layers[0].positions[1]`: expected'
below rtl/manifest.json '{"target": "fgpu", "launches": [], "lids": [["a"], ["a", "b"]]}' '`lids`: expected lists of 1 names'
below rtl/manifest.json '{"target": "fgpu", "launches": [], "lids": [[5]]}' '`lids`: expected at most 64 different names'
below history.csv 'evaluation,energy,images,correct,drop,cross_entropy
1,0.5,10,9,0.1,0.4
2,0.5,ten,9,0.1,0.4
' 'd/history.csv:3: expected 6 numbers'
below points/01/config.yaml 'multipliers: [' 'not YAML'
below points/01/config.yaml 'multipliers: {}' 'assignment'
below points/01/config.yaml "$(point '{filters: {file: ../../../secret.npy, multipliers: [E]}}')" 'expected a file beside this one'
below points/01/config.yaml "$(point '{filters: {file: /etc/passwd, multipliers: [E]}}')" 'expected a file beside this one'
below points/01/config.yaml "$(point '{filters: {file: gone.npy, multipliers: []}}')" 'expected 1 to 64 multipliers'

# What is right stays so: numbers of which one is 0, and missing ones.
echo '{"area_um2": {"total": 5}, "nj_per_image": {"total": 5}}' >d/cost.json
if "$axgen" report d -o page >out 2>err && grep -q '^predicted of d' out && ! grep -qE 'nan|inf' out; then ok "a prediction without a delay"; else fail "a prediction without a delay"; fi
rm -rf d/* page
mkdir e
echo '{"top1": 0.5, "images": 10}' >d/eval.json
echo '{"area_um2": {"total": 0, "multipliers": 0}, "layers": []}' >d/synth.json
echo '{"area_um2": {"total": 5}, "timing": {"delay_ns": 1.5}, "layers": [{"layer": "a"}, {}]}' >e/synth.json
if "$axgen" report d e -o page >out 2>err && ! grep -qE 'nan|inf' page/report.svg out &&
  python3 -c "import xml.etree.ElementTree as e; e.parse('page/report.svg')"; then ok "figures that are 0 or missing"; else fail "figures that are 0 or missing"; fi

finish
