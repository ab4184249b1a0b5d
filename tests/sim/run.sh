#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Co-simulation: LeNet-5 in four foldings and random networks in both simulators, with and without stalls, bit for bit;
# the folding formula; lint; the same bytes twice; and that a fault in the hardware is found and named.
# Uses $BUILD/axgen and $BUILD/tests/sim/random_net. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
random_net=$PWD/$BUILD/tests/sim/random_net
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; [ -f "$work/err" ] && cat "$work/err"; failed=$((failed + 1)); }

# What a simulation's JSON must say: bit-exact, every multiplier proven, and the rate within 5 % of what was predicted.
good() { # file
  tr -d ' \t",' <"$1" | awk -F: '{ v[$1] = $2 }
    END { r = v["cycles_per_image"] / v["predicted_cycles_per_image"]
          exit !(v["bit_exact"] == "true" && v["values_compared"] > 0 && v["multipliers_proven"] > 0 &&
                 (v["images"] == 1 || (r > 0.95 && r < 1.05))) }'
}
simulate() { # what, config, options...
  what=$1 config=$2
  shift 2
  if "$axgen" sim "$config" --json "$@" >"$work/out" 2>"$work/err" && good "$work/out"; then
    ok "$what"
  else
    fail "$what"
    cat "$work/out"
  fi
}

lint() { # what, folder
  (cd "$2" && verilator --lint-only -Wall -f axgen.f --top-module axgen_top) >"$work/err" 2>&1 &&
    [ ! -s "$work/err" ] && ok "$1: verilator -Wall" || fail "$1: verilator -Wall"
  (cd "$2" && iverilog -g2005 -Wall -tnull -s axgen_top -f axgen.f) >"$work/all" 2>&1
  grep -v 'timescale' "$work/all" >"$work/err"
  [ ! -s "$work/err" ] && ok "$1: iverilog -Wall" || fail "$1: iverilog -Wall"
}

# ---- LeNet-5: foldings from one multiplier a layer to a fully unrolled first convolution (150 multipliers)
folded() { # name, conv1, conv2, fc1, fc2, fc3 as PE,SIMD or PE,SIMD,HOLD
  awk -v d="$PWD" -v a="$2" -v b="$3" -v c="$4" -v e="$5" -v f="$6" -v out="$work/$1" '
    function fold(name, v,   p) { split(v ",1", p, ","); printf "    %s: {pe: %s, simd: %s, hold: %s}\n", name, p[1], p[2], p[3] }
    /^network:/ { print "network: " d "/models/lenet5-fashion/net.yaml"; next }
    /^output:/ { print "output: " out; next }
    /^  folding:/ { print; fold("conv1", a); fold("conv2", b); fold("fc1", c); fold("fc2", e); fold("fc3", f); skip = 1; next }
    skip && /^    / { next }
    { skip = 0; print }' flows/lenet5-dataflow.yaml >"$work/$1.yaml"
}
folded one    1,1  1,1   1,1   1,1  1,1
folded odd    3,5,9 4,6,4   8,10  7,5  5,3
folded wide   2,25,28 16,3,10  15,16 6,20 2,12
folded unroll 6,25 16,25 30,8  12,5 10,2

for f in one odd wide unroll; do
  if "$axgen" rtl "$work/$f.yaml" >"$work/err" 2>&1 && cp -R "$work/$f/rtl" "$work/first" &&
     "$axgen" rtl "$work/$f.yaml" >"$work/err" 2>&1 && diff -r "$work/first" "$work/$f/rtl" >"$work/err"; then
    ok "lenet5 $f: the same bytes twice"
  else
    fail "lenet5 $f: the same bytes twice"
  fi
  rm -rf "$work/first"
  lint "lenet5 $f" "$work/$f/rtl"
  simulate "lenet5 $f: Verilator, stalls" "$work/$f.yaml" --images 6 --stalls 7
done
simulate "lenet5 unroll: Icarus, stalls" "$work/unroll.yaml" --icarus --images 1 --stalls 3

# ---- random networks, foldings, filter-level assignments
for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
  mkdir -p "$work/r$seed"
  if ! "$random_net" $seed "$work/r$seed" 2>"$work/err"; then
    fail "random $seed: making it"
    continue
  fi
  simulate "random $seed: Icarus, stalls" "$work/r$seed/config.yaml" --icarus --images 4 --stalls $seed
done

# ---- all schemes, any widths and clamps, groups, averages of the taps inside the image
for seed in 1000 1001 1002 1003 1005 1006 1007 1008 1009 1011 1012 1013; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  simulate "random $seed: Icarus, any scheme, stalls" "$work/r$seed/config.yaml" --icarus --images 3 --stalls $seed
done
"$axgen" rtl "$work/r1003/config.yaml" >/dev/null 2>&1 && lint "random 1003" "$work/r1003/out/rtl"
"$axgen" rtl "$work/r1002/config.yaml" >/dev/null 2>&1 && lint "random 1002, groups" "$work/r1002/out/rtl"
"$axgen" rtl "$work/r3/config.yaml" >/dev/null 2>&1 && lint "random 3" "$work/r3/out/rtl"
simulate "random 3: Verilator, stalls, waveforms" "$work/r3/config.yaml" --images 4 --stalls 1 --trace "$work/v.fst"
if "$axgen" sim "$work/r2/config.yaml" --icarus --images 2 --gates >"$work/err" 2>&1; then
  ok "random 2: Icarus, multipliers as gates in the accelerator"
else
  fail "random 2: Icarus, multipliers as gates in the accelerator"
fi

# ---- rows that no later window reads leave their stage after the last logit
for seed in 15 37 46 62; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  simulate "random $seed: Icarus, rows left over" "$work/r$seed/config.yaml" --icarus --images 2
  simulate "random $seed: Icarus, rows left over, stalls" "$work/r$seed/config.yaml" --icarus --images 3 --stalls 5
done
simulate "random 37: Verilator, rows left over" "$work/r37/config.yaml" --images 3

# ---- pads as high as the kernel and higher: windows of padding alone
for seed in 101 104 105 108; do
  mkdir -p "$work/r$seed"
  "$random_net" $seed "$work/r$seed"
  simulate "random $seed: Icarus, high pads" "$work/r$seed/config.yaml" --icarus --images 3
  simulate "random $seed: Icarus, high pads, stalls" "$work/r$seed/config.yaml" --icarus --images 3 --stalls 4
done

# ---- weights, biases and factors loaded: all layers, one layer; other words on the same hardware
loading() { # seed, folder
  rm -rf "$work/$2"
  mkdir -p "$work/$2"
  "$random_net" $1 "$work/$2"
  sed -i 's/^  clock_ns: 4/&\n  weights: load/' "$work/$2/config.yaml"
}
for seed in 1 5 1006 1011; do
  loading $seed loaded
  simulate "random $seed: Icarus, words loaded, stalls" "$work/loaded/config.yaml" --icarus --images 2 --stalls $seed
done
simulate "random 1011: Verilator, words loaded, stalls" "$work/loaded/config.yaml" --images 2 --stalls 2
loading 3 loaded
sed -i 's/^    out: {/&weights: rom, /' "$work/loaded/config.yaml"
simulate "random 3: Icarus, words of one layer loaded" "$work/loaded/config.yaml" --icarus --images 2 --stalls 4
"$axgen" rtl "$work/loaded/config.yaml" >/dev/null 2>&1 && lint "random 3, words of one layer loaded" "$work/loaded/out/rtl"
sed -i 's/weights: rom/weights: stream/' "$work/loaded/config.yaml"
"$axgen" rtl "$work/loaded/config.yaml" >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'config.yaml:.*weights: expected rom or load, found `stream`' "$work/err" && ok "weights: another word is refused" ||
  fail "weights: another word is refused"

number() { # file, object, key: a number of manifest.json
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])' "$1/manifest.json" "$2" "$3"
}
for seed in 3 1003; do
  loading $seed a
  rm -rf "$work/b"
  cp -R "$work/a" "$work/b"
  python3 tests/sim/other_words.py "$work/b"
  a=$work/a/out/rtl b=$work/b/out/rtl
  for x in a b; do
    "$axgen" rtl "$work/$x/config.yaml" >/dev/null 2>"$work/err"
    cat "$work/$x/out/rtl/"*.v "$work/$x/out/rtl/cores/"*.v | grep -v '^//' >"$work/$x.v"
  done
  [ -s "$work/a.v" ] && cmp -s "$work/a.v" "$work/b.v" && ! cmp -s "$a/load/words.bin" "$b/load/words.bin" &&
    ok "random $seed: other words, the same Verilog" || fail "random $seed: other words, the same Verilog"
  cp "$b/tb/words.hex" "$a/tb/b.hex"
  cp "$b/tb/expected.hex" "$a/tb/b_expected.hex"
  set -- -Preload.IN_W=$((8 * $(number "$a" s_axis tdata_bytes))) -Preload.OUT_W=$((8 * $(number "$a" m_axis tdata_bytes))) \
    -Preload.BEATS_IN=$(number "$a" s_axis beats_per_image) -Preload.BEATS_OUT=$(number "$a" m_axis beats_per_image) \
    -Preload.WORDS=$(number "$a" s_cfg_axis beats)
  here=$PWD
  (cd "$a" && iverilog -g2005 -o r.vvp -s reload "$@" -c axgen.f "$here/tests/sim/reload.v" && vvp -n r.vvp) >"$work/err" 2>&1
  [ "$(tail -n 1 "$work/err")" = PASS ] && ok "random $seed: loaded again without a reset" || fail "random $seed: loaded again"
  (cd "$a" && iverilog -g2005 -o t.vvp -s tb_axgen_top -c axgen.f tb/tb_axgen_top.v && vvp -n t.vvp) >"$work/err" 2>&1
  grep -q '^PASS' "$work/err" && ok "random $seed: its own testbench loads" || fail "random $seed: its own testbench loads"
  python3 - "$a" <<'END' && ok "random $seed: words.bin is words.hex" || fail "random $seed: words.bin is words.hex"
import struct, sys
words = [int(x, 16) for x in open(sys.argv[1] + '/tb/words.hex')]
sys.exit(open(sys.argv[1] + '/load/words.bin', 'rb').read() != struct.pack('<%dI' % len(words), *words))
END
done

# ---- waveforms: whole files, or none
is_fst() { [ "$(head -c 9 "$1" | od -An -tx1 | tr -d ' \n')" = 000000000000000149 ]; } # the header block, 329 bytes
is_fst "$work/v.fst" && ok "waveforms: FST by Verilator" || fail "waveforms: FST by Verilator"
simulate "waveforms: FST by Icarus runs" "$work/r3/config.yaml" --icarus --images 2 --trace "$work/i.fst"
is_fst "$work/i.fst" && ok "waveforms: FST by Icarus" || fail "waveforms: FST by Icarus"
echo old >"$work/i.vcd"
simulate "waveforms: VCD by Icarus runs" "$work/r3/config.yaml" --icarus --images 2 --trace "$work/i.vcd"
grep -q 'var wire .* m_axis_tdata' "$work/i.vcd" && grep -q enddefinitions "$work/i.vcd" && [ "$(grep -c '^#' "$work/i.vcd")" -gt 1000 ] &&
  ok "waveforms: VCD by Icarus" || fail "waveforms: VCD by Icarus"
whole=$(wc -c <"$work/i.vcd")
AXGEN_WAVES_MOST=1000000 "$axgen" sim "$work/r3/config.yaml" --icarus --images 2 --trace "$work/short.vcd" >"$work/out" 2>"$work/err"
[ $? = 0 ] && grep -q 'largest size' "$work/err" && [ "$(wc -c <"$work/short.vcd")" -lt $((whole / 2)) ] &&
  ok "waveforms: no larger than allowed" || fail "waveforms: no larger than allowed"
for bad in x.txt nowhere/x.fst; do
  "$axgen" sim "$work/r3/config.yaml" --icarus --trace "$work/$bad" >"$work/out" 2>"$work/err"
  [ $? = 1 ] && grep -q 'waveforms' "$work/err" && [ ! -e "$work/$bad" ] && ok "waveforms: $bad is refused" || fail "waveforms: $bad"
done

# ---- names: layers that would clash with ports, instances, nets and each other; multipliers that share a name only
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
  simulate "$title: Icarus, stalls" "$work/names/config.yaml" --icarus --images 2 --stalls 2
}
names "names: keywords, ports, nets, case" 37 exact8s d1/x.bin d2/x.bin input module fc1 fc1_in last clk
"$axgen" rtl "$work/names/config.yaml" >"$work/err" 2>&1
grep -q '"mul_x_2"' "$work/names/out/rtl/manifest.json" && ok "names: equal names, two modules" ||
  fail "names: equal names, two modules"
mv "$work/names/d1/x.bin" "$work/names/d1/1\$ \`x\"-\\é.bin"
names "names: hostile" 62 exact8s d2/exact8s.bin "'d1/1\$ \`x\"-\\\\é.bin'" u_clk rst RST gearbox_rst rst_in stage_complete

# ---- faults must be found: cores of tests/sim/faults in place of the right ones
faulty() { # what, folder of the core, core, text expected
  mkdir -p "$work/data"
  cp -R rtl_templates synth "$work/data/"
  [ -e "$work/data/rtl_templates/$2/$3.v" ] && cp "tests/sim/faults/$3.v" "$work/data/rtl_templates/$2/" ||
    { fail "$1: there is no such core"; return; }
  sed 's/^  B: .*/  B: exact8s/' "$work/r3/config.yaml" >"$work/r3/exact.yaml" # a netlist with full adders
  AXGEN_DATA=$work/data "$axgen" sim "$work/r3/exact.yaml" --icarus --images 1 >"$work/out" 2>"$work/err"
  status=$?
  if [ $status = 4 ] && grep -q "$4" "$work/err"; then ok "$1"; else fail "$1: exit $status"; fi
  rm -rf "$work/data"
}
faulty "wrong requantisation is found and named" common axgen_round \
  'image 0, layer .*, channel .*: the hardware gave .*, the reference '
faulty "a wrong full adder is found and named" common axgen_fa 'the gates of a multiplier are not its table'
faulty "a stage that stands still is found and named" dataflow axgen_requant \
  'layer .* stands still: its beat 0 of image 0 '

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
