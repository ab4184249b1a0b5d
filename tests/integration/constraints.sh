#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Constraints, the FuseSoC core, the script for Vivado.
. "$(dirname "$0")/lib.sh"

sdc() { # folder, top, clock
  printf 'module %s (input %s); endmodule\n' "$2" "$3" >top.v
  printf 'read_liberty %s/synth/liberty/axgen45.lib\nread_verilog top.v\nlink_design %s\nread_sdc %s/%s.sdc\nputs "period [get_property [get_clocks %s] period]"\nexit\n' \
    "$root" "$2" "$1" "$2" "$3" >sdc.tcl
  sta -no_splash -no_init -exit sdc.tcl | tee sdc.log
  grep -q '^period 4' sdc.log
}
check "SDC in OpenSTA" sdc $eyes eyes clk
check "SDC of the AXI top" sdc $brain brain_axi aclk
core() { # folder, name: every file of the core is there, every Verilog file is in it
  sed -n 's/^      - \([^ :]*\).*/\1/p' "$1/$2.core" | sort >core.files
  while read -r f; do
    [ -f "$1/$f" ] || { echo "no $f" && return 1; }
  done <core.files
  (cd "$1" && find . -name '*.v' -o -name '*.hex' | sed 's,^\./,,' | sort) >all.files
  [ -z "$(comm -13 core.files all.files)" ] && [ "$(head -n 1 "$1/$2.core")" = CAPI=2: ]
}
check "FuseSoC: dataflow, all files" core $eyes eyes
check "FuseSoC: fgpu, all files" core $brain brain
if command -v fusesoc >/dev/null; then
  for c in eyes brain; do
    check "FuseSoC runs $c" sh -c "fusesoc --cores-root . run --target=sim axgen:accelerator:$c | grep ^PASS"
  done
else
  skip "FuseSoC is not installed"
  skip "FuseSoC is not installed"
fi
vivado() { # what Vivado would be told: files that are there, and a header that Icarus takes
  mkdir project
  cat >vivado.tcl <<T
proc get_property {what of} { return [file normalize project] }
proc current_project {} {}
proc get_files {f} { return \$f }
proc set_property {args} {}
proc read_xdc {args} { global read; lappend read [lindex \$args end] }
proc read_verilog {files} { global read; lappend read {*}\$files }
proc add_files {no files} { global read; lappend read {*}\$files }
source $eyes/eyes.tcl
foreach f \$read { puts \$f }
T
  tclsh vivado.tcl >read.txt || return 1
  while read -r f; do
    case $f in /*) [ -f "$f" ] ;; *) false ;; esac || { echo "no $f" && return 1; }
  done <read.txt
  iverilog -g2005 -o tb.vvp -s tb_eyes "-Ptb_eyes.FOLDER=\"$eyes\"" project/eyes_rom.vh $(grep '\.v$' read.txt) $eyes/tb/tb_eyes.v && vvp -n tb.vvp
}
if command -v tclsh >/dev/null; then
  check "the script for Vivado" says vivado
else
  skip "no tclsh"
fi

finish
