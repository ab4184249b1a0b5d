#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Networks: imported, quantised, shown.
. "$(dirname "$0")/lib.sh"

case_ "import: several IDX files" 1 'expected one file' net import models/lenet5-fashion/float.onnx -o "$work/never" \
  --pictures a,b
case_ "import: unknown format" 1 'expected idx, cifar or npy' net import models/lenet5-fashion/float.onnx \
  -o "$work/never" --pictures a --format jpeg
case_ "import: unknown calibration" 1 'percentile:P or mse' net import models/lenet5-fashion/float.onnx \
  -o "$work/never" --pictures a --calibration percentile:much
case_ "import: broken --layer-bits" 1 'expected LAYER=ACT,WEIGHT' net import models/lenet5-fashion/float.onnx \
  -o "$work/never" --pictures a --layer-bits conv1=4,4,
case_ "import: --layer-bits beyond an int" 1 'expected LAYER=ACT,WEIGHT' net import models/lenet5-fashion/float.onnx \
  -o "$work/never" --pictures a --layer-bits conv1=4294967304,8
case_ "quantize an integer network" 1 'quantised already' net quantize models/lenet5-fashion/net.yaml -o "$work/never" \
  --pictures a
case_ "import: a float network" 0 'not quantised' net import models/lenet5-fashion/float.onnx -o "$work/float" --float
case_ "quantised ONNX needs no images" 0 'written to' net import tests/onnx/quantised/qlinear_int8.onnx -o "$work/qdq"
case_ "net show --dot" 0 '"conv1" -> "pool1" .label="6x28x28"' net show --dot models/lenet5-fashion/net.yaml
case_ "net show --svg" 0 graph.svg net show --svg "$work/graph.svg" models/lenet5-fashion/net.yaml
if grep -q '<title>conv1&#45;&gt;pool1</title>' "$work/graph.svg"; then ok "the graph as SVG"; else fail "the graph as SVG"; fi
case_ "net show" 0 'conv2 .*240' net show models/lenet5-fashion/net.yaml
case_ "import: 8-bit LeNet-5 from ONNX" 0 'integer .*top-1' net import models/lenet5-fashion/float.onnx -o "$work/lenet5-fashion" \
  --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 100 \
  --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz
for file in net.yaml weights.safetensors; do # the committed network comes from the committed ONNX by this command
  "$axgen" net import models/lenet5-fashion/float.onnx -o "$work/again/lenet5-fashion" \
    --pictures /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz --calibrate 1000 >"$work/out" 2>"$work/err"
  cmp -s "$work/again/lenet5-fashion/$file" "models/lenet5-fashion/$file" &&
    ok "importing again gives the committed $file" || fail "importing again gives the committed $file"
done
# What pixels are for a model: told wrong, the warning names what is right.
fashion="--pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 20"
case_ "import: --mean that cannot be" 0 'written to' net import models/lenet5-fashion/float.onnx -o "$work/doubt" $fashion \
  --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz --images 300 --mean 2 --std 0.01
cp "$work/err" "$work/out"
grep -q 'no more than guessing gives (the most frequent class alone: 13.00 %)' "$work/err" &&
  grep -q 'with --input-range 0..1 it is right on 9[0-9.]* % of the first 200' "$work/err" &&
  ok "import: a warning near chance" || fail "import: a warning near chance"
case_ "import: what pixels are" 0 'written to' net import models/lenet5-fashion/float.onnx -o "$work/doubt" --float --mean 0.5 --std 0.25
grep -q '^input_scale: 4$' "$work/doubt/net.yaml" && grep -q '^input_offset: -2$' "$work/doubt/net.yaml" &&
  ok "net.yaml keeps what pixels are" || fail "net.yaml keeps what pixels are"
case_ "net show: what pixels are" 0 'stands for p / 255 \* 4 - 2' net show "$work/doubt/net.yaml"
case_ "import: unknown range" 1 'expected 0..1, 0..255 or -1..1' net import models/lenet5-fashion/float.onnx --float --input-range 0-1 -o "$work/never"
case_ "import: --mean of 0..255" 1 'divide 123.5 by 255' net import models/lenet5-fashion/float.onnx --float --mean 123.5 -o "$work/never"
case_ "import: --mean of three channels" 1 'for 3 channels; the input has 1' net import models/lenet5-fashion/float.onnx --float --mean .1,.2,.3 -o "$work/never"
case_ "import: --mean and a range" 1 'with them the input range is 0..1' net import models/lenet5-fashion/float.onnx --float --mean .1 --input-range 0..255 -o "$work/never"

finish
