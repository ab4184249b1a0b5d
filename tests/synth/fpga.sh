#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# FPGAs: exact multipliers in DSPs and LUTs, place and route, memories in block RAMs.
. "$(dirname "$0")/lib.sh"

# Every memory core is block RAM, whatever the family, from about 8 Kbit on (below, where it has LUTs as memory, they may be
# the better place), with hardly anything around it.
python3 -c "print('\n'.join('%04x' % (i * 40503 % 65536) for i in range(1024)))" >"$work/rom.hex"
cat >"$work/memories.v" <<'V'
module memories (input clk, input [4:0] we, input re, input [9:0] waddr, input [9:0] raddr, input [31:0] wdata,
    output [15:0] whole, output [31:0] lanes, output [15:0] fixed);
  axgen_ram #(.WIDTH(16), .DEPTH(1024)) u_whole
    (.clk(clk), .we(we[4]), .waddr(waddr), .wdata(wdata[15:0]), .re(re), .raddr(raddr), .rdata(whole));
  axgen_ram #(.WIDTH(32), .LANE_W(8), .DEPTH(1024)) u_lanes
    (.clk(clk), .we(we[3:0]), .waddr(waddr), .wdata(wdata), .re(re), .raddr(raddr), .rdata(lanes));
  axgen_rom #(.WIDTH(16), .DEPTH(1024), .INIT_FILE("rom.hex")) u_fixed (.clk(clk), .re(re), .raddr(raddr), .rdata(fixed));
endmodule
V
memory() { # family, Yosys's command, block RAMs
  (cd "$work" && yosys -q -p "read_verilog memories.v $root/rtl_templates/common/axgen_ram.v
    read_verilog $root/rtl_templates/common/axgen_rom.v; $2 -top memories; tee -q -o stat.txt stat" >yosys.out 2>&1)
  check "$1: three memories are $3 block RAMs, with 2 LUTs at most" sh -c "grep -E '^ +(SB_|DP16|RAMB|LUT|TRELLIS|FD|DFF|PFU)' '$work/stat.txt' |
    awk -v n=$3 '/SB_RAM40|DP16KD|RAMB/ { r += \$2; next } { other += \$2 } END { exit !(r == n && other <= 2) }'"
}
memory ice40 synth_ice40 16
memory ecp5 "synth_ecp5 -nowidelut" 4
memory xc7 "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf" 3
memory xcup "synth_xilinx -family xcup -flatten -noiopad -noclkbuf" 3

# One small layer without requantisation, whose multipliers are exact and approximate.
python3 - "$work" <<'P'
import hashlib, json, struct, sys
weights = bytes((17 * i + 3) % 256 for i in range(48))
header = {"fc1.weight": {"dtype": "I8", "shape": [4, 1, 3, 4], "data_offsets": [0, 48]},
          "fc1.bias": {"dtype": "I32", "shape": [4], "data_offsets": [48, 64]},
          "fc1.weight_scale": {"dtype": "F64", "shape": [4], "data_offsets": [64, 96]}}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
data = struct.pack("<Q", len(text)) + text + weights + struct.pack("<4i4d", 1, -2, 3, -4, 1, 1, 1, 1)
open(sys.argv[1] + "/weights.safetensors", "wb").write(data)
open(sys.argv[1] + "/net.yaml", "w").write(f"""format: 1
name: one
quantised: true
input_scale: 1
weights: {{file: weights.safetensors, sha256: {hashlib.sha256(data).hexdigest()}}}
layers:
- {{name: image, op: input, shape: [1, 3, 4], clamp: [-128, 127], codes: {{bits: 8, signed: true, zero: 0, scale: 1}}}}
- {{name: fc1, op: dense, inputs: [image], shape: [4, 1, 1], weights: {{bits: 8, signed: true, zero: 0}}}}
""")
P
cat >"$work/one.yaml" <<Y
network: net.yaml
multipliers: {E: exact8s, R: roup8s_p1_c7}
assignment: {fc1: {filters: {0-1: R, 2-3: E}}}
target: {kind: dataflow, clock_ns: 10, folding: {fc1: {pe: 4, simd: 3}}}
technology: {fpga: {device: hx8k, package: bg121}}
Y
mkdir "$work/bin"
ln -s "$(command -v yosys)" "$work/bin/yosys"
one() { "$axgen" synth "$work/one.yaml" "$@"; }
row='lambda j, n: next(m for m in j["modules"] if m["module"].startswith(n))'
keys="('luts', 'luts_as_memory', 'flip_flops', 'dsps', 'carry_bits')"

ends "placed on iCE40" 0 'hx8k, bg121 (nextpnr-ice40' one --family ice40 --place -o "$work/ice"
at=$work/ice/synth-ice40.json
check "layers, kinds and modules sum to the total" json "$at" "all(sum(x[k] for x in rows) == j[k] for k in $keys for rows in (j['layers'], j['modules'], j['kinds'].values())) and all(sum(x[k] for x in l['kinds'].values()) == l[k] for k in $keys for l in j['layers']) and j['carry_bits'] > 0"
check "the multipliers are where they stand" json "$at" "(c := next(l for l in j['layers'] if l['layer'] == 'fc1')['kinds'])['multipliers']['luts'] == j['kinds']['multipliers']['luts'] > 100 and c['adders']['flip_flops'] > 30"
check "exact, approximate: side by side" json "$at" "[(m['multiplier'], m['instances'], m['exact_in_dsps']['dsps'], m['exact_in_dsps']['luts']) for m in j['multiplier_types']] == [('exact8s', 6, 1, 0), ('roup8s_p1_c7', 6, 1, 0)] and j['multiplier_types'][0]['one'] == j['multiplier_types'][0]['exact_in_luts'] == j['multiplier_types'][1]['exact_in_luts']"
check "and for the design" json "$at" "(t := j['multiplier_types']) and j['all_exact_in_luts']['luts'] == j['luts'] + 6 * (t[0]['one']['luts'] - t[1]['one']['luts']) and j['all_exact_in_dsps']['luts'] == j['luts'] - 6 * (t[0]['one']['luts'] + t[1]['one']['luts']) and j['all_exact_in_dsps']['dsps'] == 12"
check "a clock, and a chip that holds it in few pins" json "$at" "(p := j['placed']) and 20 < p['mhz'] < 200 and p['asked_mhz'] == 100 and p['resources']['SB_IO']['used'] == 4 and p['shell']['inputs'] > 9 and j['luts'] < p['resources']['ICESTORM_LC']['used'] < 1.3 * j['luts'] + p['shell']['inputs'] + p['shell']['outputs'] and p['resources']['ICESTORM_RAM']['used'] == j['block_rams_4k'] and p['resources']['ICESTORM_LC']['available'] == 7680"
sed -i '/^technology/d' "$work/one.yaml"
ends "with DSPs on the smallest chip that has them" 0 'up5k, sg48' one --family ice40 --place --dsp -o "$work/dsp"
check "exact ones are DSPs, approximate ones LUTs" json "$work/dsp/synth-ice40.json" "($row)(j, 'mul_exact8s')['dsps'] == 6 and ($row)(j, 'mul_exact8s')['luts'] == 0 and ($row)(j, 'mul_roup')['luts'] > 240 and ($row)(j, 'mul_roup')['dsps'] == 0 and j['placed']['resources']['ICESTORM_DSP']['used'] == j['dsps']"
ends "DSPs on ECP5" 0 'BRAM18' one --family ecp5 --dsp -o "$work/dsp"
check "ECP5: exact ones are DSPs; layers and modules sum to the total" json "$work/dsp/synth-ecp5.json" "($row)(j, 'mul_exact8s')['dsps'] == 6 and ($row)(j, 'mul_exact8s')['luts'] == 0 and ($row)(j, 'mul_roup')['luts'] > 240 and all(sum(x[k] for x in rows) == j[k] for k in $keys for rows in (j['layers'], j['modules'])) and j['flip_flops'] > 200"
if command -v nextpnr-ecp5 >/dev/null; then
  ends "placed on ECP5" 0 '25k, CABGA256' one --family ecp5 --place -o "$work/ice"
  check "ECP5: a clock and a chip" json "$work/ice/synth-ecp5.json" "(p := j['placed']) and p['mhz'] > 30 and p['resources']['TRELLIS_IO']['used'] == 4 and p['resources']['MULT18X18D']['used'] == j['dsps']"
else
  skip "placed on ECP5: no nextpnr-ecp5"
fi

# What cannot be.
ends "a chip too small" 1 'does not fit on hx1k: it needs [0-9]* ICESTORM_LC, of which it has 1280' one --family ice40 --device hx1k -o "$work/none"
ends "an unknown family" 2 'expected xcup' one --family xc9
ends "no such chip" 2 'ice40 has hx1k, hx8k' one --family ice40 --device hx9k
ends "no such package" 2 'hx8k comes in ct256' one --family ice40 --device hx8k --package sg48
for package in "" " " "ct256 bg121"; do
  ends "no such package: \`$package\`" 2 'hx8k comes in ct256' timeout 60 "$axgen" synth "$work/one.yaml" --family ice40 --device hx8k --package "$package"
done
ends "a package of no chip" 1 'of which device' one --family ice40 --package sg48
ends "a family without nextpnr" 2 'nextpnr knows ice40 and ecp5' one --family xcup --place
ends "--dsp without a family" 2 'belongs to --family' one --dsp
sed 's/^target/technology: {fpga: {device: 25k}}\ntarget/' "$work/one.yaml" >"$work/other.yaml"
ends "the config's chip of another family" 1 'device 25k: ice40 has' "$axgen" synth "$work/other.yaml" --family ice40 --place -o "$work/none"
ends "no nextpnr" 3 'nextpnr-ice40 is not installed; it is in Debian.s package nextpnr-ice40' env PATH="$work/bin" "$axgen" synth "$work/one.yaml" --family ice40 --place -o "$work/none"
check "nothing is written" test ! -e "$work/none"
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
