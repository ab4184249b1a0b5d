#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# train_all.sh DATA: train every network that has no float.json yet, one after another, at the lowest priority.
# Start it again after a kill: a half-trained network goes on from its last epoch. Logs and checkpoints: DATA/train.
#   setsid nohup models/train_all.sh DATA >/dev/null 2>&1 &
set -eu
data=${1:?usage: train_all.sh DATA}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$data/train"
exec 9>"$data/train/lock"
flock -n 9 || { echo "train_all.sh: already running" >&2; exit 1; }
for name in lenet5-fashion lenet5-mnist resnet8-cifar10 resnet20-cifar10 vgg11-cifar10 mobilenetv2-cifar10 \
            efficientnetlite-gtsrb resnet18-cifar10; do
    [ -e "$here/$name/float.json" ] && continue
    nice -n 19 "$here/train.py" "$name" --data "$data" >>"$data/train/$name.log" 2>&1 || echo "$name: failed" >&2
done
