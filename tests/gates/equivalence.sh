#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# equivalence.sh NETLIST LIBERTY CORE [CELL OTHER]: run in the folder of a design's Verilog. Yosys proves that each module
# of the mapped NETLIST that is a CORE is what its Verilog says, output by output and flip-flop by flip-flop. With CELL
# and OTHER the first CELL of it is made an OTHER before. Prints how many were proven; fails where one was not, or
# where there is none. CORE:opt: the Verilog goes through Yosys's `opt` first, which takes away registers that always hold
# one value or are there twice; the mapping does so too, and what is not there cannot be compared.
#
# Words of memories stand outside on both sides (words.v): what goes to them is compared, what they give is any. All
# signals that both sides have by name are made ports, in pairs that are assumed equal a cycle before and proven equal in
# the next; without that equiv_make loses those whose name is an alias, and with them the flip-flops of helpers.
netlist=$1 liberty=$2 core=${3%:opt} words=$(dirname "$0")/words.v opt=
[ "$core" = "$3" ] || opt=opt
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
proven=0
grep -o "^module .*\\\\$core " "$netlist" | sed 's/^module .//; s/ $//' >"$work/modules"
[ -s "$work/modules" ] || { echo "there is no $core" && exit 1; }
{
  echo "read_verilog -DMEMORIES $words"
  grep -v -e '^#' -e 'axgen_r[ao]m.v' axgen.f | sed 's/^/read_verilog /'
  printf 'hierarchy -check -top axgen_top\nwrite_rtlil %s/all.il\n' "$work"
} >"$work/all.ys"
yosys -Q -T "$work/all.ys" >"$work/log" 2>&1 || { tail -n 5 "$work/log"; exit 1; }
while read -r module; do
  python3 - "$netlist" "$module" "$work/gate.v" "${4:-}" "${5:-}" <<'P' || exit 1
import sys
netlist, module, out, cell, other = sys.argv[1:]
name = "\\" + module + " "
before, body = open(netlist).read().split("module " + name, 1)
if cell:
    assert "  %s " % cell in body.split("endmodule")[0], "there is no " + cell
    body = body.replace("  %s " % cell, "  %s " % other, 1)
open(out, "w").write(before.replace(name, "gate ") + "module gate " + body.replace(name, "gate "))
P
  cat >"$work/prove.ys" <<Y
read_rtlil $work/all.il
hierarchy -top $module
proc; flatten; opt_clean; memory_map; $opt; opt_clean; expose -evert t:*_words*; rename -top gold; design -stash gold
read_liberty -ignore_miss_func -ignore_miss_dir $liberty
read_verilog $words $work/gate.v
hierarchy -top gate; proc; flatten; opt_clean; expose -evert t:*_words*; design -stash gate
design -copy-from gold -as gold gold; design -copy-from gate -as gate gate
expose -shared gold gate
equiv_make gold gate equiv; hierarchy -top equiv; opt_clean
equiv_simple; equiv_induct; equiv_status -assert
Y
  yosys -Q -T "$work/prove.ys" >"$work/log" 2>&1 || { tail -n 5 "$work/log"; [ -z "${LOGS-}" ] || cp "$work/log" "$LOGS/$core"; exit 1; }
  proven=$((proven + 1))
done <"$work/modules"
echo "$proven modules $core proven"
