#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An accelerator in other people's hands: names and prefixes, two accelerators in one simulation, the testbench that goes along,
# constraints, the FuseSoC core, the script for Vivado, register slices; layers whose names are hard to spell in Verilog.
# Uses $BUILD/axgen. Ends with `N passed, N failed, N skipped`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
root=$PWD
AXGEN_DATA=$root
export AXGEN_DATA
axgen=$root/$BUILD/axgen
case $BUILD in /*) axgen=$BUILD/axgen ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0 skipped=0
check() { # what, command...
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "ok   $what" && passed=$((passed + 1))
  else
    echo "FAIL $what" && tail -n 30 "$work/log" && failed=$((failed + 1))
  fi
}
lint() { # folder, top
  (cd "$1" && verilator --lint-only -Wall -f axgen.f --top-module "$2" && iverilog -g2005 -Wall -tnull -s "$2" -c axgen.f) \
    >lint.log 2>&1
  grep -v timescale lint.log
  ! grep -v timescale lint.log | grep -q .
}
says() { "$@" 2>&1 | grep -q '^PASS tb_'; } # a testbench
has() { grep -q -- "$1" "$2"; }
lacks() { ! grep -q -- "$1" "$2"; }
exact() { "$axgen" sim "$@" --json >sim.out && grep -q '"bit_exact":.*true' sim.out; }
json() { python3 -c "import json, sys; m = json.load(open(sys.argv[1])); assert $2, m" "$1"; }

# ---- a network with names that collide, that are keywords, that are no identifiers; both targets, with a name and without
mkdir net
python3 "$root/tests/integration/model.py" net fc1 fc1_in module a-b a_b 1x || exit 1
check "import: names" sh -c "'$axgen' net import net/model.onnx --pictures net/images.idx --labels net/labels.idx -o net/net &&
  sed -n 's/^- name: //p' net/net/net.yaml | tr '\n' ' ' | grep -qx 'input fc1 fc1_in module a_b a_b_2 dense_1x '"
cat >net/config.yaml <<'Y'
network: net/net.yaml
dataset: {format: idx, images: images.idx, labels: labels.idx}
multipliers: {E: roup8s_p1_c5, L: roup8s_p2_c6}
assignment: {default: E, module: L}
target:
  kind: dataflow
  clock_ns: 4
  folding:
    fc1_in: {pe: 2, simd: 2}
    dense_1x: {pe: 2, simd: 4}
output: out
Y
sed 's/^  kind:.*/  kind: dataflow\n  name: eyes/; s/^output:.*/output: named/' net/config.yaml >net/eyes.yaml
sed '/^  folding:/,/^output:/d; s/^  kind:.*/  kind: fgpu\n  cvs: 1\n  slots: 2\n  local_bytes: 128\n  cache_lines: 8/' net/config.yaml >net/tile.yaml
echo 'output: tile' >>net/tile.yaml
sed 's/^  kind:.*/  kind: fgpu\n  name: brain/; s/^output:.*/output: brain/' net/tile.yaml >net/brain.yaml
for c in config eyes tile brain; do
  check "$c: rtl" "$axgen" rtl net/$c.yaml
done
plain=net/out/rtl eyes=net/named/rtl tile=net/tile/rtl brain=net/brain/rtl
check "dataflow: lint" lint $plain axgen_top
check "dataflow, named: lint" lint $eyes eyes
check "fgpu: lint" lint $tile axgen_top
check "fgpu, named: lint" lint $brain brain
check "fgpu, named, AXI: lint" lint $brain brain_axi
check "dataflow, named: co-simulation" exact net/eyes.yaml --icarus --images 2 --stalls 3
check "fgpu: co-simulation" exact net/tile.yaml --icarus --images 1 --stalls 3
check "fgpu, named: co-simulation" exact net/brain.yaml --icarus --images 1
check "fgpu, named: AXI" exact net/brain.yaml --axi --icarus --images 1

# ---- every module carries the prefix; both targets' files say what they were made from
prefixed() { # folder, name
  ! cat "$1"/*.v "$1"/cores/*.v | sed -n 's/^ *module *\([A-Za-z0-9_]*\).*/\1/p' | grep -vx -e "$2" -e "$2_.*"
}
check "dataflow: all modules prefixed" prefixed $eyes eyes
check "fgpu: all modules prefixed" prefixed $brain brain
check "the manifest has the name" json $eyes/manifest.json "m['top'] == m['prefix'] == 'eyes' and m['layers'][1]['module'] == 'eyes_layer_fc1_in'"
check "the manifest has both tops" json $brain/manifest.json "m['top'] == 'brain' and m['top_axi'] == 'brain_axi' and len(m['sha256']['network']) == 64"
# ---- what is built, as the manifest lists it: every stream is a net of the top, with both ends but at the edge
streams() {
  python3 - "$1" <<'P'
import json, re, sys
m = json.load(open(sys.argv[1] + "/manifest.json"))
top = open(sys.argv[1] + "/" + m["top"] + ".v").read()
names = {i["instance"] for i in m["instances"]}
for i in m["instances"]:
    assert i["instance"].count("/") or re.search(r"\b%s\b[^;]*\b%s \(" % (i["module"], i["instance"]), top), i
for s in m["streams"]:
    assert all(re.search(r"\b%s\b" % re.escape(s[k].split("[")[0]), top) for k in ("valid", "ready", "data")), s
    assert {s[k].rsplit(".", 1)[0] for k in ("from", "to") if k in s} <= names, s
assert sum("from" not in s for s in m["streams"]) == sum("to" not in s for s in m["streams"]) == 1
assert sum(i.get("count", 1) for i in m["instances"] if "multiplier" in i) == m["multipliers"]
assert m["memories"] and all(x.get("file", "rom/x.hex").startswith("rom/") and x["instance"] in names for x in m["memories"])
P
}
check "dataflow: the manifest's instances, streams and memories" streams $plain
check "dataflow, named: the manifest's instances, streams and memories" streams $eyes
check "fgpu: the manifest's multipliers" json $brain/manifest.json "[(i['multiplier'], i.get('count', 1)) for i in m['instances'] if 'multiplier' in i] == [('roup8s_p1_c5', 7), ('roup8s_p2_c6', 1)] and m['instances'][0]['parameters']['CVS'] == 1"
# ---- the synthesis finds cores, memories and multipliers behind the prefix
synthesis() {
  "$axgen" synth net/eyes.yaml --images 1 --json >synth.json &&
    json synth.json "m['multiplier_modules'] == 2 and m['multipliers'] > 4 and m['ram_bits'] > 0 and m['rom_bits'] > 0 and min(m['area_um2'][k] for k in ('multipliers', 'adders', 'requantise', 'registers')) > 100"
}
check "dataflow, named: synthesis accounts by kind" synthesis

heads() { # folder, files without a head of their own making
  for f in "$1"/*.v; do
    case $f in */*mul_[a-z]*[0-9]*.v) has SPDX "$f" && continue ;; esac
    head -n 7 "$f" | tr '\n' ' ' | grep -q 'SPDX-License-Identifier.*Made by axgen.*config .*sha256.*network .*sha256.*weights .*sha256' ||
      { echo "$f" && return 1; }
  done
}
check "dataflow: heads" heads $plain
check "fgpu: heads" heads $tile

# ---- the testbench that goes along: both simulators, without axgen; from another folder; a wrong image memory is found
icarus() { # folder, top, more options
  folder=$1 top=$2
  shift 2
  (cd "$folder" && iverilog -g2005 -Wall -o tb.vvp -s "tb_$top" "$@" -c axgen.f "tb/tb_$top.v" && vvp -n tb.vvp)
}
build() { # folder of the build, top module, options and files
  mdir=$1 top=$2
  shift 2
  verilator --binary --timing -Wno-fatal -O0 -CFLAGS -O0 --Mdir "$mdir" --top-module "$top" "$@" >"$mdir.log" 2>&1 || tail -n 20 "$mdir.log"
}
check "dataflow: Icarus" says icarus $plain axgen_top
check "dataflow, named: Icarus" says icarus $eyes eyes
check "fgpu: Icarus" says icarus $tile axgen_top
check "dataflow has the data set's images" has 'Runs 3 images (the first of the data set)' $plain/tb/tb_axgen_top.v
elsewhere() {
  sed "s,^[^#],$plain/&," $plain/axgen.f >all.f
  iverilog -g2005 -o tb.vvp -s tb_axgen_top "-DAXGEN_TOP_ROM=\"$plain/rom\"" "-Ptb_axgen_top.FOLDER=\"$plain\"" -c all.f $plain/tb/tb_axgen_top.v &&
    vvp -n tb.vvp
}
check "dataflow: from another folder" says elsewhere
differs() { # folder, file to spoil, top
  cp -R "$1" spoiled
  tr 0-9a-f 1-9a-f0 <"$1/$2" >"spoiled/$2"
  icarus spoiled "$3" >spoiled.log 2>&1
  status=$?
  rm -rf spoiled
  [ $status != 0 ] && grep -q "^FAIL tb_$3" spoiled.log
}
check "dataflow: wrong weights are found" differs $plain rom/dense_1x_weights.hex axgen_top
check "dataflow: a wrong result is found" differs $plain tb/expected.hex axgen_top
check "fgpu: a wrong result is found" differs $tile tb/expected.hex axgen_top

# ---- two accelerators in one build, each with its testbench
cat >two.v <<'V'
module two;
    wire a_done, a_passed, b_done, b_passed;
    tb_eyes #(.FINISH(0), .FOLDER("net/named/rtl")) a (.done(a_done), .passed(a_passed));
    tb_brain #(.FINISH(0), .FOLDER("net/brain/rtl")) b (.done(b_done), .passed(b_passed));
    initial begin
        wait (a_done && b_done);
        #100;
        $display("both %b", {a_passed, b_passed});
        $finish;
    end
endmodule
V
both() {
  for f in $eyes $brain; do
    sed "s,^[^#],$f/&," $f/axgen.f
  done >two.f
  build two two '+define+EYES_ROM="net/named/rtl/rom"' -f two.f $eyes/tb/tb_eyes.v $brain/tb/tb_brain.v two.v
  ./two/Vtwo | tee two.out
  grep -q '^both 11' two.out && [ "$(grep -c '^PASS' two.out)" = 2 ]
}
check "dataflow and fgpu in one Verilator build" both

# ---- without a data set the images are random; one that is missing is told
sed '/^dataset:/d' net/config.yaml >net/bare.yaml
check "no data set: rtl" "$axgen" rtl net/bare.yaml -o bare
check "no data set: random images" has 'Runs 3 images (random)' bare/rtl/tb/tb_axgen_top.v
sed 's/^dataset:.*/dataset: {format: idx, images: gone.idx}/' net/config.yaml >net/gone.yaml
check "a missing data set: rtl" sh -c "'$axgen' rtl net/gone.yaml -o gone 2>gone.err"
check "a missing data set is told" has 'warning: .*random images' gone.err
check "the same but for the configuration's hash" diff -r bare/rtl/tb/expected.hex gone/rtl/tb/expected.hex

# ---- m_axis_tdata: whole bytes, the sign above each value; two values a beat
check "TDATA: whole bytes" json $plain/manifest.json "(lambda a: a['bytes_per_value'] == -(-a['bits_per_value'] // 8) and a['tdata_bytes'] == a['values_per_beat'] * a['bytes_per_value'])(m['m_axis'])"
signs() {
  python3 - $plain <<'P'
import json, sys
a = json.load(open(sys.argv[1] + "/manifest.json"))["m_axis"]
bits, size, lanes = a["bits_per_value"], 8 * a["bytes_per_value"], a["values_per_beat"]
negative = 0
for line in open(sys.argv[1] + "/tb/expected.hex"):
    for i in range(lanes):
        value = int(line, 16) >> i * size & (1 << size) - 1
        above = value >> bits - 1
        assert bits < size and above in (0, (1 << size - bits + 1) - 1), (line, bits)
        negative += above != 0
assert negative
P
}
check "TDATA: the sign in every bit above" signs

# ---- constraints, FuseSoC, Vivado
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
  echo "skip: FuseSoC is not installed" && skipped=$((skipped + 2))
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
  echo "skip: no tclsh" && skipped=$((skipped + 1))
fi

# ---- register slices: the same values at the same rate
rate() { sed -n 's/.*"cycles_per_image": *\([0-9.]*\).*/\1/p' sim.out; }
sed 's/^  kind:.*/  kind: dataflow\n  pipeline: true/; s/^output:.*/output: sliced/' net/config.yaml >net/sliced.yaml
sed 's/^  kind:.*/  kind: dataflow\n  pipeline: [module, dense_1x]/; s/^output:.*/output: some/' net/config.yaml >net/some.yaml
exact net/config.yaml --icarus --images 4 && rate >rate.plain
for c in sliced some; do
  check "$c: co-simulation" exact net/$c.yaml --icarus --images 4
  rate >rate.$c
  check "$c: the same rate" cmp rate.plain rate.$c
  check "$c: with stalls" exact net/$c.yaml --icarus --images 2 --stalls 5
done
check "slices behind two layers" "$axgen" rtl net/some.yaml
check "slices: two" test "$(grep -c 'axgen_slice #' net/some/rtl/axgen_top.v)" = 2
check "slices: lint" lint net/some/rtl axgen_top

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
