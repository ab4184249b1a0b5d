#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random networks whose layers mix multipliers by (PE, lane): bit for bit in Icarus; lint in three tools; what the manifest says of
# the positions.
. "$(dirname "$0")/../lib.sh"

# ---- multipliers at random positions, as the filters and channels come
for seed in 203 205 207; do
  random $seed
  check "random $seed: bit-exact, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 1 --stalls $seed
done

# ---- filters and channels in an order of their own: layers sort them, or they are permuted between layers
for seed in 300 301 304; do
  random $seed
  check "random $seed: another order, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 1 --stalls $seed
done
permuted=0
for seed in $(seq 400 420); do
  random $seed || continue
  "$axgen" rtl "$work/r$seed/config.yaml" >"$work/out" 2>"$work/err" && json "$work/r$seed/out/rtl/manifest.json" \
    'any("permutation_bits" in i for l in j["layers"] for i in l["inputs"])' 2>"$work/err" || continue
  check "random $seed: permuted, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 1 --stalls $seed
  permuted=$seed
  [ -e "$work/permuted" ] && break
  touch "$work/permuted"
done
random 4006
check "random 4006: branches, stalls" simulate "$work/r4006/config.yaml" --icarus --images 1 --stalls 3

# ---- small networks with branches: filters and positions mixed, every scheme, groups
for seed in 2020 2136 3022 3027 3032 3045 3060 4013 4015 4023 4025 4027 6013 6018 6024 6026 6073 6096; do
  random $seed
  check "random $seed: branches, stalls" simulate "$work/r$seed/config.yaml" --icarus --images 1 --stalls $seed
done

# ---- assignments that no folding holds: moved to the nearest, which fits and computes what `eval` says of it
for seed in 5001 5006 5007 5008 5011 5012; do
  random $seed
  legalized() {
    ! "$axgen" rtl "$work/r$seed/config.yaml" 2>"$work/err" && grep -q 'another multiplier for [1-9][0-9]* of its [0-9]* weights' "$work/err" &&
      simulate "$work/r$seed/config.yaml" --icarus --images 1 --legalize --stalls $seed
  }
  check "random $seed: legalised" legalized
done

# ---- three tools read it
reads() { # seed, what must be there
  "$axgen" rtl "$work/r$1/config.yaml" &&
    (cd "$work/r$1/out/rtl" && grep -q "$2" ./*.v &&
      verilator --lint-only -Wall -f axgen.f --top-module axgen_top &&
      iverilog -g2005 -Wall -tnull -s axgen_top -f axgen.f 2>&1 | grep -v timescale >"$work/lint"
      [ ! -s "$work/lint" ] && yosys -q -p "read_verilog $(grep -v '^#' axgen.f | tr '\n' ' '); hierarchy -check -top axgen_top; proc; check -assert")
}
check "random 205: lint" reads 205 'localparam \[PE\*SIMD-1:0\] AT2'
check "random $permuted: lint, permuted" reads $permuted 'axgen_permute #'

# ---- the manifest: where each stands, and as many as it says
check "random 205: manifest" json "$work/r205/out/rtl/manifest.json" 'all(len(l["positions"]) == l["pe"] and
  all(len(row) == l["simd"] for row in l["positions"]) and
  all(m["count"] == sum(row.count(i) for row in l["positions"]) > 0 for i, m in enumerate(l["multipliers"])) for l in j["layers"])'

finish
