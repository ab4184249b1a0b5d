#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end, for three designs: accuracy by emulation over the whole test set, bit-exact co-simulation,
# synthesis; then one table and one picture. `make demo` calls this.
set -e
cd "$(dirname "$0")/.."
axgen=${AXGEN:-./axgen}
out=build/demo
run() {
  echo
  echo "\$ axgen $*"
  "$axgen" "$@"
}
for design in exact roup-conv2 roup-most; do
  echo
  echo "== $design: $(sed -n 's/^# \(.*\)/\1/p' flows/demo/$design.yaml | tail -n 1)"
  run eval flows/demo/$design.yaml
  run rtl flows/demo/$design.yaml
  run sim flows/demo/$design.yaml --images 200
  run synth flows/demo/$design.yaml
done
echo
echo "== all three"
run report $out/exact $out/roup-conv2 $out/roup-most --output $out
