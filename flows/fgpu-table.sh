#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table of docs/fgpu.md: LeNet-5 and ResNet-8 on the fgpu target, from `axgen sim` (Verilator) and `axgen synth`.
# Arguments: rows NETWORK:CVS[:dot4]; without any, all of them. Takes some minutes. ResNet-8 needs data/ (models/README.md).
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- lenet5:1 lenet5:2 lenet5:4 lenet5:8 lenet5:2:dot4 resnet8:2 resnet8:2:dot4
echo "| network | CVs | LIDs of a CV | cycles an image | issue slots used | multipliers busy | lines read | written | area um2 | of it multipliers | delay ns | multiplier energy nJ |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
for row; do
  network=${row%%:*} rest=${row#*:}
  cvs=${rest%%:*}
  dot4=false
  case $rest in *:dot4) dot4=true ;; esac
  sed "s#\.\./#$PWD/#; s#^output:.*#output: $work/out#; s#cvs: 2#cvs: $cvs\n  dot4: $dot4#; /lids:/,/cv1/d" \
    "flows/$network-fgpu.yaml" >"$work/config.yaml"
  "$axgen" sim "$work/config.yaml" --images 2 -q >"$work/log" || { cat "$work/log"; exit 1; }
  "$axgen" synth "$work/config.yaml" --images 2 -q >"$work/log" || { cat "$work/log"; exit 1; }
  python3 - "$work/out" "$row" <<'P'
import json, sys
sim, synth = (json.load(open(f"{sys.argv[1]}/{f}.json")) for f in ("sim", "synth"))
network, cvs, *dot4 = sys.argv[2].split(":")
lids = sim["cvs"][0]["lids"]
assert sim["bit_exact"] and all(sorted(c["lids"]) == sorted(lids) for c in sim["cvs"])
mean = lambda key: sum(c[key] for c in sim["cvs"]) / len(sim["cvs"])
kinds = ", ".join(f"{lids.count(k)} {k}" for k in sorted(set(lids)))
print(f'| {network}{", dot4" if dot4 else ""} | {cvs} | {kinds} | {sim["cycles_per_image"]:,} | '
      f'{100 * mean("issue_slots_used"):.1f} % | {100 * mean("multipliers_busy"):.1f} % | {sim["lines_read"]:,} | '
      f'{sim["lines_written"]:,} | {synth["area_um2"]["total"]:,.0f} | {100 * synth["multiplier_share"]:.1f} % | '
      f'{synth["timing"]["delay_ns"]:.2f} | {synth["energy_proxy"]["toggled_nj_per_image"]:,.1f} |')
P
done
