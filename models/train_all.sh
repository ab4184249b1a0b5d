#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# train_all.sh DATA [JOBS]: train every network whose float.json is missing or knows fewer epochs than its recipe, JOBS (2) at a time with one thread each,
# which gets more done than one with all threads, at the lowest priority. Start it again after a kill: a half-trained
# network goes on from its last epoch. Logs and checkpoints: DATA/train.
#   setsid nohup models/train_all.sh DATA >/dev/null 2>&1 &
set -eu
data=${1:?usage: train_all.sh DATA [JOBS]}
here=$(cd "$(dirname "$0")" && pwd)
bf16=
if grep -qw amx_bf16 /proc/cpuinfo; then bf16=--bf16; fi
# Large tensors come and go many times a second: keep their memory. And torch 1.13 uses AVX-512 only when told so.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=100000000
if grep -qw avx512bw /proc/cpuinfo; then export ATEN_CPU_CAPABILITY=avx512; fi
mkdir -p "$data/train"
exec 9>"$data/train/lock"
flock -n 9 || { echo "train_all.sh: already running" >&2; exit 1; }
printf '%s\n' lenet5-fashion lenet5-mnist resnet8-cifar10 resnet20-cifar10 vgg11-cifar10 mobilenetv2-cifar10 \
    efficientnetlite-gtsrb resnet18-cifar10 | nice -n 19 xargs -P "${2:-2}" -I NAME \
    sh -c "'$here/train.py' NAME --data '$data' --threads 1 $bf16 >>'$data/train/NAME.log' 2>&1"
