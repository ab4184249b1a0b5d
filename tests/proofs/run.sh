#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Proofs of what the cores promise, by Yosys: what a module proof_NAME asserts holds in every cycle after a reset, whatever comes in
# (induction over time). list.txt names the proofs and faults of the cores that they must find.   tests/proofs/run.sh [NAME...]
#
# A fault is a net of the core, or a port of an instance in it, with another driver: a constant or another net. Its line in list.txt
# is what Yosys's `connect` takes: `set NET DRIVER` or `port INSTANCE PORT DRIVER`.
#
# A proof sees its core's registers as wires \dut.REGISTER with the attribute hierconn, which `flatten` connects: what the core holds
# and what it should hold are compared in every cycle, so that a few steps of induction are enough.
here=$(cd "$(dirname "$0")" && pwd)
rtl=$(cd "$here/../../rtl_templates" && pwd)

# prove NAME PARAMETERS [FAULT]: 0 where it holds. What Yosys says is in ./log.
prove() {
	set=''
	for p in $2; do
		set="$set -set ${p%%=*} ${p#*=}"
	done
	yosys -q -l log -p "read_verilog -formal -defer $here/parts/*.v $here/$1.v $rtl/common/*.v $rtl/dataflow/*.v;
		chparam $set proof_$1; hierarchy -check -top proof_$1; proc; opt_expr; opt_clean; memory -nomap; memory_map;
		${3:+opt_clean; cd proof_$1; cd dut; connect -$3; cd ..;} flatten; opt_clean;
		select -assert-none a:hierconn; sat -tempinduct -prove-asserts -set-assumes -maxsteps 4 -verify" >out 2>&1
}

# job FOLDER: what its file `job` says: name, parameters, and the fault that is to be found, a line each.
job() {
	cd "$1" || exit 1
	{ read -r name && read -r parameters && read -r fault; } <job
	printf '1\n2\n3\n0\n' >rom.hex
	if prove "$name" "$parameters" "$fault"; then
		[ -z "$fault" ] && echo "ok $name $parameters" || echo "FAIL $name: does not find: $fault"
	elif [ "$fault" ] && grep -q 'proof did fail' log; then
		echo "ok $name finds: $fault"
	else
		echo "FAIL $name $parameters $fault: $(grep -m1 ERROR log)"
	fi
}
if [ "${1-}" = --job ]; then
	job "$2"
	exit 0
fi

work=$(mktemp -d) || exit 1
[ "${KEEP-}" ] && echo "work folder: $work" >&2 || trap 'rm -rf "$work"' EXIT
tab=$(printf '\t')
count=100
while IFS= read -r line; do
	fault=''
	case $line in
	'#'* | '') continue ;;
	"$tab"*) fault=${line#"$tab"} ;;
	*) name=${line%% *} parameters=${line#"$name"} ;;
	esac
	[ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	count=$((count + 1))
	mkdir "$work/$count"
	printf '%s\n' "$name" "$parameters" "$fault" >"$work/$count/job"
done <"$here/list.txt"
ls -d "$work"/*/ | xargs -P "${JOBS:-$(nproc)}" -n 1 sh "$here/run.sh" --job >"$work/all.txt"
sort "$work/all.txt"
passed=$(grep -c '^ok ' "$work/all.txt")
failed=$(grep -c '^FAIL ' "$work/all.txt")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -eq "$((count - 100))" ]
