#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tiny accelerator end to end, in two libraries; the libraries themselves.
. "$(dirname "$0")/lib.sh"

# An accelerator.
"$tools/accelerator" tests/synth/tiny.yaml "$work/rtl" >"$work/out" 2>&1
status=$?
cat "$work/out"
passed=$((passed + $(grep -c '^ok ' "$work/out"))) failed=$((failed + $(grep -c '^FAIL ' "$work/out")))
check "the accelerator is synthesised" test $status = 0
sed "s|^target|technology: {liberty: $OSU018}\ntarget|" tests/synth/tiny.yaml |
  sed "s|\.\./config|$root/tests/config|" >"$work/osu.yaml"
ends "the accelerator in osu018" 0 'Slowest path' "$tools/accelerator" "$work/osu.yaml" "$work/rtl2"
# Low bits that are constant, at both ends of a port: what Yosys writes of them OpenSTA takes for the head of another module.
sed "s|\.\./config|$root/tests/config|; /^  conv1/d; s/, folding.*/, adder: trunc_k5, folding: {conv1: {pe: 4, simd: 3}, conv2: {pe: 2, simd: 9}, fc1: {simd: 3}}}/" \
  tests/synth/tiny.yaml >"$work/low.yaml"
ends "low bits that are constant are timed" 0 'Slowest path.*: [12]\.[0-9]* ns' timeout 60 "$tools/accelerator" "$work/low.yaml" "$work/rtl4"
awk '/^  cell \(DFF/ { skip = 1 } !skip { print } /^  }$/ { skip = 0 }' synth/liberty/axgen45.lib >"$work/noff.lib"
sed "s|$OSU018|$work/noff.lib|" "$work/osu.yaml" >"$work/noff.yaml"
ends "a library without flip-flops" 1 'flip-flop' "$tools/accelerator" "$work/noff.yaml" "$work/rtl3"
sed '/^  cell (NAND2_X1)/,/^  }/s/^    area : .*//' synth/liberty/axgen45.lib >"$work/noarea.lib"
sed "s|$OSU018|$work/noarea.lib|" "$work/osu.yaml" >"$work/noarea.yaml"
ends "a cell without an area" 1 'NAND2_X1, which the design is mapped to, has no area' "$tools/accelerator" "$work/noarea.yaml" "$work/rtl3"
for name in layer_conv1 mul_exact8s; do # or its area would be that of an inverter
  sed '/^  cell (INV_X1)/,/^  }/!d; s/INV_X1/'$name'/' synth/liberty/axgen45.lib >"$work/inverter"
  awk -v more="$work/inverter" '/^  cell \(INV_X1\)/ { while ((getline line <more) > 0) print line } { print }' \
    synth/liberty/axgen45.lib >"$work/clash.lib"
  sed "s|$OSU018|$work/clash.lib|" "$work/osu.yaml" >"$work/clash.yaml"
  ends "a cell that is named as a module" 1 "its cell $name has the name of a module" "$tools/accelerator" "$work/clash.yaml" "$work/rtl3"
done

# What a tool says and goes on after: OpenSTA's errors and warnings; latches and loops of the Verilog, by Yosys.
says() { # what OpenSTA says before all else, and then ends well
  mkdir -p "$work/bin"
  printf '#!/bin/sh\necho "%s"\nexec %s "$@"\n' "$1" "$(command -v sta)" >"$work/bin/sta"
  chmod +x "$work/bin/sta"
}
stated() { PATH=$work/bin:$PATH "$tools/accelerator" tests/synth/tiny.yaml "$work/rtl5"; }
says 'Error: mapped.v, line 3 syntax error, unexpected dot.'
ends "an error after which OpenSTA goes on" 3 'timing .*: Error: mapped.v, line 3 syntax error' stated
says 'Warning: There is 1 combinational loop in the design.'
ends "a loop that OpenSTA cuts" 3 '1 combinational loop' stated
says 'Warning: cells.lib, line 9 cell X not used.'
ends "a warning is shown" 0 "OpenSTA, timing .*cell X not used" env PATH="$work/bin:$PATH" "$axgen" mul measure exact4s
mkdir "$work/data"
for f in synth genlib; do ln -s "$root/$f" "$work/data/$f"; done
broken() { # what, text wanted, sed script for axgen_mvu_back: another core in its place
  rm -rf "$work/data/rtl_templates"
  cp -r rtl_templates "$work/data/rtl_templates"
  sed "$3" rtl_templates/dataflow/axgen_mvu_back.v >"$work/data/rtl_templates/dataflow/axgen_mvu_back.v"
  ends "$1" 3 "$2" env AXGEN_DATA="$work/data" "$tools/accelerator" tests/synth/tiny.yaml "$work/rtl6"
}
broken "a latch" 'dlatch' 's/^endmodule/reg latch; always @* if (rst) latch = s_valid;\nwire use_it; axgen_slice #(.WIDTH(1)) keep (.clk(clk), .rst(rst), .s_valid(latch), .s_ready(), .s_data(latch), .m_valid(), .m_ready(1), .m_data(use_it));\nassign m_acc[0] = use_it;\n&/'
broken "two drivers" 'check -assert' 's/^endmodule/assign m_valid = rst;\n&/'

# The library can be rebuilt from its figures where they are at hand, and OpenSTA reads it without a warning.
echo "read_liberty synth/liberty/axgen45.lib" >"$work/read.tcl"
sta -no_splash -no_init -exit "$work/read.tcl" >"$work/out" 2>&1
check "OpenSTA reads axgen45 without a word" test "$(grep -ciE 'warn|error' "$work/out")" = 0
yosys -Q -T -p "read_liberty -lib synth/liberty/axgen45.lib; dfflibmap -liberty synth/liberty/axgen45.lib -info" >"$work/out" 2>&1
check "Yosys reads axgen45 without a warning" test "$(grep -ciE 'warning|error' "$work/out")" = 0
check "nothing is left behind" test -z "$(ls "$work/tmp")"

finish
