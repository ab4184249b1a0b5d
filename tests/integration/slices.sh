#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Register slices: the same values at the same rate.
. "$(dirname "$0")/lib.sh"

rate() { field "$work/out" 'j["cycles_per_image"]'; }
sed 's/^  kind:.*/  kind: dataflow\n  pipeline: true/; s/^output:.*/output: sliced/' net/config.yaml >net/sliced.yaml
sed 's/^  kind:.*/  kind: dataflow\n  pipeline: [module, dense_1x]/; s/^output:.*/output: some/' net/config.yaml >net/some.yaml
simulate net/config.yaml --icarus --images 4 && rate >rate.plain
for c in sliced some; do
  check "$c: co-simulation" simulate net/$c.yaml --icarus --images 4
  rate >rate.$c
  check "$c: the same rate" cmp rate.plain rate.$c
  check "$c: with stalls" simulate net/$c.yaml --icarus --images 2 --stalls 5
done
check "slices behind two layers" "$axgen" rtl net/some.yaml
check "slices: two" test "$(grep -c 'axgen_slice #' net/some/rtl/axgen_top.v)" = 2
lint "slices" net/some/rtl axgen_top

finish
