#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line as a user meets it: what goes to stdout and stderr, exit codes, errors that name the place, and that
# an error leaves nothing behind. Uses $BUILD/axgen. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; sed 's/^/     /' "$work/out" "$work/err" 2>/dev/null | head -n 12; failed=$((failed + 1)); }

# what, exit status wanted, text wanted (on stderr when the status is not 0, else on stdout), arguments...
case_() {
  what=$1 want=$2 text=$3
  shift 3
  "$axgen" "$@" >"$work/out" 2>"$work/err"
  got=$?
  [ "$want" = 0 ] && where=$work/out || where=$work/err
  if [ $got = "$want" ] && grep -q -e "$text" "$where"; then ok "$what"; else fail "$what: exit $got, wanted $want with \`$text\`"; fi
}
# A flow's configuration (default: the demo's) with a change made by a sed script.
changed() { # name, sed script, target
  flow=flows/lenet5-${3:-dataflow}.yaml
  sed "s#\.\./models#$PWD/models#; s#^output:.*#output: $work/never#" "$flow" >"$work/$1.plain"
  sed "$2" "$work/$1.plain" >"$work/$1.yaml"
  cmp -s "$work/$1.plain" "$work/$1.yaml" && fail "$1: the sed script changed nothing"
  echo "$work/$1.yaml"
}

# ---- help and usage
case_ "help" 0 'synth ' help
case_ "help of a verb" 0 'usage: axgen sim config.yaml' help sim
case_ "man page" 0 '^.TH AXGEN 1' help --man
case_ "no verb" 2 'usage: axgen VERB'
case_ "unknown verb" 2 'no verb frob' frob
case_ "unknown option" 2 'axgen eval does not take --frob' eval --frob x.yaml
case_ "option of another verb" 2 'axgen eval does not take --stalls' eval --stalls 1 x.yaml
case_ "option without its value" 2 '--images expects N' eval x.yaml --images
case_ "option that is no number" 2 '--images ten: expected a whole number' eval x.yaml --images ten
for n in -n10 -n=10 "-n 10" --images=10 "--images 10"; do
  case_ "a value as in $n" 1 'never.yaml' eval $n -j1 "$work/never.yaml"
done
case_ "too many arguments" 2 'expects config.yaml' eval a.yaml b.yaml
case_ "net show --json" 0 '"multiplications":' net show --json models/lenet5-fashion/net.yaml
case_ "unknown sub-verb" 2 'expected import, quantize or show' net frob x

# ---- multipliers
case_ "mul show" 0 'error probability' mul show roup8s_p1_r7.5.3.1
case_ "mul show: unknown family" 1 'known families' mul show nonsense8s
case_ "mul show: bad option" 1 'roup8s_p9_c7' mul show roup8s_p9_c7
case_ "mul gen" 0 'mul_roup8s_p1_c7.v' mul gen roup8s_p1_c7 -o "$work/gen"

case_ "mul list" 0 '^roup8s_p1_c7 ' mul list
case_ "mul list: Pareto front, CSV" 0 '^exact8s,' mul list --pareto mae,energy --csv
case_ "mul list: unknown key" 1 'frob' mul list --sort frob
case_ "mul measure" 0 'roup8s_p2_c8' mul measure roup8s_p2_c8 --operands uniform
case_ "mul gen --for: unknown goal" 1 'beauty' mul gen exact8s --for beauty -o "$work/gen"
case_ "mul evolve without a bound" 1 'expected --mae or --wce' mul evolve exact8s -o "$work/never"
case_ "mul evolve" 0 'MAE .*area' mul evolve exact4s --mae 1 --generations 200 -o "$work/small.net"
case_ "mul show under operands" 0 'the operands given' mul show roup8s_p1_c7 --operands realistic
case_ "mul evolve for operands" 0 'under the operands given' mul evolve exact4s --operands realistic --mae 1 --generations 200 -o "$work/own.net"
case_ "mul show of what was evolved" 0 'all pairs' mul show "$work/small.net"
case_ "eval --explain" 0 'top-1' eval flows/lenet5-dataflow.yaml --images 200 --explain -o "$work/fast"
grep -q 'conv2: conv, 16 filters' "$work/err" && ok "the plan is on stderr" || fail "the plan is on stderr"
"$axgen" eval flows/lenet5-dataflow.yaml --images 200 --reference -o "$work/slow" >"$work/out" 2>"$work/err"
cmp -s "$work/fast/eval.json" "$work/slow/eval.json" && ok "engine and reference agree" || fail "engine and reference agree"

# ---- single weights: every other one of conv2 from a file
{
  printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (16, 6, 5, 5), }"
  yes | tr 'y\n' '\0\1' | head -c 2400
} >"$work/conv2.npy"
by_weight=$(changed by_weight 's/  conv2: R/  conv2: {weights: {file: conv2.npy, multipliers: [E, R]}}/')
case_ "eval by weight" 0 'top-1' eval "$by_weight" --images 100 --explain -o "$work/fast"
grep -q 'exact8s+roup8s_p1_c7' "$work/err" && ok "the plan names both multipliers" || fail "the plan names both multipliers"
"$axgen" eval "$by_weight" --images 100 --reference -o "$work/slow" >"$work/out" 2>"$work/err"
cmp -s "$work/fast/eval.json" "$work/slow/eval.json" && ok "the same by the reference" || fail "the same by the reference"
case_ "dataflow refuses weights" 1 'conv2: .*weight-level assignment' rtl "$by_weight"
case_ "fgpu refuses weights" 1 'conv2: .*weight-level assignment' rtl \
  "$(changed some_weights 's/^  conv2: .*/  conv2: {weights: {"0-15,0-5,0-4,0": L}}/' fgpu)"

# ---- configurations: file:line:column, the line, what was expected
case_ "config that is not there" 1 'No such file' rtl "$work/none.yaml"
case_ "unknown key" 1 'unknown.yaml:[0-9]*:[0-9]*: error: .*foldings' rtl "$(changed unknown 's/  folding:/  foldings:/')"
case_ "unknown layer" 1 ':[0-9]*:[0-9]*: error: .*conv9' rtl "$(changed layer 's/  conv2: R/  conv9: R/')"
case_ "unknown multiplier" 1 ':[0-9]*:[0-9]*: error: .*Q' rtl "$(changed mult 's/  conv2: R/  conv2: Q/')"
case_ "bad multiplier name" 1 ':[0-9]*:[0-9]*: error: ' rtl "$(changed mulname 's/roup8s_p1_c7/roup8s_q1/')"
case_ "PE does not divide the filters" 1 ':[0-9]*:[0-9]*: error: .*4.*6' rtl "$(changed pe 's/conv1: {pe: 6/conv1: {pe: 4/')"
case_ "SIMD does not divide the reduction" 1 ':[0-9]*:[0-9]*: error: .*150' rtl "$(changed simd 's/simd: 10}/simd: 11}/')"
case_ "data set not there" 1 'images.gz: no such data file' eval "$(changed data 's#/usr/share/datasets/fashion-mnist/t10k-images.*#/nowhere/images.gz#')"
case_ "liberty not there" 1 ':[0-9]*:[0-9]*: error: .*no such file' synth "$(changed lib 's#^target:#technology: {liberty: /nowhere/x.lib}\ntarget:#')"
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
case_ "truncated IDX" 1 'cut.gz: .*byte' eval "$(changed cut "s#/usr/share/datasets/fashion-mnist/t10k-images.*#$work/cut.gz#")"
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

# ---- results
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
case_ "eval as JSON" 0 '"top1"' eval flows/lenet5-dataflow.yaml --images 100 --json -o "$work/r"
case_ "eval --logits with --reference" 1 'without --reference' eval flows/lenet5-dataflow.yaml --logits "$work/l.npy" --reference
case_ "eval --logits" 0 'top-1 [0-9.]* % (100 of\|top-1' eval flows/lenet5-dataflow.yaml --images 100 --logits "$work/l.npy" -o "$work/r"
if [ "$(head -c 6 "$work/l.npy" | tail -c 5)" = NUMPY ] && [ "$(wc -c <"$work/l.npy")" = 4128 ] &&
  head -c 128 "$work/l.npy" | grep -q "'<i4', 'fortran_order': False, 'shape': (100, 10)"; then ok "logits as .npy"; else fail "logits as .npy"; fi
for threads in 1 2; do
  OMP_NUM_THREADS=$threads "$axgen" eval flows/lenet5-dataflow.yaml --images 300 --json -o "$work/r$threads" >/dev/null 2>"$work/err"
done
cmp -s "$work/r1/eval.json" "$work/r2/eval.json" && ok "eval does not depend on the number of threads" || fail "eval does not depend on the number of threads"
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
case_ "report of nothing" 1 'expected eval.json' report "$work/gen"
case_ "report" 0 '^r1 ' report "$work/r1" "$work/r2" -o "$work/page"
grep -q '<svg' "$work/page/report.html" && ok "the page holds its picture" || fail "the page holds its picture"
"$axgen" report "$work/r1" "$work/r2" --json >"$work/out" && cmp -s "$work/out" "$work/page/report.json" && ok "report.json" || fail "report.json"

# ---- JSON: every verb that `axgen help` lists, and every word that the usage of one begins with, on something small
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
  "mul gen") json_case "$1" "written(j) > 2" mul gen exact4s -o "$work/json-gen" ;;
  "mul measure") json_case "$1" "j['streams']" mul measure exact4s --operands uniform ;;
  "mul evolve") json_case "$1" "j['mae'] <= 1 and os.path.exists(j['file'])" mul evolve exact4s --mae 1 --generations 200 -o "$work/json.net" ;;
  "mul import") json_case "$1" "j['mae'] == 0 and written(j) > 2" mul import "$work/table/mul_exact4s.npy" -o "$work/json-import" ;;
  "mul catalogue") json_case "$1" "j['measured'] == 0" mul catalogue -o "$work/catalogue.csv" ;;
  "net import") json_case "$1" "j['integer']['images'] == 50 and j['float']['top1'] > 0.5 and written(j) == 2" net import models/lenet5-fashion/float.onnx \
    -o "$work/json-net" --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 20 --images 50 \
    --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz ;;
  "net quantize") json_case "$1" "j['calibration_images'] == 20 and written(j) == 2" net quantize "$work/float/net.yaml" -o "$work/json-net" \
    --pictures /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --calibrate 20 ;;
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
j = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(not eval(sys.argv[2]))' "$work/out" "$holds" 2>>"$work/err"; then ok "$what --json"; else fail "$what --json"; fi
}
verbs >"$work/verbs"
[ "$(wc -l <"$work/verbs")" -ge 19 ] && ok "verbs of help" || fail "verbs of help: $(cat "$work/verbs")"
while read -r verb; do json_of "$verb" </dev/null; done <"$work/verbs"
case_ "one image is not images" 0 '1 image without\|(. of 1 image)' eval "$work/tiny.yaml"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
