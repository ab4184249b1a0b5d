#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# QONNX models with the structure of FINN's and hls4ml's examples: integer for integer what an evaluator that shares nothing with
# axgen computes, where the import says so; else as near as it says. What must be refused: tests/onnx/errors/quant_*.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
if ! "$python" -c 'import numpy' 2>/dev/null; then
  skip "python3-numpy is missing"
  finish
  exit
fi
if ! "$python" tests/import/qonnx_models.py "$work" 2>"$work/err"; then fail "the models are made"; fi

config() { # name: with the exact multiplier of each layer's widths
  "$python" - "$1" "$work/$1.show" <<'END'
import json, sys
layers = {l["name"]: l for l in json.load(open(sys.argv[2]))["layers"]}
muls = {}
for name, l in layers.items():
    if l["weight_bits"]:
        a = layers[l["inputs"][0]]
        muls[name] = f"exact{a['bits']}x{l['weight_bits']}{'s' if a['signed'] else 'us'}"
keys = {m: f"M{i}" for i, m in enumerate(sorted(set(muls.values())))}
print(f"network: {sys.argv[1]}/net.yaml\ndataset: {{format: npy, images: {sys.argv[1]}.npy}}")
print("multipliers: {" + ", ".join(f"{k}: {m}" for m, k in keys.items()) + "}")
print("assignment: {" + ", ".join(f"{n}: {keys[m]}" for n, m in muls.items()) + "}")
END
}
for model in "$work"/*.onnx; do
  name=$(basename "$model" .onnx)
  list=
  case $name in jets_*) list=--list ;; esac
  "$axgen" net import "$model" --input-range 0..1 --json -o "$work/$name" >"$work/$name.json" 2>"$work/err" &&
    "$axgen" net show "$work/$name/net.yaml" --json >"$work/$name.show" && config "$name" >"$work/$name.yaml" &&
    "$axgen" eval "$work/$name.yaml" --logits "$work/$name.logits.npy" -q >"$work/out" 2>"$work/err" &&
    "$python" tests/import/onnx_run.py "$model" "$work/$name.npy" "$work/$name.run.npy" --float $list 2>"$work/err" ||
    { fail "$name: imported and evaluated" && continue; }
  PYTHONPATH=tests/import "$python" - "$work/$name" "$name" <<'END' >"$work/counted" 2>"$work/err"
import json, sys
import numpy as np
from qonnx_models import MODELS
path, name = sys.argv[1:]
said = json.load(open(path + ".json"))["requantisation"]
ints, run = np.load(path + ".logits.npy").astype(float), np.load(path + ".run.npy")
off = np.abs(run / ((run * ints).sum() / (ints**2).sum()) - ints).max()
bound, exact = MODELS[name][2], said["exact"] == said["layers"]
print("ok" if exact == (bound == 0) else "FAIL", f"{name}: {said['exact']} of {said['layers']} layers exact, as expected")
print("ok" if off < (1e-4 if exact else bound) else "FAIL", f"{name}: logits off by at most {off:.2g} units of {np.abs(ints).max():.0f}")
print("ok" if len(np.unique(ints, axis=0)) >= 10 else "FAIL", f"{name}: images are told apart")
END
  counted "$work/counted"
done
finish
