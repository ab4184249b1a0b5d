#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The FGPU's cores: no warning from Verilator (-Wall) and Icarus (-Wall) at several sizes; illegal parameters stop
# elaboration. What they compute is tested in tests/unit/fgpu.
cd "$(dirname "$0")/../../rtl_templates/fgpu" || exit 1
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
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
