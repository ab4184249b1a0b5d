#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Results: eval, its logits and labels; report.
. "$(dirname "$0")/lib.sh"

case_ "eval as JSON" 0 '"top1"' eval flows/lenet5-dataflow.yaml --images 100 --json -o "$work/r"
case_ "eval --logits with --reference" 1 'without --reference' eval flows/lenet5-dataflow.yaml --logits "$work/l.npy" --reference
case_ "eval --logits" 0 'top-1 [0-9.]* % (100 of\|top-1' eval flows/lenet5-dataflow.yaml --images 100 --logits "$work/l.npy" -o "$work/r"
if [ "$(head -c 6 "$work/l.npy" | tail -c 5)" = NUMPY ] && [ "$(wc -c <"$work/l.npy")" = 4128 ] &&
  head -c 128 "$work/l.npy" | grep -q "'<i4', 'fortran_order': False, 'shape': (100, 10)"; then ok "logits as .npy"; else fail "logits as .npy"; fi
for threads in 1 2; do
  OMP_NUM_THREADS=$threads "$axgen" eval flows/lenet5-dataflow.yaml --images 300 --json -o "$work/r$threads" >/dev/null 2>"$work/err"
done
cmp -s "$work/r1/eval.json" "$work/r2/eval.json" && ok "eval does not depend on the number of threads" || fail "eval does not depend on the number of threads"
# Labels that the network cannot give matter only where something is compared with them.
for label in 11 03 00; do
  printf "\\0$label"
  head -c 3072 flows/lenet5-dataflow.yaml models/lenet5-fashion/float.onnx | tail -c 3072
done >"$work/ten.bin"
case_ "import: labels of other classes" 1 'labels up to 9, the network only 7 outputs' net import tests/onnx/seven_classes.onnx \
  --format cifar --pictures "$work/ten.bin" -o "$work/seven"
case_ "import --images 0 leaves labels alone" 0 'written to' net import tests/onnx/seven_classes.onnx \
  --format cifar --pictures "$work/ten.bin" --images 0 -o "$work/seven"
printf 'network: seven/net.yaml\ndataset: {format: cifar, images: ten.bin}\nmultipliers: {E: exact8s}\nassignment: {default: E}\n' \
  >"$work/seven.yaml"
case_ "eval: labels of other classes" 1 'the network only 7 outputs' eval "$work/seven.yaml"
case_ "eval --logits leaves labels alone" 0 '3 images without labels' eval "$work/seven.yaml" --logits "$work/l.npy"
mkdir "$work/nothing"
case_ "report of nothing" 1 'expected eval.json' report "$work/nothing"
case_ "report" 0 '^r1 ' report "$work/r1" "$work/r2" -o "$work/page"
grep -q '<svg' "$work/page/report.html" && ok "the page holds its picture" || fail "the page holds its picture"
"$axgen" report "$work/r1" "$work/r2" --json >"$work/out" && cmp -s "$work/out" "$work/page/report.json" && ok "report.json" || fail "report.json"

finish
