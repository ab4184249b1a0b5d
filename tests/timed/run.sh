#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The timed simulator against Icarus Verilog and OpenSTA. For each multiplier: the delays of every arc against OpenSTA's
# SDF; the toggles of all nets against Icarus with SDF: within 0.1 % with cell models that take changes of several inputs
# at the same time for one, within 2 % with plain ones (docs/measurement.md); and for some against Icarus with the delays
# of each input state in specify blocks (exactly). Uses $BUILD/tests/timed/compare. Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"

compare=$BUILD/tests/timed/compare
within() { awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a > 0 && b > 0 && 100 * d <= p * b) }'; }
icarus() { # netlist, options: prints toggles and checksum
  netlist=$1
  shift
  iverilog -g2005 -gspecify "$@" -o sim "$netlist" tb.v >log 2>&1 && vvp -n sim 2>>log
}
cd "$work" || exit 1

delays() { # module: arc for arc, 0.1 ps is the tick
  cat >sta.tcl <<END
read_liberty $root/synth/liberty/axgen45.lib
read_verilog mapped.v
link_design $1
create_clock -name virtual -period 100
set_input_delay 0 -clock virtual [all_inputs]
set_output_delay 0 -clock virtual [all_outputs]
set_input_transition 0.017 [all_inputs]
write_sdf -digits 6 sta.sdf
exit
END
  sta -no_splash -no_init -exit sta.tcl >log 2>&1 || return 1
  awk -f "$root/tests/timed/iopath.awk" sta.sdf | sort >theirs
  awk -f "$root/tests/timed/iopath.awk" merged.sdf | sort >ours
  join theirs ours | awk -v n="$(wc -l <theirs)" '
    { d = $2 - $4; e = $3 - $5; if (d * d > 0.023 || e * e > 0.023) bad++ }
    END { exit !(NR == n && NR > 50 && !bad) }'
}

multiplier() { # name, pairs, and pairs for the exact comparison (0: none)
  for mode in sdf arcs; do
    pairs=$2
    [ $mode = arcs ] && pairs=$3
    [ "$pairs" = 0 ] && continue
    # shellcheck disable=SC2046
    set -- "$1" "$2" "$3" $("$compare" . "$1" "$pairs")
    if [ $mode = sdf ]; then
      check "$1: delays as in OpenSTA's SDF" delays "mul_$1"
      got=$(icarus merged.v -DSDF)
      plain=$(icarus merged.v -DSDF -DPLAIN)
      echo "     $1: toggles $6, Icarus with SDF ${got% *}, with plain cell models ${plain% *}"
      check "$1: toggles within 0.1 % of Icarus with SDF" within "$6" "${got% *}" 0.1
      check "$1: toggles within 2 % of Icarus with SDF and plain models" within "$6" "${plain% *}" 2
      check "$1: the products are Icarus's" test "$7" = "${got#* }"
    else
      check "$1: exactly Icarus's toggles, each input state with its own delay" test "$4 $5" = "$(icarus arcs.v)"
    fi
    set -- "$1" "$2" "$3"
  done
}

multiplier exact8s 80 30
multiplier exact8s_booth 80 20
multiplier exact8s_wallace_csel 60 0
multiplier exact8s_ks 60 0
multiplier exact8u_array 60 0
multiplier exact6us_booth 100 0
multiplier roup8s_p0_c4 80 20
multiplier roup8s_p1_c7 100 0
multiplier roup8u_p2_c8_enca 100 0
multiplier mul8s_1KVP 80 0
multiplier mul8s_1L2N 200 60
multiplier bam8us_h1_v6_t1_const5 80 0

finish
