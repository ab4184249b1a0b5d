#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table of docs/dataflow.md: networks on the dataflow target, from `axgen rtl`, `axgen sim` (Verilator) and, where a row asks for it,
# `axgen synth`.   flows/dataflow-table.sh [ROW...]   ROW: NETWORK:KEY=VALUE[,KEY=VALUE]...:IMAGES[:synth], KEY of
# `target` in docs/config.md, one of them a wish.
# Results are kept in build/dataflow-table (or $TABLE) and not made again while the Verilog stays; a row that stops the script can be asked for again. Needs data/
# (models/README.md) for all but lenet5-fashion.
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
table=${TABLE:-$PWD/build/dataflow-table}
[ $# -gt 0 ] || set -- lenet5-fashion:max_multipliers=10:200:synth lenet5-fashion:max_multipliers=131:200:synth lenet5-fashion:max_multipliers=1000:200 \
  resnet8-cifar10:max_multipliers=100:10 resnet8-cifar10:max_multipliers=400:10:synth resnet20-cifar10:max_multipliers=400:4 \
  vgg11-cifar10:max_multipliers=400:2 resnet18-cifar10:max_multipliers=400:2 mobilenetv2-cifar10:max_multipliers=400:2 efficientnetlite-gtsrb:max_multipliers=400:2
echo "| network | wish | multipliers | formula cycles | measured | images/s at 4 ns | FIFO bits | multipliers busy | area um2 | built in s | ran in s | cycles/s |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
for row; do
  network=${row%%:*} rest=${row#*:}
  wish=${rest%%:*} rest=${rest#*:}
  images=${rest%%:*}
  at=$table/$network-$wish
  mkdir -p "$at"
  case $network in
    lenet5-*) data="format: idx, images: /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz, labels: /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz" ;;
    *gtsrb) data="format: cifar, images: $PWD/data/gtsrb/test.bin" ;;
    *) data="format: cifar, images: $PWD/data/cifar-10-batches-bin/test_batch.bin" ;;
  esac
  cat >"$at/config.yaml" <<Y
network: $PWD/models/$network/net.yaml
dataset: {$data}
multipliers: {E: exact8s}
assignment: {default: E}
target: {kind: dataflow, clock_ns: 4, $(echo "$wish" | sed 's/=/: /g; s/,/, /g')}
output: $at
Y
  "$axgen" rtl "$at/config.yaml" --json >"$at/manifest.new" 2>"$at/log" || { cat "$at/log" >&2; exit 1; }
  cmp -s "$at/manifest.new" "$at/manifest.json" || rm -f "$at/sim.json" "$at/synth.json" # other Verilog than was measured
  mv "$at/manifest.new" "$at/manifest.json"
  [ -s "$at/sim.json" ] || "$axgen" sim "$at/config.yaml" --images "$images" -q >"$at/log" 2>&1 || { cat "$at/log" >&2; exit 1; }
  case $row in
    *:synth) [ -s "$at/synth.json" ] || "$axgen" synth "$at/config.yaml" --images 1 -q >"$at/log" 2>&1 || { cat "$at/log" >&2; exit 1; } ;;
  esac
  python3 - "$at" "$network" "$wish" <<'P'
import json, os, sys
at, network, wish = sys.argv[1:]
read = lambda name: json.load(open(f"{at}/{name}"))
m, sim = read("manifest.json"), read("sim.json")
assert sim["bit_exact"]
measured = sim.get("cycles_per_image")
work = sum(l["pe"] * l["simd"] * l["cycles_per_image"] for l in m["layers"] if "pe" in l)
def bits(o):
    if isinstance(o, dict):
        return o.get("fifo_bits", 0) + sum(bits(v) for v in o.values())
    return sum(map(bits, o)) if isinstance(o, list) else 0
area = f'about {m["estimate"]["area_um2"]:,.0f}'
if os.path.exists(f"{at}/synth.json"):
    area = f'{read("synth.json")["area_um2"]["total"]:,.0f} ({area})'
cycles = measured or m["formula_cycles_per_image"]
print(f'| {network} | {wish.replace("=", ": ").replace(",", ", ")} | {m["multipliers"]:,} | {m["formula_cycles_per_image"]:,} | '
      f'{f"{measured:,.0f}" if measured else "-"} | {1e9 / (m["clock_ns"] * cycles):,.0f} | {bits(m["layers"]):,} | '
      f'{100 * work / (m["multipliers"] * cycles):.1f} % | {area} | {sim["build_seconds"]:.0f} | {sim["run_seconds"]:.1f} | '
      f'{sim["total_cycles"] / max(sim["run_seconds"], 0.1):,.0f} |')
P
done
