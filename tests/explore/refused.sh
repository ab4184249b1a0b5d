#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is refused, and leaves nothing.
. "$(dirname "$0")/lib.sh"

refused "unknown level" 2 'expected layer, filter, kernel, weight or position' "$work/c.yaml" --level channel
refused "unknown method" 2 'expected one of model, ' "$work/c.yaml" --method magic
refused "unknown objective" 2 'expected energy, area or delay' "$work/c.yaml" --objective magic
refused "delay of multipliers" 2 'it needs --price design' "$work/c.yaml" --objective delay
for loss in 1 nan 0.1x; do
  refused "--max-loss '$loss'" 2 'expected a drop in accuracy' "$work/c.yaml" --max-loss "$loss"
done
refused "no evaluations" 2 '--max-evaluations' "$work/c.yaml" --max-evaluations 0
refused "no multipliers" 2 '--max-multipliers' "$work/c.yaml" --max-multipliers 0
refused "option of another verb" 2 'does not take --stalls' "$work/c.yaml" --stalls 1
refused "positions without a target" 1 '--level position needs a target' "$(changed t1 '/^target/d')" --level position
refused "fewer multipliers than are frozen" 1 'so few cannot serve' "$work/c.yaml" --max-multipliers 1 --max-evaluations 4
refused "area without a target" 1 '--objective area needs a target' "$(changed t2 '/^target/d')" --objective area
refused "no validation images" 1 'no `dataset:` with the validation images' "$(changed t3 '/^dataset/d')"
refused "no labels" 1 'labels' "$(changed t4 '/^dataset/s/ labels: [^ ]*,//')"
refused "more images than there are" 1 'are asked for' "$(changed t5 's/first: 50000/first: 59900/')"
refused "a cost for some only" 1 '`B` has none' "$(changed t6 's/^explore:/explore:\n  cost: {E: 10, A: 9}/')"
refused "a multiplier of other widths only" 1 'none of the multipliers takes' \
  "$(changed t7 's/^multipliers:.*/multipliers: {E: exact8u}/; /freeze:/d')"
refused "exhaustive, with too few evaluations" 1 'sets of decisions' "$work/c.yaml" --method exhaustive

finish
