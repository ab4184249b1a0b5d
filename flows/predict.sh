#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table of docs/predict.md: how well `axgen predict` and others predict what random assignments lose.
#   flows/predict.sh [-d DATA] [-o OUT] [-a ASSIGNMENTS] [-l LEVEL] [-j THREADS] NETWORK[:IMAGES]...
# NETWORK is a folder of models/, DATA the folder that models/README.md describes (default data), OUT/NETWORK what is written
# (default build/predict). What was measured stays in OUT/NETWORK/predict.db: a run that was stopped goes on.
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
data=data out=build/predict assignments=200 level=layer threads=$(nproc)
while getopts d:o:a:l:j: option; do
  case $option in
  d) data=$OPTARG ;;
  o) out=$OPTARG ;;
  a) assignments=$OPTARG ;;
  l) level=$OPTARG ;;
  j) threads=$OPTARG ;;
  *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- lenet5-fashion:5000 resnet8-cifar10:5000 resnet20-cifar10:5000 vgg11-cifar10:1000 mobilenetv2-cifar10:1000
case $data in /*) ;; *) data=$PWD/$data ;; esac
mkdir -p "$out"
out=$(cd "$out" && pwd)
# The validation images, then the calibration images: training saw only these.
idx() { echo "{format: idx, images: $1/train-images-idx3-ubyte$2, labels: $1/train-labels-idx1-ubyte$2, first: $3, count: $4}"; }
cifar() { echo "{format: cifar, images: $data/$1, first: $2, count: $3}"; }
images_of() {
  fashion=/usr/share/datasets/fashion-mnist
  case $1:$2 in
  *-fashion:validation) idx $fashion .gz 55000 5000 ;;
  *-fashion:calibration) idx $fashion .gz 0 2000 ;;
  *-mnist:validation) idx "$data/mnist" '' 55000 5000 ;;
  *-mnist:calibration) idx "$data/mnist" '' 0 2000 ;;
  *-cifar10:validation) cifar cifar-10-batches-bin/data_batch_5.bin 5000 5000 ;;
  *-cifar10:calibration) cifar cifar-10-batches-bin/data_batch_1.bin 0 2000 ;;
  *-gtsrb:validation) cifar gtsrb/train.bin 19748 2000 ;;
  *-gtsrb:calibration) cifar gtsrb/train.bin 0 2000 ;;
  *) echo "$1: no such network in models/" >&2 && return 1 ;;
  esac
}
for each; do
  network=${each%%:*} images=
  case $each in *:*) images="--images ${each#*:}" ;; esac
  mkdir -p "$out/$network"
  validation=$(images_of "$network" validation) calibration=$(images_of "$network" calibration)
  # From nearly exact to what ruins a network, of several kinds: evolved, truncated, rounded, EvoApprox's.
  cat >"$out/$network/config.yaml" <<END
network: $PWD/models/$network/net.yaml
dataset: $validation
multipliers:
  E: exact8s
  A: evo8s_mae12_energy
  B: evo8s_mae24
  C: evo8s_mae33_energy
  D: mul8s_1L2J
  F: evo8s_mae53_energy
  G: evo8s_mae101_energy
  H: mul8s_1L2L
  I: trunc8s_k7
  J: evo8s_mae150
  K: trunc8s_k8
  L: roup8s_p2_c8
  M: mul8s_1L2N
  N: evo8s_mae224
  O: evo8s_mae340
  P: evo8s_mae500
explore: {calibration: $calibration}
END
  # shellcheck disable=SC2086 # none or two words
  "$axgen" predict "$out/$network/config.yaml" --assignments "$assignments" --level "$level" $images \
    -j "$threads" -o "$out/$network"
done
