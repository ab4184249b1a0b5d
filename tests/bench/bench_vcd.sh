#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench_vcd.sh AXGEN BENCH_SIMULATE [NAME]: the usual way to a circuit's activity, Verilator with a VCD file, beside the
# bit-parallel simulation with the changes of every net counted: random operands, one core, the same netlist. The VCD goes
# to /dev/null, so no disk is measured; nothing reads it, which a power tool would have to.
set -eu
axgen=$1 simulate=$2 name=${3:-exact12s_booth}
vectors=200000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$axgen" mul gen "$name" -o "$work" >/dev/null
cat >"$work/bench.cpp" <<END
#include "Vmul.h"
#include "verilated.h"
#include "verilated_vcd_c.h"
#include <cstdint>
#include <cstdio>
#include <ctime>

int main(int argc, char **argv) {
  bool traced = argc > 1;
  Verilated::traceEverOn(traced);
  Vmul top;
  VerilatedVcdC vcd;
  if (traced) {
    top.trace(&vcd, 99);
    vcd.open("/dev/null");
  }
  timespec from, to;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
  uint64_t r = 88172645463325252u;
  uint32_t sum = 0;
  for (int i = 0; i < $vectors; i++) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    top.a = r & ((2u << TOP_A) - 1);
    top.b = r >> 32 & ((2u << TOP_B) - 1);
    top.eval();
    sum += top.p;
    if (traced)
      vcd.dump((uint64_t)i);
  }
  vcd.close();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
  std::printf("%.0f %u\n", $vectors / (to.tv_sec - from.tv_sec + 1e-9 * (to.tv_nsec - from.tv_nsec)), sum & 1);
}
END
width() { sed -n "s/.*input  *wire \[\([0-9]*\):0\] $1,.*/\1/p" "$work/mul_$name.v"; }
cd "$work"
verilator --cc --exe --build --trace --trace-max-width 0 -O3 --x-assign fast --top-module "mul_$name" --prefix Vmul -Wno-fatal \
  -MAKEFLAGS "OPT_FAST=-O3 OPT_GLOBAL=-O3" -CFLAGS "-march=native -DTOP_A=$(width a) -DTOP_B=$(width b)" \
  "mul_$name.v" axgen_fa.v axgen_ha.v bench.cpp >build.log 2>&1 || { cat build.log >&2; exit 1; }
median() { for i in 1 2 3 4 5; do ./obj_dir/Vmul "$@"; done | cut -d' ' -f1 | sort -n | sed -n 3p; }
plain=$(median) traced=$(median vcd)
cd - >/dev/null
"$simulate" "$name" | awk -v plain="$plain" -v traced="$traced" -v name="$name" '
  $1 == name && !best { best = $4; counted = $5 }
  END {
    printf "%s, random operands, million vectors a second of one core: bit-parallel %.0f, with counts %.0f; Verilator %.3f, with VCD %.4f\n",
      name, best, counted, plain / 1e6, traced / 1e6
    printf "ratio to Verilator with VCD: %.0f without counts, %.0f with counts\n", best * 1e6 / traced, counted * 1e6 / traced
  }'
