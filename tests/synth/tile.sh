#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tile of the fgpu target, as cells and on FPGAs; the dataflow accelerator on FPGAs.
. "$(dirname "$0")/lib.sh"

cat >"$work/tile.yaml" <<Y
network: $root/tests/config/tiny/net.yaml
dataset: {format: idx, images: images}
multipliers: {E: exact8s, L: roup8s_p0_c4}
assignment: {default: E, conv1: {filters: {1-2: L}}, conv2: {kernels: {"0-5,0": L}}}
target: {kind: fgpu, slots: 2, local_bytes: 128, cache_lines: 8, lids: {cv0: [L, E, L, L, E, L, L, L]}}
Y
{
  printf '\000\000\010\003\000\000\000\002\000\000\000\006\000\000\000\006'
  head -c 72 models/lenet5-fashion/weights.safetensors
} >"$work/images"
AXGEN_CACHE=$work/cache # what only the multipliers' recipe changes is synthesised once
export AXGEN_CACHE
near='lambda a, b: abs(a - b) < 1e-6 * b'
ends "a tile is synthesised" 0 'Slowest path' "$axgen" synth "$work/tile.yaml" --images 2 -o "$work/tile"
report=$work/tile/synth.json
check "kinds and parts sum to the total" json "$report" "(n := $near)(sum(v for k, v in j['area_um2'].items() if k != 'total'), j['area_um2']['total']) and n(sum(l['area_um2']['total'] for l in j['layers']), j['area_um2']['total'])"
check "eight PEs with their multipliers, as large as on their own" json "$report" "($near)(j['area_um2']['multipliers'], sum(n * next(m['area_um2'] for m in j['multiplier_types'] if m['multiplier'] == k) for k, n in (('exact8s', 2), ('roup8s_p0_c4', 6)))) and j['multipliers'] == 8"
"$axgen" cost "$work/tile.yaml" --json >"$work/cost.json" 2>"$work/err"
check "its area is predicted to 5 %, its flip-flops to 2 %, its memories exactly" json "$report" "(c := json.load(open('$work/cost.json'))) and abs(c['area_um2']['total'] / j['area_um2']['total'] - 1) < 0.05 and abs(c['flip_flops'] / j['flip_flops'] - 1) < 0.02 and ($near)(c['memories']['area_um2']['total'], j['memories']['area_um2']['total'])"
check "their registers are three copies of 2 slots x 64 lanes x 32 words" json "$report" "next(l for l in j['layers'] if l['layer'] == 'PEs')['ram_bits'] == 8 * 3 * 2 * 8 * 32 * 32"
check "a register-to-register path, from part to part" json "$report" "1 < j['timing']['delay_ns'] < 4 and {j['timing']['from_layer'], j['timing']['to_layer']} <= {l['layer'] for l in j['layers']}"
"$axgen" rtl "$work/tile.yaml" -o "$work/tile" >"$work/out" 2>"$work/err"
manifest=$work/tile/rtl/manifest.json
bits() { # of each part's memories, as the manifest describes them and as Yosys found them
  python3 - "$manifest" "$report" <<'P'
import json, sys
manifest, synth = (json.load(open(f)) for f in sys.argv[1:])
part = {i["instance"]: i["part"] for i in manifest["instances"]}
bits = {}
for m in manifest["memories"]:
    p = part[m["instance"]]
    bits[p] = bits.get(p, 0) + m["width"] * m["depth"] * m.get("count", 1)
found = {l["layer"]: l["ram_bits"] for l in synth["layers"] if l["ram_bits"]}
assert bits == found and len(bits) == 4, (bits, found)
P
}
check "the memories of each part are those of the manifest" bits
# Small cores, mapped, proven by Yosys.
proven() { (cd "$work/tile/rtl" && sh "$root/tests/gates/equivalence.sh" "$work/tile/netlist.v" "$root/synth/liberty/axgen45.lib" "$@"); }
for core in axgen_fgpu_arbiter axgen_fgpu_issue:opt axgen_fifo; do
  check "the mapped $core is what its Verilog says" proven $core
done
unproven() { ! proven "$@" >"$work/log" && grep -q unproven "$work/log"; }
check "with a cell replaced axgen_fgpu_arbiter is not" unproven axgen_fgpu_arbiter NOR3_X1 NAND3_X1
check "as many multiplications as the network has, some energy for each" json "$report" "j['energy_proxy']['multiplications_per_image'] == 1530 and all(l['toggled_nj_per_image'] > 0 for l in j['energy_proxy']['layers'])"
cp "$report" "$work/usual.json"
check "multipliers by the catalogue's recipes, in the tile as on their own" json "$report" "{m['recipe'] for m in j['multiplier_types']} == {'energy'} and ($near)(j['area_um2']['multipliers'], sum(n * next(m['area_um2'] for m in j['multiplier_types'] if m['multiplier'] == k) for k, n in (('exact8s', 2), ('roup8s_p0_c4', 6))))"
ends "for area" 0 'Slowest path' "$axgen" synth "$work/tile.yaml" --for area --images 2 -o "$work/area"
small=$work/area/synth.json
check "less area, and the rest as it was" python3 -c "
import json, sys
usual, small = (json.load(open(f)) for f in sys.argv[1:])
of = lambda j, k: next(m for m in j['multiplier_types'] if m['multiplier'] == k)
assert of(small, 'exact8s')['recipe'] == 'area' and of(small, 'roup8s_p0_c4')['recipe'] == 'small'
assert of(usual, 'roup8s_p0_c4')['area_um2'] > 1.02 * of(small, 'roup8s_p0_c4')['area_um2'] and of(usual, 'exact8s')['area_um2'] > of(small, 'exact8s')['area_um2']
assert all(abs(usual['area_um2'][k] - small['area_um2'][k]) < 1e-6 for k in usual['area_um2'] if k not in ('multipliers', 'total'))
" "$work/usual.json" "$small"
sed 's/^target/technology: {synth: area}\ntarget/' "$work/tile.yaml" >"$work/goal.yaml"
ends "the config's goal" 0 'Slowest path' "$axgen" synth "$work/goal.yaml" --images 2 -o "$work/goal"
check "is the option" cmp -s "$small" "$work/goal/synth.json"
ends "an unknown goal" 1 'area, energy or delay' "$axgen" synth "$work/tile.yaml" --for beauty --images 2 -o "$work/none"
ends "the report shows it" 0 'tile  .*[0-9]' "$axgen" report "$work/tile"
for kind in tile tiny; do
  config=$work/tile.yaml
  [ $kind = tiny ] && config=tests/synth/tiny.yaml
  ends "$kind on UltraScale+" 0 'BRAM36' "$axgen" synth "$config" --family xcup -o "$work/$kind"
  check "$kind: no DSP is made of a multiplier, and the modules sum to the total" json "$work/$kind/synth-xcup.json" "all(sum(m[k] for m in j['modules']) == j[k] > 0 for k in ('luts', 'flip_flops')) and all(m['luts'] > 40 and m['dsps'] == 0 for m in j['modules'] if m['module'].startswith('mul_')) and sum(m['module'].startswith('mul_') for m in j['modules']) == 2"
done
check "registers are block RAMs; two DSPs a PE, for requantisation" json "$work/tile/synth-xcup.json" "all(m['instances'] == 8 and m['block_rams_36k'] == 12 and m['dsps'] == 16 and m['luts_as_memory'] == 0 for m in j['modules'] if m['module'] == 'axgen_fgpu_pe') and j['dsps'] == 16"
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
