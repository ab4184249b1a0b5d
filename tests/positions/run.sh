#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers by (PE, lane) in the dataflow target: random networks whose layers mix them, bit for bit in Icarus; lint in
# three tools; what the manifest says of the positions. Uses $BUILD/axgen and $BUILD/tests/sim/random_net.
# Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
random_net=$PWD/$BUILD/tests/sim/random_net
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; [ -f "$work/err" ] && cat "$work/err"; failed=$((failed + 1)); }
check() { # what, command...
  what=$1
  shift
  if "$@" >"$work/out" 2>"$work/err"; then ok "$what"; else fail "$what"; cat "$work/out"; fi
}
exact() { grep -q '"bit_exact":[[:space:]]*true' "$1"; }
simulate() { # config, options...
  "$axgen" sim "$@" --icarus --json >"$work/json" && exact "$work/json"
}

# ---- multipliers at random positions, as the filters and channels come
for seed in 201 203 204 205 207 209; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  check "random $seed: bit-exact, stalls" simulate "$work/r$seed/config.yaml" --images 2 --stalls $seed
done

# ---- three tools read it
lint() {
  "$axgen" rtl "$work/r205/config.yaml" &&
    (cd "$work/r205/out/rtl" && grep -q 'localparam \[PE\*SIMD-1:0\] AT2' layer_conv0.v &&
      verilator --lint-only -Wall -f axgen.f --top-module axgen_top &&
      iverilog -g2005 -Wall -tnull -s axgen_top -f axgen.f 2>&1 | grep -v timescale >"$work/lint"
      [ ! -s "$work/lint" ] && yosys -q -p "read_verilog $(grep -v '^#' axgen.f | tr '\n' ' '); hierarchy -check -top axgen_top; proc; check -assert")
}
check "random 205: lint" lint

# ---- the manifest: where each stands, and as many as it says
manifest() {
  python3 - "$work/r205/out/rtl/manifest.json" <<'END'
import json, sys
for layer in json.load(open(sys.argv[1]))["layers"]:
    places, have = layer["positions"], layer["multipliers"]
    assert len(places) == layer["pe"] and all(len(row) == layer["simd"] for row in places)
    for i, m in enumerate(have):
        assert m["count"] == sum(row.count(i) for row in places) > 0, m
END
}
check "random 205: manifest" manifest

echo "$passed passed, $failed failed"
[ $failed = 0 ]
