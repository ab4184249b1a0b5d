#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What went wrong once and belongs nowhere else.
. "$(dirname "$0")/lib.sh"
small_network
cd "$work/net" || exit 1

# A search that is finished leaves its checkpoint as it is.
evolve() { "$axgen" mul evolve exact4s --mae 1 --generations 2000 --checkpoint state -o "$1" >/dev/null; }
evolve one.net && cp -p state before && evolve two.net && cmp state before &&
  ok "a finished search leaves its checkpoint" ||
  fail "a finished search leaves its checkpoint"

# Gates are asked of a multiplier that has none.
python3 -c 'import sys, struct
code = lambda c: c - 256 if c > 127 else c
sys.stdout.buffer.write(b"".join(struct.pack("<h", code(a) * code(b)) for a in range(256) for b in range(256)))' >x.bin
sed 's/^  B: .*/  B: x.bin/' config.yaml >table.yaml
expect "a table in synth" 1 'multiplier x: a table has no gates' "$axgen" synth table.yaml
sed 's/^  B: .*/  B: x.bin/' fgpu.yaml >table.yaml
expect "a table in synth of a tile" 1 'multiplier x: a table has no gates' "$axgen" synth table.yaml
clean_within 1 && ok "nothing is left" || fail "nothing is left"

# The data of an ONNX model beside it: a link inside its folder, one out of it.
mkdir model model/below
cp "$root/tests/onnx/external_data.onnx" model/m.onnx
cp "$root/tests/onnx/external_data.onnx.data" model/below/data
cp model/below/data outside
ln -s below/data model/external_data.onnx.data
"$axgen" net show model/m.onnx >"$work/out" 2>"$work/err" && ok "data behind a link inside the folder" ||
  fail "data behind a link inside the folder"
ln -sf ../outside model/external_data.onnx.data
expect "data behind a link out of the folder" 1 "is a link out of the model's folder" "$axgen" net show model/m.onnx
rm model/external_data.onnx.data
expect "data that are not there" 1 'No such file' "$axgen" net show model/m.onnx
ln -s model linked
ln -s below/data model/external_data.onnx.data
"$axgen" net show linked/m.onnx >"$work/out" 2>"$work/err" && ok "a model in a linked folder" || fail "a model in a linked folder"
finish
