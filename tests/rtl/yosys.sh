#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Yosys takes each line of yosys.txt, and finds no latch.
. "$(dirname "$0")/lib.sh"

yosys_synth() {
	name=$1 core=$2 y=''
	shift 2
	for p in "$@"; do
		y="$y -set ${p%%=*} ${p#*=}"
	done
	[ -z "$y" ] || y="chparam $y $core;"
	{
		yosys -q -l yosys.log -p "read_verilog -defer $rtl/common/*.v $rtl/dataflow/*.v; $y synth -flatten -top $core; check -assert;
			select -assert-none t:\$_DLATCH* t:\$dlatch* t:\$_SR* t:\$_DLATCHSR*" 2>&1 || echo "yosys: $?"
	} | grep -v '^$' > yosys.out
	grep '^Latch inferred' yosys.log >> yosys.out
	verdict "$name" yosys.out
}

if [ "${1-}" = --job ]; then
	sed -n "$2" "$here/yosys.txt" > list.txt
	each list.txt yosys_synth
	exit 0
fi
printf '%s\n' 1~2p 2~2p | in_parallel
