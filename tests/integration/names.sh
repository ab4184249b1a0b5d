#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names: prefixes; layers whose names are hard to spell in Verilog, on both targets.
. "$(dirname "$0")/lib.sh"

check "import: names" sh -c "sed -n 's/^- name: //p' net/net/net.yaml | tr '\n' ' ' | grep -qx 'input fc1 fc1_in module a_b a_b_2 dense_1x '"
lint "dataflow" $plain axgen_top
lint "dataflow, named" $eyes eyes
lint "fgpu" $tile axgen_top
lint "fgpu, named" $brain brain
lint "fgpu, named, AXI" $brain brain_axi
check "dataflow, named: co-simulation" simulate net/eyes.yaml --icarus --images 2 --stalls 3
check "fgpu: co-simulation" simulate net/tile.yaml --icarus --images 1 --stalls 3
check "fgpu, named: co-simulation" simulate net/brain.yaml --icarus --images 1
check "fgpu, named: AXI" simulate net/brain.yaml --axi --icarus --images 1

# a multiplier whose module is called like a port of the cores
"$axgen" mul gen roup8s_p2_c6 -o gen >gen.log 2>&1 && cp gen/mul_roup8s_p2_c6.hex net/b.hex
sed 's/^multipliers:.*/multipliers: {E: roup8s_p1_c5, L: b.hex}/; s/^output:.*/output: port/' net/brain.yaml >net/port.yaml
check "fgpu, named: a table called like a port" simulate net/port.yaml --icarus --images 1

# ---- every module carries the prefix; both targets' files say what they were made from
prefixed() { # folder, name
  ! cat "$1"/*.v "$1"/cores/*.v | sed -n 's/^ *module *\([A-Za-z0-9_]*\).*/\1/p' | grep -vx -e "$2" -e "$2_.*"
}
check "dataflow: all modules prefixed" prefixed $eyes eyes
check "fgpu: all modules prefixed" prefixed $brain brain
check "the manifest has the name" json $eyes/manifest.json "j['top'] == j['prefix'] == 'eyes' and j['layers'][1]['module'] == 'eyes_layer_fc1_in'"
check "the manifest has both tops" json $brain/manifest.json "j['top'] == 'brain' and j['top_axi'] == 'brain_axi' and len(j['sha256']['network']) == 64"

finish
