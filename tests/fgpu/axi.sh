#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The AXI ports: lint, illegal parameters, Yosys; then random requests and every register, on Icarus. A broken rule
# (FAULT) must be found by the check that is there for it.
. "$(dirname "$0")/lib.sh"

cd rtl_templates/fgpu || exit 1
axi_files="$common axgen_fgpu_axi.v axgen_fgpu_axi_port.v axgen_fgpu_axi_host.v"
axi_lint() {
  expect=$1
  shift
  outcome "$expect" "axi $*" verilator --lint-only -Wall ../lint.vlt "$@" --top-module axgen_fgpu_axi $axi_files
}
axi_lint clean
axi_lint clean -GADDR_W=13 -GDATA_W=32 -GAXI_ADDR_W=64 -GWRITES=2 -GCODE_WORDS=65536 -GLAUNCHES=4096
axi_lint clean -GADDR_W=32 -GDATA_W=64 -GAXI_ADDR_W=32 -GWRITES=32 -GCODE_WORDS=16 -GLAUNCHES=2
for wrong in -GDATA_W=16 -GDATA_W=96 -GDATA_W=512 -GADDR_W=12 -GAXI_ADDR_W=20 -GAXI_ADDR_W=65 -GWRITES=3 -GWRITES=64 \
  -GCODE_WORDS=8 -GLAUNCHES=1; do
  axi_lint refused $wrong
done
outcome clean "axi: iverilog -Wall" iverilog -g2005 -Wall -s axgen_fgpu_axi -o "$work/elaborated" $axi_files
cat >"$work/axi.ys" <<Y
read_verilog -defer $axi_files
chparam -set DATA_W 64 axgen_fgpu_axi
hierarchy -check -top axgen_fgpu_axi
proc
check -assert
select -assert-none t:\$dlatch*
Y
outcome clean "axi: yosys" yosys -q -s "$work/axi.ys"
axi_bench() { # bench, text wanted, PARAMETER=VALUE...
  bench=$1 text=$2
  shift 2
  set -- $(printf -- "-P$bench.%s " "$@")
  iverilog -g2005 "$@" -s "$bench" -o "$work/bench" "../../tests/fgpu/$bench.v" $axi_files sim/axgen_axi_memory.v \
    sim/axgen_axil_master.v sim/axgen_stable.v >"$work/bench.log" 2>&1 && vvp -n "$work/bench" >"$work/bench.log" 2>&1
  outcome clean "$* ($text)" sh -c "head -n 1 '$work/bench.log' | grep -q '^$text' || { cat '$work/bench.log'; exit 1; }"
}
for bits in 32 64 128 256; do
  axi_bench tb_axi_port done COUNT=400 DATA_W=$bits SEED=$bits WRITES=$((2 << bits / 64)) STALLS=$((bits != 128))
done
axi_bench tb_axi_host done SEED=1
axi_bench tb_axi_host done SEED=2 AXI_ADDR_W=13
axi_bench tb_axi_host done SEED=0 AXI_ADDR_W=64
axi_bench tb_axi_port done COUNT=400 BAD_READ=7 BAD_WRITE=9 DATA_W=64
axi_bench tb_axi_port done COUNT=400 BAD_READ=31 BAD_WRITE=2 BAD_RESPONSE=3
fault() { axi_bench tb_axi_port "error.*$2" FAULT=$1; }
fault 1 'awaddr.* was withdrawn while ready was low'
fault 2 'awaddr.* changed'
fault 3 'wdata.* changed'
fault 4 'wdata, wstrb.* changed'
fault 5 'AXI: wlast is not on the last beat'
fault 6 'araddr.* withdrawn'
fault 7 'araddr.* changed'
fault 8 'AXI: wlast is not on the last beat'
fault 9 'AXI: a burst crosses 4 KB'
fault 10 'AXI: a beat is not of the bus'
fault 11 'AXI: a burst is not incrementing'
fault 12 '.*gave other data than the requests before it left'

finish
