#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names: layers that would clash with ports, instances, nets and each other; multipliers that share a name only.
. "$(dirname "$0")/../lib.sh"

mkdir -p "$work/names/d1" "$work/names/d2"
python3 - "$work/names" <<'END'
import array, sys
def table(name, f):
    s = lambda v: v - 256 if v > 127 else v
    array.array('h', (f(s(a), s(b)) for a in range(256) for b in range(256))).tofile(open(sys.argv[1] + name, 'wb'))
table('/d1/x.bin', lambda a, b: (a >> 1) * 2 * b)
table('/d2/x.bin', lambda a, b: a * ((b >> 2) * 4))
table('/d2/exact8s.bin', lambda a, b: a * b - (a & b & 1))
END
names() { # title, seed, multipliers A, B and C, layer names...
  title=$1 seed=$2 a=$3 b=$4 c=$5
  shift 5
  "$random_net" $seed "$work/names" "$@" || fail "$title: making it"
  "$axgen" rtl "$work/names/config.yaml" >"$work/err" 2>&1 && lint "$title" "$work/names/out/rtl"
  sed -i "s,^  A: .*,  A: $a,; s,^  B: .*,  B: $b,; s,^  C: .*,  C: $c," "$work/names/config.yaml"
  check "$title: Icarus, stalls" simulate "$work/names/config.yaml" --icarus --images 2 --stalls 2
}
names "names: keywords, ports, nets, case" 37 exact8s d1/x.bin d2/x.bin input module fc1 fc1_in last clk
"$axgen" rtl "$work/names/config.yaml" >"$work/err" 2>&1
check "names: equal names, two modules" json "$work/names/out/rtl/manifest.json" \
  'any(m["module"] == "mul_x_2" for l in j["layers"] for m in l.get("multipliers", []))'
mv "$work/names/d1/x.bin" "$work/names/d1/1\$ \`x\"-\\é.bin"
names "names: hostile" 62 exact8s d2/exact8s.bin "'d1/1\$ \`x\"-\\\\é.bin'" u_clk rst RST gearbox_rst rst_in stage_complete

finish
