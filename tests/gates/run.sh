#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole mapped netlist, gate by gate, against the Verilog that it was made of: every pin in every cycle; replaced cells
# are found. Its energy, against Icarus with SDF.
. "$(dirname "$0")/../lib.sh"
AXGEN_CACHE=$work/cache # the modules are mapped once

random 2
"$BUILD/tests/gates/faults" "$work/r2/config.yaml" 2 30 >"$work/counted" 2>"$work/err"
judge "faults" $?
counted "$work/counted"
check "sim --gates" simulate "$work/r2/config.yaml" --icarus --gates --images 3 --stalls 3
check "it says what it compared" json "$work/out" 'j["gates"]["cycles"] > 300 and j["gates"]["cells"] > 1000 and
  j["gates"]["output_bits_compared"] > 1000 and j["gates"]["flip_flops"] > 100 and j["gates"]["pins"] > 20'
# The energy of the whole design: sums, and what the multipliers take against the proxy, which knows no glitches.
check "synth --energy" "$axgen" synth "$work/r2/config.yaml" --icarus --energy --images 2 -o "$work/synth"
cp "$work/synth/synth.json" "$work/first.json"
check "again, from what was kept" "$axgen" synth "$work/r2/config.yaml" --icarus --energy --images 2 -o "$work/synth"
check "and it is the same" cmp "$work/first.json" "$work/synth/synth.json"
near='lambda a, b, p: abs(a - b) <= p * abs(b) + 1e-9'
check "kinds and layers sum to the whole" json "$work/synth/synth.json" "(lambda e, near:
  near(sum(e['kinds'].values()), e['nj_per_image'], 1e-9) and near(sum(l['nj_per_image'] for l in e['layers']), e['nj_per_image'], 1e-9) and
  all(near(sum(l['kinds'].values()), l['nj_per_image'], 1e-9) for l in e['layers']) and
  near(sum(l['memories_nj_per_image'] for l in e['layers']), e['memories_nj_per_image'], 1e-9))(j['energy'], $near)"
check "all nets are measured, in the cycles of two images" json "$work/synth/synth.json" "(lambda e:
  e['images'] == 2 and e['cycles_per_image'] == 64 and e['coverage']['nets'] == e['coverage']['nets_measured'] > 5000 and
  0.5 < e['coverage']['nets_toggled'] / e['coverage']['nets'] <= 1 and e['glitches']['cycles_sampled'] == 128)(j['energy'])"
check "glitches cost, in multipliers most of what the proxy lacks" json "$work/synth/synth.json" "(lambda e, p, near:
  e['glitches']['nj_per_image_without'] < e['nj_per_image'] and
  1 < e['glitches']['factor']['multipliers'] < 2 and near(e['glitches']['factor']['registers'], 1, 0.01) and
  1 < e['kinds']['multipliers'] / p['toggled_nj_per_image'] < 1.6)(j['energy'], j['energy_proxy'], $near)"
check "memories are read and written as planned" json "$work/synth/synth.json" "j['memories']['words_read_per_image'] > 100 and
  j['memories']['nj_per_image'] == j['energy']['memories_nj_per_image']"
# Small cores, mapped, proven by Yosys; with a cell replaced they are not.
"$axgen" rtl "$work/r2/config.yaml" -o "$work/rtl" >"$work/out" 2>"$work/err"
proven() { (cd "$work/rtl/rtl" && sh "$root/tests/gates/equivalence.sh" "$work/synth/netlist.v" "$root/synth/liberty/axgen45.lib" "$@"); }
unproven() { ! proven "$@" >"$work/log" && grep -q unproven "$work/log"; }
for core in axgen_mvu_front axgen_mvu_back axgen_gearbox axgen_pool_op axgen_pool_window axgen_window:opt; do
  check "the mapped $core is what its Verilog says" proven $core
done
for core in axgen_mvu_front axgen_mvu_back axgen_pool_op axgen_window:opt; do
  check "with a cell replaced $core is not" unproven $core NAND2_X1 NOR2_X1
done
# The same energy another way: Icarus with SDF counts the toggles of the mapped netlist, energy.py reads the library anew.
icarus() {
  "$BUILD/tests/gates/icarus" "$work/r2/config.yaml" 2 "$work/icarus" && cd "$work/icarus" &&
    iverilog -g2005 -gspecify -o sim design.v tb.v && vvp -n sim | tail -n 1 >log && cat log && grep -qx '0 outputs differ' log
}
check "Icarus with SDF runs the mapped netlist, all outputs equal" eval '(icarus)'
python3 tests/gates/energy.py synth/liberty/axgen45.lib "$work/icarus" >"$work/out" 2>"$work/err"
judge "energy as by Icarus: 5 % in all, 15 % each kind" $?
cat "$work/out"
verb=sim
refused "--gates and --axi" 2 'leave --axi out' "$work/r2/config.yaml" --gates --axi

finish
