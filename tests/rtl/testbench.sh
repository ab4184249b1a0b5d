#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The testbench of whole accelerators, in both simulators: what it writes, with stalls; the faults of axt_top.v that it finds.
. "$(dirname "$0")/lib.sh"

check_testbench() {
	n=0
	while [ $n -lt 60 ]; do
		printf '%02x\n' $((n * 37 % 256))
		n=$((n + 1))
	done > in.hex
	# ten bytes a beat, the first lowest
	sed 'N;N;N;N;N;N;N;N;N;s/\n/ /g' in.hex | while read -r a b c d e f g h i j; do echo "$j$i$h$g$f$e$d$c$b$a"; done > want.hex
	for bug in 0 1 2 3 4; do
		iverilog -g2005 -Wall -DBUG=$bug -s tb_icarus -P tb_icarus.IN_W=8 -P tb_icarus.OUT_W=80 -o tb$bug.vvp $lib "$rtl/sim/tb_icarus.v" \
			"$here/axt_top.v" > build.out 2>&1
		verdict "tb_dataflow/icarus/build$bug" build.out
	done
	{ verilator -Wall -Wno-DECLFILENAME --cc --exe --build --prefix Vtb --top-module tb_dataflow -GIN_W=8 -GOUT_W=80 $lib "$rtl/lint.vlt" \
		"$rtl/sim/tb_dataflow.v" "$here/axt_top.v" "$rtl/sim/main.cpp" -MAKEFLAGS "OPT_FAST=-O0 OPT_GLOBAL=-O0" > v.log 2>&1 \
		|| echo "verilator: $?"; grep '^%' v.log; } > build.out
	verdict tb_dataflow/verilator/build build.out
	for stalls in 0 7 12345; do
		a="+input=in.hex +images=3 +beats_in=20 +beats_out=2 +stalls=$stalls +timeout=1000"
		vvp -n tb0.vvp $a +output=i.hex +log=i.log > /dev/null 2>&1
		cp trace.txt i.trace
		./obj_dir/Vtb $a +output=v.hex +log=v.log > /dev/null 2>&1
		for s in i v; do
			cmp -s want.hex $s.hex || echo "output differs ($s)"
			[ "$(tail -n 1 $s.log)" = done ] || echo "not done ($s)"
			grep error $s.log
			[ "$(grep -c '^output_last ' $s.log)" = 3 ] || echo "three images expected ($s)"
		done > check.out 2>&1
		{ cmp i.trace want.hex; cmp trace.txt want.hex; cmp i.log v.log; } >> check.out 2>&1
		[ $stalls != 0 ] || grep -q '^output_last 2 61$' i.log || echo "cycles of the last image differ" >> check.out
		verdict "tb_dataflow/stalls$stalls" check.out
	done
	b=0
	for want in none 'tlast' 'data changed under stall' 'timeout' 'beat after the last image'; do
		[ $b = 0 ] || {
			vvp -n tb$b.vvp +input=in.hex +images=3 +beats_in=20 +beats_out=2 +stalls=7 +timeout=1000 +output=b.hex +log=b.log \
				> /dev/null 2>&1
			grep -q "^error $want" b.log && : > check.out || echo "the log lacks: error $want" > check.out
			verdict "tb_dataflow/finds_bug$b" check.out
		}
		b=$((b + 1))
	done
}
check_testbench > all.txt
counted all.txt
finish
