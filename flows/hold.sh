#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tables of docs/dataflow.md on held weights: for each multiplier of flows/NETWORK-hold.yaml the energy of a
# multiplication with a new weight every cycle and with weights held (`axgen energy`), and what the network loses with it
# in all layers (`axgen sensitivity`; biases as they are, and corrected).
#   flows/hold.sh [-n IMAGES] [NETWORK]...
# NETWORK is lenet5 or resnet8 (both where none is given; resnet8 needs data/, see models/README.md), IMAGES those of the
# data set on which accuracies are measured (default 2000). Some minutes; sensitivities go on where they were stopped.
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
images=2000
while getopts n: option; do
  case $option in
  n) images=$OPTARG ;;
  *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- lenet5 resnet8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for network; do
  "$axgen" energy "flows/$network-hold.yaml" --json -q >"$work/energy.json"
  "$axgen" sensitivity "flows/$network-hold.yaml" --images "$images" --json -q >"$work/loss.json"
  python3 - "$network" "$work" <<'P'
import json, sys
energy, losses = (json.load(open(f"{sys.argv[2]}/{f}.json")) for f in ("energy", "loss"))
first = energy["layers"][0]["layer"]
points = {(s["name"], s["corrected"]): 100 * s["loss"]
          for s in losses["sensitivities"] if s["scope"] == "onward" and s["layer"] == first}
exact = {s: min(m[s]["nj_per_image"] for m in energy["multipliers"] if m["name"].startswith("exact"))
         for s in ("moving", "held")}
print(f'{sys.argv[1]}, operands of {energy["images"]} images, top-1 on {losses["images"]}; '
      + ", ".join(f'{l["layer"]} {l["hold"]}' for l in energy["layers"]) + "\n")
print("| multiplier | new weight, fJ | glitches | held, fJ | glitches | holding saves | new weight: against best exact "
      "| held: against best exact | points lost | corrected |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
for m in energy["multipliers"]:
    moving, held = m["moving"], m["held"]
    cell = lambda s: (f'{s["fj_per_multiplication"]:.1f} ± '
                      f'{s["fj_per_multiplication"] * s["ci95_nj"] / s["nj_per_image"]:.1f} | {s["glitch_factor"]:.2f}')
    print(f'| `{m["name"]}` | {cell(moving)} | {cell(held)} | '
          f'{100 * (1 - held["nj_per_image"] / moving["nj_per_image"]):.0f} % | '
          f'{100 * (moving["nj_per_image"] / exact["moving"] - 1):+.0f} % | '
          f'{100 * (held["nj_per_image"] / exact["held"] - 1):+.0f} % | '
          f'{points[m["name"], False]:.2f} | {points[m["name"], True]:.2f} |')
print()
P
done
