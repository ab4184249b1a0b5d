#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Parameters that are none (illegal.txt) stop the elaboration in all tools, which name them.
. "$(dirname "$0")/lib.sh"

illegal() {
	name=$1 core=$2 v='' i='' y=''
	shift 2
	for p in "$@"; do
		n=${p#*=}
		case $n in -*) n="32'sh$(printf %x $((n & 0xffffffff)))" ;; esac # which Yosys takes
		v="$v -G$p" i="$i -P $core.$p" y="$y -set ${p%%=*} $n"
	done
	file=$(ls "$rtl"/*/"$core".v)
	for tool in verilator iverilog yosys; do
		case $tool in
		verilator) verilator --lint-only $lib $v --top-module "$core" "$file" ;;
		iverilog) iverilog -g2005 $i -s "$core" -o /dev/null $lib "$file" ;;
		yosys) yosys -q -p "read_verilog -defer $rtl/common/*.v $rtl/dataflow/*.v; chparam $y $core; hierarchy -check -top $core" ;;
		esac > tool.out 2>&1 && echo "$tool takes it"
		# where a zero divides, the tool's own error may come first
		case "$*" in *=0) continue ;; esac
		grep -q ILLEGAL_PARAMETER tool.out || echo "$tool does not name it"
	done > illegal.out
	verdict "$name" illegal.out
}

each "$here/illegal.txt" illegal > all.txt
counted all.txt
finish
