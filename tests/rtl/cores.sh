#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The cores against the models of gen.cpp.   tests/rtl/cores.sh [GROUP...]      groups: see below; none: all of them
# Icarus runs the whole list of sets (it needs no compilation), Verilator other random sets, fewer of them.
. "$(dirname "$0")/lib.sh"

cores="window throughput layer memory load load_port weight_port fifo gearbox permute fork mvu transpose requant add concat join pad pool pool_window helpers"

icarus() {
	"$GEN" . "$SEED" 100 "$@" || return
	iverilog -g2005 -s axt_icarus -o tb.vvp $lib -y "$here" "$here/axt_icarus.v" tb.v > sim.out 2>&1 && vvp -n tb.vvp > sim.out 2>&1
	results icarus
}

verilate() {
	"$GEN" . $((SEED + 1)) 40 "$@" || return
	if verilator -O3 --x-assign fast -Wno-lint -Wno-style --cc --exe --build --prefix Vtb --top-module tb $lib -y "$here" tb.v \
		"$rtl/sim/main.cpp" -MAKEFLAGS "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0" > build.out 2>&1; then
		./obj_dir/Vtb > sim.out 2>&1
	else
		cp build.out sim.out
	fi
	results verilator
}

if [ "${1-}" = --job ]; then
	shift
	"$@" 2> error.txt
	[ -s error.txt ] && echo "FAIL $* $(head -n 1 error.txt)"
	exit 0
fi

[ $# -gt 0 ] || set -- $cores
for g in "$@"; do
	case " $cores " in *" $g "*) ;; *) echo "cores.sh: no group $g; there are: $cores" >&2; exit 2 ;; esac
done
GEN=$work/gen
export GEN
${CXX:-c++} -std=c++17 -O1 -o gen "$here/gen.cpp" || exit 1

# the long ones first; Verilator in two parts so that both processors compile
first='' second=''
for g in "$@"; do
	case $g in
	window | layer) first="$first $g" ;;
	*) second="$second $g" ;;
	esac
done
{
	[ -z "$first" ] || echo "verilate$first"
	[ -z "$second" ] || echo "verilate$second"
	printf 'icarus %s\n' "$@"
} | in_parallel
