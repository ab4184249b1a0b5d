# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it and work in a folder of their own. Uses $BUILD/axgen.
. "$(dirname "$0")/../lib.sh"
cd "$work" || exit 1
says() { "$@" 2>&1 | grep -q '^PASS tb_'; } # a testbench
has() { grep -q -- "$1" "$2"; }
lacks() { ! grep -q -- "$1" "$2"; }

# A network with names that collide, that are keywords, that are no identifiers; both targets, with a name and without:
# the folders $plain and $eyes (dataflow), $tile and $brain (fgpu).
mkdir net
python3 "$root/tests/integration/model.py" net fc1 fc1_in module a-b a_b 1x || exit 1
"$axgen" net import net/model.onnx --pictures net/images.idx --labels net/labels.idx -o net/net >import.log 2>&1
cat >net/config.yaml <<'Y'
network: net/net.yaml
dataset: {format: idx, images: images.idx, labels: labels.idx}
multipliers: {E: roup8s_p1_c5, L: roup8s_p2_c6}
assignment: {default: E, module: L}
target:
  kind: dataflow
  clock_ns: 4
  folding:
    fc1_in: {pe: 2, simd: 2}
    dense_1x: {pe: 2, simd: 4}
output: out
Y
sed 's/^  kind:.*/  kind: dataflow\n  name: eyes/; s/^output:.*/output: named/' net/config.yaml >net/eyes.yaml
sed '/^  folding:/,/^output:/d; s/^  kind:.*/  kind: fgpu\n  cvs: 1\n  slots: 2\n  local_bytes: 128\n  cache_lines: 8/' net/config.yaml >net/tile.yaml
echo 'output: tile' >>net/tile.yaml
sed 's/^  kind:.*/  kind: fgpu\n  name: brain/; s/^output:.*/output: brain/' net/tile.yaml >net/brain.yaml
for c in config eyes tile brain; do
  "$axgen" rtl net/$c.yaml >rtl.log 2>&1 || { cat rtl.log; exit 1; }
done
plain=net/out/rtl eyes=net/named/rtl tile=net/tile/rtl brain=net/brain/rtl
