#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configurations: file:line:column, the line, what was expected; damaged inputs; missing tools.
. "$(dirname "$0")/lib.sh"

# ---- single weights: every other one of conv2 from a file
{
  printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (16, 6, 5, 5), }"
  yes | tr 'y\n' '\0\1' | head -c 2400
} >"$work/conv2.npy"
by_weight=$(changed_flow by_weight 's/  conv2: R/  conv2: {weights: {file: conv2.npy, multipliers: [E, R]}}/')
case_ "eval by weight" 0 'top-1' eval "$by_weight" --images 100 --explain -o "$work/fast"
grep -q 'exact8s+roup8s_p1_c7' "$work/err" && ok "the plan names both multipliers" || fail "the plan names both multipliers"
"$axgen" eval "$by_weight" --images 100 --reference -o "$work/slow" >"$work/out" 2>"$work/err"
cmp -s "$work/fast/eval.json" "$work/slow/eval.json" && ok "the same by the reference" || fail "the same by the reference"
case_ "dataflow refuses weights that its lanes do not hold" 1 'conv2: .*come to the same multiplier and have' rtl "$by_weight"
case_ "fgpu refuses weights" 1 'conv2: .*weight-level assignment' rtl \
  "$(changed_flow some_weights 's/^  conv2: .*/  conv2: {weights: {"0-15,0-5,0-4,0": L}}/' lenet5-fgpu)"

# ---- configurations: file:line:column, the line, what was expected
case_ "config that is not there" 1 'No such file' rtl "$work/none.yaml"
case_ "unknown key" 1 'unknown.yaml:[0-9]*:[0-9]*: error: .*foldings' rtl "$(changed_flow unknown 's/  folding:/  foldings:/')"
case_ "unknown layer" 1 ':[0-9]*:[0-9]*: error: .*conv9' rtl "$(changed_flow layer 's/  conv2: R/  conv9: R/')"
case_ "unknown multiplier" 1 ':[0-9]*:[0-9]*: error: .*Q' rtl "$(changed_flow mult 's/  conv2: R/  conv2: Q/')"
case_ "bad multiplier name" 1 ':[0-9]*:[0-9]*: error: ' rtl "$(changed_flow mulname 's/roup8s_p1_c7/roup8s_q1/')"
case_ "PE does not divide the filters" 1 ':[0-9]*:[0-9]*: error: .*4.*6' rtl "$(changed_flow pe 's/conv1: {pe: 6/conv1: {pe: 4/')"
case_ "SIMD does not divide the reduction" 1 ':[0-9]*:[0-9]*: error: .*150' rtl "$(changed_flow simd 's/simd: 10}/simd: 11}/')"
case_ "data set not there" 1 'images.gz: no such data file' eval "$(changed_flow data 's#/usr/share/datasets/fashion-mnist/t10k-images.*#/nowhere/images.gz#')"
case_ "liberty not there" 1 ':[0-9]*:[0-9]*: error: .*no such file' synth "$(changed_flow lib 's#^target:#technology: {liberty: /nowhere/x.lib}\ntarget:#')"
case_ "too many images" 1 '--images 10001: the data set has 10000' eval flows/lenet5-dataflow.yaml --images 10001
case_ "the line is shown" 1 '^ *[0-9]* | .*conv9: R' rtl "$work/layer.yaml"
[ -e "$work/never" ] && fail "an error left something in the output folder" || ok "errors leave nothing in the output folder"

# ---- damaged inputs
mkdir "$work/net" && cp models/lenet5-fashion/net.yaml models/lenet5-fashion/weights.safetensors "$work/net"
truncate -s -100 "$work/net/weights.safetensors"
case_ "truncated safetensors" 1 'weights.safetensors: .*byte' net show "$work/net/net.yaml"
head -c 3000 models/lenet5-fashion/float.onnx >"$work/cut.onnx"
case_ "truncated ONNX" 1 'cut.onnx' net show "$work/cut.onnx"
head -c 9000 /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz >"$work/cut.gz"
case_ "truncated IDX" 1 'cut.gz: .*byte' eval "$(changed_flow cut "s#/usr/share/datasets/fashion-mnist/t10k-images.*#$work/cut.gz#")"
case_ "import without images" 1 'expected --pictures' net import models/lenet5-fashion/float.onnx -o "$work/never"
case_ "import with wrong scheme" 1 'expected s8, u8 or u8s8' net import models/lenet5-fashion/float.onnx -o "$work/never" \
  --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --scheme s9

# ---- a missing tool is exit code 3 and names the package
mkdir "$work/bin" && for t in sh sed; do ln -s "$(command -v $t)" "$work/bin/$t"; done
env PATH="$work/bin" "$axgen" sim flows/lenet5-dataflow.yaml -o "$work/never" >"$work/out" 2>"$work/err"
[ $? = 3 ] && grep -q "verilator is not installed; it is in Debian's package verilator" "$work/err" && ok "no Verilator" || fail "no Verilator"
env PATH="$work/bin" "$axgen" synth flows/lenet5-dataflow.yaml -o "$work/never" >"$work/out" 2>"$work/err"
[ $? = 3 ] && grep -q "yosys is not installed" "$work/err" && ok "no Yosys" || fail "no Yosys"
[ -e "$work/never" ] && fail "a missing tool left something behind" || ok "a missing tool leaves nothing behind"

finish
