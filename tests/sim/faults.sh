#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Faults of the hardware must be found and named: cores of tests/sim/faults in place of the right ones.
. "$(dirname "$0")/../lib.sh"

random 3
sed 's/^  B: .*/  B: exact8s/' "$work/r3/config.yaml" >"$work/r3/exact.yaml" # a netlist with full adders
faulty() { # what, folder of the core, core, text expected
  mkdir -p "$work/data"
  cp -R rtl_templates synth "$work/data/"
  [ -e "$work/data/rtl_templates/$2/$3.v" ] && cp "tests/sim/faults/$3.v" "$work/data/rtl_templates/$2/" ||
    { fail "$1: there is no such core"; return; }
  AXGEN_DATA=$work/data "$axgen" sim "$work/r3/exact.yaml" --icarus --images 1 >"$work/out" 2>"$work/err"
  status=$?
  if [ $status = 4 ] && grep -q "$4" "$work/err"; then ok "$1"; else fail "$1: exit $status"; fi
  rm -rf "$work/data"
}
faulty "wrong requantisation is found and named" common axgen_round \
  'image 0, layer .*, channel .*: the hardware gave .*, the reference '
faulty "a wrong full adder is found and named" common axgen_fa 'the gates of a multiplier are not its table'
faulty "a stage that stands still is found and named" dataflow axgen_requant \
  'layer .* stands still: its beat 0 of image 0 '

finish
