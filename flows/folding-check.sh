#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How far the folding's estimates (compiler/target/dataflow/fold_cost.c) are off where words are loaded, streamed or held: LeNet-5 with
# words built in, loaded, streamed, weights held, and loaded and held, synthesised for the project's 45 nm library and for UltraScale+.
#   flows/folding-check.sh [FOLDER]     what FOLDER (default: build/folding-check) holds is not done again.
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
folder=${1:-build/folding-check}
mkdir -p "$folder"
one() { # name, weights, hold of conv1 and conv2
  cat >"$folder/$1.yaml" <<YAML
network: $PWD/models/lenet5-fashion/net.yaml
dataset:
  format: idx
  images: /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz
  count: 1
multipliers: {E: exact8s}
assignment: {default: E}
target:
  kind: dataflow
  weights: $2
  folding:
    conv1: {pe: 2, simd: 5, hold: $3}
    conv2: {pe: 4, simd: 10, hold: $4}
    fc1: {pe: 4, simd: 4}
    fc2: {pe: 2, simd: 2}
    fc3: {pe: 1, simd: 1}
output: $(realpath "$folder")/$1
YAML
  "$axgen" rtl "$folder/$1.yaml" >"$folder/$1.log"
  [ -s "$folder/$1/synth.json" ] || "$axgen" synth "$folder/$1.yaml" -q >"$folder/$1.log"
  [ -s "$folder/$1/synth-xcup.json" ] || "$axgen" synth "$folder/$1.yaml" --family xcup -q >>"$folder/$1.log"
}
one rom rom 1 1
one load load 1 1
one stream stream 1 1
one hold rom 14 10
one holdload load 14 10
python3 - "$folder" <<'P'
import json, sys
folder = sys.argv[1]
read = lambda path: json.load(open(path))
print("| words | layers' um2 without multipliers: mean error | largest | accelerator, um2 | estimated | LUTs | estimated |")
print("|---|--:|--:|--:|--:|--:|--:|")
for name, what in [("rom", "built in"), ("load", "loaded"), ("stream", "weights streamed"), ("hold", "built in, held"), ("holdload", "loaded, held")]:
    estimate, synth = read(f"{folder}/{name}/rtl/manifest.json")["estimate"], read(f"{folder}/{name}/synth.json")
    layers = {l["layer"]: l["area_um2"] for l in synth["layers"]}
    errors = []
    for e in estimate["layers"]:
        own, muls = layers[e["layer"]], layers[e["layer"]]["multipliers"]
        errors.append(100 * abs((e["area_um2"] - muls) / (own["total"] - muls) - 1))
    print(f'| {what} | {sum(errors) / len(errors):.1f} % | {max(errors):.1f} % | {synth["area_um2"]["total"]:,.0f} | {estimate["area_um2"]:,.0f} | '
          f'{read(f"{folder}/{name}/synth-xcup.json")["luts"]:,} | {estimate["luts"]:,} |')
P
