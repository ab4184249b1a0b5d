#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The target on the command line.
. "$(dirname "$0")/lib.sh"

flow=flows/lenet5-fgpu.yaml
with() { # name, sed script: the flow with a change, as $work/NAME.yaml
  sed "s#\.\./models#$root/models#; s#^output:.*#output: $work/never#; $2" $flow >"$work/$1.yaml"
}
fails() { # text wanted, arguments
  text=$1
  shift
  outcome error "axgen $*: $text" "$axgen" "$@"
}
with chosen '/lids:/,/cv1/d; s/cvs: 2/cvs: 3/'
# A quarter of the work for L: two of eight PEs.
with layers '/lids:/,/cv1/d; s/p0_c4/p2_c8/; s/\(conv1\|fc2\|fc3\): {.*/\1: E/; s/\(conv2\|fc1\): {.*/\1: L/'
with quarter '/lids:/,/cv1/d; s/{0-2: L}/{0: L}/; s/0-7: L/0-3: L/; s/0-59: L/0-29: L/; s/0-41: L/0-20: L/; s/0-4: L/0-1: L/'
with four 's/cvs: 2/cvs: 4/; s/^    cv1.*/&\n    cv2: [E, L, E, L, E, L, E, L]\n    cv3: [L, L, L, L, L, L, L, L]/'
with lacking 's/\(cv[01]: \).*/\1[E, E, E, E, E, E, E, E]/'
pe2='folding: {conv1: {pe: 2}, conv2: {pe: 2}, fc1: {pe: 2}, fc2: {pe: 2}, fc3: {pe: 2}}'
with dataflow "s/kind: fgpu/kind: dataflow/; s/cvs: 2/$pe2/; /lids/,/cv1/d"
for config in $flow "$work/chosen.yaml" "$work/four.yaml"; do
  outcome exact "fgpu run $config" "$axgen" fgpu run "$config" --images 2 --json -o "$work/run"
done
outcome exact "chosen LIDs" "$axgen" fgpu run "$work/quarter.yaml" --images 1 --json -o "$work/run"
cp "$work/log" "$work/quarter.json"
# Where the multipliers' area counts too, the exact ones, which are the larger, get fewer PEs.
exact_pes() { field "$1" 'sum(v["lids"].count("E") for v in j["cvs"])'; } # of what `fgpu run --json` printed
sed 's/cvs: 2/cvs: 2\n  goal: area_cycles/' "$work/layers.yaml" >"$work/goal.yaml"
outcome exact "goal: area_cycles" "$axgen" fgpu run "$work/goal.yaml" --images 1 --json -o "$work/run"
cp "$work/log" "$work/goal.json"
"$axgen" fgpu run "$work/layers.yaml" --images 1 --json -o "$work/run" >"$work/layers.json" 2>"$work/err"
check "fewer exact PEs, but some" test "$(exact_pes "$work/goal.json")" -gt 0 -a "$(exact_pes "$work/goal.json")" -lt "$(exact_pes "$work/layers.json")"
outcome clean "are in proportion to the work" python3 -c "import json, sys; assert all(c['lids'].count('L') == 2 for c in json.load(open(sys.argv[1]))['cvs'])" "$work/quarter.json"
outcome exact "sim $flow" "$axgen" sim $flow --images 2 --stalls 5 --json -o "$work/sim"
cmp -s "$work/log" "$work/sim/sim.json"
outcome clean "sim.json is what was printed" test $? = 0
# The same network and assignment on the other target: the same outputs, value for value.
outcome exact "sim of the dataflow target" "$axgen" sim "$work/dataflow.yaml" --images 2 --json -o "$work/sim-dataflow"
outcome clean "both targets give the same logits" python3 - "$work/sim/sim.json" "$work/sim-dataflow/sim.json" <<'P'
import json, sys
a, b = (json.load(open(f))["logits"] for f in sys.argv[1:])
assert len(a) == 2 and all(len(i) == 10 and len(set(i)) > 5 for i in a) and a[0] != a[1], a
assert a == b, (a, b)
P
# A small network, whose images are bytes of a file, on Icarus; then with a fault in the PE.
{
  printf '\000\000\010\003\000\000\000\002\000\000\000\006\000\000\000\006'
  head -c 72 models/lenet5-fashion/weights.safetensors
} >"$work/images"
cat >"$work/tiny.yaml" <<Y
network: $root/tests/config/tiny/net.yaml
dataset: {format: idx, images: images}
multipliers: {E: exact8s, L: roup8s_p0_c4}
assignment: {default: E, conv1: {filters: {1-2: L}}, conv2: {kernels: {"0-5,0": L}}}
target: {kind: fgpu, cvs: 2, slots: 2, local_bytes: 128, cache_lines: 8, lids: {cv0: [L, E, L, L, E, L, L, L], cv1: [E, E, E, E, E, E, E, L]}}
Y
outcome exact "sim of a small network, Icarus" "$axgen" sim "$work/tiny.yaml" --icarus --images 2 --stalls 3 --json
sed 's/cvs: 2/cvs: 2, dot4: true/; s/, conv2: .*/}/' "$work/tiny.yaml" >"$work/dot4.yaml"
outcome exact "sim with dot4, Icarus" "$axgen" sim "$work/dot4.yaml" --icarus --stalls 2 --json
"$axgen" rtl "$work/dot4.yaml" -o "$work/dot4" >"$work/log" 2>&1
outcome clean "and it is used" grep -q ' dot4 r' "$work/dot4/rtl/program/listing.txt"
# A tile behind its AXI ports: driven by the testbench on Icarus, by the C host in Verilator; equal logits.
sed 's/cvs: 2/cvs: 1/; s/, cv1: .*/}}/' "$work/tiny.yaml" >"$work/one.yaml"
outcome exact "sim --axi, Icarus" "$axgen" sim "$work/one.yaml" --axi --icarus --stalls 3 --json -o "$work/axi"
outcome exact "sim --axi, the C host" "$axgen" sim "$work/one.yaml" --axi --images 2 --stalls 4 --json -o "$work/axi"
outcome clean "the C host and the testbench got the same logits" python3 - "$work/axi/sim-icarus.json" "$work/axi/sim.json" <<'P'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
assert a["axi"] and b["axi"] and a["logits"][0] == b["logits"][0] != b["logits"][1], (a["logits"], b["logits"])
P
fails 'AXI4-Stream' sim "$work/dataflow.yaml" --axi
# 8 CVs, half of them with the one multiplier, half with the other, so that the first layer occupies all of them.
{
  sed 's/, lids: .*/,/; s/cvs: 2/cvs: 8/' "$work/tiny.yaml"
  echo '  lids: {'
  for cv in 0 1 2 3; do
    echo "    cv$cv: [E, E, E, E, E, E, E, E], cv$((cv + 4)): [L, L, L, L, L, L, L, L],"
  done
  echo '  }}'
} >"$work/eight.yaml"
outcome exact "sim on 8 CVs, Icarus" "$axgen" sim "$work/eight.yaml" --icarus --json
cp "$work/log" "$work/log.8"
outcome clean "all 8 CVs had work" python3 -c "import json, sys; c = json.load(open(sys.argv[1]))['cvs']; assert len(c) == 8 and all(v['multipliers_busy'] > 0 for v in c), c" "$work/log.8"
mkdir "$work/data"
cp -R rtl_templates "$work/data/"
cp tests/fgpu/faults/axgen_ram.v "$work/data/rtl_templates/common/"
outcome differs "a fault in the PE is found" env AXGEN_DATA="$work/data" "$axgen" sim "$work/tiny.yaml" --icarus
"$axgen" rtl $flow -o "$work/rtl" >"$work/log" 2>&1
cd "$work/rtl/rtl/host" || exit 1
outcome clean "the C host: gcc" gcc -std=c99 -pedantic -Wall -Wextra -Werror -o "$work/host" axgen_host.c main.c
outcome clean "the C host: g++" g++ -x c++ -std=c++11 -pedantic -Wall -Wextra -Werror -o "$work/host" axgen_host.c main.c
cd "$root" || exit 1
outcome clean "constants.bin has memory.hex's bytes" python3 - "$work/rtl/rtl/program" <<'P'
import sys
lines = open(sys.argv[1] + "/memory.hex").read().split()[1:]
want = b"".join(bytes.fromhex(line)[::-1] for line in lines)
got = open(sys.argv[1] + "/constants.bin", "rb").read()
assert len(got) > 70000 and want[:len(got)] == got and not any(want[len(got):]), (len(want), len(got))
P
for bits in 32 256; do
  outcome clean "the generated AXI top: verilator -Wall, $bits bits" sh -c "cd '$work/rtl/rtl' && verilator --lint-only -Wall \
    -GAXI_DATA_W=$bits -f axgen.f --top-module axgen_top_axi"
done
outcome clean "the generated Verilog: verilator -Wall" sh -c "cd '$work/rtl/rtl' && verilator --lint-only -Wall -f axgen.f --top-module axgen_top"
"$axgen" fgpu disasm "$work/rtl/rtl/program/host.txt" >"$work/program.s"
"$axgen" fgpu asm "$work/program.s" >"$work/program.hex"
sed -n 's/^[4-7][0-9a-f]* //p' "$work/rtl/rtl/program/host.txt" | cmp -s - "$work/program.hex" && [ -s "$work/program.hex" ]
outcome clean "a program disassembled and assembled is the same" test $? = 0
fails 'which no PE has' rtl "$work/lacking.yaml"
fails 'no .target: {kind: fgpu' fgpu run "$work/dataflow.yaml"
echo 'addi r1, r2' >"$work/bad.s"
fails 'bad.s:1:12: error: expected' fgpu asm "$work/bad.s"
printf '00000000\n12 xyz\n' >"$work/bad.hex"
fails 'bad.hex:2:4: error: expected a word' fgpu disasm "$work/bad.hex"
[ ! -e "$work/never" ]
outcome clean "errors leave nothing behind" test $? = 0

finish
