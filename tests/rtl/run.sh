#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The tests of rtl_templates/.   tests/rtl/run.sh [GROUP...]      groups: see below; none: all of them
#
# Prints `ok NAME` or `FAIL NAME why` for every test, then `N passed, N failed`. Needs a C++ compiler, iverilog, verilator,
# yosys. Environment: SEED (default 1) of the random parameter sets, JOBS (default: processors), KEEP=1 keeps the work folder.
# Icarus runs the whole list of sets (it needs no compilation), Verilator other random sets, fewer of them.
cores="window throughput layer memory load load_port weight_port fifo gearbox permute fork mvu transpose requant add concat join pad pool pool_window helpers"
other="gates tb_dataflow lint illegal yosys"

here=$(cd "$(dirname "$0")" && pwd)
rtl=$(cd "$here/../../rtl_templates" && pwd)
lib="-y $rtl/common -y $rtl/dataflow -y $rtl/sim"
: "${SEED:=1}"

# ---- lists of "core PARAMETER=VALUE ..." --------------------------------------------------------------------------------------
each() {                                # each FILE FUNCTION: FUNCTION NAME CORE PARAMETER=VALUE... for every line
	while read -r core parameters; do
		$2 "$(echo "$2 $core $parameters" | tr ' ' '/' | tr -d '"' | sed 's,/$,,')" "$core" $parameters
	done < "$1"
}

verdict() {                             # verdict NAME FILE: ok if FILE is empty
	if [ -s "$2" ]; then
		echo "FAIL $1 $(head -n 1 "$2")"
	else
		echo "ok $1"
	fi
}

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

# ---- the testbench of whole accelerators ----------------------------------------------------------------------------------------
tb_dataflow() {
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

# ---- the cores against the models of gen.cpp ----------------------------------------------------------------------------------
results() {                             # results PREFIX: from names.txt and sim.out
	while read -r t; do
		if grep -qx "ok $t" sim.out; then
			echo "ok $1/$t"
		else
			echo "FAIL $1/$t $(grep -E "^(why $t:|FAIL $t )" sim.out | head -n 1 | sed 's/^why [^ ]* //; s/^FAIL [^ ]* //')"
		fi
	done < names.txt
}

icarus() {
	../gen . "$SEED" 100 "$@" || return
	iverilog -g2005 -s axt_icarus -o tb.vvp $lib -y "$here" "$here/axt_icarus.v" tb.v > sim.out 2>&1 && vvp -n tb.vvp > sim.out 2>&1
	results icarus
}

verilate() {
	../gen . $((SEED + 1)) 40 "$@" || return
	if verilator -O3 --x-assign fast -Wno-lint -Wno-style --cc --exe --build --prefix Vtb --top-module tb $lib -y "$here" tb.v \
		"$rtl/sim/main.cpp" -MAKEFLAGS "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0" > build.out 2>&1; then
		./obj_dir/Vtb > sim.out 2>&1
	else
		cp build.out sim.out
	fi
	results verilator
}

# Every fourth of a short list of tests with its core replaced by the gates that Yosys makes of it (memories stay memories),
# under Icarus. Parameters of the instance become those of the synthesis; negative ones in hexadecimal.
gates() {
	../gen . "$SEED" 20 window gearbox permute pool requant add fifo || return
	sed -n 's/^ *\(axgen_[a-z_]*\) #(\(.*\)) dut (.*/\1 \2/p' tb.v | sed 's/\.\([A-Z_]*\)(\([^)]*\)),\{0,1\}/-set \1 \2/g' > duts.txt
	paste -d' ' names.txt duts.txt | sed -n '1~4p' > list.txt
	cut -d' ' -f1 list.txt > names.txt
	while read -r t core p; do
		for n in $(echo "$p" | grep -o ' -[0-9][0-9]*'); do
			p=$(echo "$p" | sed "s/ $n\\b/ 32'sh$(printf %x $((n & 0xffffffff)))/")
		done
		yosys -q -p "read_verilog -defer $rtl/common/*.v $rtl/dataflow/*.v; chparam $p $core; synth -flatten -top $core -run begin:fine;
			techmap; opt -fast -full; abc -fast; opt_clean; setundef -init -zero; rename -top gate_$t; write_verilog -noattr gate_$t.v" \
			> "$t.log" 2>&1
		sed -i "/^module t_$t /,/^endmodule/s/axgen_[a-z_]* #(.*) dut (/gate_$t dut (/" tb.v
	done < list.txt
	iverilog -g2005 -s axt_icarus -o tb.vvp $lib -y "$here" "$here/axt_icarus.v" tb.v gate_*.v > sim.out 2>&1 && vvp -n tb.vvp > sim.out 2>&1
	results gates
}

# ---- jobs -------------------------------------------------------------------------------------------------------------------------
if [ "${1-}" = --job ]; then
	job=$2
	shift 2
	mkdir -p "$job" && cd "$job" || exit 1
	case $job in
	verilator-*) verilate "$@" ;;
	icarus-*) icarus "$@" ;;
	lint) each "$here/lint.txt" lint ;;
	illegal) each "$here/illegal.txt" illegal ;;
	yosys-*) sed -n "$1" "$here/yosys.txt" > list.txt; each list.txt yosys_synth ;;
	tb_dataflow | gates) $job ;;
	esac > result.txt 2> error.txt
	[ -s error.txt ] && echo "FAIL $job $(head -n 1 error.txt)" >> result.txt
	cat result.txt
	exit 0
fi

[ $# -gt 0 ] || set -- $cores $other
work=$(mktemp -d) || exit 1
[ "${KEEP-}" ] && echo "work folder: $work" >&2 || trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# the long ones first; Verilator in two parts so that both processors compile
first='' second=''
sim=''
jobs=''
for g in "$@"; do
	case " $cores " in
	*" $g "*)
		case $g in
		window | layer) first="$first $g" ;;
		*) second="$second $g" ;;
		esac
		sim="$sim $g" ;;
	*)
		case $g in
		yosys) jobs="${jobs}yosys-odd 1~2p
yosys-even 2~2p
" ;;
		gates | tb_dataflow | lint | illegal) jobs="$jobs$g
" ;;
		*) echo "run.sh: no group $g; there are: $cores $other" >&2; exit 2 ;;
		esac ;;
	esac
done
if [ "$sim" ]; then
	${CXX:-c++} -std=c++17 -O1 -o gen "$here/gen.cpp" || exit 1
fi
{
	[ -z "$first" ] || echo "verilator-1$first"
	[ -z "$second" ] || echo "verilator-2$second"
	printf '%s' "$jobs"
	for g in $sim; do
		echo "icarus-$g $g"
	done
} | xargs -P "${JOBS:-$(nproc)}" -L 1 sh "$here/run.sh" --job > all.txt

cat all.txt
passed=$(grep -c '^ok ' all.txt)
failed=$(grep -c '^FAIL ' all.txt)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
