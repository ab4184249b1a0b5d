#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `mpirun -n N axgen explore` on LeNet-5: the same files for any number of ranks, with one killed on the way, and errors
# said once. Uses $BUILD/axgen. Ends with `N passed, N failed[, N skipped]`.
. "$(dirname "$0")/../lib.sh"

OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
missing=
case $("$axgen" --version) in *"MPI: yes"*) ;; *) missing="axgen was built without MPI (libopenmpi-dev)" ;; esac
command -v mpirun >/dev/null || missing="mpirun is not installed (openmpi-bin)"
if [ "$missing" ]; then
  skip "$missing"
  finish
  exit
fi
ranks() { # number, options of mpirun or none, arguments of axgen...
  n=$1 how=$2
  shift 2
  # shellcheck disable=SC2086 # options
  timeout 60 mpirun --oversubscribe -n "$n" $how "$axgen" explore "$@" -q >"$work/out" 2>"$work/err"
}
same() { python3 tests/explore/check.py same "$@" >>"$work/err" 2>&1; }

cat >"$work/c.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
dataset: $(fashion_set train 50000 300)
multipliers: {E: exact8s, A: roup8s_p0_c4, B: roup8s_p1_c7, C: roup8s_p2_c9}
explore:
  calibration: $(fashion_set train 100 60)
  test: $(fashion_set t10k 100 200)
output: out
END

search="$work/c.yaml --level filter --max-evaluations 10"
"$axgen" explore $search -q -o "$work/one" >"$work/out" 2>"$work/err"
judge "without mpirun" $?
ranks 2 "" $search -o "$work/two" && same "$work/one" "$work/two" && ! grep -q warning "$work/err"
judge "2 ranks: the same files" $?
sed 's/^output/target: {kind: dataflow, folding: {conv1: {pe: 6, simd: 5}, conv2: {pe: 2, simd: 10}}}\n&/' "$work/c.yaml" >"$work/d.yaml"
both="$work/d.yaml --objective energy,area --level filter --max-evaluations 12"
"$axgen" explore $both -q -o "$work/both" >"$work/out" 2>"$work/err" && ranks 3 "" $both -j1 -o "$work/ranks" && same "$work/both" "$work/ranks"
judge "3 ranks, two figures: the same files" $?
ranks 4 "" $search -j1 -o "$work/four" && same "$work/one" "$work/four" && ! grep -q warning "$work/err"
judge "4 ranks: the same files" $?
search="$work/c.yaml --level layer --method nsga2 --max-evaluations 24"
"$axgen" explore $search -q -o "$work/bred" >"$work/out" 2>"$work/err" && ranks 2 "" $search -o "$work/bred2" &&
  same "$work/bred" "$work/bred2"
judge "2 ranks: another method" $?
python3 tests/mpi/lost.py "$axgen" "$work/c.yaml" "$work/lost" "$work/whole" >"$work/out" 2>"$work/err" &&
  same "$work/whole" "$work/lost"
judge "a rank killed: the others do its work" $?
for wrong in "--level channel:2:expected layer, filter" "--max-multipliers 0:2:from 1" "$work/none.yaml:1:none.yaml"; do
  want=${wrong#*:} text=${wrong##*:}
  want=${want%%:*}
  # shellcheck disable=SC2086 # options
  ranks 2 "" "$work/c.yaml" ${wrong%%:*} -o "$work/never"
  got=$?
  case $wrong in /*) ranks 2 "" "$work/none.yaml" -o "$work/never"; got=$? ;; esac
  [ $got = "$want" ] && [ "$(grep -c -e "$text" "$work/err")" = 1 ] && [ ! -e "$work/never" ]
  judge "said once, exit status $got: $text" $?
done

finish
