#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The networks under models/: `axgen eval` gives what expected.json says, importing float.onnx again gives the committed
# integer network, and integers cost no more than docs/quantisation.md says. Fashion-MNIST comes from its Debian package; the other data
# sets from $AXGEN_DATA_DIR (default: data/ in this repository, else beside it; models/README.md says what is in it).
# What is not there is skipped. Uses $BUILD/axgen. Ends with `N passed, N failed, N skipped`.
. "$(dirname "$0")/../lib.sh"

data=${AXGEN_DATA_DIR:-}
for folder in data ../data; do
  [ -z "$data" ] && [ -d $folder ] && data=$(cd $folder && pwd)
done
data=${data:-$root/data}
value() { field "$1" "j['$2']"; } # file, key

# The config with absolute paths, results going to $work.
placed() { # name
  sed "s#\.\./\.\./data/#$data/#; s#^network: .*#network: $PWD/models/$1/net.yaml#; s#^output: .*#output: $work/$1#" \
    "models/$1/eval.yaml" >"$work/$1.yaml"
}

: >"$work/out"
for folder in models/*/; do
  name=$(basename "$folder")
  expected=$folder/expected.json
  [ -f "$expected" ] || continue

  points=0.5 # what eight bits may cost
  case $name in mobilenet* | efficientnet*) points=1.0 ;; esac
  for key in integer:$points u8:$points u8s8:$points bits16:0.1; do
    lost=${key#*:} key=${key%%:*}
    if awk -v f="$(value "$expected" float)" -v i="$(value "$expected" $key)" -v p=$lost 'BEGIN { exit !(f > 50 && i >= f - p) }'
    then ok "$name: $key: at most $lost points lost"; else fail "$name: $key: more than $lost points lost"; fi
  done

  placed "$name"
  missing=$(sed -n 's/^ *\(images\|labels\): *\([^ ]*\).*/\2/p' "$work/$name.yaml" | while read -r f; do
    [ -f "$f" ] || echo "$f"; done | head -n 1)
  if [ -n "$missing" ]; then
    skip "$name: accuracy: no $missing"
  elif ! "$axgen" eval "$work/$name.yaml" -q >"$work/out" 2>&1; then
    fail "$name: eval"
  else
    got="$(value "$work/$name/eval.json" correct) of $(value "$work/$name/eval.json" images)"
    want="$(value "$expected" correct) of $(value "$expected" images)"
    if [ "$got" = "$want" ]; then ok "$name: $got"; else fail "$name: $got, expected $want"; fi
  fi

  # The command that made the network, writing elsewhere.
  command=$(value "$expected" command | sed "s# data/# $data/#; s# -o [^ ]*# -o $work/again/$name#; s#^axgen ##")
  pictures=$(echo "$command" | sed 's/.*--pictures \([^ ]*\).*/\1/')
  if [ ! -f "$folder/float.onnx" ]; then
    skip "$name: import: float.onnx is not in the repository"
  elif [ ! -f "$pictures" ]; then
    skip "$name: import: no $pictures"
  elif ! (set -f; "$axgen" $command -q) >"$work/out" 2>&1; then
    fail "$name: import"
  elif cmp "$work/again/$name/net.yaml" "$folder/net.yaml" >"$work/out" 2>&1 &&
    cmp "$work/again/$name/weights.safetensors" "$folder/weights.safetensors" >"$work/out" 2>&1; then
    ok "$name: import gives the same network again"
  else
    fail "$name: import gives another network"
  fi
done
finish && [ $passed -gt 0 ]
