#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The cores: no warning from Verilator (-Wall) and Icarus (-Wall) at several sizes; illegal parameters stop
# elaboration.
. "$(dirname "$0")/lib.sh"

cd rtl_templates/fgpu || exit 1
# A stand-in for the generated multipliers.
cat >"$work/axgen_fgpu_mul.v" <<'V'
`default_nettype none
module axgen_fgpu_mul #(parameter CV = 0, parameter PE = 0) (
    input wire [7:0] a, input wire [7:0] b, output wire [31:0] p
);
    wire signed [15:0] q = $signed(a) * $signed(b);
    assign p = {{16{q[15]}}, q[15:1], q[0] && (CV + PE > 3)};
endmodule
V

verilator_lint() {
  expect=$1
  shift
  outcome "$expect" "verilator $*" verilator --lint-only -Wall -I. ../lint.vlt "$@" --top-module axgen_fgpu $common ./*.v \
    "$work/axgen_fgpu_mul.v"
}

verilator_lint clean -GCVS=1
verilator_lint clean -GCVS=2 -GDOT4=1
verilator_lint clean -GCVS=8 -GSLOTS=16 -GLINES=4096 -GLOCAL_BYTES=65536 -GADDR_W=32 -GCODE_WORDS=65536 -GLAUNCHES=4096
verilator_lint clean -GCVS=3 -GSLOTS=2 -GLINES=8 -GLOCAL_BYTES=128 -GADDR_W=13 -GCODE_WORDS=16 -GLAUNCHES=2
for wrong in -GDOT4=2 -GCVS=9 -GCVS=0 -GSLOTS=3 -GLINES=100 -GLOCAL_BYTES=256 -GADDR_W=12 -GCODE_WORDS=1000 -GLAUNCHES=3; do
  verilator_lint refused $wrong
done
for cvs in 1 3 8; do
  outcome clean "iverilog CVS=$cvs" iverilog -g2005 -Wall -I. -Paxgen_fgpu.CVS=$cvs -s axgen_fgpu -o "$work/elaborated" $common \
    ./*.v "$work/axgen_fgpu_mul.v"
done

finish
