#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The FGPU's cores: no warning from Verilator (-Wall) and Icarus (-Wall) at several sizes; illegal parameters stop
# elaboration. What they compute is tested in tests/unit/fgpu. Then the target on the command line ($BUILD/axgen).
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
axgen=$root/${BUILD:-build}/axgen
case ${BUILD:-} in /*) axgen=$BUILD/axgen ;; esac
cd rtl_templates/fgpu || exit 1
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# A stand-in for the generated multipliers.
cat >"$tmp/axgen_fgpu_mul.v" <<'V'
`default_nettype none
module axgen_fgpu_mul #(parameter CV = 0, parameter PE = 0) (
    input wire [7:0] a, input wire [7:0] b, output wire [31:0] p
);
    wire signed [15:0] q = $signed(a) * $signed(b);
    assign p = {{16{q[15]}}, q[15:1], q[0] && (CV + PE > 3)};
endmodule
V
common="../common/axgen_ram.v ../common/axgen_fifo.v $(echo ../common/axgen_count*.v)"

check() { # expected outcome, what, command: `clean` means no output at all
  expect=$1 what=$2
  shift 2
  "$@" >"$tmp/log" 2>&1
  status=$?
  case $expect in
  clean) [ "$status" = 0 ] && [ ! -s "$tmp/log" ] ;;
  exact) [ "$status" = 0 ] && grep -q '"bit_exact":.*true' "$tmp/log" ;;
  error) [ "$status" = 1 ] && grep -q "$text" "$tmp/log" ;;
  refused) [ "$status" != 0 ] && grep -q ILLEGAL_PARAMETER "$tmp/log" ;;
  esac
  if [ $? = 0 ]; then passed=$((passed + 1)); else
    echo "FAIL $what"
    head -20 "$tmp/log"
    failed=$((failed + 1))
  fi
}

verilator_lint() {
  expect=$1
  shift
  check "$expect" "verilator $*" verilator --lint-only -Wall -I. ../lint.vlt "$@" --top-module axgen_fgpu $common ./*.v \
    "$tmp/axgen_fgpu_mul.v"
}

verilator_lint clean -GCVS=1
verilator_lint clean -GCVS=8 -GSLOTS=16 -GLINES=4096 -GLOCAL_BYTES=65536 -GADDR_W=32 -GCODE_WORDS=65536 -GLAUNCHES=4096
verilator_lint clean -GCVS=3 -GSLOTS=2 -GLINES=8 -GLOCAL_BYTES=128 -GADDR_W=13 -GCODE_WORDS=16 -GLAUNCHES=2
for wrong in -GCVS=9 -GCVS=0 -GSLOTS=3 -GLINES=100 -GLOCAL_BYTES=256 -GADDR_W=12 -GCODE_WORDS=1000 -GLAUNCHES=3; do
  verilator_lint refused $wrong
done
for cvs in 1 3 8; do
  check clean "iverilog CVS=$cvs" iverilog -g2005 -Wall -I. -Paxgen_fgpu.CVS=$cvs -s axgen_fgpu -o "$tmp/out" $common \
    ./*.v "$tmp/axgen_fgpu_mul.v"
done

# ---- the command line
cd "$root" || exit 1
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
with four 's/cvs: 2/cvs: 4/; s/^    cv1.*/&\n    cv2: [E, L, E, L, E, L, E, L]\n    cv3: [L, L, L, L, L, L, L, L]/'
with lacking 's/\(cv.: \).*/\1[E, E, E, E, E, E, E, E]/'
with dataflow 's/kind: fgpu/kind: dataflow/; /cvs/d; /lids/,/cv1/d'
for config in $flow "$tmp/chosen.yaml" "$tmp/four.yaml"; do
  check exact "fgpu run $config" "$axgen" fgpu run "$config" --images 2 --json -o "$tmp/run"
done
check exact "sim $flow" "$axgen" sim $flow --images 2 --stalls 5 --json -o "$tmp/sim"
cmp -s "$tmp/log" "$tmp/sim/sim.json"
check clean "sim.json is what was printed" test $? = 0
"$axgen" rtl $flow -o "$tmp/rtl" >"$tmp/log" 2>&1
check clean "the generated Verilog: verilator -Wall" sh -c "cd '$tmp/rtl/rtl' && verilator --lint-only -Wall -f axgen.f --top-module axgen_top"
"$axgen" fgpu disasm "$tmp/rtl/rtl/program/host.txt" >"$tmp/program.s"
"$axgen" fgpu asm "$tmp/program.s" >"$tmp/program.hex"
sed -n 's/^[4-7][0-9a-f]* //p' "$tmp/rtl/rtl/program/host.txt" | cmp -s - "$tmp/program.hex" && [ -s "$tmp/program.hex" ]
check clean "a program disassembled and assembled is the same" test $? = 0
fails 'not supported for target fgpu' synth $flow
fails 'which no PE has' rtl "$tmp/lacking.yaml"
fails 'no .target: {kind: fgpu' fgpu run "$tmp/dataflow.yaml"
echo 'addi r1, r2' >"$tmp/bad.s"
fails 'bad.s:1:12: error: expected' fgpu asm "$tmp/bad.s"
printf '00000000\n12 xyz\n' >"$tmp/bad.hex"
fails 'bad.hex:2:4: error: expected a word' fgpu disasm "$tmp/bad.hex"
[ ! -e "$tmp/never" ]
check clean "errors leave nothing behind" test $? = 0
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
