#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# quantise.sh DATA NAME...: float.onnx becomes the integer network (net.yaml, weights.safetensors), eval.yaml says how to run
# it, and expected.json what it must give on the test set, with the accuracies of the other schemes and widths beside it.
# DATA is the folder that README.md describes. $AXGEN (default ./axgen) does it all.
set -eu
data=${1:?usage: quantise.sh DATA NAME...}
shift
cd "$(dirname "$0")/.."
axgen=${AXGEN:-./axgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

config() { # network file, multiplier, folder of the data
  printf 'network: %s\ndataset:\n  format: %s\n  images: %s\n' "$1" "$format" "$3/$test"
  [ "$labels" = - ] || printf '  labels: %s\n' "$3/$labels"
  printf 'multipliers: {E: %s}\nassignment: {default: E}\n' "$2"
}
top1() { # network file, multiplier -> right images
  config "$1" "$2" "$root" >"$work/eval.yaml"
  "$axgen" eval "$work/eval.yaml" -o "$work/result" --json -q | sed -n 's/.*"correct":[[:space:]]*\([0-9]*\).*/\1/p'
}
percent() { awk -v n="$1" -v all="$images" 'BEGIN { printf "%.2f", 100 * n / all }'; }

for name; do
  folder=models/$name
  labels=- root=$data shown=data beside=../../data
  # shellcheck disable=SC2016
  source='`data` is described in ../README.md.'
  case $name in
    lenet5-fashion)
      root=/usr/share/datasets/fashion-mnist shown=$root beside=$root source="The data is Debian's package dataset-fashion-mnist."
      format=idx train=train-images-idx3-ubyte.gz test=t10k-images-idx3-ubyte.gz labels=t10k-labels-idx1-ubyte.gz ;;
    *-cifar10) format=cifar train=cifar-10-batches-bin/data_batch_1.bin test=cifar-10-batches-bin/test_batch.bin ;;
    *-gtsrb) format=cifar train=gtsrb/train.bin test=gtsrb/test.bin ;;
    *-mnist) format=idx train=mnist/train-images-idx3-ubyte test=mnist/t10k-images-idx3-ubyte labels=mnist/t10k-labels-idx1-ubyte ;;
    *) echo "quantise.sh: $name: no data set known for it" >&2; exit 1 ;;
  esac
  from="net import $folder/float.onnx"
  set -- --format "$format" --pictures
  "$axgen" $from -o "$folder" "$@" "$root/$train" --images 0 -q
  {
    printf '# SPDX-License-Identifier: Apache-2.0\n# Accuracy on the test set, every product exact; expected.json has the result. %s\n' "$source"
    config net.yaml exact8s "$beside"
    printf 'output: ../../build/%s\n' "$name"
  } >"$folder/eval.yaml"
  images=$(sed -n 's/.*"test_images": \([0-9]*\).*/\1/p' "$folder/float.json")
  right=$(top1 "$PWD/$folder/net.yaml" exact8s)
  float=$(percent "$(sed -n 's/.*"test_correct": \([0-9]*\).*/\1/p' "$folder/float.json")")
  others=
  for other in u8:exact8u:"--scheme u8" u8s8:exact8us:"--scheme u8s8" bits16:exact16s:"--act-bits 16 --weight-bits 16" \
               bits4:exact4s:"--act-bits 4 --weight-bits 4"; do
    key=${other%%:*} rest=${other#*:}
    # shellcheck disable=SC2086
    "$axgen" $from -o "$work/$key" "$@" "$root/$train" --images 0 -q ${rest#*:}
    others="$others  \"$key\": $(percent "$(top1 "$work/$key/net.yaml" "${rest%%:*}")"),
"
  done
  cat >"$folder/expected.json.new" <<END
{
  "network": "$name",
  "float": $float,
  "integer": $(percent "$right"),
  "images": $images,
  "correct": $right,
  "scheme": "s8",
  "act_bits": 8,
  "weight_bits": 8,
$others  "calibration": "mse, first 1000 training images",
  "command": "axgen $from -o $folder $* $shown/$train --images 0",
  "reproduce": "axgen eval $folder/eval.yaml"
}
END
  mv "$folder/expected.json.new" "$folder/expected.json"
  echo "$name: float $float, s8 $(percent "$right"), $(echo "$others" | tr -d '\n"')"
done
