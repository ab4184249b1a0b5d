#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every method, within its evaluations and multipliers; what they minimise.
. "$(dirname "$0")/lib.sh"

small=$(changed small 's/, conv1: A/, conv1: A, fc1: B, fc2: C/') # one layer is free: exhaustive can
for method in model hawx nsga2 alwann greedy random exhaustive; do
  config=$work/c.yaml
  [ $method = exhaustive ] && config=$small
  explore "$config" --level layer --method $method --max-evaluations 12 --json -o "$work/$method" &&
    python3 "$check" front "$work/out" "$work/$method" 12 >>"$work/err"
  judge "method $method: at most 12 evaluations" $?
done
free=$(changed free 's/freeze: .*/freeze: {}/')
for method in model nsga2 alwann hawx; do
  explore "$free" --level filter --method $method --max-multipliers 2 --max-evaluations 6 --json -o "$work/few-$method" &&
    python3 "$check" multipliers "$work/few-$method" 2 >>"$work/err"
  judge "method $method: two multipliers" $?
done
# One multiplier in all layers: there are as many designs as multipliers, and the model finds those that count.
# Two: a palette for each point, so the front is no less than that of any other method.
free=$(changed palettes 's/freeze: .*/freeze: {}/; /^target/d')
for method in exhaustive model; do
  explore "$free" --level layer --method $method --max-multipliers 1 --max-evaluations 20 --json -o "$work/one-$method" &&
    cp "$work/out" "$work/one-$method.json"
done
json "$work/one-model.json" "j['hypervolume'] > 0.99 * json.load(open('$work/one-exhaustive.json'))['hypervolume'] > 0.3" 2>>"$work/err"
judge "method model: one multiplier in all layers" $?
for method in model alwann greedy; do
  explore "$free" --level layer --method $method --max-multipliers 2 --max-evaluations 20 --json -o "$work/two-$method" &&
    cp "$work/out" "$work/two-$method.json"
done
for method in alwann greedy; do
  json "$work/two-model.json" "j['hypervolume'] >= json.load(open('$work/two-$method.json'))['hypervolume']" 2>>"$work/err"
  judge "method model: two multipliers, no less than $method" $?
done
# Six evaluations show the front that thirty have, though 26 prices wait to be looked at.
few=$(changed few 's/freeze: .*/freeze: {}/; /^target/d')
for most in 6 30; do
  explore "$few" --level filter --max-evaluations $most --json -o "$work/few-$most" && cp "$work/out" "$work/few-$most.json"
done
python3 "$check" few "$work/few-6.json" "$work/few-30.json" 2>>"$work/err"
judge "method model: few evaluations" $?
# With one multiplier a layer neighbours of few looks do better than many looks: no worse than going downhill from exact.
many="E: exact8s, A: evo8s_mae1, B: evo8s_mae4, C: evo8s_mae12_energy, D: evo8s_mae24, F: trunc8s_k5, G: evo8s_mae33_energy"
many="$many, H: evo8s_mae53_energy, I: evo8s_mae101_energy, J: mul8s_1L2L, K: trunc8s_k8, L: evo8s_mae340, M: mul8s_1L2N, N: mul8s_1L12"
free=$(changed many "s/freeze: .*/freeze: {}/; /^target/d; /^dataset/s/count: 300/count: 600/; s/^multipliers: .*/multipliers: {$many}/")
for method in model greedy; do
  explore "$free" --level layer --method $method --max-evaluations 25 --json -o "$work/by-layer" && cp "$work/out" "$work/by-$method.json"
done
json "$work/by-model.json" "j['hypervolume'] >= json.load(open('$work/by-greedy.json'))['hypervolume']" 2>>"$work/err"
judge "method model: by layer, no less than greedy" $?
explore "$work/c.yaml" --level layer --objective area --max-evaluations 4 --json -o "$work/area" &&
  python3 "$check" front "$work/out" "$work/area" 4 area >>"$work/err" &&
  python3 "$check" energies "$axgen" "$work/out" 2>>"$work/err"
judge "objective area" $?

# ---- layers of different widths: each relative to the exact multiplier of its own. Products: conv1 117600, conv2 240000,
# fc1 48000, fc2 10080, fc3 840; exact ones cost 10, in fc1 4; only conv2 may have another.
python3 "$check" narrow models/lenet5-fashion "$work/narrow" >"$work/out" 2>"$work/err"
wide="$work/narrow/c.yaml"
sed "s|^network: .*|network: net.yaml|; s|^multipliers: .*|multipliers: {E: exact8s, B: roup8s_p0_c4, N: exact8x4s}|
  s|freeze: .*|freeze: {fc3: E, conv1: E, fc1: N, fc2: E}\\n  cost: {E: 10, B: 8, N: 4}|" "$work/c.yaml" >"$wide"
explore "$wide" --level layer --method exhaustive --json -o "$work/widths" &&
  python3 "$check" costs "$work/out" 1 "$(python3 -c 'print(1 - 480000 / (3685200 + 192000))')" >>"$work/err"
judge "widths: relative to exact ones of each layer's" $?
sed 's/N: exact8x4s/N: trunc8x4s_k1/' "$wide" >"$work/narrow/d.yaml"
refused "widths: a cost relative to nothing" 1 'layer `fc1` takes is exact' "$work/narrow/d.yaml"

# ---- a network without gradients: the model's harms are in no known unit; it finds where too much is lost all the same
python3 "$check" unscaled models/lenet5-fashion "$work/unscaled" >"$work/out" 2>"$work/err"
sed 's|^network: .*|network: net.yaml|; s|freeze: .*|freeze: {}|; /^target/d' "$work/c.yaml" >"$work/unscaled/c.yaml"
for level in layer kernel; do
  explore "$work/unscaled/c.yaml" --level $level --json -o "$work/unscaled-$level" &&
    python3 "$check" volume "$work/out" 0.4 >>"$work/err"
  judge "harms of no known unit, $level" $?
done

# ---- nothing to be found: said, and why
only=$(changed only 's/^multipliers: .*/multipliers: {E: exact8s}/; s/freeze: .*/freeze: {}/')
explore "$only" --level layer -o "$work/only" && grep -q '^no points: nothing that was judged costs less than exact$' "$work/out" &&
  ! grep -q 'a config for each' "$work/out" && explore "$only" --level layer --json -o "$work/only" && json "$work/out" 'j["points"] == []'
judge "no points: said why" $?

finish
