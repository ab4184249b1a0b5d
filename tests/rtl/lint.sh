#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No warning from Verilator and Icarus (-Wall) for each line of lint.txt: a core and its parameters.
. "$(dirname "$0")/lib.sh"

lint() {
	name=$1 core=$2 v='' i=''
	shift 2
	for p in "$@"; do
		v="$v -G$p" i="$i -P $core.$p"
	done
	file=$(ls "$rtl"/*/"$core".v)
	{
		verilator --lint-only -Wall "$rtl/lint.vlt" $lib $v --top-module "$core" "$file" 2>&1 || echo "verilator: $?"
		iverilog -g2005 -Wall $i -s "$core" -o /dev/null $lib "$file" 2>&1 || echo "iverilog: $?"
	} > lint.out
	verdict "$name" lint.out
}

each "$here/lint.txt" lint > all.txt
counted all.txt
finish
