#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# JSON: every verb that `axgen help` lists, and every word that the usage of one begins with, on something small.
. "$(dirname "$0")/lib.sh"

{
  printf 'network: %s/tiny/net.yaml\ndataset: {format: npy, images: %s/tiny.npy, labels: %s/tiny_labels.npy}\n' "$work" "$work" "$work"
  printf 'multipliers: {E: exact8s}\nassignment: {default: E}\ntarget: {kind: dataflow}\noutput: %s/tiny-out\n' "$work"
} >"$work/tiny.yaml"
sed 's/kind: dataflow/kind: fgpu, cvs: 1, lids: {cv0: [E, E, E, E, E, E, E, E]}/; s/tiny-out/tiny-fgpu/' "$work/tiny.yaml" >"$work/tiny-fgpu.yaml"
npy() { # name, shape, bytes: zeros
  { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($2), }" && head -c "$3" /dev/zero; } >"$work/$1.npy"
}
npy tiny '1, 2, 6, 6' 72
npy tiny_labels '1,' 1
"$axgen" net import models/lenet5-fashion/float.onnx -o "$work/float" --float >"$work/out" 2>"$work/err"
"$axgen" net import tests/onnx/quantised/qlinear_int8.onnx -o "$work/tiny" >"$work/out" 2>"$work/err"
cp genlib/catalogue/axgen45.csv "$work/catalogue.csv"
echo 'addi r1, r0, 1' >"$work/one.s"
"$axgen" fgpu asm "$work/one.s" >"$work/one.txt" 2>"$work/err"
"$axgen" mul gen exact4s --format npy -o "$work/table" >"$work/out" 2>"$work/err"
verbs() {
  "$axgen" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' | while read -r verb; do
    words=$("$axgen" help "$verb" | sed -n '1s/^usage: axgen [a-z]* //p' | tr '|' '\n' | sed -n 's/^ *\([a-z]\{1,\}\)\( .*\)*$/\1/p')
    case $words in
    "" | *config*) echo "$verb" ;;
    *) for word in $words; do echo "$verb $word"; done ;;
    esac
  done
}
# The keys that must be there after the verb: an expression of python3 over the document j.
json_of() { # verb and perhaps its word
  case $1 in
  "mul list") json_case "$1" "len(j) > 10 and j[0]['name']" mul list ;;
  "mul show") json_case "$1" "j['mae'] > 0 and j['rank_of_errors'] > 0 and sum(j['gates_by_kind'].values()) == j['gates']" mul show roup8s_p1_c7 &&
    json_case "mul show --table" "[-8, -8, 64] in j['products'] and len(j['products']) == 256" mul show exact4s --table &&
    json_case "mul show --svg" "open(j['svg']).read().count('<svg') == 1" mul show exact4s --svg "$work/dots.svg" ;;
  "mul gen") json_case "$1" "written(j) > 2" mul gen exact4s -o "$work/json-gen" &&
    json_case "mul gen --for" "len(j['chosen']['tried']) >= 5 and j['chosen']['recipe']" mul gen exact2s --for delay -o "$work/json-gen" ;;
  "mul measure") json_case "$1" "j['streams']" mul measure exact4s --operands uniform ;;
  "mul evolve") json_case "$1" "j['mae'] <= 1 and os.path.exists(j['file'])" mul evolve exact4s --mae 1 --generations 200 -o "$work/json.net" ;;
  "mul import") json_case "$1" "j['mae'] == 0 and written(j) > 2" mul import "$work/table/mul_exact4s.npy" -o "$work/json-import" ;;
  "mul catalogue") json_case "$1" "j['measured'] == 0" mul catalogue -o "$work/catalogue.csv" ;;
  "adder list") json_case "$1" "len(j) > 2 and j[0]['family'] == 'loa'" adder list ;;
  "adder show") json_case "$1" "j['exhaustive'] and j['wce'] == 14 and j['area_um2'] > 0" adder show trunc_k3 --bits 8 ;;
  "adder gen") json_case "$1" "written(j) == 3 and j['module'] == 'adder_loa_k2'" adder gen loa_k2 --bits 8 -o "$work/json-gen" ;;
  "adder import") json_case "$1" "j['mae'] == 1 and j['kind'] == 'adder' and written(j) == 5" adder import tests/import/adder.v -o "$work/json-import" ;;
  "net import") json_case "$1" "j['integer']['images'] == 50 and j['float']['top1'] > 0.5 and written(j) == 2" net import models/lenet5-fashion/float.onnx \
    -o "$work/json-net" --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 20 --images 50 \
    --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz ;;
  "net quantize") json_case "$1" "j['calibration_images'] == 20 and written(j) == 2" net quantize "$work/float/net.yaml" -o "$work/json-net" \
    --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 20 ;;
  "net export") json_case "$1" "j['format'] == 'qonnx' and j['layers'] == 4 and j['files'][0]['sha256']" net export "$work/tiny/net.yaml" --qonnx -o "$work/tiny.onnx" ;;
  "net show") json_case "$1" "len(j['layers']) == 4 and 'digraph' in j['dot']" net show --dot "$work/tiny/net.yaml" ;;
  eval) json_case "$1" "j['images'] == 1" eval "$work/tiny.yaml" ;;
  score) json_case "$1" "len(j['blocks']) == 8 and len(j['representatives']) == 2" score flows/lenet5-score.yaml --images 50 \
    --representatives 2 -o "$work/json-score" ;;
  sensitivity) json_case "$1" "len(j['sensitivities']) == 5 * 8 * 2 and j['images'] == 20 and j['seconds'] > 0" sensitivity \
    flows/demo/explore.yaml --images 20 --no-bias-correction -o "$work/json-sensitivity" ;;
  predict) json_case "$1" "j['assignments'] == 2 and j['images'] == 20 and len(j['predictors']) == 5" predict \
    flows/demo/explore.yaml --assignments 2 --images 20 -o "$work/json-predict" ;;
  explore) json_case "$1" "j['evaluations'] == 1 and j['exact']['top1'] > 0.8 and j['seconds'] > 0" explore flows/demo/explore.yaml \
    --level layer --max-evaluations 1 -o "$work/json-explore" ;;
  rtl) json_case "$1" "len(j['files']) > 5" rtl "$work/tiny.yaml" ;;
  sim) json_case "$1" "j['images'] == 1" sim "$work/tiny.yaml" --icarus ;;
  "fgpu asm") json_case "$1" "len(j['instructions']) == 1 and len(j['instructions'][0]['word']) == 8" fgpu asm "$work/one.s" ;;
  "fgpu disasm") json_case "$1" "'r1' in j['instructions'][0]['assembly']" fgpu disasm "$work/one.txt" ;;
  "fgpu run") json_case "$1" "j['cycles_per_image'] > 0" fgpu run "$work/tiny-fgpu.yaml" ;;
  energy) json_case "$1" "[m['name'] for m in j['multipliers']] == ['exact8s'] and len(j['layers']) == len(j['multipliers'][0]['held']['layers']) > 0 and j['multipliers'][0]['moving']['nj_per_image'] > 0" \
    energy "$work/tiny.yaml" ;;
  cost) json_case "$1" "j['area_um2']['total'] > 0 and j['cycles_per_image'] > 0" cost "$work/tiny.yaml" &&
    json_case "cost of two" "len(j['designs']) == 2" cost "$work/tiny.yaml" "$work/tiny-fgpu.yaml" ;;
  synth) json_case "$1" "j['multiplier_types']" synth "$work/tiny.yaml" --images 1 ;;
  report) json_case "$1" "len(j) == 1" report "$work/tiny-out" -o "$work/json-page" ;;
  help) json_case "$1" "'sim' in [v['name'] for v in j['verbs']] and all('--json' in [o['name'] for o in v['options']] for v in j['verbs'])" help ;;
  *) : >"$work/out" && fail "$1 has no test of its --json" ;;
  esac
}
json_case() {
  what=$1 holds=$2
  shift 2
  if "$axgen" "$@" --json >"$work/out" 2>"$work/err" && python3 -c '
import hashlib, json, os, sys
def written(j):
    for f in j["files"]:
        assert hashlib.sha256(open(os.path.join(j["folder"], f["name"]), "rb").read()).hexdigest() == f["sha256"], f
    return len(j["files"])
def once(pairs): # no object has a key twice
    o = dict(pairs)
    return o if len(o) == len(pairs) else sys.exit("a key twice: %s" % [k for k, v in pairs])
j = json.load(open(sys.argv[1], encoding="utf-8"), object_pairs_hook=once)
sys.exit(not eval(sys.argv[2]))' "$work/out" "$holds" 2>>"$work/err"; then ok "$what --json"; else fail "$what --json"; fi
}
verbs >"$work/verbs"
[ "$(wc -l <"$work/verbs")" -ge 19 ] && ok "verbs of help" || fail "verbs of help: $(cat "$work/verbs")"
while read -r verb; do json_of "$verb" </dev/null; done <"$work/verbs"
case_ "one image is not images" 0 '1 image without\|(. of 1 image)' eval "$work/tiny.yaml"

finish
