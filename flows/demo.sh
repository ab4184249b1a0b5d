#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end, for three designs and a fourth that the search finds: accuracy by emulation over the whole test
# set, bit-exact co-simulation, synthesis; then one table and one picture. `make demo` calls this.
set -e
cd "$(dirname "$0")/.."
axgen=${AXGEN:-./axgen}
out=build/demo
run() {
  echo
  echo "\$ axgen $*"
  "$axgen" "$@"
}
build() { # CONFIG
  run eval "$1"
  run rtl "$1"
  run sim "$1" --images 200
  run synth "$1"
}
for design in exact roup-conv2 roup-most; do
  echo
  echo "== $design: $(sed -n 's/^# \(.*\)/\1/p' flows/demo/$design.yaml | tail -n 1)"
  build flows/demo/$design.yaml
done

echo
echo "== explore: $(sed -n 's/^# \(.*\)/\1/p' flows/demo/explore.yaml | tail -n 1)"
run explore flows/demo/explore.yaml --level layer --max-loss 0.005
# The one that saves most among those that meet the threshold on the test set: the front goes from dear to cheap.
point=$(awk -F, '$NF == "yes" {found = $1} END {print found}' $out/explore/front.csv)
[ -n "$point" ] || { echo "the search found nothing that meets the threshold" >&2; exit 1; }
build "$out/explore/$point/config.yaml"
rm -rf $out/found
cp -R "$out/explore/$point/out" $out/found
echo
echo "== all four"
run report $out/exact $out/roup-conv2 $out/roup-most $out/found $out/explore --output $out
