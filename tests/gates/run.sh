#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole mapped netlist, gate by gate, against the Verilog that it was made of: every pin in every cycle; replaced cells
# are found.
. "$(dirname "$0")/../lib.sh"
AXGEN_CACHE=$work/cache # the modules are mapped once

random 2
"$BUILD/tests/gates/faults" "$work/r2/config.yaml" 2 30 >"$work/counted" 2>"$work/err"
judge "faults" $?
counted "$work/counted"
check "sim --gates" simulate "$work/r2/config.yaml" --icarus --gates --images 3 --stalls 3
check "it says what it compared" json "$work/out" 'j["gates"]["cycles"] > 300 and j["gates"]["cells"] > 1000 and
  j["gates"]["output_bits_compared"] > 1000 and j["gates"]["flip_flops"] > 100 and j["gates"]["pins"] > 20'
verb=sim
refused "--gates and --axi" 2 'leave --axi out' "$work/r2/config.yaml" --gates --axi

finish
