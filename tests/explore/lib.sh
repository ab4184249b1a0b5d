# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share: LeNet-5 with a few hundred images, $work/c.yaml.
. "$(dirname "$0")/../lib.sh"
verb=explore
check=$root/tests/explore/check.py
explore() { "$axgen" explore "$@" -q >"$work/out" 2>"$work/err"; }
cat >"$work/c.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
dataset: $(fashion_set train 50000 300)
multipliers: {E: exact8s, A: roup8s_p0_c4, B: roup8s_p1_c7, C: roup8s_p2_c9}
explore:
  calibration: $(fashion_set train 100 60)
  test: $(fashion_set t10k 100 200)
  freeze: {fc3: E, conv1: A}
target: {kind: dataflow, folding: {conv1: {pe: 6, simd: 5}, conv2: {pe: 8, simd: 10}, fc1: {pe: 4, simd: 4}, fc2: {pe: 4}}}
output: out
END
