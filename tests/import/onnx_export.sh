#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Integer networks as ONNX models: an evaluator that shares nothing with axgen finds the same classes, an import the same integers.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
data=/usr/share/datasets/fashion-mnist
net=models/lenet5-fashion/net.yaml
exports() { # what, pattern, exit status, arguments
  what=$1 pattern=$2 want=$3
  shift 3
  "$axgen" net export "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ $got = "$want" ] && cat "$work/out" "$work/err" | grep -q -e "$pattern"; then ok "$what"; else fail "$what: exit $got, wanted $want and \`$pattern\`"; fi
}
config() { # network, its images: with exact multipliers, whose logits axgen eval gives
  printf 'network: %s\ndataset: {format: npy, images: %s}\nmultipliers: {E: exact8s}\nassignment: {default: E}\n' "$1" "$2" >"$work/c.yaml"
}
logits() { config "$1" "$2" && "$axgen" eval "$work/c.yaml" --logits "$3" -q >"$work/out" 2>"$work/err"; }

exports "QDQ" "operator set 13, written to" 0 $net -o "$work/a.onnx"
exports "the same bytes again" "written to" 0 $net -o "$work/b.onnx" -j 2
if cmp -s "$work/a.onnx" "$work/b.onnx"; then ok "export is reproducible"; else fail "export is reproducible"; fi
exports "QONNX, as JSON" '"format":.*"qonnx"' 0 $net -o "$work/q.onnx" --qonnx --json
cp flows/lenet5-dataflow.yaml "$work/conf.yaml"
sed -i "s#\.\./models#$root/models#; s#\.\./build#$work#" "$work/conf.yaml"
exports "of a configuration: exact products are said" "ONNX multiplies exactly" 0 "$work/conf.yaml" -o "$work/c.onnx"
if cmp -s "$work/a.onnx" "$work/c.onnx"; then ok "... its network"; else fail "... its network"; fi
"$axgen" net import models/lenet5-fashion/float.onnx --float -o "$work/float" >"$work/out" 2>&1
exports "a float network" "not quantised; only integer networks" 1 "$work/float/net.yaml" -o "$work/never.onnx"
exports "no output" "expected --output FILE.onnx" 1 $net
exports "output that is no model" "expected --output FILE.onnx" 1 $net -o "$work/never"
exports "of a model" "is a model already" 1 "$work/a.onnx" -o "$work/never.onnx"
exports "into a folder that is none" "no such\|No such" 1 $net -o "$work/none/never.onnx"
if ls "$work"/never* >/dev/null 2>&1; then fail "refused, but something was written"; else ok "refused: nothing written"; fi

for as in a q; do
  "$axgen" net import "$work/$as.onnx" -o "$work/$as" >"$work/out" 2>"$work/err"
  # All but the name, the hash and scales in single precision.
  strip() { sed -E '/^(name|weights):/d; s/scale: [0-9.e-]+/scale/' "$1"; }
  strip $net >"$work/want"
  if strip "$work/$as/net.yaml" | cmp -s - "$work/want"; then ok "$as: an import has the same layers, codes, clamps and shifts"; else fail "$as: an import has the same layers"; fi
done

if ! "$python" -c 'import numpy' 2>/dev/null; then
  skip "python3-numpy is missing"
  finish
  exit
fi
"$python" - $data/t10k-images-idx3-ubyte.gz "$work/x.npy" <<'END'
import gzip, sys
import numpy as np
np.save(sys.argv[2], np.frombuffer(gzip.open(sys.argv[1]).read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)[:400])
END
logits "$root/$net" "$work/x.npy" "$work/want.npy" || fail "axgen eval --logits"
for as in a q; do
  "$python" tests/import/onnx_run.py "$work/$as.onnx" "$work/x.npy" "$work/run.npy" 2>"$work/err" || fail "$as: evaluated"
  logits "$work/$as/net.yaml" "$work/x.npy" "$work/back.npy"
  "$python" - "$work" $as <<'END' >"$work/counted"
import sys
import numpy as np
work, which = sys.argv[1:]
want, back, run = (np.load(f"{work}/{n}.npy") for n in ("want", "back", "run"))
print("ok" if (want == back).all() else "FAIL", f"{which}: an import gives the same logits")
classes = (want.argmax(1) == run.argmax(1)).sum()
print("ok" if classes == len(want) else "FAIL", f"{which}: {classes} of {len(want)} classes are those of the evaluator")
unit = (run * want).sum() / (want.astype(float)**2).sum()
same = (np.abs(run / unit - want) < 0.5).all(1).mean()
print("ok" if same > 0.97 else "FAIL", f"{which}: all logits equal, integer for integer, in {100 * same:.1f} % of the images")
END
  counted "$work/counted"
done

# Images of few columns and more channels go through a list of numbers, so that no reader takes them for channels last.
few=$work/few
both() { # as exported and imported, what the network's own configuration gives
  "$axgen" net export "$few/net.yaml" -o "$few/e.onnx" "$@" && "$axgen" net import "$few/e.onnx" -o "$few/back" &&
    "$axgen" eval "$few/config.yaml" --logits "$few/want.npy" -q && sed 's/^network: .*/network: back\/net.yaml/' "$few/config.yaml" >"$few/again.yaml" &&
    "$axgen" eval "$few/again.yaml" --logits "$few/got.npy" -q && cmp "$few/want.npy" "$few/got.npy"
}
for seed in 6 1002; do
  rm -rf "$few"
  "$random_net" $seed "$few" >/dev/null || fail "random network $seed"
  grep -qE 'shape: \[([5-9]|[1-9][0-9]+), [0-9]+, [1-4]\]' "$few/net.yaml" || fail "random network $seed has no images of few columns"
  if both --qonnx >"$work/out" 2>&1; then ok "few columns, network $seed: the same logits"; else fail "few columns, network $seed: $(cat "$work/out")"; fi
  [ $seed = 6 ] || continue # QDQ has no types for the other's 3 and 6 bits
  if both >"$work/out" 2>&1; then ok "... as QDQ"; else fail "... as QDQ: $(cat "$work/out")"; fi
done
finish
