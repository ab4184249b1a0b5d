#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Inputs that are no files, outputs that take nothing.
. "$(dirname "$0")/lib.sh"
small_network
cd "$work/net" || exit 1
mkfifo pipe.yaml pipe.onnx pipe.bin pipe.v
mkdir dir.yaml dir.onnx dir.bin dir.v
printf 'module m(input [1:0] a, input [1:0] b, output [3:0] p); assign p = a * b; endmodule\n' >m.v
ln -s /dev/zero zero.yaml
ln -s /dev/zero zero.bin
ln -s /dev/zero zero.v
ln -s /dev/zero zero.onnx
for kind in pipe dir zero; do
  expect "$kind as a config" 1 'expected a regular file, found a' "$axgen" eval $kind.yaml
  expect "$kind as a model" 1 'expected a regular file, found a' "$axgen" net show $kind.onnx
  expect "$kind as a table" 1 'expected a regular file, found a' "$axgen" mul import $kind.bin -o never
  expect "$kind as Verilog" 1 'expected a regular file, found a' "$axgen" mul import $kind.v -o never
  sed "s/images.npy/$kind.bin/" config.yaml >changed.yaml
  expect "$kind as images" 1 'expected a regular file, found a' "$axgen" eval changed.yaml
  expect "$kind as a checkpoint" 1 'a regular file, found a' "$axgen" mul evolve exact4s --mae 1 --generations 1 \
    --checkpoint $kind.bin -o never.net
done
cat config.yaml | "$axgen" eval /dev/stdin >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'found a pipe; write it to a file first' "$work/err" && ok "a pipe as standard input" || fail "a pipe as standard input"
[ ! -e never ] && [ ! -e never.net ] && ok "nothing was written" || fail "nothing was written"

# ---- every verb notices that standard output takes nothing
while read -r verb; do
  set -- $verb
  "$axgen" "$@" >/dev/full 2>"$work/err"
  got=$?
  [ $got = 1 ] && grep -q 'cannot write the result to standard output: No space' "$work/err" && ok "$verb to a full disk" ||
    fail "$verb to a full disk: exit $got"
  "$axgen" "$@" >&- 2>"$work/err"
  got=$?
  [ $got = 1 ] && grep -q 'cannot write the result to standard output: Bad file' "$work/err" && ok "$verb to nothing" ||
    fail "$verb to nothing: exit $got"
done <<END
--version
help
help --man
mul --help
mul list --csv
mul list
mul show exact8s
mul show exact8s --json
mul gen exact4s -o gen
mul import m.v -o gen
net show net.yaml
net show net.yaml --dot
eval config.yaml
eval config.yaml --json
rtl config.yaml
rtl config.yaml --json
fgpu run fgpu.yaml
report out
END
"$axgen" mul list 2>"$work/err" | head -n 1 >/dev/null
[ ! -s "$work/err" ] && ok "a reader that stops early" || fail "a reader that stops early"

# ---- files
expect "a picture to a full disk" 1 '/dev/full: cannot write: No space left' "$axgen" mul show exact8s --svg /dev/full
expect "a picture to a pipe without a reader" 1 'nobody reads this pipe' "$axgen" mul show exact8s --svg pipe.bin
"$axgen" mul show exact8s --svg /dev/null >/dev/null && [ -c /dev/null ] && ok "/dev/null stays what it is" || fail "/dev/null stays what it is"
"$axgen" mul show exact8s --svg /dev/stdout | grep -q '<svg' && ok "a picture to standard output" || fail "a picture to standard output"
finish
