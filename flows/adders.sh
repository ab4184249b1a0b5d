#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table of docs/adders.md: LeNet-5 with approximate adders in all layers: accuracy (axgen eval), area predicted (axgen cost) and,
# with SYNTH=1, measured (axgen synth; kept by --cache).   flows/adders.sh [ADDER[:WHERE]...]   WHERE: both, sum or tree;
# ADDER also FILE.net, an imported one
# Multipliers are exact; IMAGES (2000 if not given) of the test set.
set -eu
here=$PWD
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- exact carry_save loa_k4 loa_k6 loa_k6:sum loa_k6:tree loa_k8 loa_k8:sum loa_k10:sum trunc_k2 trunc_k3 trunc_k4 trunc_k4:sum \
  trunc_k6:sum cut_s8 cut_s8_p4 cut_s8_p8 cut_s8_p8:tree cut_s8_p12
images=${IMAGES:-2000}
echo "| adder | in | top-1 of $images | um2 predicted | um2 measured |"
echo "|---|---|--:|--:|--:|"
for row; do
  adder=${row%%:*} where=both
  case $adder in *.net) adder=$(cd "$here" && realpath "$adder") ;; esac
  case $row in *:*) where=${row#*:} ;; esac
  key="adder: $adder\\n  adder_in: $where"
  case $adder in
    exact) key="accumulate: carry_propagate" where=- ;;
    carry_save) key="accumulate: carry_save" where=- ;;
  esac
  sed "s#\.\./models#$PWD/models#; s#^output:.*#output: $work/out#; s#^  conv2: R#\#&#; s#^  clock_ns:.*#&\n  $key#" flows/lenet5-dataflow.yaml >"$work/c.yaml"
  "$axgen" eval --json --images "$images" "$work/c.yaml" >"$work/eval" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  "$axgen" cost --json "$work/c.yaml" >"$work/cost" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  echo '{}' >"$work/synth"
  [ "${SYNTH:-0}" = 0 ] || "$axgen" synth --json --images 1 ${CACHE:+--cache "$CACHE"} -q "$work/c.yaml" >"$work/synth" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  python3 - "$work" "${adder##*/}" "$where" <<'P'
import json, sys
work, adder, where = sys.argv[1:]
read = lambda name: json.load(open(f"{work}/{name}"))
area = read("synth").get("area_um2", {}).get("total")
print(f'| `{adder}` | {where} | {100 * read("eval")["top1"]:.2f} % | {read("cost")["area_um2"]["total"]:,.0f} | {f"{area:,.0f}" if area else "-"} |', flush=True)
P
done
