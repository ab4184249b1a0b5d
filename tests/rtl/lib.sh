# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share. They work in $work and print `ok NAME` or `FAIL NAME why` for every test. Environment: SEED
# (default 1) of the random parameter sets, JOBS (default: processors).
. "$(dirname "$0")/../lib.sh"
here=$root/tests/rtl rtl=$root/rtl_templates
lib="-y $rtl/common -y $rtl/dataflow -y $rtl/sim"
: "${SEED:=1}"
cd "$work" || exit 1

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

in_parallel() {                         # lines of arguments for this script behind --job on standard input, run side by side
	xargs -P "${JOBS:-$(nproc)}" -L 1 sh "$here/$(basename "$0")" --job > all.txt
	counted all.txt
	finish && [ "$passed" -gt 0 ]
}
results() {                             # results PREFIX: from names.txt and sim.out
	while read -r t; do
		if grep -qx "ok $t" sim.out; then
			echo "ok $1/$t"
		else
			echo "FAIL $1/$t $(grep -E "^(why $t:|FAIL $t )" sim.out | head -n 1 | sed 's/^why [^ ]* //; s/^FAIL [^ ]* //')"
		fi
	done < names.txt
}
