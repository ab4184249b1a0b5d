#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Help, usage, multipliers by name.
. "$(dirname "$0")/lib.sh"

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
case_ "more threads than anybody has" 0 'top-1' eval flows/lenet5-dataflow.yaml --images 2 -j 2147483647 -o "$work/threads"
case_ "too many arguments" 2 'expects config.yaml' eval a.yaml b.yaml
case_ "net show --json" 0 '"multiplications":' net show --json models/lenet5-fashion/net.yaml
case_ "unknown sub-verb" 2 'expected import, quantize, export or show' net frob x

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

finish
