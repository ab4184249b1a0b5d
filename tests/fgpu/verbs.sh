#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The target on the command line.
. "$(dirname "$0")/lib.sh"

AXGEN_DATA=$root
export AXGEN_DATA
flow=flows/lenet5-fgpu.yaml
with() { # name, sed script: the flow with a change, as $tmp/NAME.yaml
  sed "s#\.\./models#$root/models#; s#^output:.*#output: $tmp/never#; $2" $flow >"$tmp/$1.yaml"
}
fails() { # text wanted, arguments
  text=$1
  shift
  check error "axgen $*: $text" "$axgen" "$@"
}
with chosen '/lids:/,/cv1/d; s/cvs: 2/cvs: 3/'
# A quarter of the work for L: two of eight PEs.
with layers '/lids:/,/cv1/d; s/p0_c4/p2_c8/; s/\(conv1\|fc2\|fc3\): {.*/\1: E/; s/\(conv2\|fc1\): {.*/\1: L/'
with quarter '/lids:/,/cv1/d; s/{0-2: L}/{0: L}/; s/0-7: L/0-3: L/; s/0-59: L/0-29: L/; s/0-41: L/0-20: L/; s/0-4: L/0-1: L/'
with four 's/cvs: 2/cvs: 4/; s/^    cv1.*/&\n    cv2: [E, L, E, L, E, L, E, L]\n    cv3: [L, L, L, L, L, L, L, L]/'
with lacking 's/\(cv[01]: \).*/\1[E, E, E, E, E, E, E, E]/'
pe2='folding: {conv1: {pe: 2}, conv2: {pe: 2}, fc1: {pe: 2}, fc2: {pe: 2}, fc3: {pe: 2}}'
with dataflow "s/kind: fgpu/kind: dataflow/; s/cvs: 2/$pe2/; /lids/,/cv1/d"
for config in $flow "$tmp/chosen.yaml" "$tmp/four.yaml"; do
  check exact "fgpu run $config" "$axgen" fgpu run "$config" --images 2 --json -o "$tmp/run"
done
check exact "chosen LIDs" "$axgen" fgpu run "$tmp/quarter.yaml" --images 1 --json -o "$tmp/run"
cp "$tmp/log" "$tmp/quarter.json"
# Where the multipliers' area counts too, the exact ones, which are the larger, get fewer PEs.
exact_pes() { sed -n 's/^  cv[0-9]: \[\(.*\)\].*/\1/p' "$1" | tr ', ' '\n\n' | grep -c '^E$'; }
sed 's/cvs: 2/cvs: 2\n  goal: area_cycles/' "$tmp/layers.yaml" >"$tmp/goal.yaml"
check exact "goal: area_cycles" "$axgen" fgpu run "$tmp/goal.yaml" --images 1 --json -o "$tmp/run"
"$axgen" fgpu run "$tmp/layers.yaml" --images 1 -o "$tmp/run" >"$tmp/layers.txt" 2>&1
"$axgen" fgpu run "$tmp/goal.yaml" --images 1 -o "$tmp/run" >"$tmp/goal.txt" 2>&1
if [ "$(exact_pes "$tmp/goal.txt")" -gt 0 ] && [ "$(exact_pes "$tmp/goal.txt")" -lt "$(exact_pes "$tmp/layers.txt")" ]; then
  passed=$((passed + 1))
else
  echo "FAIL goal: area_cycles: $(cat "$tmp/layers.txt" "$tmp/goal.txt")"
  failed=$((failed + 1))
fi
check clean "are in proportion to the work" python3 -c "import json, sys; assert all(c['lids'].count('L') == 2 for c in json.load(open(sys.argv[1]))['cvs'])" "$tmp/quarter.json"
check exact "sim $flow" "$axgen" sim $flow --images 2 --stalls 5 --json -o "$tmp/sim"
cmp -s "$tmp/log" "$tmp/sim/sim.json"
check clean "sim.json is what was printed" test $? = 0
# The same network and assignment on the other target: the same outputs, value for value.
check exact "sim of the dataflow target" "$axgen" sim "$tmp/dataflow.yaml" --images 2 --json -o "$tmp/sim-dataflow"
check clean "both targets give the same logits" python3 - "$tmp/sim/sim.json" "$tmp/sim-dataflow/sim.json" <<'P'
import json, sys
a, b = (json.load(open(f))["logits"] for f in sys.argv[1:])
assert len(a) == 2 and all(len(i) == 10 and len(set(i)) > 5 for i in a) and a[0] != a[1], a
assert a == b, (a, b)
P
# A small network, whose images are bytes of a file, on Icarus; then with a fault in the PE.
{
  printf '\000\000\010\003\000\000\000\002\000\000\000\006\000\000\000\006'
  head -c 72 models/lenet5-fashion/weights.safetensors
} >"$tmp/images"
cat >"$tmp/tiny.yaml" <<Y
network: $root/tests/config/tiny/net.yaml
dataset: {format: idx, images: images}
multipliers: {E: exact8s, L: roup8s_p0_c4}
assignment: {default: E, conv1: {filters: {1-2: L}}, conv2: {kernels: {"0-5,0": L}}}
target: {kind: fgpu, cvs: 2, slots: 2, local_bytes: 128, cache_lines: 8, lids: {cv0: [L, E, L, L, E, L, L, L], cv1: [E, E, E, E, E, E, E, L]}}
Y
check exact "sim of a small network, Icarus" "$axgen" sim "$tmp/tiny.yaml" --icarus --images 2 --stalls 3 --json
sed 's/cvs: 2/cvs: 2, dot4: true/; s/, conv2: .*/}/' "$tmp/tiny.yaml" >"$tmp/dot4.yaml"
check exact "sim with dot4, Icarus" "$axgen" sim "$tmp/dot4.yaml" --icarus --stalls 2 --json
"$axgen" rtl "$tmp/dot4.yaml" -o "$tmp/dot4" >"$tmp/log" 2>&1
check clean "and it is used" grep -q ' dot4 r' "$tmp/dot4/rtl/program/listing.txt"
# A tile behind its AXI ports: driven by the testbench on Icarus, by the C host in Verilator; equal logits.
sed 's/cvs: 2/cvs: 1/; s/, cv1: .*/}}/' "$tmp/tiny.yaml" >"$tmp/one.yaml"
check exact "sim --axi, Icarus" "$axgen" sim "$tmp/one.yaml" --axi --icarus --stalls 3 --json -o "$tmp/axi"
check exact "sim --axi, the C host" "$axgen" sim "$tmp/one.yaml" --axi --images 2 --stalls 4 --json -o "$tmp/axi"
check clean "the C host and the testbench got the same logits" python3 - "$tmp/axi/sim-icarus.json" "$tmp/axi/sim.json" <<'P'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
assert a["axi"] and b["axi"] and a["logits"][0] == b["logits"][0] != b["logits"][1], (a["logits"], b["logits"])
P
fails 'AXI4-Stream' sim "$tmp/dataflow.yaml" --axi
# 8 CVs, half of them with the one multiplier, half with the other, so that the first layer occupies all of them.
{
  sed 's/, lids: .*/,/; s/cvs: 2/cvs: 8/' "$tmp/tiny.yaml"
  echo '  lids: {'
  for cv in 0 1 2 3; do
    echo "    cv$cv: [E, E, E, E, E, E, E, E], cv$((cv + 4)): [L, L, L, L, L, L, L, L],"
  done
  echo '  }}'
} >"$tmp/eight.yaml"
check exact "sim on 8 CVs, Icarus" "$axgen" sim "$tmp/eight.yaml" --icarus --json
cp "$tmp/log" "$tmp/log.8"
check clean "all 8 CVs had work" python3 -c "import json, sys; c = json.load(open(sys.argv[1]))['cvs']; assert len(c) == 8 and all(v['multipliers_busy'] > 0 for v in c), c" "$tmp/log.8"
mkdir "$tmp/data"
cp -R rtl_templates "$tmp/data/"
cp tests/fgpu/faults/axgen_ram.v "$tmp/data/rtl_templates/common/"
check differs "a fault in the PE is found" env AXGEN_DATA="$tmp/data" "$axgen" sim "$tmp/tiny.yaml" --icarus
"$axgen" rtl $flow -o "$tmp/rtl" >"$tmp/log" 2>&1
cd "$tmp/rtl/rtl/host" || exit 1
check clean "the C host: gcc" gcc -std=c99 -pedantic -Wall -Wextra -Werror -o "$tmp/host" axgen_host.c main.c
check clean "the C host: g++" g++ -x c++ -std=c++11 -pedantic -Wall -Wextra -Werror -o "$tmp/host" axgen_host.c main.c
cd "$root" || exit 1
check clean "constants.bin has memory.hex's bytes" python3 - "$tmp/rtl/rtl/program" <<'P'
import sys
lines = open(sys.argv[1] + "/memory.hex").read().split()[1:]
want = b"".join(bytes.fromhex(line)[::-1] for line in lines)
got = open(sys.argv[1] + "/constants.bin", "rb").read()
assert len(got) > 70000 and want[:len(got)] == got and not any(want[len(got):]), (len(want), len(got))
P
for bits in 32 256; do
  check clean "the generated AXI top: verilator -Wall, $bits bits" sh -c "cd '$tmp/rtl/rtl' && verilator --lint-only -Wall \
    -GAXI_DATA_W=$bits -f axgen.f --top-module axgen_top_axi"
done
check clean "the generated Verilog: verilator -Wall" sh -c "cd '$tmp/rtl/rtl' && verilator --lint-only -Wall -f axgen.f --top-module axgen_top"
"$axgen" fgpu disasm "$tmp/rtl/rtl/program/host.txt" >"$tmp/program.s"
"$axgen" fgpu asm "$tmp/program.s" >"$tmp/program.hex"
sed -n 's/^[4-7][0-9a-f]* //p' "$tmp/rtl/rtl/program/host.txt" | cmp -s - "$tmp/program.hex" && [ -s "$tmp/program.hex" ]
check clean "a program disassembled and assembled is the same" test $? = 0
fails 'which no PE has' rtl "$tmp/lacking.yaml"
fails 'no .target: {kind: fgpu' fgpu run "$tmp/dataflow.yaml"
echo 'addi r1, r2' >"$tmp/bad.s"
fails 'bad.s:1:12: error: expected' fgpu asm "$tmp/bad.s"
printf '00000000\n12 xyz\n' >"$tmp/bad.hex"
fails 'bad.hex:2:4: error: expected a word' fgpu disasm "$tmp/bad.hex"
[ ! -e "$tmp/never" ]
check clean "errors leave nothing behind" test $? = 0

finish
