# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it and work in a folder of their own. Uses $BUILD/axgen.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
root=$PWD
AXGEN_DATA=$root
export AXGEN_DATA
axgen=$root/$BUILD/axgen
case $BUILD in /*) axgen=$BUILD/axgen ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0 skipped=0
check() { # what, command...
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "ok   $what" && passed=$((passed + 1))
  else
    echo "FAIL $what" && tail -n 30 "$work/log" && failed=$((failed + 1))
  fi
}
lint() { # folder, top
  (cd "$1" && verilator --lint-only -Wall -f axgen.f --top-module "$2" && iverilog -g2005 -Wall -tnull -s "$2" -c axgen.f) \
    >lint.log 2>&1
  grep -v timescale lint.log
  ! grep -v timescale lint.log | grep -q .
}
says() { "$@" 2>&1 | grep -q '^PASS tb_'; } # a testbench
has() { grep -q -- "$1" "$2"; }
lacks() { ! grep -q -- "$1" "$2"; }
exact() { "$axgen" sim "$@" --json >sim.out && grep -q '"bit_exact":.*true' sim.out; }
json() { python3 -c "import json, sys; m = json.load(open(sys.argv[1])); assert $2, m" "$1"; }
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

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
