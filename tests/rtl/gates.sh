#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Cores as gates.
. "$(dirname "$0")/lib.sh"

${CXX:-c++} -std=c++17 -O1 -o gen "$here/gen.cpp" || exit 1
# Every fourth of a short list of tests with its core replaced by the gates that Yosys makes of it (memories stay memories),
# under Icarus. Parameters of the instance become those of the synthesis; negative ones in hexadecimal.
gates() {
	./gen . "$SEED" 20 window gearbox permute pool requant add fifo || return
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
gates > all.txt
counted all.txt
finish
