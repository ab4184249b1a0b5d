#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The testbench that goes along; two accelerators in one simulation.
. "$(dirname "$0")/lib.sh"

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

# ---- memories of one's own: what the header leaves open is taken, a cycle more is found, also where all then stands still
replaced() { # folder, core, options
  cp -R "$1" own && cp "$root/tests/integration/memories/$2.v" own/cores/ && icarus own axgen_top $3 >own.log 2>&1
  status=$?
  rm -rf own
  [ $status = 0 ]
}
late() { ! replaced "$1" "$2" -DLATE && grep -q '^FAIL tb_axgen_top' own.log; }
for core in axgen_ram axgen_rom; do
  for whose in $plain $tile; do
    [ -e "$whose/cores/$core.v" ] || continue
    check "$whose: another $core" replaced "$whose" $core ""
    check "$whose: an $core that is a cycle late is found" late "$whose" $core
  done
done

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

finish
