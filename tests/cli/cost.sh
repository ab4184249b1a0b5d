#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# axgen cost: what is predicted of a configuration, alone and of several beside what was measured.
. "$(dirname "$0")/lib.sh"

near='(lambda a, b: abs(a - b) <= 1e-6 * max(abs(b), 1e-9))'
lenet=$(changed_flow lenet "s#^output:.*#output: $work/design#")
tile=$(changed_flow tile "s#^output:.*#output: $work/tile#" lenet5-fgpu)
for design in "$lenet" "$tile"; do
  name=$(basename "$design" .yaml)
  "$axgen" cost "$design" --json >"$work/$name.json" 2>"$work/err"
  check "$name: kinds and parts sum to the total, area and energy" json "$work/$name.json" "all($near(sum(v for k, v in j[f].items() if k != 'total'), j[f]['total']) and $near(sum(l[f]['total'] for l in j['layers']), j[f]['total']) and j[f]['total'] > 0 for f in ('area_um2', 'nj_per_image'))"
  check "$name: the multiplications of the network" json "$work/$name.json" "j['multiplications_per_image'] == 416520"
done
check "as many cycles as the plan says, as many multipliers" json "$work/lenet.json" "j['cycles_per_image'] == 3920 and j['multipliers'] == 131"
"$axgen" rtl "$lenet" >"$work/out" 2>&1
check "the manifest's estimate is the same" json "$work/design/rtl/manifest.json" "j['estimate']['area_um2'] == round($(field "$work/lenet.json" "j['area_um2']['total']"))"

"$axgen" fgpu run "$tile" --images 1 --json -o "$work/elsewhere" >"$work/run.json" 2>"$work/err"
check "the tile's cycles are the simulator's to 10 %" json "$work/tile.json" "abs(j['cycles_per_image'] / $(field "$work/run.json" "j['cycles_per_image']") - 1) < 0.1"
check "how far such predictions are off" json "$work/tile.json" "0 < j['uncertainty']['area_um2']['mean_percent'] < 5 and 0 < j['uncertainty']['nj_per_image']['mean_percent'] < 10"

# No data set and no tool is needed.
blind=$(changed blind "/^dataset/,/labels:/d" "$lenet")
check "no data set is needed" env PATH=/nowhere "$axgen" cost "$blind"
verb=cost
refused "a configuration without a target" 1 'target' "$(changed aimless '/^target/,$d' "$lenet")"

# Several, beside what was measured.
mkdir -p "$work/design"
cat >"$work/design/synth.json" <<J
{"area_um2": {"total": $(field "$work/lenet.json" "j['area_um2']['total'] * 1.25")}, "timing": {"delay_ns": 2}, "energy": {"nj_per_image": $(field "$work/lenet.json" "j['nj_per_image']['total'] / 2")}}
J
echo '{"cycles_per_image": 3920}' >"$work/design/sim.json"
"$axgen" cost "$lenet" "$tile" --svg "$work/cost.svg" --json >"$work/table.json" 2>"$work/err"
error="lambda f: next(e for e in j['errors'] if e['figure'] == f and e['target'] == 'dataflow')"
check "errors of what was measured" json "$work/table.json" "(e := $error) and $near(e('area_um2')['worst_percent'], 20) and $near(e('nj_per_image')['mean_percent'], 100) and e('cycles_per_image')['mean_percent'] == 0 and e('area_um2')['designs'] == 1"
check "none of what was not" json "$work/table.json" "all(e['designs'] == 0 for e in j['errors'] if e['target'] == 'fgpu') and j['designs'][1]['measured'] == {}"
sed 's/"nj_per_image": [0-9.]*/&, "cycles_per_image": 1960/' "$work/design/synth.json" >"$work/measured.json" && cp "$work/measured.json" "$work/design/synth.json"
"$axgen" cost "$lenet" "$tile" --json >"$work/cycles.json" 2>"$work/err"
check "cycles in which the energy was measured come before a simulator's" json "$work/cycles.json" "(e := $error) and e('cycles_per_image')['mean_percent'] == 100"
check "a picture of them" grep -q '<title>' "$work/cost.svg"
"$axgen" cost "$lenet" "$tile" >"$work/out" 2>"$work/err"
check "and a table" grep -q '^| area | dataflow | 1 | 20.0 % | 20.0 % |' "$work/out"
echo '{"area_um2": 3}' >"$work/design/synth.json"
case_ "a result of the wrong type is named" 1 'synth.json.*area_um2' cost "$lenet" "$tile"

finish
